import ast
import asyncio
import importlib.metadata
import inspect
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

import bot.store.database
from bot.errors import ScriptRunaway, StoreUnavailable
from bot.store.batch import MOST_STATEMENTS
from bot.store.database import MOST_IN_A_BATCH, Database
from bot.store.scripts import Script, first, one

PUT = "INSERT INTO memory (key, value) VALUES (:key, :value)"
COUNT = "SELECT count(*) AS rows FROM memory"


def put(key: str, value: str = "") -> Script[str]:
    yield PUT, {"key": key, "value": value}
    return key


def put_then(key: str, error: BaseException) -> Script[None]:
    yield PUT, {"key": key, "value": ""}
    raise error


def read(key: str) -> Script[str | None]:
    row = first((yield "SELECT value FROM memory WHERE key = :key", {"key": key}))
    return None if row is None else str(row["value"])


async def keys(database: Database) -> list[str]:
    return [row["key"] for row in await database.read("SELECT key FROM memory ORDER BY key")]


async def test_a_script_gets_its_rows_and_answers_with_its_value(database: Database) -> None:
    assert await database.run(put, "a", value="1") == "a"
    assert await database.run(read, "a") == "1"


async def test_what_was_acknowledged_is_seen_by_reads_at_once(database: Database) -> None:
    for number in range(20):
        await database.run(put, str(number))
        assert one(await database.read(COUNT))["rows"] == number + 1
        assert await database.view(read, str(number)) == ""


async def test_a_read_takes_parameters(database: Database) -> None:
    await database.run(put, "a", "1")
    rows = await database.read("SELECT value FROM memory WHERE key = :key", {"key": "a"})
    assert [row["value"] for row in rows] == ["1"]


async def test_scripts_that_wait_together_share_one_commit(database: Database) -> None:
    before = commits(database.path)
    await asyncio.gather(*(database.run(put, str(number)) for number in range(100)))
    assert commits(database.path) - before <= 2


async def test_what_is_gathered_shares_a_commit_though_it_comes_one_after_the_other(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "k.db", gather=0.5) as database:
        await database.run(put, "first")
        before = commits(database.path)
        calls = []
        for number in range(10):
            calls.append(asyncio.create_task(database.run_gathered(put, str(number))))
            await asyncio.sleep(0)
        assert await asyncio.gather(*calls) == [str(number) for number in range(10)]
        assert commits(database.path) - before == 1


async def test_what_is_gathered_goes_with_a_commit_that_is_made_anyway(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "k.db", gather=60) as database:
        gathered = asyncio.create_task(database.run_gathered(put, "a"))
        await asyncio.sleep(0)
        assert not gathered.done()
        await database.run(put, "b")
        assert await gathered == "a"
        assert commits(database.path) == 1


async def test_what_is_gathered_is_finished_before_the_end(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "k.db", gather=60)
    gathered = asyncio.create_task(database.run_gathered(put, "a"))
    await asyncio.sleep(0)
    await database.close()
    assert await gathered == "a"
    with pytest.raises(StoreUnavailable):
        await database.run_gathered(put, "b")


