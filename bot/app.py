"""The composition root: settings in, a running service out; the only place where parts meet."""

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from adapters.web.adapter import WebPage
from adapters.web.outbound import WebMessenger
from adapters.web.people import ALERTS
from adapters.web.settings import WebSettings
from bot.clock import Clock, SystemClock
from bot.commands.house import House, Policy
from bot.commands.service import Commands
from bot.commands.team.announcing import Announcing, Sources
from bot.commands.team.table import ANNOUNCERS
from bot.commands.wording.render import render
from bot.credits.periods import period_of
from bot.errors import CannotListen, PlatformRefused, RunnerStopped, StoreUnavailable
from bot.jobs.deliveries import Postman
from bot.jobs.digests import send_digests
from bot.jobs.durations import Durations
from bot.jobs.fetching import VIDEO_LIMIT
from bot.jobs.reads import Reader
from bot.jobs.runner import PARTS, Runner
from bot.jobs.slots import set_limits
from bot.jobs.timing import Timing
from bot.jobs.watching import Watch
from bot.jobs.work import Work
from bot.messaging import Messenger, Place, Switches
from bot.net.door import Door
from bot.net.fetch import fetch_picture
from bot.platforms import Adapter, adapters
from bot.providers import registry
from bot.providers.limits import limits
from bot.providers.offers import Offer
from bot.providers.overrides import OfferSettings, effective
from bot.server.figures import read_figures
from bot.server.health import Health
from bot.server.metrics import Figures
from bot.server.server import Server
from bot.settings import Settings
from bot.store import folder
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.memory import Memory

log = logging.getLogger(__name__)

