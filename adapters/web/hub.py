"""Tells open pages what happens. Nothing is promised: a page that missed something reads the history again."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress

from aiohttp import WSCloseCode, web

from bot.messaging.protocols import Json

_log = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 20.0
_STOP_SECONDS = 2.0
_INCOMING_BYTES = 4_096


class _Seat:
    """One open page, and what it has not been told yet."""

    def __init__(self, person: str, request: web.Request, backlog: int) -> None:
        self.person = person
        self.socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=_INCOMING_BYTES)
        self.waiting: asyncio.Queue[str] = asyncio.Queue(backlog)
        self._request = request

    def drop(self) -> None:
        """Cut the connection: waiting for a page that doesn't read would only take longer."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Hub:
    """Fans events out to WebSockets; a page that is too slow is dropped and comes back by itself."""

    def __init__(self, *, most: int = 200, backlog: int = 200, write_seconds: float = 10.0) -> None:
        self._most = most
        self._backlog = backlog
        self._write_seconds = write_seconds
        self._seats: set[_Seat] = set()

    @property
    def full(self) -> bool:
        """Whether no more pages are taken."""
        return len(self._seats) >= self._most

    async def serve(self, request: web.Request, person: str) -> web.WebSocketResponse:
        """Keep one page informed until it leaves. What it says is not listened to."""
        seat = _Seat(person, request, self._backlog)
        await seat.socket.prepare(request)
        self._seats.add(seat)
        writer = asyncio.create_task(self._write(seat))
        try:
            async for _ in seat.socket:
                pass
        finally:
            self._seats.discard(seat)
            writer.cancel()
        return seat.socket

    def tell(self, event: Json, meant_for: Callable[[str], bool]) -> None:
        """Tell the pages of those people whom it is meant for."""
        text = json.dumps(event)
        for seat in tuple(self._seats):
            if not meant_for(seat.person):
                continue
            try:
                seat.waiting.put_nowait(text)
            except asyncio.QueueFull:
                self._seats.discard(seat)
                seat.drop()

    async def stop(self) -> None:
        """Say goodbye to every page."""
        goodbyes = [seat.socket.close(code=WSCloseCode.GOING_AWAY) for seat in self._seats]
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await asyncio.gather(*goodbyes, return_exceptions=True)

    async def _write(self, seat: _Seat) -> None:
        try:
            while True:
                text = await seat.waiting.get()
                async with asyncio.timeout(self._write_seconds):
                    await seat.socket.send_str(text)
        except (TimeoutError, ConnectionError) as error:
            _log.debug("a page was dropped: %s", type(error).__name__)
            seat.drop()
