"""Runs transaction scripts on a plain sqlite3 connection: many in one durable commit, each undone by itself."""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bot.errors import ScriptRunaway, StoreUnavailable
from bot.store.scripts import Script, T

MOST_STATEMENTS = 10_000
UNUSABLE = {
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS, sqlite3.SQLITE_NOTADB,
}  # fmt: skip
"""What SQLite says when the file, the disk or the lock fails; everything else is a mistake in a script."""


class Outcome(NamedTuple):
    """How a script ended: with a value, or with an error of its own and nothing changed."""

    value: Any = None
    error: BaseException | None = None


def run_batch(connection: sqlite3.Connection, scripts: Sequence[Callable[[], Script[Any]]]) -> list[Outcome]:
    """Run the scripts in one transaction. Raises StoreUnavailable where all of it is lost, and nothing kept.

    Most batches have no script that fails, so they are tried without savepoints first, which take a fifth of the CPU.
    """
    cursor = connection.cursor()
    try:
        cursor.execute("BEGIN IMMEDIATE")
        outcomes = _together(cursor, scripts)
        if outcomes is None:
            outcomes = [_in_savepoint(cursor, script) for script in scripts]
        cursor.execute("COMMIT")
    except sqlite3.Error as error:
        raise unavailable(error) from error
    finally:
        _give_up(connection)
    return outcomes


def run_view(connection: sqlite3.Connection, script: Callable[[], Script[T]]) -> T:
    """Run a script that only reads, on one snapshot. Raises StoreUnavailable where the file can't be read."""
    cursor = connection.cursor()
    try:
        cursor.execute("BEGIN")
        return _play(cursor, script)
    except sqlite3.Error as error:
        if is_unusable(error):
            raise unavailable(error) from error
        raise
    finally:
        _give_up(connection)


def is_unusable(error: BaseException) -> bool:
    """Whether the database itself is in trouble, rather than the statement."""
    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    return code is not None and code & 0xFF in UNUSABLE


def unavailable(error: sqlite3.Error) -> StoreUnavailable:
    """The same as an error of ours."""
    return StoreUnavailable(why=f"{getattr(error, 'sqlite_errorname', type(error).__name__)}: {error}")


def _together(cursor: sqlite3.Cursor, scripts: Sequence[Callable[[], Script[Any]]]) -> list[Outcome] | None:
    """What came of the scripts; None, with the transaction begun anew, where one of them failed."""
    outcomes: list[Outcome] = []
    for number, script in enumerate(scripts):
        try:
            outcomes.append(Outcome(value=_play(cursor, script)))
        except BaseException as error:  # whose it is, and what the others come to, their savepoints tell
            if is_unusable(error):
                raise
        if not cursor.connection.in_transaction:
            raise StoreUnavailable(why="the transaction is lost")
        if len(outcomes) == number:
            cursor.execute("ROLLBACK")
            cursor.execute("BEGIN IMMEDIATE")
            return None
    return outcomes


def _in_savepoint(cursor: sqlite3.Cursor, script: Callable[[], Script[Any]]) -> Outcome:
    cursor.execute("SAVEPOINT script")
    try:
        outcome = Outcome(value=_play(cursor, script))
    except BaseException as error:  # whatever a script raises is for its own caller; the others go on
        if is_unusable(error):
            raise
        if not cursor.connection.in_transaction:
            raise StoreUnavailable(why="the transaction is lost") from error
        cursor.execute("ROLLBACK TO script")
        outcome = Outcome(error=error)
    cursor.execute("RELEASE script")  # fails, and the batch with it, if the script ended the transaction
    return outcome


def _play(cursor: sqlite3.Cursor, make: Callable[[], Script[T]]) -> T:
    script = make()
    sql = ""
    try:
        sql, params = next(script)
        for _ in range(MOST_STATEMENTS):
            sql, params = script.send(cursor.execute(sql, params).fetchall())
    except StopIteration as done:
        value: T = done.value
        return value
    except sqlite3.Error as error:
        error.add_note(sql)
        raise
    finally:
        script.close()
    raise ScriptRunaway(statements=MOST_STATEMENTS)


def _give_up(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
