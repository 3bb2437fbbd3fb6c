"""The operator's switch for the whole installation: nothing new is held or bought until it is on again. Scripts."""

import json

from bot.store.memory import DELETE, PUT
from bot.store.scripts import Script, first

STOP = "pause:everything"
"""Where it is kept, among the small memories."""

_READ = "SELECT value FROM memory WHERE key = :key"


def stop_everything(*, reason: str, actor: str, now: int) -> Script[None]:
    """Hold nothing and buy nothing from now on, in no team; what is under way is finished."""
    value = json.dumps({"reason": reason, "by": actor, "at": now})
    yield PUT, {"key": STOP, "value": value}


def go_on() -> Script[None]:
    """The end of that; where nothing was stopped it changes nothing."""
    yield DELETE, {"key": STOP}


def stopped() -> Script[str | None]:
    """Why everything is stopped, empty where no reason was given; None where it isn't."""
    row = first((yield _READ, {"key": STOP}))
    return why_stopped(row["value"] if row else None)


def why_stopped(value: str | None) -> str | None:
    """The reason out of what is kept."""
    return None if value is None else str(json.loads(value)["reason"])
