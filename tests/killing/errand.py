"""What a service that is to be killed is told: where its data is, what people do, and where it dies."""

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

Side = Literal["before", "after"]
Habit = Literal["", "cancel_queued", "cancel_running", "release_running", "settle"]
"""What people do: stop jobs that wait, or that run; release what runs; charge what was sold. Else they only wait."""
Mood = Literal["", "closed", "vanished", "narrow", "deleted"]
"""What the chat does: takes no results, loses the channel at their post, refuses their file; deletes status cards."""
Broken = Literal["", "intent", "compare_and_set", "key"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of state: of a `job`, or of a delivery by its kind; `old` is empty for a birth."""

    what: Literal["job", "status", "result", "alert"]
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.what}:{self.old or 'new'}-{self.new}"


@dataclass(frozen=True, kw_only=True)
class Kill:
    """Die just before or just after the commit that makes a change; without one, around commit number `commit`."""

    side: Side
    change: Change | None = None
    commit: int = 0


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One life of the service. `prompts` are handed in at its start, each time anew under the same keys."""

    folder: str
    sandbox: str
    environment: dict[str, str]
    origin: int
    speed: float
    prompts: list[str]
    habit: Habit = ""
    mood: Mood = ""
    broken: Broken = ""
    fetch_tries: int = 24
    kill: Kill | None = field(default=None)

    def dump(self) -> str:
        return json.dumps(asdict(self))


def load(text: str) -> Errand:
    """An errand from its JSON."""
    told = json.loads(text)
    if told["kill"]:
        change = told["kill"]["change"]
        told["kill"] = Kill(**told["kill"] | {"change": Change(**change) if change else None})
    return Errand(**told)