def commits(path: Path) -> int:
    """Frames of the write-ahead log that end a transaction: the size of the database after it is written there only."""
    log = path.with_name(path.name + "-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    frames = range(32, len(log), 24 + page)
    return sum(int.from_bytes(log[start + 4 : start + 8], "big") > 0 for start in frames)


async def test_more_than_one_batch_of_scripts_all_get_their_own_answer(database: Database) -> None:
    names = [f"{number:04}" for number in range(2 * MOST_IN_A_BATCH + 3)]
    assert await asyncio.gather(*(database.run(put, name) for name in names)) == names
    assert await keys(database) == names


@pytest.mark.parametrize(
    "error",
    [ValueError("mine"), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), asyncio.CancelledError()],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_undoes_its_own_script_and_reaches_its_own_caller_only(
    database: Database, error: BaseException
) -> None:
    async def fail() -> BaseException | None:
        try:
            await database.run(put_then, "bad", error)
        except BaseException as caught:  # an answer, not a way out
            return caught
        return None

    before, caught, after = await asyncio.gather(database.run(put, "a"), fail(), database.run(put, "b"))
    assert (before, type(caught), after) == ("a", type(error), "b")
    assert await keys(database) == ["a", "b"]


async def test_a_broken_rule_of_a_table_is_shown_to_the_author_with_the_statement(database: Database) -> None:
    await database.run(put, "a")
    with pytest.raises(sqlite3.IntegrityError) as caught:
        await database.run(put, "a")
    assert caught.value.__notes__ == [PUT]


async def test_a_mistake_in_sql_is_shown_to_the_author_and_nobody_else(database: Database) -> None:
    def wrong() -> Script[None]:
        yield "SELECT nothing FROM nowhere", {}

    good, bad = await asyncio.gather(database.run(put, "a"), database.run(wrong), return_exceptions=True)
    assert good == "a"
    assert isinstance(bad, sqlite3.OperationalError)


async def test_a_script_that_never_ends_is_stopped_and_undone(database: Database) -> None:
    def forever() -> Script[None]:
        while True:
            yield "INSERT INTO memory (key, value) VALUES ('x', '') ON CONFLICT (key) DO NOTHING", {}

    stopped, other = await asyncio.gather(database.run(forever), database.run(put, "a"), return_exceptions=True)
    assert isinstance(stopped, ScriptRunaway)
    assert stopped.statements == MOST_STATEMENTS
    assert other == "a"
    assert await keys(database) == ["a"]


def not_a_generator() -> Any:
    return 5


def yields_nonsense() -> Any:
    yield 5


def stops_before_it_starts() -> Any:
    raise StopIteration


def clings_on() -> Any:
    try:
        yield "SELECT nothing FROM nowhere", {}
    finally:
        yield COUNT, {}


@pytest.mark.parametrize("script", [not_a_generator, yields_nonsense, stops_before_it_starts, clings_on])
async def test_a_misbehaving_script_gets_an_error_and_the_writer_goes_on(
    database: Database, script: Callable[[], Any]
) -> None:
    calls = [asyncio.create_task(database.run(run)) for run in (script, partial(put, "a"))]
    await asyncio.wait(calls)
    assert isinstance(calls[0].exception(), Exception)
    assert calls[1].result() == "a"
    assert await database.run(put, "b") == "b"


@pytest.mark.parametrize("statement", ["COMMIT", "ROLLBACK"])
async def test_a_script_that_ends_the_transaction_fails_the_whole_batch(database: Database, statement: str) -> None:
    def rogue() -> Script[None]:
        yield statement, {}
        raise ValueError

    answers = await asyncio.gather(database.run(put, "a"), database.run(rogue), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailable, StoreUnavailable]
    assert await database.run(put, "b") == "b"


async def test_a_full_disk_is_told_to_everybody_and_keeps_nothing(database: Database) -> None:
    def no_room() -> Script[None]:
        yield "PRAGMA max_page_count = 1", {}  # never below what is there

    await database.run(no_room)
    answers = await asyncio.gather(
        database.run(put, "a"), database.run(put, "big", "x" * 200_000), database.run(put, "b"), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
    assert "SQLITE_FULL" in str(answers[0])
    assert await keys(database) == []


async def test_a_lock_held_elsewhere_is_told_as_unavailable_and_passes(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "k.db", patience=0.01) as database:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = await asyncio.gather(database.run(put, "a"), database.run(put, "b"), return_exceptions=True)
            other.execute("ROLLBACK")
        assert [type(answer) for answer in answers] == [StoreUnavailable, StoreUnavailable]
        assert await database.run(put, "c") == "c"
        assert await keys(database) == ["c"]


async def test_a_cancelled_caller_does_not_disturb_the_others(database: Database) -> None:
    calls = [asyncio.create_task(database.run(put, str(number))) for number in range(6)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers[::2]] == [asyncio.CancelledError] * 3
    assert answers[1::2] == ["1", "3", "5"]
    assert set(await keys(database)) >= {"1", "3", "5"}


async def test_a_caller_cancelled_before_its_turn_changes_nothing(database: Database) -> None:
    call = asyncio.create_task(database.run(put, "a"))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await database.run(put, "b")
    assert await keys(database) == ["b"]


async def test_when_the_loop_is_torn_down_nobody_waits_for_ever(database: Database) -> None:
    call = asyncio.create_task(database.run(put, "a"))
    await asyncio.sleep(0)
    for task in asyncio.all_tasks() - {asyncio.current_task(), call}:
        task.cancel()
    with pytest.raises(StoreUnavailable):
        await call
    assert await database.run(put, "b") == "b"


async def test_closing_finishes_what_waits_and_takes_nothing_more(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "k.db")
    call = asyncio.create_task(database.run(put, "a"))
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    assert await call == "a"
    for refused in (database.run(put, "b"), database.read(COUNT), database.view(read, "a")):
        with pytest.raises(StoreUnavailable):
            await refused


async def test_the_reading_side_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="READONLY"):
        await database.view(put, "a")
    with pytest.raises(StoreUnavailable, match="READONLY"):
        await database.read("DELETE FROM memory")


async def test_a_view_sees_one_snapshot_whatever_is_written_meanwhile(database: Database) -> None:
    def twice() -> Script[tuple[int, int]]:
        before = one((yield COUNT, {}))["rows"]
        with closing(sqlite3.connect(database.path)) as other:
            other.execute("INSERT INTO memory (key, value) VALUES ('other', '')")
            other.commit()
        return before, one((yield COUNT, {}))["rows"]

    assert await database.view(twice) == (0, 0)
    assert one(await database.read(COUNT))["rows"] == 1


async def test_an_error_in_a_view_leaves_no_transaction_behind(database: Database) -> None:
    def fails() -> Script[None]:
        yield COUNT, {}
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await database.view(fails)
    await database.run(put, "a")
    assert one(await database.read(COUNT))["rows"] == 1


async def test_commits_are_durable_and_references_hold(database: Database) -> None:
    def setting(name: str) -> Script[int]:
        (row,) = yield f"PRAGMA {name}", {}
        return int(row[name])

    assert await database.run(setting, "synchronous") == 2  # FULL
    assert await database.run(setting, "foreign_keys") == 1
    assert one(await database.read("PRAGMA journal_mode"))["journal_mode"] == "wal"


@pytest.mark.parametrize("what", ["a folder", "no database", "nowhere"])
async def test_a_file_that_cannot_be_used_is_unavailable(tmp_path: Path, what: str) -> None:
    path = tmp_path / "k.db"
    if what == "a folder":
        path.mkdir()
    elif what == "no database":
        path.write_bytes(b"# Notes\n" * 200)
    else:
        path = tmp_path / "missing" / "k.db"
    with pytest.raises(StoreUnavailable):
        await Database.open(path)


WRITER = """
import asyncio, sys
from pathlib import Path
from bot.store.database import Database

def put(key):
    yield "INSERT INTO memory (key, value) VALUES (:key, '')", {"key": key}

async def main():
    async with await Database.open(Path(sys.argv[1]), patience=60) as database:
        for turn in range(10):
            await asyncio.gather(*(database.run(put, f"{sys.argv[2]}-{turn}-{number}") for number in range(20)))

asyncio.run(main())
"""


async def test_two_processes_share_a_file(database: Database) -> None:
    programs = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(database.path), name)
        for name in ("one", "two")
    ]
    assert [await program.wait() for program in programs] == [0, 0]
    assert one(await database.read(COUNT))["rows"] == 400


def test_the_one_private_call_of_aiosqlite_still_runs_a_function_on_its_thread() -> None:
    assert importlib.metadata.version("aiosqlite") == "0.22.1"
    assert list(inspect.signature(aiosqlite.Connection._execute).parameters) == ["self", "fn", "args", "kwargs"]


def test_it_is_used_in_one_line() -> None:
    tree = ast.parse(inspect.getsource(bot.store.database))
    private = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "_execute"]
    assert private == ["_execute"]
