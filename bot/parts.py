"""The parts of a service, each built from its settings; `app` puts them together."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from adapters.web.adapter import WebPage
from adapters.web.outbound import WebMessenger
from adapters.web.people import ALERTS
from adapters.web.settings import WebSettings
from bot.clock import Clock
from bot.commands.house import House, Policy
from bot.commands.service import Commands
from bot.commands.team.announcing import Announcing, Sources
from bot.commands.team.table import ANNOUNCERS
from bot.commands.wording.render import render
from bot.credits.periods import period_of
from bot.errors import StoreUnavailable
from bot.jobs.deliveries import Postman
from bot.jobs.digests import send_digests
from bot.jobs.durations import Durations
from bot.jobs.fetching import VIDEO_LIMIT
from bot.jobs.reads import Reader
from bot.jobs.runner import PARTS, Runner
from bot.jobs.timing import Timing
from bot.jobs.watching import Watch
from bot.jobs.work import Work
from bot.messaging import Messenger, Place, Switches
from bot.net.door import Door
from bot.net.fetch import fetch_picture
from bot.providers import registry
from bot.providers.limits import limits as slots_of
from bot.providers.offers import Offer
from bot.providers.overrides import OfferSettings, effective
from bot.server.figures import read_figures
from bot.server.health import Health
from bot.server.metrics import Figures
from bot.server.server import Server
from bot.settings import Settings
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.memory import Memory

BLOBS = "blobs"
SIGNING_KEY = "signing.key"
"""Names in the data folder."""

_KEY_BYTES = 32
_VIDEO_WITHIN = 600.0
_SILENT_AFTER, _UNCONNECTED_AFTER = 30.0, 60.0


def runner(settings: Settings, work: Work, reader: Reader, platforms: Mapping[str, Messenger]) -> Runner:
    """What goes on by itself: jobs, deliveries, alerts and digests."""
    return Runner(
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


def house(
    settings: Settings,
    work: Work,
    reader: Reader,
    platforms: Mapping[str, Messenger],
    stack: contextlib.AsyncExitStack,
    *,
    ring: Callable[[], None],
) -> House:
    """What the verbs work with."""
    return House(
        database=work.database,
        blobs=work.blobs,
        clock=work.clock,
        timing=work.timing,
        reader=reader,
        providers=work.providers,
        offers=work.offers,
        messengers=platforms,
        policy=_policy(settings),
        fetch_picture=_pictures(work.clock, stack),
        ring=ring,
    )


def health(database: Database, clock: Clock, chats: Sequence[str]) -> Health:
    """Signs of life of the database, of each lane of the runner, and of each chat platform."""
    watched = Health(clock, lambda: _probe(database))
    for part in PARTS:
        watched.watch(part, _SILENT_AFTER)
    for chat in chats:
        watched.watch(chat, _UNCONNECTED_AFTER)
    return watched


def signing_key(data: Path) -> bytes:
    """The key that signs links to files, made at the first start and kept beside the database."""
    place = data / SIGNING_KEY
    if not place.exists():
        with tempfile.NamedTemporaryFile(dir=data, prefix=f"{SIGNING_KEY}.", delete=False) as draft:
            draft.write(secrets.token_bytes(_KEY_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).replace(place)  # whole or not at all: half a key would let anybody sign
    key = place.read_bytes()
    if len(key) < _KEY_BYTES:
        raise StoreUnavailable(why=f"{place} is cut short")
    return key


def work(
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
        blobs=Blobs(settings.core.data / BLOBS, database, clock),
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


def limits(settings: Settings, work: Work) -> Mapping[str, int]:
    """How many tasks run at once at each provider that is on."""
    return slots_of(work.providers, settings.offers.concurrency if settings.offers else ())


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


def server(settings: Settings, work: Work, health: Health, token: str) -> Server:
    """Incoming HTTP; with a `token` only those who show it are let in from elsewhere."""
    core, clock = settings.core, work.clock

    async def figures() -> Figures:
        month = period_of(clock.now(), "UTC", "month").name
        return await read_figures(work.database, month=month, ceiling_microusd=core.monthly_microusd)

    return Server(
        host=core.host,
        port=core.port,
        clock=clock,
        signing_key=signing_key(core.data),
        blobs=work.blobs,
        health=health,
        figures=figures,
        access_token=token,
    )


def page(
    settings: WebSettings,
    commands: Commands,
    server: Server,
    work: Work,
    platforms: dict[str, Messenger],
    switches: Switches | None,
) -> WebPage | None:
    """The page, which is a platform as well: `platforms` gets its messenger. None where it is off."""
    if not settings.enabled:
        return None
    messenger = WebMessenger(Memory(work.database, "web"), server.link, work.clock.now)
    platforms["web"] = messenger
    return WebPage(settings, server, commands, messenger, work.blobs, work.clock.now, switches)


async def _probe(database: Database) -> None:
    await database.read("SELECT 1")
