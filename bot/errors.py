"""Every error the house raises on purpose, as a tree.

An error carries facts, never prose: `commands.wording` makes sentences.

KlingbotError
├── Refusal                 a person's ask can't go ahead; nothing was spent
│   ├── UnknownWord, BadValue, Missing, Conflict        what was typed
│   ├── PictureRefused                                  what was attached
│   ├── NoOffer, OverBudget                             what is on sale
│   ├── OverLimit, PoolEmpty, CeilingReached            what may be spent
│   └── NotAllowed, NotFound, TooLate, CannotPost       who, what, when, where
├── NetError                one outgoing request
│   └── NeverSent, AnswerLost, AddressRefused, AnswerTooLarge, BadStatus
├── ProviderError           one call at a provider
│   └── SubmitRefused, SubmitUncertain, CheckFailed
├── MediaError              VideoBroken, VideoTooLarge
├── StoreError
│   └── StoreUnavailable, SchemaTooNew, FolderNotWritable, BackupFailed, BlobMissing,
│                            BlobTooLarge, ScriptRunaway, LedgerBroken
└── SettingsInvalid, CannotListen, RunnerStopped           what keeps a process from serving
"""

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

Credits = Literal["untouched", "held", "released"]
"""What an error means for the credits of the ask it ends: never set aside, still set aside, or given back."""

ProviderReason = Literal["policy", "invalid", "auth", "balance", "busy", "unavailable", "not_found", "unknown"]
"""Why a provider said no: its content rules, our input, our key, our account, its load, its state, no such task."""

PictureReason = Literal[
    "not_a_picture", "web_page", "unreadable", "unreachable", "too_small", "too_long_and_thin", "too_many_pixels",
    "too_many_bytes", "animated", "empty", "other_format",
]  # fmt: skip
"""Why a picture can't be used."""


@dataclass(eq=False)
class KlingbotError(Exception):
    """Base of every error raised on purpose; its dataclass fields are the facts."""

    credits: ClassVar[Credits] = "untouched"

    def __str__(self) -> str:
        facts = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__name__}({facts})"


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


@dataclass(eq=False)
class Conflict(Refusal):
    """Fields that Kling 1.6 can't combine, e.g. `cfg` with `elements`, `end` with `standard`."""

    field: str
    other: str


@dataclass(eq=False)
class PictureRefused(Refusal):
    """Picture number `number` (from 1) can't be used; `found` and `limit` are in the reason's own unit, as text."""

    number: int
    reason: PictureReason
    found: str = ""
    limit: str = ""


@dataclass(eq=False)
class NoOffer(Refusal):
    """No provider that is switched on sells this; `reasons` pairs each offer's label with why not."""

    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class OverBudget(Refusal):
    """The cheapest offer costs more credits than the person's own `--max`."""

    price: int
    budget: int


@dataclass(eq=False)
class OverLimit(Refusal):
    """A limit on a scope is reached. Credits; `resets_at` in milliseconds UTC."""

    scope: str
    limit: int
    used: int
    price: int
    resets_at: int
    period: str


@dataclass(eq=False)
class PoolEmpty(Refusal):
    """The team's pool has less than the price; `resets_at` is when its refill comes (ms UTC), None if never."""

    left: int
    price: int
    resets_at: int | None


@dataclass(eq=False)
class CeilingReached(Refusal):
    """The operator's ceiling in dollars for the whole installation is reached. Micro-dollars; ms UTC."""

    ceiling: int
    used: int
    price: int
    resets_at: int


@dataclass(eq=False)
class NotAllowed(Refusal):
    """The person may not do this; `needs` is who may: `administrator` or `owner`."""

    action: str
    needs: Literal["administrator", "owner"]


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
class CannotPost(Refusal):
    """The bot can't answer in that place; found out before credits are held."""

    why: str


class NetError(KlingbotError):
    """One outgoing HTTP request that didn't bring what it was sent for."""


@dataclass(eq=False)
class NeverSent(NetError):
    """The connection never opened: the other side certainly saw nothing."""

    host: str
    why: str


