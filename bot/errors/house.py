"""What goes wrong at home: storage, settings, and what keeps a process from serving."""

from dataclasses import dataclass
from typing import Literal

from bot.errors.base import KlingbotError


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
class PlatformRefused(KlingbotError):
    """A chat platform doesn't let the bot in: `why` is `token`, or the privilege it lacks."""

    platform: str
    why: Literal["token", "message_content"]


@dataclass(eq=False)
class RunnerStopped(KlingbotError):
    """The runner ended by itself, and without it no job goes on; `why` is the error's name."""

    why: str
