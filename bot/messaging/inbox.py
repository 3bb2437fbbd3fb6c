"""A durable inbox: what a platform tells is stored before it is acknowledged, then worked on once, whoever restarts."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import suppress

from bot.errors import StoreError
from bot.messaging.protocols import Json, Memory

log = logging.getLogger(__name__)

_ROW = "inbox:"
_AT_ONCE, _HOUR, _DAY = 16, 3_600.0, 86_400.0


class Inbox:
    """Rows by the platform's own ids; `handle` is called with each, behind the acknowledgement.

    `also` are prefixes of other rows of the same memory that are forgotten a day after they were `done`.
    """

    def __init__(self, memory: Memory, handle: Callable[[Json], Awaitable[None]], *, also: Sequence[str] = ()) -> None:
        self._memory, self._handle, self._prefixes = memory, handle, (_ROW, *also)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._working: set[asyncio.Task[None]] = set()

    async def take(self, key: str, told: Json, *, fleeting: Collection[str] = ()) -> None:
        """Store what was told, once; then work on it. Raises StoreError: then it must not be acknowledged.

        What is `fleeting` of it is handed on this time, and never stored.
        """
        mine, kept = secrets.token_hex(8), {name: one for name, one in told.items() if name not in fleeting}
        row = await self._memory.add(_ROW + key, {"by": mine, "told": kept})
        if row.get("by") == mine:
            self._start(key, told)

    async def resume(self) -> None:
        """Go on with what a crash left behind; from now on forget, hour by hour, what was done a day ago."""
        async for key, row in rows(self._memory, _ROW):
            if row.get("told"):
                self._start(key.removeprefix(_ROW), row["told"])
        self._keep(pruning(self._memory, *self._prefixes))

    async def stop(self) -> None:
        """Let go of what is under way: it is still stored."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    def _start(self, key: str, told: Json) -> None:
        self._keep(self._work(key, told))

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, key: str, told: Json) -> None:
        async with self._room:
            try:
                await self._handle(told)
            except StoreError as error:
                log.error("storage is away, and what was told waits for the next start: %s", error)
                return
            except Exception:
                log.exception("something that was told broke")
            with suppress(StoreError):  # it is done; at the next start its key tells that it was
                await self._memory.put(_ROW + key, {"done": time.time()})


async def rows(memory: Memory, prefix: str) -> AsyncIterator[tuple[str, Json]]:
    """Every key with the prefix, and its value."""
    after = ""
    while found := await memory.scan(prefix, after=after):
        for row in found:
            yield row
        after = found[-1][0]


async def pruning(memory: Memory, *prefixes: str) -> None:
    """Forget the rows that were `done` a day ago, hour by hour: no platform repeats anything for a day. Never ends."""
    while True:
        with suppress(StoreError):  # what can't be forgotten now can be in an hour
            await prune(memory, *prefixes)
        await asyncio.sleep(_HOUR)


async def prune(memory: Memory, *prefixes: str) -> None:
    """Forget the rows that were `done` (seconds since 1970) more than a day ago."""
    for prefix in prefixes:
        async for key, row in rows(memory, prefix):
            if 0 < row.get("done", 0) < time.time() - _DAY:
                await memory.delete(key)
