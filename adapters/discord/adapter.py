"""Discord as a whole: the connection, and what the composition root makes, runs and asks."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import discord
import yarl
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import registry
from adapters.discord.doors import PICKED, Doors
from adapters.discord.inbound import PLATFORM
from adapters.discord.outbound import NEEDED, DiscordMessenger, lacking
from adapters.discord.settings import DISCORD, DiscordSettings
from adapters.discord.wire import Wire
from bot.errors import PlatformRefused
from bot.messaging import Memory, Routes, Verbs
from bot.messaging.failures import MessengerError, TryLater
from bot.messaging.inbox import pruning

log = logging.getLogger(__name__)

Hear = Callable[[dict[str, Any]], Awaitable[None]]

PATH = "/discord/interactions"
_ALL = NEEDED | discord.Permissions(send_messages_in_threads=True, create_public_threads=True)
_EVENTS = ("INTERACTION_CREATE", "MESSAGE_CREATE")
_BEAT, _AGAIN = 5.0, 15.0
_AWAY = (discord.DiscordException, MessengerError, aiohttp.ClientError, OSError)


class Client(discord.AutoShardedClient):
    """The gateway. Caches next to nothing: all that counts is asked for by id."""

    def __init__(self, settings: DiscordSettings) -> None:
        wanted = {"message_content": settings.message_content}
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, **wanted)
        super().__init__(
            intents=intents, max_messages=None, chunk_guilds_at_startup=False, guild_ready_timeout=0.5,
            member_cache_flags=discord.MemberCacheFlags.none(), enable_debug_events=True,
        )  # fmt: skip
        self._settings = settings
        self.hear: Hear | None = None

    async def login_there(self) -> None:
        """Log in at the configured address. Raises PlatformRefused, TryLater, aiohttp.ClientError, OSError."""
        Route.BASE = self._settings.api_url
        try:
            await self.login(self._settings.token.get_secret_value())
        except discord.LoginFailure as error:
            raise PlatformRefused(PLATFORM, "token") from error
        except discord.HTTPException as error:
            raise TryLater(str(error)) from error
        if self._settings.api_url != DISCORD:  # the library keeps an address of its own for where it begins anew
            answer = await self.http.request(Route("GET", "/gateway"))
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answer["url"])

    async def on_socket_raw_receive(self, text: str) -> None:
        """Everything that comes, as it comes; only what somebody listens to is read."""
        if self.hear is not None and any(f'"{event}"' in text for event in _EVENTS):
            frame = json.loads(text)
            if frame.get("t") in _EVENTS:
                await self.hear(frame["d"])


class Posts:
    """Discord's signed posts instead of a connection: checked, acknowledged at once, then handled."""

    def __init__(self, public_key: str, hear: Hear) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        self._hear = hear
        self._handling: set[asyncio.Future[None]] = set()

    async def serve(self, request: web.Request) -> web.Response:
        """One post. A wrong signature is 401, as Discord makes sure of from time to time."""
        body = await request.read()
        try:
            signature = bytes.fromhex(request.headers.get("X-Signature-Ed25519", ""))
            self._key.verify(signature, request.headers.get("X-Signature-Timestamp", "").encode() + body)
            payload = json.loads(body)
        except (InvalidSignature, ValueError):
            return web.Response(status=401)
        if payload["type"] == 1:  # a ping
            return web.json_response({"type": 1})
        handling = asyncio.ensure_future(self._hear(payload))
        self._handling.add(handling)
        handling.add_done_callback(self._handling.discard)
        return web.Response(status=202)


class DiscordAdapter:
    """One bot account. `messenger` works as soon as `run` has logged in; until then it says to try later."""

    name = PLATFORM

    def __init__(self, settings: DiscordSettings, memory: Memory) -> None:
        self._settings, self._memory = settings, memory
        self._client = Client(settings)
        self._wire = Wire(self._client.http)
        self.messenger = DiscordMessenger(self._client, self._wire, threads=settings.threads)

    def open(self, verbs: Verbs, routes: Routes) -> None:
        """Connect the ways in to the house; called before the server starts."""
        self._verbs = verbs
        self._doors = Doors(verbs, self.messenger, self._wire, self._memory, self._settings)
        if self._settings.public_key:
            routes.add("POST", PATH, Posts(self._settings.public_key, self._doors.heard).serve)
        else:
            self._client.hear = self._doors.heard

    async def run(self, beat: Callable[[str], None]) -> None:
        """Stay connected until cancelled. Raises PlatformRefused where Discord doesn't let the bot in."""
        async with self._client:
            await self._log_in()
            beating = asyncio.gather(self._beating(beat), pruning(self._memory, PICKED))
            try:
                await (beating if self._settings.public_key else self._client.connect())
            except discord.PrivilegedIntentsRequired as error:
                raise PlatformRefused(PLATFORM, "message_content") from error
            finally:
                beating.cancel()

    async def _log_in(self) -> None:
        while True:
            try:
                await self._client.login_there()
                self._doors.app = app = str(self._client.application_id)
                menu, guilds = self._verbs.commands(), self._settings.guilds
                return await registry.sync(self._wire, self._memory, app, guilds, menu)
            except _AWAY as error:
                log.warning("Discord can't be reached, trying again: %s", getattr(error, "why", error))
                await self._client.http.close()  # the library begins anew, and would leave this open
                self._client.http.connector, self._client.http.token = discord.utils.MISSING, None
                await asyncio.sleep(_AGAIN)

    async def _beating(self, beat: Callable[[str], None]) -> None:
        while True:
            connected = self._client.is_ready() and not any(one.is_closed() for one in self._client.shards.values())
            if connected or self._settings.public_key:
                beat(PLATFORM)
            await asyncio.sleep(_BEAT)


async def findings(settings: DiscordSettings) -> AsyncIterator[tuple[bool, str]]:
    """For `klingbot check`: whether the token works, where the bot is, what it may not do there."""
    async with Client(settings) as client:
        try:
            await client.login_there()
            yield True, f"Discord knows the bot as {client.user}"
            for guild in await Wire(client.http).call("GET", "/users/@me/guilds"):
                missing = ", ".join(lacking(discord.Permissions(int(guild.get("permissions", 0))), _ALL))
                yield not missing, f"in {guild['name']}" + (f" it may not {missing}" if missing else "")
        except _AWAY as error:
            yield False, f"Discord can't be asked: {getattr(error, 'why', error)}"


async def invite(settings: DiscordSettings) -> str:
    """The address that adds the bot to a server with what it needs. Raises what `login_there` does."""
    async with Client(settings) as client:
        await client.login_there()
        scopes = ("bot", "applications.commands")
        return discord.utils.oauth_url(str(client.application_id), permissions=_ALL, scopes=scopes)
