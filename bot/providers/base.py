"""What a provider is to the rest of the house: one small abstract class, and the plain data that passes through it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from bot.kling.requests import Request
from bot.providers.offers import Offer, Prices

Json = dict[str, Any]
State = Literal["queued", "running", "done", "failed", "cancelled"]
Cancelled = Literal["confirmed", "too_late", "unknown"]

_WINDOW_BEFORE_MS, _WINDOW_AFTER_MS = 120_000, 600_000
"""How far from our own clock a task's creation may lie to be the one whose answer was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A stored picture on its way to a provider: `read` gives its bytes; sizes in pixels and bytes."""

    sha256: str
    mime: str
    width: int
    height: int
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One request for one offer.

    `attempt` is our id, sent where a provider takes one; `pictures` has an entry for every reference. For an extension
    `parent` is the task that made the video it goes on from, at the same provider.
    """

    attempt: str
    request: Request
    offer: Offer
    pictures: Mapping[str, PictureFile] = field(default_factory=dict)
    parent: "Task | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The paid call, ready to be sent: path below the base address, JSON, and what headers and query belong to it."""

    path: str
    json: Json
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> Json:
        """The JSON with long texts (pictures) cut, fit for a log or an attempt's row."""
        return {name: _shorten(value) for name, value in self.json.items()}


_LONGEST_WORDS = 4_000
"""Characters; no prompt is longer, so what is longer is a picture in base64."""


def _shorten(value: Any) -> Any:
    if isinstance(value, str) and len(value) > (200 if value.startswith("data:") else _LONGEST_WORDS):
        return f"{value[:40]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [_shorten(item) for item in value]
    if isinstance(value, dict):
        return {name: _shorten(item) for name, item in value.items()}
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The provider's side of an attempt: its id and whatever it handed out for later calls. Kept as JSON."""

    id: str
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a task ended without a video.

    `reason` decides what follows, `detail` are the provider's own words, bounded.
    """

    reason: Literal["policy", "invalid", "provider", "cancelled"]
    detail: str = ""
    billed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """What a provider says of a task now.

    `progress` from 0 to 1 and `queue_position` only where it tells; `cost` in micro-dollars.
    """

    state: State
    progress: float | None = None
    queue_position: int | None = None
    video_url: str | None = None
    error: Failure | None = None
    cost: int | None = None
    flagged: bool = False
    logs: tuple[str, ...] = ()
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An attempt whose answer never came: what `find` needs to look for its task. Times in ms UTC."""

    attempt: str
    offer: Offer
    request: Request
    body: Json
    submitted_at: int

    @property
    def window(self) -> tuple[int, int]:
        """From when to when its task may have been made, by a clock that isn't ours."""
        return self.submitted_at - _WINDOW_BEFORE_MS, self.submitted_at + _WINDOW_AFTER_MS


class Provider(ABC):
    """A company's HTTP API that runs Kling. One file a provider; it talks through `bot.net` only.

    Every method but `submit` may be called again at any time. `submit` is the paid call: exactly one POST, never
    repeated here.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    offers: ClassVar[tuple[Offer, ...]]
    concurrency: ClassVar[int] = 10
    """How many of our tasks run there at once, where nothing is documented and the operator says nothing."""
    looks_per_second: ClassVar[float] = 50.0
    """How often it may be asked for all tasks together: half of what ten connections carry at 100 ms an answer."""
    knows_attempts: ClassVar[bool] = False
    """Tasks carry our attempt's id and `find` looks for that: what it finds is certainly this attempt's, and where it
    finds nothing long after the call, certainly nothing was bought."""

    @abstractmethod
    async def prepare(self, order: Order) -> Body:
        """Build the call and upload what it needs; costs nothing.

        Raises CheckFailed (try later) or SubmitRefused (never at this provider).
        """

    @abstractmethod
    async def submit(self, body: Body) -> Task:
        """Send the paid call once.

        Raises SubmitRefused when certainly not accepted, SubmitUncertain when nobody can tell.
        """

    @abstractmethod
    async def check(self, task: Task) -> TaskStatus:
        """Ask how the task is. Raises CheckFailed when it can't be told now."""

    async def cancel(self, task: Task) -> Cancelled:
        """Ask to stop the task; `confirmed` only when the provider says that it won't run and won't bill."""
        return "unknown"

    def task(self, offer: Offer, task_id: str) -> Task:
        """A task that somebody knows only the id of, as `submit` would have given it."""
        return Task(id=task_id)

    async def find(self, lost: Lost) -> Sequence[Task]:
        """Tasks of ours at the provider that could be this attempt's; empty where the provider can't list."""
        return ()

    async def balance(self) -> int | None:
        """What is left on the account, in micro-dollars; None where the provider doesn't say."""
        return None

    async def models(self) -> Collection[str] | None:
        """Models that the account may use, asked in a way that needs the key; None where nobody tells. Free."""
        return None

    async def ping(self) -> bool:
        """Whether the provider knows our key, by a free call, where neither balance nor models tell it.

        False where no call does. Raises CheckFailed.
        """
        return False

    async def prices(self, offers: Sequence[Offer]) -> Mapping[str, Prices]:
        """What it asks now for these offers of its own, by their ids; without those that it doesn't tell of. Free."""
        return {}

    async def close(self) -> None:
        """Give back connections."""
        return