@dataclass(eq=False)
class AnswerLost(NetError):
    """The request may have been read, the answer didn't come whole."""

    host: str
    why: str


@dataclass(eq=False)
class AddressRefused(NetError):
    """The address isn't one that this house opens: private, loopback, not http(s), with a user name in it."""

    host: str
    why: str


@dataclass(eq=False)
class AnswerTooLarge(NetError):
    """The answer has more bytes than the caller takes."""

    host: str
    limit: int


@dataclass(eq=False)
class BadStatus(NetError):
    """A file was asked for and another answer came, such as a 404; `retry_after` in seconds where it gave one."""

    host: str
    status: int
    retry_after: float | None = None


@dataclass(eq=False)
class ProviderError(KlingbotError):
    """A provider's no. `detail` is its own words (bounded, redacted); `retry_after` in seconds where it gave one."""

    provider: str
    reason: ProviderReason
    detail: str = ""
    status: int | None = None
    retry_after: float | None = None


class SubmitRefused(ProviderError):
    """The paid call was certainly not accepted: it may be made again, or elsewhere (never after `policy`)."""

    credits: ClassVar[Credits] = "released"


class SubmitUncertain(ProviderError):
    """The paid call may have been accepted. It is never repeated; the hold stays."""

    credits: ClassVar[Credits] = "held"


class CheckFailed(ProviderError):
    """A read failed (status, result, cancel, upload, balance). The task is as it was; ask again later."""

    credits: ClassVar[Credits] = "held"


class MediaError(KlingbotError):
    """A file that isn't what it should be."""


@dataclass(eq=False)
class VideoBroken(MediaError):
    """Not a whole playable video of the asked length; `found` and `wanted` in words of the reason's unit."""

    reason: Literal["not_a_video", "truncated", "wrong_length", "empty"]
    found: str = ""
    wanted: str = ""


@dataclass(eq=False)
class VideoTooLarge(MediaError):
    """The video can't be made to fit `limit` bytes and still be worth looking at."""

    limit: int


class StoreError(KlingbotError):
    """Storage said no. Everything fails closed: nothing is spent on a guess."""


@dataclass(eq=False)
class StoreUnavailable(StoreError):
    """The database or the disk can't be used now."""

    why: str


@dataclass(eq=False)
class SchemaTooNew(StoreError):
    """The database was written by a newer klingbot."""

    found: int
    known: int


@dataclass(eq=False)
class FolderNotWritable(StoreError):
    """A folder can't be written by this user; owner and user as numbers, `why` in the system's words."""

    folder: str
    uid: int
    gid: int
    owner_uid: int | None
    owner_gid: int | None
    why: str = ""


@dataclass(eq=False)
class BlobMissing(StoreError):
    """No bytes are kept under this hash (any more)."""

    sha256: str


@dataclass(eq=False)
class BlobTooLarge(StoreError):
    """More bytes came than the caller takes."""

    limit: int


@dataclass(eq=False)
class BackupFailed(StoreError):
    """No backup was made, or it isn't whole; what was there before stays as it is."""

    target: str
    reason: Literal["exists", "no_database", "not_written", "not_whole"]
    detail: str = ""


@dataclass(eq=False)
class ScriptRunaway(StoreError):
    """A transaction script ran more statements than any honest one; nothing of it was kept."""

    statements: int


@dataclass(eq=False)
class LedgerBroken(StoreError):
    """Recomputed balances differ from the cached ones; each row says account, cached, recomputed."""

    differences: tuple[tuple[str, int, int], ...]


@dataclass(eq=False)
class SettingsInvalid(KlingbotError):
    """What is wrong with the settings: every problem at once, one line each."""

    problems: tuple[str, ...]


@dataclass(eq=False)
class CannotListen(KlingbotError):
    """Nothing can be served at this address: another program has the port, or it isn't this computer's."""

    host: str
    port: int
    why: str


@dataclass(eq=False)
class RunnerStopped(KlingbotError):
    """The runner ended by itself, and without it no job goes on; `why` is the error's name."""

    why: str
