"""The runner without a loop, on a plain connection; `test_database` shows it at work."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from bot.errors import StoreUnavailable
from bot.store.batch import is_unusable, run_batch, run_view
from bot.store.scripts import Script


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.execute("CREATE TABLE cup (id TEXT PRIMARY KEY)")
        yield opened


def put(name: str, error: Exception | None = None) -> Script[str]:
    yield "INSERT INTO cup (id) VALUES (:id)", {"id": name}
    if error is not None:
        raise error
    return name


def cups(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT id FROM cup ORDER BY id")]


def test_each_script_sees_what_those_before_it_did(connection: sqlite3.Connection) -> None:
    def count() -> Script[int]:
        return len((yield "SELECT id FROM cup", {}))

    outcomes = run_batch(connection, [partial(put, "a"), count, partial(put, "b"), count])
    assert [outcome.value for outcome in outcomes] == ["a", 1, "b", 2]


def test_the_same_function_may_be_run_again(connection: sqlite3.Connection) -> None:
    script = partial(put, "a")
    run_batch(connection, [script])
    connection.execute("DELETE FROM cup")
    run_batch(connection, [script])
    assert cups(connection) == ["a"]


def test_only_the_failing_script_is_undone(connection: sqlite3.Connection) -> None:
    error = ValueError("mine")
    outcomes = run_batch(connection, [partial(put, "a"), partial(put, "b", error), partial(put, "c")])
    assert [outcome.error for outcome in outcomes] == [None, error, None]
    assert cups(connection) == ["a", "c"]


def test_a_generator_is_closed_however_it_ends(connection: sqlite3.Connection) -> None:
    closed = []

    def tidy() -> Script[None]:
        try:
            yield "SELECT nothing FROM nowhere", {}
        finally:
            closed.append(True)

    run_batch(connection, [tidy])
    assert closed == [True, True]  # tried beside the others, then by itself


def test_scripts_are_played_again_only_where_one_of_them_fails(connection: sqlite3.Connection) -> None:
    played = Counter[str]()

    def counted(cup: str, error: Exception | None = None) -> Script[None]:
        played[cup] += 1
        yield from put(cup, error)

    run_batch(connection, [partial(counted, "a"), partial(counted, "b")])
    assert played == {"a": 1, "b": 1}
    run_batch(connection, [partial(counted, "c"), partial(counted, "d", ValueError()), partial(counted, "e")])
    assert played == {"a": 1, "b": 1, "c": 2, "d": 2, "e": 1}
    assert cups(connection) == ["a", "b", "c", "e"]


def test_when_the_commit_fails_nothing_is_kept_and_nothing_acknowledged(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE saucer (cup TEXT REFERENCES cup (id) DEFERRABLE INITIALLY DEFERRED)")

    def dangling() -> Script[None]:
        yield "INSERT INTO saucer (cup) VALUES ('none')", {}  # found out at the commit

    with pytest.raises(StoreUnavailable, match="FOREIGN KEY"):
        run_batch(connection, [partial(put, "a"), dangling])
    assert cups(connection) == []
    assert [outcome.value for outcome in run_batch(connection, [partial(put, "b")])] == ["b"]


def test_a_view_leaves_nothing_behind(connection: sqlite3.Connection) -> None:
    assert run_view(connection, partial(put, "a")) == "a"
    assert cups(connection) == []
    assert not connection.in_transaction


@pytest.mark.parametrize(
    ("sql", "unusable"),
    [
        ("SELECT nothing FROM nowhere", False),
        ("INSERT INTO cup (id) VALUES ('a'), ('a')", False),
        ("ATTACH 'file:/nowhere/at/all?mode=ro' AS other", True),
    ],
)
def test_trouble_with_the_file_is_told_from_a_mistake_in_sql(
    connection: sqlite3.Connection, sql: str, unusable: bool
) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(sql)
    assert is_unusable(caught.value) is unusable


def test_other_errors_are_nothing_of_the_kind() -> None:
    assert not is_unusable(OSError("disk"))
    assert not is_unusable(sqlite3.InterfaceError("without a code"))