DATABASE = "klingbot.db"
"""The database's file in the data folder."""
_LOCK, _SIGNING_KEY, _BLOBS = "klingbot.lock", "signing.key", "blobs"
_KEY_BYTES = 32
_VIDEO_WITHIN = 600.0
_SILENT_AFTER, _UNCONNECTED_AFTER = 30.0, 60.0
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
    folder.prepare(data, (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", _LOCK, _SIGNING_KEY, _BLOBS))
    async with contextlib.AsyncExitStack() as stack:
        alone = stack.enter_context(_alone(data))
        database = await stack.enter_async_context(await Database.open(data / DATABASE, gather=_GATHER))
        work = await _work(settings, clock, timing, database, stack)
        await database.run(set_limits, _limits(settings, work), now=clock.now())
        reader = Reader(database, work.offers, work.durations)
        chats = adapters(settings, lambda name: Memory(database, name))
        platforms = {**(messengers or {}), **{one.name: one.messenger for one in chats}}
        runner = Runner(
            work,
            Postman(
                work=work,
                reader=reader,
                messengers=platforms,
                render=render,
                announce=_announcing(settings, work, reader),
            ),
            keep_days=settings.core.keep_days,
            looks=(_watch(settings, work).look, partial(send_digests, work)),
        )
        house = House(
            database=database,
            blobs=work.blobs,
            clock=clock,
            timing=timing,
            reader=reader,
            providers=work.providers,
            offers=work.offers,
            messengers=platforms,
            policy=_policy(settings),
            fetch_picture=_pictures(clock, stack),
            ring=runner.ring,
        )
        commands = Commands(house)
        web_settings = settings.adapter("web", WebSettings)
        health = Health(clock, lambda: _probe(database))
        for part in PARTS:
            health.watch(part, _SILENT_AFTER)
        for chat in chats:
            health.watch(chat.name, _UNCONNECTED_AFTER)
        server = _server(settings, clock, work, health, web_settings.token.get_secret_value())
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
            web=_page(web_settings, commands, server, work, platforms, switches),
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


def _signing_key(data: Path) -> bytes:
    """The key that signs links to files, made at the first start and kept beside the database."""
    place = data / _SIGNING_KEY
    if not place.exists():
        with tempfile.NamedTemporaryFile(dir=data, prefix=f"{_SIGNING_KEY}.", delete=False) as draft:
            draft.write(secrets.token_bytes(_KEY_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(place)  # whole or not at all: half a key would let anybody sign
    key = place.read_bytes()
    if len(key) < _KEY_BYTES:
        raise StoreUnavailable(why=f"{place} is cut short")
    return key


async def _work(
    settings: Settings, clock: Clock, timing: Timing, database: Database, stack: contextlib.AsyncExitStack
) -> Work:
    """The doors, the providers whose key is set, and what the steps work with."""
    doors = registry.open_doors(settings.providers, clock)
    providers = registry.build(settings.providers, doors)
    for provider in providers.values():
        stack.push_async_callback(provider.close)

    def download(provider: str, url: str) -> AsyncIterator[bytes]:
        return doors[provider].stream(url, limit=VIDEO_LIMIT, overall=_VIDEO_WITHIN)

    return Work(
        database=database,
        durations=Durations(database, clock),
        blobs=Blobs(settings.core.data / _BLOBS, database, clock),
        clock=clock,
        timing=timing,
        providers=providers,
        offers=_offers(settings, clock),
        download=download,
        owner=new_id(clock),
        credit_microusd=settings.core.credit_microusd,
        alerts=_alerts(settings),
    )


def _offers(settings: Settings, clock: Clock) -> Mapping[str, Offer]:
    """What is on sale anywhere, with the operator's own prices and switches."""
    return effective(
        registry.OFFERS,
        settings.offers or OfferSettings(),
        credit_microusd=settings.core.credit_microusd,
        today=datetime.fromtimestamp(clock.now() / 1000, UTC).date(),
    )


def _limits(settings: Settings, work: Work) -> Mapping[str, int]:
    """How many tasks run at once at each provider that is on."""
    return limits(work.providers, settings.offers.concurrency if settings.offers else ())


def _alerts(settings: Settings) -> Place | None:
    """Where the operators read: as set, else the page's own channel for administrators."""
    if settings.core.alerts is not None:
        return settings.core.alerts
    return ALERTS if settings.adapter("web", WebSettings).enabled else None


def _announcing(settings: Settings, work: Work, reader: Reader) -> Announcing:
    """What notices are made from and with."""
    sources = Sources(
        database=work.database,
        reader=reader,
        blobs=work.blobs,
        credit_microusd=settings.core.credit_microusd,
        ceiling_microusd=settings.core.monthly_microusd,
    )
    return Announcing(sources=sources, announcers=ANNOUNCERS)


def _watch(settings: Settings, work: Work) -> Watch:
    """Who looks after the money."""
    core = settings.core
    return Watch(work=work, ceiling=core.monthly_microusd, low_balance=core.low_balance_microusd)


def _policy(settings: Settings) -> Policy:
    core = settings.core
    return Policy(
        credit_microusd=core.credit_microusd,
        ceiling_microusd=core.monthly_microusd,
        admitted=core.workspaces,
        admins=core.admins,
    )


def _pictures(clock: Clock, stack: contextlib.AsyncExitStack) -> Callable[[str], Awaitable[bytes]]:
    """A door without base addresses: what a person types never reaches a private machine."""
    door = Door(clock)
    stack.push_async_callback(door.close)
    return lambda address: fetch_picture(door, address)


def _server(settings: Settings, clock: Clock, work: Work, health: Health, token: str) -> Server:
    core = settings.core

    async def figures() -> Figures:
        month = period_of(clock.now(), "UTC", "month").name
        return await read_figures(work.database, month=month, ceiling_microusd=core.monthly_microusd)

    return Server(
        host=core.host,
        port=core.port,
        clock=clock,
        signing_key=_signing_key(core.data),
        blobs=work.blobs,
        health=health,
        figures=figures,
        access_token=token,
    )


def _page(
    settings: WebSettings,
    commands: Commands,
    server: Server,
    work: Work,
    platforms: dict[str, Messenger],
    switches: Switches | None,
) -> WebPage | None:
    if not settings.enabled:
        return None
    messenger = WebMessenger(Memory(work.database, "web"), server.link, work.clock.now)
    platforms["web"] = messenger
    return WebPage(settings, server, commands, messenger, work.blobs, work.clock.now, switches)


async def _probe(database: Database) -> None:
    await database.read("SELECT 1")
