"""Errors as one sentence: what can't be, why, and what mends it."""

import subprocess
from typing import Any, cast, get_args, get_type_hints

import pytest

from bot.cli.endings import BAD_SETTINGS, FAILED, OK, ended
from bot.cli.sentences import sentence, system_sentence
from bot.errors import (
    BackupFailed,
    BadValue,
    CannotListen,
    FolderNotWritable,
    KlingbotError,
    LedgerBroken,
    Missing,
    NotFound,
    RunnerStopped,
    SchemaTooNew,
    SettingsInvalid,
    StoreUnavailable,
    TooLate,
)

JOB = "01jd0000000000000000"
SENTENCES: list[tuple[KlingbotError, str]] = [
    (
        FolderNotWritable("/data", 10_001, 10_001, 0, 0, "Permission denied"),
        "klingbot runs as user 10001, group 10001, and may not write into /data, where the owner is user 0, group 0. "
        "To mend it: sudo mkdir -p /data && sudo chown -R 10001:10001 /data",
    ),
    (
        FolderNotWritable("/my data", 1000, 1000, 1000, 100, "Permission denied"),
        "klingbot runs as user 1000, group 1000, and may not write into /my data, where the owner is user 1000, "
        "group 100. To mend it: chmod -R u+rwX '/my data'",
    ),
    (
        FolderNotWritable("/data", 0, 0, 0, 0, "No space left on device"),
        "The folder /data can't be written: No space left on device. "
        "Another one is set with KLINGBOT_DATA (demo: --out).",
    ),
    (
        CannotListen(
            "127.0.0.1", 8080, "error while attempting to bind on ('127.0.0.1', 8080): address already in use"
        ),
        "Nothing can listen at 127.0.0.1, port 8080: address already in use. Another port is set with KLINGBOT_PORT "
        "(demo and sandbox: --port), another address with KLINGBOT_HOST.",
    ),
    (
        CannotListen("nowhere.invalid", 8080, "Name or service not known"),
        "Nothing can listen at nowhere.invalid, port 8080: Name or service not known. Another port is set with "
        "KLINGBOT_PORT (demo and sandbox: --port), another address with KLINGBOT_HOST.",
    ),
    (
        RunnerStopped("OperationalError"),
        "The work stopped (OperationalError); the log says more. Start klingbot again: it goes on where it was.",
    ),
    (
        SchemaTooNew(7, 3),
        "The database was written by a newer klingbot (version 7; this one knows 3). "
        "Install that one again, or go back to the backup from before.",
    ),
    (
        StoreUnavailable("disk I/O error"),
        "The data can't be used: disk I/O error. Where they are is set with KLINGBOT_DATA.",
    ),
    (
        BackupFailed("/b.db", "exists"),
        "/b.db is there already. Choose another name: a backup never replaces anything.",
    ),
    (
        BackupFailed("/b.db", "not_written", "No space left on device"),
        "/b.db could not be written: No space left on device. Nothing is left of it.",
    ),
    (NotFound("job", JOB), f"There is no job {JOB} here. Open ones are listed by: klingbot jobs"),
    (NotFound("task", "t"), "There is no task “t” here. Or it belongs to another job already. Please check the id."),
    (
        TooLate("resolve", "done"),
        "The job is done and needs no decision now. Its receipt: klingbot jobs <job>",
    ),
    (Missing("task", "resolve"), "Which task is it at the provider? It goes: resolve <job> task <id>."),
    (
        BadValue("resolve", "now"),
        "“now” is too much. It goes: resolve <job> charge, resolve <job> release, or resolve <job> task <id>.",
    ),
    (
        LedgerBroken(()),
        "The books don't add up, so nothing is spent until the operator has looked. The log says more.",
    ),
]


@pytest.mark.parametrize(("error", "text"), SENTENCES, ids=[str(error)[:50] for error, _ in SENTENCES])
def test_sentence(error: KlingbotError, text: str) -> None:
    assert sentence(error) == text


@pytest.mark.parametrize("reason", get_args(get_type_hints(BackupFailed)["reason"]))
def test_every_reason_of_a_failed_backup_has_words(reason: str) -> None:
    assert "{" not in sentence(BackupFailed("/b.db", cast(Any, reason), "why"))


def test_the_mending_command_is_one_that_a_shell_takes() -> None:
    mend = sentence(FolderNotWritable("/it's here", 7, 8, 0, 0, "Permission denied")).partition("To mend it: ")[2]
    echoed = subprocess.run(["sh", "-c", mend.replace("sudo", "echo")], capture_output=True, text=True, check=True)
    assert echoed.stdout == "mkdir -p /it's here\nchown -R 7:8 /it's here\n"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FileNotFoundError(2, "No such file or directory", "fox.jpg"), "fox.jpg: No such file or directory"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("odd"), "odd"),
        (OSError(), "OSError"),
    ],
)
def test_what_the_system_says(error: OSError, text: str) -> None:
    assert system_sentence(error) == text


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (SettingsInvalid(("A: one", "B: two")), BAD_SETTINGS, "These settings need a look:\n  A: one\n  B: two\n"),
        (NotFound("job", JOB), FAILED, f"There is no job {JOB} here. Open ones are listed by: klingbot jobs\n"),
        (PermissionError(13, "Permission denied", "/x"), FAILED, "/x: Permission denied\n"),
        (KeyboardInterrupt(), OK, ""),
    ],
)
def test_an_ending(error: BaseException, code: int, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise error

    assert ended(fails) == code
    assert tuple(capsys.readouterr()) == ("", text)


def test_a_mistake_of_ours_is_not_hidden() -> None:
    def breaks() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ended(breaks)
