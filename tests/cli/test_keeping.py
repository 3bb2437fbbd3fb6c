"""`backup`, `jobs` and `resolve`, on data that a service left behind."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.backup import backup
from tests.support.terminal import Run

NOWHERE = "01jd0000000000000000"


# backup


@pytest.mark.usefixtures("left")
def test_a_backup_is_whole_and_never_replaces_anything(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    said = run("backup", str(target))
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{target}: ")
    assert said.out.endswith(" entries in the ledger, read back and whole\n")
    copied = target.read_bytes()
    again = run("backup", str(target))
    assert (again.code, again.out) == (1, "")
    assert again.err == f"{target} is there already. Choose another name: a backup never replaces anything.\n"
    assert target.read_bytes() == copied
    assert (
        backup(target, tmp_path / "copy-of-the-copy.db").entries
        == backup(data / "klingbot.db", tmp_path / "3.db").entries
    )


def test_a_backup_of_nothing_says_where_it_looked(run: Run, tmp_path: Path) -> None:
    said = run("backup", str(tmp_path / "copy.db"))
    assert said.code == 1
    assert said.err == "There is no database to copy yet. Where it is looked for is set with KLINGBOT_DATA.\n"


@pytest.mark.usefixtures("left")
def test_a_backup_that_cannot_be_written_says_why(run: Run, tmp_path: Path) -> None:
    said = run("backup", str(tmp_path / "nowhere" / "copy.db"))
    assert said.code == 1
    assert "could not be written" in said.err
    assert "No such file or directory" in said.err


# jobs and resolve


def test_jobs_lists_what_is_open_what_needs_a_word_first(run: Run, left: tuple[str, str]) -> None:
    said = run("jobs")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "2 open jobs"
    assert (lines[1].startswith("Ben: a red fox · not settled"), lines[1].endswith(left[0])) == (True, True)
    assert (lines[2].startswith("Ben: a blue cat · waiting"), lines[2].endswith(left[1])) == (True, True)


def test_jobs_shows_one_jobs_receipt(run: Run, left: tuple[str, str]) -> None:
    said = run("jobs", left[0])
    assert said.code == 0
    assert said.out.startswith("Not settled yet\na red fox\n")
    assert "attempt 1 at fal: the answer was lost" in said.out


def test_jobs_on_empty_data(run: Run) -> None:
    assert run("jobs").out == "No jobs\nNothing is open.\n"


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize("command", [("jobs", NOWHERE), ("resolve", NOWHERE, "release")])
def test_a_job_that_is_not_there(run: Run, command: tuple[str, ...]) -> None:
    said = run(*command)
    assert (said.code, said.out) == (1, "")
    assert said.err == f"There is no job {NOWHERE} here. Open ones are listed by: klingbot jobs\n"


@pytest.mark.parametrize(
    ("how", "said_in_the_end"), [("charge", "56 charged"), ("release", "none charged; 56 released")]
)
def test_resolve_settles_a_lost_job_once(run: Run, left: tuple[str, str], how: str, said_in_the_end: str) -> None:
    said = run("resolve", left[0], how)
    assert (said.code, said.err) == (0, "")
    assert f"  Credits: {said_in_the_end}" in said.out
    again = run("resolve", left[0], "release")
    assert (again.code, again.out) == (1, "")
    assert again.err == "The job is failed and needs no decision now. Its receipt: klingbot jobs <job>\n"
    assert f"  Credits: {said_in_the_end}" in run("jobs", left[0]).out
    assert "the ledger adds up" in run("check").out


def test_resolve_names_a_task(run: Run, left: tuple[str, str]) -> None:
    said = run("resolve", left[0], "task", "764cabcf")
    assert said.code == 0
    assert said.out.startswith("Taken over\n")
    assert "task 764cabcf" in run("jobs", left[0]).out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("task",), "Which task is it at the provider? It goes: resolve <job> task <id>."),
        (("charge", "764cabcf"), "“764cabcf” is too much."),
    ],
)
def test_resolve_wants_a_task_after_task_and_nowhere_else(
    run: Run, left: tuple[str, str], words: tuple[str, ...], why: str
) -> None:
    said = run("resolve", left[0], *words)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert "not settled" in run("jobs").out


def test_resolve_of_a_job_that_needs_none(run: Run, left: tuple[str, str]) -> None:
    said = run("resolve", left[1], "release")
    assert (said.code, said.err) == (
        1,
        "The job is queued and needs no decision now. Its receipt: klingbot jobs <job>\n",
    )


def test_resolve_writes_down_who_it_was_also_where_the_system_knows_no_name(
    run: Run, data: Path, left: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert run("resolve", left[0], "release").code == 0
    with closing(sqlite3.connect(data / "klingbot.db")) as database:
        actors = database.execute("SELECT DISTINCT actor FROM entry WHERE kind = 'release'").fetchall()
    assert actors == [(f"cli:{os.getuid()}",)]
