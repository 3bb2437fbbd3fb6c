"""The database: one SQLite file, one connection that writes and one that reads, each with a thread of its own.

Every script that waits when the writer wakes shares one durable commit: durability (`synchronous=FULL`, so a power cut
loses nothing acknowledged) costs one flush for all of them, and each script one `await` instead of one a statement.
"""

import asyncio
import functools
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar

import aiosqlite

from bot.errors import StoreUnavailable
from bot.store.batch import Outcome, is_unusable, run_batch, run_view, unavailable
from bot.store.migrate import migrate
from bot.store.scripts import Row, Script

P = ParamSpec("P")
T = TypeVar("T")

MOST_IN_A_BATCH = 256
STATEMENTS_KEPT = 512  # prepared ones; more than there are texts of SQL in the house
SETTINGS = ("PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-16000")


class _Waiting(NamedTuple):
    script: Callable[[], Script[Any]]
    answer: asyncio.Future[Any]


class _Connection:
    """A sqlite3 connection that lives on a thread of aiosqlite's, and runs whole functions there."""

    def __init__(self, address: str, patience: float) -> None:
        self._address = address
        self._patience = patience
        self._thread = aiosqlite.Connection(self._connect, iter_chunk_size=1)
        self._raw: sqlite3.Connection

    def _connect(self) -> sqlite3.Connection:
        self._raw = sqlite3.connect(
            self._address,
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            cached_statements=STATEMENTS_KEPT,
        )
        self._raw.row_factory = sqlite3.Row
        for setting in SETTINGS:
            self._raw.execute(setting)
        return self._raw

    async def open(self) -> None:
        await self._thread

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function` on the connection's thread."""
        run: Callable[[Callable[[], T]], Awaitable[T]] = self._thread._execute  # private: no public call does it
        return await run(lambda: function(self._raw))

    async def close(self) -> None:
        await self._thread.close()


class Database:
    """Runs transaction scripts against one SQLite file. Two processes may share the file; both wait for the lock."""

    def __init__(self, path: Path, writer: _Connection, reader: _Connection, gather: float) -> None:
        self.path = path
        self._gather = gather
        self._writer = writer
        self._reader = reader
        self._waiting: deque[_Waiting] = deque()
        self._gathered: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._batch: list[_Waiting] = []
        self._pump: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, patience: float = 5.0, gather: float = 0.0) -> "Database":
        """Bring the file up to date and connect. `patience` is how many seconds a writer waits for another process.

        For `gather` seconds scripts of `run_gathered` wait for others to share a commit with.

        Raises StoreUnavailable, SchemaTooNew or BackupFailed.
        """
        address = await asyncio.to_thread(_prepare, path)
        writer = _Connection(f"{address}?mode=rw", patience)
        reader = _Connection(f"{address}?mode=ro", patience)
        try:
            await writer.open()
            await reader.open()
        except sqlite3.Error as error:
            await writer.close()
            raise unavailable(error) from error
        return cls(path, writer, reader, gather)

    async def run_gathered(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `run`, for whom a moment doesn't matter: shares the next commit, made within the database's `gather`."""
        if not self._gather:
            return await self.run(script, *args, **kwargs)
        answer = self._answer(self._gathered, functools.partial(script, *args, **kwargs))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._gather, self._start)
        return await answer

    async def run(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a script and answer when its changes are durable. An error in it undoes its own changes only.

        Raises StoreUnavailable, with nothing changed, where the file can't be written. A caller that is cancelled
        meanwhile can't know: the script may have run.
        """
        answer = self._answer(self._waiting, functools.partial(script, *args, **kwargs))
        self._start()
        return await answer

    async def view(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a script that only reads, on one snapshot, beside the writer. It sees everything acknowledged before."""
        return await self._read(lambda raw: run_view(raw, functools.partial(script, *args, **kwargs)))

    async def read(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of one SELECT."""
        return await self._read(lambda raw: raw.execute(sql, params or {}).fetchall())

    async def close(self) -> None:
        """Finish what waits, then close the file."""
        self._closed = True
        self._start()
        if self._pump is not None:
            await asyncio.wait([self._pump])
        await self._reader.close()
        await self._writer.close()

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _answer(self, queue: deque[_Waiting], script: Callable[[], Script[T]]) -> asyncio.Future[T]:
        """Put a script into a queue; gives what its answer will be in."""
        if self._closed:
            raise StoreUnavailable(why="closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        queue.append(_Waiting(script, answer))
        return answer

    def _start(self) -> None:
        """Have everything worked off that waits by now."""
        self._take_gathered()
        if self._waiting and (self._pump is None or self._pump.done()):
            self._pump = asyncio.create_task(self._work_off())
            self._pump.add_done_callback(self._stopped)

    def _take_gathered(self) -> None:
        self._waiting += self._gathered
        self._gathered.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise StoreUnavailable(why="closed")
        try:
            return await self._reader.call(function)
        except sqlite3.Error as error:
            if is_unusable(error):
                raise unavailable(error) from error
            raise

    async def _work_off(self) -> None:
        """Run what waits, batch by batch, until nothing does."""
        while self._waiting:
            await asyncio.sleep(0)  # who was just answered may have a next script for the same commit
            self._take_gathered()
            self._batch = self._next_batch()
            for waiting, outcome in zip(self._batch, await self._commit(self._batch), strict=True):
                _answer(waiting, outcome)

    def _stopped(self, pump: asyncio.Task[None]) -> None:
        """Leave nobody without an answer where the pump was cancelled, be it before its first step."""
        if pump.cancelled() or pump.exception() is not None:
            for waiting in (*self._batch, *self._waiting):
                _answer(waiting, Outcome(error=StoreUnavailable(why="interrupted")))
            self._waiting.clear()

    def _next_batch(self) -> list[_Waiting]:
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_A_BATCH))]
        return [waiting for waiting in taken if not waiting.answer.done()]

    async def _commit(self, batch: list[_Waiting]) -> list[Outcome]:
        scripts = [waiting.script for waiting in batch]
        try:
            return await self._writer.call(lambda raw: run_batch(raw, scripts))
        except Exception as error:  # the whole batch is lost, whatever it was: nothing is acknowledged
            why = error.why if isinstance(error, StoreUnavailable) else repr(error)
            return [Outcome(error=StoreUnavailable(why=why)) for _ in batch]


def _prepare(path: Path) -> str:
    migrate(path)
    return path.absolute().as_uri()


def _answer(waiting: _Waiting, outcome: Outcome) -> None:
    if waiting.answer.done():
        return
    if outcome.error is None:
        waiting.answer.set_result(outcome.value)
    elif isinstance(outcome.error, StopIteration):  # which a future can't carry
        waiting.answer.set_exception(RuntimeError(repr(outcome.error)))
    else:
        waiting.answer.set_exception(outcome.error)
