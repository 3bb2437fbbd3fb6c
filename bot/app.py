"""The composition root: settings in, a running service out; the only place where parts meet."""

import asyncio
import contextlib
import fcntl
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.web.adapter import WebPage
from adapters.web.settings import WebSettings
from bot import parts
from bot.clock import Clock, SystemClock
from bot.commands.house import House
from bot.commands.service import Commands
from bot.errors import CannotListen, PlatformRefused, RunnerStopped
from bot.jobs.reads import Reader
from bot.jobs.runner import Runner
from bot.jobs.slots import set_limits
from bot.jobs.timing import Timing
from bot.messaging import Messenger, Switches
from bot.platforms import Adapter, adapters
from bot.server.health import Health
from bot.server.server import Server
from bot.settings import Settings
from bot.store import folder
from bot.store.database import Database
from bot.store.memory import Memory

log = logging.getLogger(__name__)

DATABASE = "klingbot.db"
"""The database's file in the data folder."""
_LOCK = "klingbot.lock"
_GATHER = 0.02
"""Seconds in which what the jobs write down is gathered for one commit; people's commands don't wait for it."""


@dataclass(frozen=True, kw_only=True)
class App:
    """A wired service: `serving` runs it; everything else is for the command line and the tests."""

    settings: Settings
    clock: Clock
    database: Database
    house: House
    commands: Commands
    runner: Runner
    server: Server
    health: Health
    web: WebPage | None
    platforms: tuple[Adapter, ...]
    alone: bool

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Listen, with the runner in the background; gives the address.

        Raises CannotListen. Where the runner or a platform ends by itself, the body is cancelled and RunnerStopped or
        PlatformRefused raised: a process that looks alive and makes nothing is worse than one that is started again.
        """
        try:
            address = await self._listen()
            async with _beside(self._working()):
                try:
                    yield address
                finally:
                    if self.web:
                        await self.web.stop()
        finally:
            await self.server.stop()

    async def _working(self) -> None:
        """The runner and every platform, until the first of them ends."""
        beat = self.health.beat
        parts = [self.runner.run(beat, alone=self.alone), *(one.run(beat) for one in self.platforms)]
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ended.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> str:
        try:
            await self.server.start()
        except OSError as error:
            host, port = self.settings.core.host, self.settings.core.port
            raise CannotListen(host, port, error.strerror or str(error)) from error
        host, port = self.server.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    timing: Timing | None = None,
    messengers: Mapping[str, Messenger] | None = None,
    switches: Switches | None = None,
) -> AsyncIterator[App]:
    """Wire a service on the settings' data folder. `messengers` adds platforms without an adapter (console, tests).

    `switches` are the faults that the page offers to administrators where the providers are made up.
    """
    clock, timing, data = clock or SystemClock(), timing or Timing(), settings.core.data
    folder.prepare(data, (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", _LOCK, parts.SIGNING_KEY, parts.BLOBS))
    async with contextlib.AsyncExitStack() as stack:
        alone = stack.enter_context(_alone(data))
        database = await stack.enter_async_context(await Database.open(data / DATABASE, gather=_GATHER))
        work = parts.work(settings, clock, timing, database, stack)
        await database.run(set_limits, parts.limits(settings, work), now=clock.now())
        reader = Reader(database, work.offers, work.durations)
        chats = adapters(settings, lambda name: Memory(database, name))
        platforms = {**(messengers or {}), **{one.name: one.messenger for one in chats}}
        runner = parts.runner(settings, work, reader, platforms)
        house = parts.house(settings, work, reader, platforms, stack, ring=runner.ring)
        commands = Commands(house)
        web_settings = settings.adapter("web", WebSettings)
        health = parts.health(database, clock, [chat.name for chat in chats])
        server = parts.server(settings, work, health, web_settings.token.get_secret_value())
        for chat in chats:
            chat.open(commands, server)
        yield App(
            settings=settings,
            clock=clock,
            database=database,
            house=house,
            commands=commands,
            runner=runner,
            server=server,
            health=health,
            web=parts.page(web_settings, commands, server, work, platforms, switches),
            platforms=chats,
            alone=alone,
        )


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run endless work beside the body. Where the work ends first, the body is cancelled and RunnerStopped raised."""
    body, task = asyncio.current_task(), asyncio.create_task(work)
    if body is None:
        raise RuntimeError("outside of a task")
    watched, before = True, body.cancelling()

    def give_up(_: asyncio.Task[None]) -> None:
        if watched:
            body.cancel()

    task.add_done_callback(give_up)
    try:
        yield
    except asyncio.CancelledError:
        if not task.done() or body.uncancel() > before:
            raise
        error = _cause(task)
        if isinstance(error, PlatformRefused):
            raise error from None
        log.critical("the runner stopped", exc_info=error)
        raise RunnerStopped(type(error).__name__ if error else "it ended") from error
    finally:
        watched = False
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _cause(task: asyncio.Task[None]) -> BaseException | None:
    """Why a task ended: of several errors at once the first."""
    error = None if task.cancelled() else task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[bool]:
    """Whether this is the only process on the data, by a lock that the kernel takes back however a process dies.

    Each keeps a share of it, so that nobody is alone beside the second process when the first has ended.
    """
    with (data / _LOCK).open("a") as lock:
        alone = True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            alone = False
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield alone
