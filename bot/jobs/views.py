"""A job as people see it: plain data read from its rows, which `commands.wording` turns into cards."""

from dataclasses import dataclass
from typing import Literal

from bot.jobs.states import JobState
from bot.kling.requests import Request

Ending = Literal[
    "policy", "invalid", "provider", "refused", "no_video", "cancelled", "released_by_admin", "charged_by_admin"
]  # fmt: skip
"""Why a job ended without a video: the provider's content rules, our input, its failure, every offer refused the call,
billed but not obtainable, stopped by a person, settled by an administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobError:
    """How a job went wrong: the kind, at which provider, its own words (bounded), whether it billed us all the same."""

    ending: Ending
    provider: str = ""
    detail: str = ""
    billed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One submit at one provider. Money in micro-dollars, times in ms UTC."""

    id: str
    number: int
    provider: str
    offer: str
    outcome: str
    microusd: int
    cost: int | None
    task: str | None
    error: str
    intended_at: int
    accepted_at: int | None
    ended_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job with its attempts. `credits` were held; `charged` is what was taken, None while open.

    `progress` (0 to 1) and `queue_position` are the provider's own word, None where it gives none; `usual` is the range
    of seconds such a clip takes as the provider states it, or where it is `measured`, the seconds within which half and
    nine of ten of the last ones were made; `cancel_refused` says that the provider was asked to stop and didn't;
    `waits` is why a queued one isn't bought yet (`waiting.Reason`), empty where nothing keeps it; `tag` is what it is
    booked under; `estimated` says that the price is not the provider's confirmed one; `changes` are what was done to
    each picture.
    """

    id: str
    ask: str
    state: JobState
    request: Request
    person: str
    person_name: str
    credits: int
    charged: int | None
    estimated: bool
    provider: str
    offer: str
    usual: tuple[int, int]
    progress: float | None
    queue_position: int | None
    cancel_asked: bool
    late: bool
    flagged: bool
    error: JobError | None
    video: str | None
    poster: str | None
    parent: str | None
    relation: str | None
    attempts: tuple[AttemptView, ...]
    created_at: int
    submitted_at: int | None
    ended_at: int | None
    cancel_refused: bool = False
    measured: bool = False
    workspace: str = ""
    changes: tuple[tuple[str, ...], ...] = ()
    tag: str = ""
    waits: str = ""
