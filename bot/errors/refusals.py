"""Why an ask can't go ahead. Nothing was held and nothing was bought."""

from dataclasses import dataclass
from typing import Literal

from bot.errors.base import KlingbotError

PictureReason = Literal["not_a_picture", "web_page", "unreadable", "unreachable", "too_small", "too_long_and_thin",
                        "too_many_pixels", "too_many_bytes", "empty", "other_format"]  # fmt: skip
"""Why a picture can't be used."""


class Refusal(KlingbotError):
    """The ask can't go ahead as it is. Nothing was held and nothing was bought."""


@dataclass(eq=False)
class UnknownWord(Refusal):
    """A verb, flag, sub-word or scene that doesn't exist; `near` are the closest that do."""

    kind: Literal["verb", "flag", "word", "scene", "provider"]
    word: str
    near: tuple[str, ...] = ()


@dataclass(eq=False)
class BadValue(Refusal):
    """A field got a value outside what it takes; `allowed` says in words or lists what it takes."""

    field: str
    value: str
    allowed: tuple[str, ...] = ()


@dataclass(eq=False)
class Missing(Refusal):
    """Something needed isn't there: `what` is `prompt`, `picture`, `value`, `scene`, `job`, …; `field` asked for it."""

    what: str
    field: str = ""
    needed: int = 1
    found: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Who would make it after all, for how many credits at most, if one thing were different.

    `change` is that thing: `via` (nobody named), `field` (the field left as it is by itself), `tier` or `duration`
    (`value` instead), `off` or `disabled` (an administrator switches it on).
    """

    provider: str
    credits: int
    estimated: bool
    change: Literal["via", "field", "tier", "duration", "off", "disabled"]
    field: str = ""
    value: str = ""


@dataclass(eq=False)
class Conflict(Refusal):
    """Fields that Kling 1.6 can't combine, e.g. `cfg` with `elements`, `end` with `standard`."""

    field: str
    other: str
    takers: tuple[Taker, ...] = ()


@dataclass(eq=False)
class PictureRefused(Refusal):
    """Picture `number` (from 1) can't be used; `found`, `limit` in the reason's own unit; `remedies` would help."""

    number: int
    reason: PictureReason
    found: str = ""
    limit: str = ""
    remedies: tuple[str, ...] = ()


@dataclass(eq=False)
class PictureHidden(Refusal):
    """The platform keeps a picture from us; `door` is the way in that shows it, or the right (`files:read`) we lack."""

    door: str


@dataclass(eq=False)
class NoOffer(Refusal):
    """No provider that is switched on sells this; `reasons` pairs each offer's label with why not."""

    reasons: tuple[tuple[str, str], ...] = ()
    takers: tuple[Taker, ...] = ()


@dataclass(eq=False)
class NoEnhancer(Refusal):
    """Nobody who is switched on improves prompts; `makers` pairs who would with the setting that switches it on."""

    makers: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class OverBudget(Refusal):
    """Every offer costs more credits than the person's own `--max`: the cheapest `price`, at `provider`."""

    price: int
    budget: int
    provider: str = ""
    takers: tuple[Taker, ...] = ()


@dataclass(eq=False)
class OverLimit(Refusal):
    """A limit on a scope is reached. Credits; `resets_at` in milliseconds UTC; `label` is how people call the scope.

    `limit` is what may be used until then, with headroom that was given on top; `timezone` is the team's.
    """

    scope: str
    limit: int
    used: int
    price: int
    resets_at: int
    period: str
    label: str = ""
    timezone: str = "UTC"


@dataclass(eq=False)
class OverCap(Refusal):
    """One job costs more than any may in this team. Credits."""

    price: int
    cap: int


@dataclass(eq=False)
class NeedsApproval(Refusal):
    """What costs more than `over` has to be approved in this team, and it isn't. Credits."""

    price: int
    over: int


@dataclass(eq=False)
class Paused(Refusal):
    """Nothing new is made in this team now, or `everywhere`; `reason` is that of who paused it, if they gave one."""

    reason: str
    everywhere: bool = False


@dataclass(eq=False)
class AgainstRules(Refusal):
    """A team's content rules don't allow it: a `word` of the prompt, `effects` at all, or a `flagged` video's use."""

    rule: Literal["word", "effects", "flagged"]
    word: str = ""


@dataclass(eq=False)
class LinkRefused(Refusal):
    """Two teams or two accounts aren't joined.

    The `code` is wrong or old, it is `itself`, something is still `open`, or there were too many wrong `tries`.
    """

    kind: Literal["workspace", "person"]
    why: Literal["code", "itself", "open", "tries"]


@dataclass(eq=False)
class PoolEmpty(Refusal):
    """The team's pool has less than the price; `resets_at` is when its refill comes (ms UTC), None if never.

    `timezone` is the team's.
    """

    left: int
    price: int
    resets_at: int | None
    timezone: str = "UTC"


@dataclass(eq=False)
class CeilingReached(Refusal):
    """The operator's ceiling in dollars for the whole installation is reached. Micro-dollars; ms UTC."""

    ceiling: int
    used: int
    price: int
    resets_at: int


@dataclass(eq=False)
class NotAllowed(Refusal):
    """The person may not do this; `needs` is who may: a team's `administrator`, the `operator`, or a job's `owner`.

    Of a question to approvers: an `approver`, and `another` one than who asked.
    """

    action: str
    needs: Literal["administrator", "operator", "owner", "approver", "another"]


@dataclass(eq=False)
class NotMember(Refusal):
    """The platform doesn't name somebody as an active member of the team now: they left, or it can't be asked."""

    platform: str


@dataclass(eq=False)
class NotFound(Refusal):
    """There is no such thing, or not for this person."""

    what: str
    name: str


@dataclass(eq=False)
class TooLate(Refusal):
    """The thing has moved on: a confirm after its quote expired, a cancel after the end."""

    action: str
    state: str


@dataclass(eq=False)
class WhichWorkspace(Refusal):
    """Nobody knows whose credits count here; `workspaces` are the person's own, id and name, and may be none."""

    workspaces: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class CannotPost(Refusal):
    """The bot can't answer in that place; found out before credits are held."""

    why: str
