"""Sees every change of state in the very transaction that makes it, and kills its own process around one of them.

Triggers in the data file write changes down in a table of their own, so that the list is as durable as the changes
themselves and knows nothing of the code that makes them.
"""

import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast
from unittest import mock

from bot.store import batch
from bot.store.batch import Outcome
from bot.store.migrate import migrate
from bot.store.scripts import Script
from tests.killing.errand import Change, Kill, Side

_SEEN = "CREATE TABLE seen (id INTEGER PRIMARY KEY, what TEXT, row TEXT, job TEXT, old TEXT, new TEXT)"
_TRIGGERS = tuple(
    f"CREATE TRIGGER seen_{table}_{event} AFTER {on} ON {table} {when} BEGIN "
    f"INSERT INTO seen (what, row, job, old, new) VALUES ({what}, new.id, {job}, {old}, new.state); END"
    for table, what, job in (("job", "'job'", "new.id"), ("delivery", "new.kind", "new.job"))
    for event, on, when, old in (
        ("born", "INSERT", "", "''"),
        ("changed", "UPDATE OF state", "WHEN old.state <> new.state", "old.state"),
    )
)
_NEWER = "SELECT what, old, new FROM seen WHERE id > ?"


def prepare(database: Path) -> None:
    """Make the data file, with the triggers in it."""
    migrate(database)
    with sqlite3.connect(database) as connection:
        for statement in (_SEEN, *_TRIGGERS):
            connection.execute(statement)
    connection.close()


def arm(kill: Kill) -> None:
    """From now on this process dies where it is told."""
    hand = _Hand(kill)
    run_batch = batch.run_batch

    def watched(connection: sqlite3.Connection, scripts: Sequence[Callable[[], Script[Any]]]) -> list[Outcome]:
        hand.watch(connection)
        return run_batch(cast(sqlite3.Connection, _Watched(connection, hand)), scripts)

    mock.patch("bot.store.database.run_batch", watched).start()


class _Hand:
    """Knows whether a commit is the one."""

    def __init__(self, kill: Kill) -> None:
        self._kill, self._last, self._commits = kill, -1, 0

    def watch(self, connection: sqlite3.Connection) -> None:
        """Look at this connection's commits, beginning with what is there now."""
        self._connection = connection
        if self._last < 0:
            self._last = self._newest()

    def strike(self, side: Side) -> None:
        """Kill, if this is the commit and the side of it."""
        if side == "before":
            self._commits += 1
            self._is_it = self._look()
        if self._is_it and self._kill.side == side:
            os.kill(os.getpid(), signal.SIGKILL)

    def _look(self) -> bool:
        if self._kill.change is None:
            return self._commits == self._kill.commit
        rows = self._connection.execute(_NEWER, (self._last,)).fetchall()
        self._last = self._newest()
        return self._kill.change in [Change(what=row[0], old=row[1], new=row[2]) for row in rows]

    def _newest(self) -> int:
        return int(self._connection.execute("SELECT COALESCE(MAX(id), 0) FROM seen").fetchone()[0])


class _Watched:
    """A connection or a cursor that lets its hand know of a commit."""

    def __init__(self, inner: Any, hand: _Hand) -> None:
        self._inner, self._hand = inner, hand

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def cursor(self) -> Any:
        return _Watched(self._inner.cursor(), self._hand)

    def execute(self, sql: str, params: Any = ()) -> Any:
        if sql != "COMMIT":
            return self._inner.execute(sql, params)
        self._hand.strike("before")
        done = self._inner.execute(sql)
        self._hand.strike("after")
        return done
