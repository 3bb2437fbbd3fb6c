"""Errors as one sentence for the one who hosts: what can't be, why, and which command or setting mends it."""

import errno
import os
import shlex
from functools import singledispatch

from bot.commands.wording import refusal, trouble
from bot.errors import (
    BackupFailed,
    CannotListen,
    FolderNotWritable,
    KlingbotError,
    Missing,
    NotFound,
    PlatformRefused,
    Refusal,
    RunnerStopped,
    SchemaTooNew,
    StoreUnavailable,
    TooLate,
)
from bot.platforms import refused

_NOT_ALLOWED = {os.strerror(errno.EACCES), os.strerror(errno.EPERM)}
_BACKUPS = {
    "exists": "{target} is there already. Choose another name: a backup never replaces anything.",
    "no_database": "There is no database to copy yet. Where it is looked for is set with KLINGBOT_DATA.",
    "not_written": "{target} could not be written: {detail}. Nothing is left of it.",
    "not_whole": "The copy is not whole ({detail}), so it was taken away. Run klingbot check.",
}


@singledispatch
def sentence(error: KlingbotError) -> str:
    """The error in words; those of the chats where there are no better ones."""
    return trouble(error).text


@sentence.register
def _(error: Refusal) -> str:
    return refusal(error).text


@sentence.register
def _(error: Missing) -> str:
    if error.what != "team":
        return refusal(error).text
    if not error.field:
        return "No team is known yet: it is from the first message on that somebody writes to the bot."
    return f"Which team? Name it with --team. Known are: {error.field}"


@sentence.register
def _(error: NotFound) -> str:
    if error.what == "team":
        return (
            f"No team {error.name} is known. A team is from the first message on that somebody writes to the bot there."
        )
    if error.what == "job":
        return f"There is no job {error.name} here. Open ones are listed by: klingbot jobs"
    return refusal(error).text


@sentence.register
def _(error: TooLate) -> str:
    return f"The job is {error.state} and needs no decision now. Its receipt: klingbot jobs <job>"


@sentence.register
def _(error: FolderNotWritable) -> str:
    if error.why not in _NOT_ALLOWED:
        return (
            f"The folder {error.folder} can't be written: {error.why}. "
            "Another one is set with KLINGBOT_DATA (demo: --out)."
        )
    folder = shlex.quote(error.folder)
    mend = f"sudo mkdir -p {folder} && sudo chown -R {error.uid}:{error.gid} {folder}"
    if error.owner_uid == error.uid:
        mend = f"chmod -R u+rwX {folder}"
    return (
        f"klingbot runs as user {error.uid}, group {error.gid}, and may not write into {error.folder}, where the "
        f"owner is user {error.owner_uid}, group {error.owner_gid}. To mend it: {mend}"
    )


@sentence.register
def _(error: StoreUnavailable) -> str:
    return f"The data can't be used: {error.why}. Where they are is set with KLINGBOT_DATA."


@sentence.register
def _(error: SchemaTooNew) -> str:
    return (
        f"The database was written by a newer klingbot (version {error.found}; this one knows {error.known}). "
        "Install that one again, or go back to the backup from before."
    )


@sentence.register
def _(error: BackupFailed) -> str:
    return _BACKUPS[error.reason].format(target=error.target, detail=error.detail)


@sentence.register
def _(error: CannotListen) -> str:
    return (
        f"Nothing can listen at {error.host}, port {error.port}: {error.why.rpartition(': ')[2]}. "
        "Another port is set with KLINGBOT_PORT (demo and sandbox: --port), another address with KLINGBOT_HOST."
    )


@sentence.register
def _(error: PlatformRefused) -> str:
    return refused(error)


@sentence.register
def _(error: RunnerStopped) -> str:
    return f"The work stopped ({error.why}); the log says more. Start klingbot again: it goes on where it was."


def system_sentence(error: OSError) -> str:
    """What the system says of a file or a connection, with its name where there is one."""
    why = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {why}" if error.filename else why
