"""The Discord adapter on the local Discord, with a made-up house, or the whole service and the sandbox, behind it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.discord.adapter import DiscordAdapter
from adapters.discord.settings import DiscordSettings
from bot.app import App, open_app
from bot.commands.forms import commands
from bot.messaging import Actor, Card, MessageRef, OutFile, Place
from bot.sandbox.server import Sandbox, SandboxOptions
from bot.settings import load
from tests.support import waiting
from tests.support.hurry import HurriedClock
from tests.support.local_discord import LocalDiscord, People
from tests.support.local_discord.interactions import Given
from tests.support.local_discord.server import TOKEN
from tests.support.local_discord.world import ANA, APP, CHANNEL, GUILD, Json
from tests.support.memory import FakeMemory
from tests.support.sandbox import ready_clips
from tests.support.verbs import FakeVerbs

MENU = commands({"fal": "fal", "vidgo": "Vidgo"})
HERE = Place(platform="discord", workspace=GUILD, channel=CHANNEL)
ANAS = Actor(platform="discord", workspace=GUILD, user=ANA, name="ana")
JOB = "01jd0000000000000000"
PATIENCE = 10.0
_SPEED = 60.0
"""How many times faster than life the service's clock is: it looks at a task after seconds."""


@dataclass
class FakeRoutes:
    """Implements Routes on a server of its own."""

    served: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(default_factory=dict)

    def add(self, method: str, path: str, handler: Callable[[Any], Awaitable[Any]]) -> None:
        self.served[f"{method} {path}"] = handler

    def link(self, sha256: str, name: str) -> str:
        return f"/files/{sha256}/{name}"

    def local(self, request: Any) -> bool:
        return True


@dataclass
class Bot:
    """A running adapter, the Discord it is in, and the people there."""

    discord: LocalDiscord
    adapter: DiscordAdapter
    verbs: FakeVerbs
    memory: FakeMemory
    routes: FakeRoutes
    running: asyncio.Task[None]
    beats: list[str]

    @property
    def people(self) -> People:
        return People(self.discord)

    async def answered(self, given: Given) -> Json:
        """What stands where a command was acknowledged, once something does."""
        await until(lambda: self.original(given).get("edited_timestamp"))
        return self.original(given)

    def original(self, given: Given) -> Json:
        return self.discord.messages.known.get((given.channel, given.original or ""), {})

    async def until(self, true: Callable[[], object]) -> None:
        """Wait for something that comes by itself."""
        await until(true)

    def shown(self, channel: str = CHANNEL) -> list[Json]:
        """The bot's own messages in a channel, oldest first."""
        return ours(self.discord, channel)

    async def posts(self, card: Card, *files: OutFile, key: str = "k" * 20, **more: Any) -> MessageRef:
        """The house shows something in the channel."""
        return await self.adapter.messenger.post(more.pop("place", HERE), card, files, key=key, **more)


@asynccontextmanager
async def bot(
    discord: LocalDiscord, *, verbs: FakeVerbs | None = None, memory: FakeMemory | None = None,
    connected: bool = True, **settings: str,
) -> AsyncIterator[Bot]:  # fmt: skip
    """The adapter in that Discord, connected."""
    wanted = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": discord.api, **settings}
    memory, verbs, routes = memory or FakeMemory(), verbs or FakeVerbs(menu=MENU), FakeRoutes()
    adapter = DiscordAdapter(DiscordSettings.model_validate(wanted), memory)
    adapter.open(verbs, routes)
    beats: list[str] = []
    running = asyncio.create_task(adapter.run(beats.append))
    try:
        if connected:
            await asyncio.wait_for(discord.gateway.ready(discord.rest.shards), PATIENCE)
        yield Bot(discord, adapter, verbs, memory, routes, running, beats)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await running


@asynccontextmanager
async def service(discord: LocalDiscord, folder: Path, **settings: str) -> AsyncIterator[App]:
    """The whole service in that Discord, with the sandbox for its providers."""
    options = SandboxOptions(folder=folder / "sandbox", ready=ready_clips(), clips="shared", speed=200.0)
    async with Sandbox(options) as sandbox:
        environ = {
            **sandbox.environment(), "DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": discord.api, "KLINGBOT_PORT": "0",
            "KLINGBOT_DATA": str(folder / "data"), "KLINGBOT_WORKSPACES": f"discord:{GUILD}", "KLINGBOT_WEB": "0",
            **settings,
        }  # fmt: skip
        clock = HurriedClock(time.time_ns() // 1_000_000, _SPEED)
        async with open_app(load(environ, env_file=None), clock=clock) as app, app.serving():
            await asyncio.wait_for(discord.gateway.ready(), PATIENCE)
            yield app


def video(data: bytes = b"mp4", *, name: str = "kling-1.mp4", flagged: bool = False, alt: str = "a fox") -> OutFile:
    """A file to show."""

    async def read() -> AsyncIterator[bytes]:
        yield data

    return OutFile(name=name, mime="video/mp4", size=len(data), sha256="", alt=alt, read=read, flagged=flagged)


async def until(found: Callable[[], Any]) -> Any:
    """Something that comes by itself."""
    return await waiting.until(found, within=6 * PATIENCE)


def ours(discord: LocalDiscord, channel: str = CHANNEL) -> list[Json]:
    """The bot's own messages in a channel, oldest first."""
    return [one for (at, _), one in discord.messages.known.items() if at == channel and one["author"]["id"] == APP]


def videos(discord: LocalDiscord, channel: str = CHANNEL) -> list[Json]:
    """Those with a video."""
    return [one for one in ours(discord, channel) if one["attachments"]]


def titles(discord: LocalDiscord, channel: str = CHANNEL) -> list[str]:
    """What the cards in a channel are called."""
    return [one["embeds"][0].get("title", "") for one in ours(discord, channel) if one["embeds"]]
