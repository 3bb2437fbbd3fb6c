"""What goes wrong outside: one request, one call at a provider, one file."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.errors.base import Credits, KlingbotError

ProviderReason = Literal["policy", "invalid", "auth", "balance", "busy", "unavailable", "not_found", "unknown"]
"""Why a provider said no: its content rules, our input, our key, our account, its load, its state, no such task."""


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
