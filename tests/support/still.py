"""A clock for tests of what waits: time stands still until it is let pass, and then everybody wakes in turn."""

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from bot.store.database import Database
from bot.store.scripts import Row, Script
from tests.support.clock import FakeClock

P = ParamSpec("P")
T = TypeVar("T")

_QUIET_ROUNDS = 25


class BusyDatabase(Database):
    """A database that knows whether answers are waited for."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.idle = asyncio.Event()
        self.idle.set()
        self._waited_for = 0

    @classmethod
    async def open(cls, path: Path, *, patience: float = 5.0, gather: float = 0.0) -> "BusyDatabase":
        made = await super().open(path, patience=patience, gather=gather)
        assert isinstance(made, BusyDatabase)
        return made

    async def run(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._busy():
            return await super().run(script, *args, **kwargs)

    async def read(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        with self._busy():
            return await super().read(sql, params)

    async def view(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._busy():
            return await super().view(script, *args, **kwargs)

    @contextlib.contextmanager
    def _busy(self) -> Iterator[None]:
        self._waited_for += 1
        self.idle.clear()
        try:
            yield
        finally:
            self._waited_for -= 1
            if not self._waited_for:
                self.idle.set()


class StillClock(FakeClock):
    """Implements `bot.clock.Clock`. Sleepers sleep until `let_pass` has brought the time to where they wake."""

    def __init__(self) -> None:
        super().__init__()
        self.databases: list[BusyDatabase] = []
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._count += 1
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + round(seconds * 1_000), self._count, sleeper))
        await sleeper

    async def let_pass(self, seconds: float) -> None:
        """Let so much time pass, with everything that happens in it."""
        end = self.time + round(seconds * 1_000)
        await self.quiet()
        while self._sleepers and self._sleepers[0][0] <= end:
            wake, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                self.time = max(self.time, wake)
                sleeper.set_result(None)
                await self.quiet()
        self.time = end

    async def quiet(self) -> None:
        """Return when nothing goes on any more but waiting, for the time or for what the test holds back."""
        rounds = 0
        while rounds < _QUIET_ROUNDS:
            await asyncio.sleep(0)
            rounds += 1
            for database in self.databases:
                if not database.idle.is_set():
                    await database.idle.wait()
                    rounds = 0
