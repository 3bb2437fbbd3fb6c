"""The gateway: HELLO, IDENTIFY, READY, events by shard and intent, RESUME of what was missed."""

import asyncio
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.support.local_discord.world import APP, Json, World

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
_PRIVILEGED = 1 << 1 | 1 << 8 | MESSAGE_CONTENT


@dataclass
class Socket:
    """One connection."""

    ws: web.WebSocketResponse
    packer: "zlib._Compress | None"
    session: "Session | None" = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def push(self, frame: Json) -> None:
        """Send one frame as the client asked for it."""
        text = json.dumps(frame)
        async with self.sending:
            if self.packer is None:
                await self.ws.send_str(text)
            else:
                packed = self.packer.compress(text.encode()) + self.packer.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(packed)


@dataclass
class Session:
    """What outlives a connection: the shard, the intents, every event so far."""

    id: str
    shard: tuple[int, int]
    intents: int
    events: list[Json] = field(default_factory=list)
    socket: Socket | None = None


@dataclass
class Gateway:
    """All connections. `granted` are the privileged intents that the app may ask for."""

    world: World
    url: Callable[[], str]
    granted: int = 0
    sessions: dict[str, Session] = field(default_factory=dict)
    log: list[Json] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One client, from HELLO to its end."""
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        socket = Socket(ws, zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None)
        await socket.push({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        try:
            async for message in ws:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._told(socket, json.loads(message.data))
        finally:
            if socket.session is not None and socket.session.socket is socket:
                socket.session.socket = None
        return ws

    async def _told(self, socket: Socket, frame: Json) -> None:
        self.log.append({"op": frame["op"], "d": frame.get("d")})
        if frame["op"] == 1:
            await socket.push({"op": 11, "d": None, "s": None, "t": None})
        elif frame["op"] == 2:
            await self._identify(socket, frame["d"])
        elif frame["op"] == 6:
            await self._resume(socket, frame["d"])

    async def _identify(self, socket: Socket, data: Json) -> None:
        if data["intents"] & _PRIVILEGED & ~self.granted:
            await socket.ws.close(code=4014, message=b"Disallowed intent(s).")
            return
        shard = tuple(data.get("shard") or (0, 1))
        session = Session(self.world.snowflake(), (shard[0], shard[1]), data["intents"], socket=socket)
        socket.session = session
        self.sessions[session.id] = session
        mine = [guild for guild in self.world.guilds.values() if guild.installed and self._belongs(session, guild.id)]
        await self._event(session, "READY", {
            "v": 10, "user": {**self.world.users[APP].payload(), "mfa_enabled": True, "verified": True, "email": None},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in mine], "session_id": session.id,
            "resume_gateway_url": self.url(), "application": {"id": APP, "flags": 0}, "shard": list(session.shard),
        })  # fmt: skip
        for guild in mine:
            await self._event(session, "GUILD_CREATE", self.world.guild(guild))
        await self._tell()

    async def _resume(self, socket: Socket, data: Json) -> None:
        session = self.sessions.get(data["session_id"])
        if session is None:
            await socket.push({"op": 9, "d": False, "s": None, "t": None})
            return
        socket.session, session.socket = session, socket
        for event in session.events[data["seq"] :]:
            await socket.push(event)
        await self._event(session, "RESUMED", {})
        await self._tell()

    async def dispatch(self, name: str, data: Json, *, guild: str | None, intents: int = 0) -> None:
        """Send an event to the sessions it belongs to; one without a connection gets it when it resumes."""
        for session in self.sessions.values():
            if self._belongs(session, guild) and (not intents or session.intents & intents):
                await self._event(session, name, data)

    async def _event(self, session: Session, name: str, data: Json) -> None:
        event: Json = {"op": 0, "t": name, "s": len(session.events) + 1, "d": data}
        session.events.append(event)
        if session.socket is not None and not session.socket.ws.closed:
            await session.socket.push(event)

    @staticmethod
    def _belongs(session: Session, guild: str | None) -> bool:
        """Which shard an event goes to: by its server, direct messages to the first (events/gateway, "Sharding")."""
        number, count = session.shard
        return number == ((int(guild) >> 22) % count if guild else 0)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def ready(self, shards: int = 1) -> None:
        """Wait until that many sessions are connected."""
        async with self.changed:
            await self.changed.wait_for(lambda: sum(one.socket is not None for one in self.sessions.values()) >= shards)

    async def reconnect(self) -> None:
        """Ask every client to come back and resume (op 7)."""
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.push({"op": 7, "d": None, "s": None, "t": None})

    async def cut(self, code: int = 4000) -> None:
        """Close every connection."""
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.ws.close(code=code)

    def forget(self) -> None:
        """End every session, so that the next RESUME is an invalid session (op 9)."""
        self.sessions.clear()
