"""A running server of the house on a port of its own, and a browser-like client for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientSession, TCPConnector

from bot.server import Health, Server
from bot.server.metrics import ReadFigures
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock

SIGNING_KEY = b"a signing key of thirty-two byte"


@asynccontextmanager
async def serving(
    *,
    clock: FakeClock | None = None,
    blobs: FakeBlobs | None = None,
    health: Health | None = None,
    figures: ReadFigures | None = None,
    access_token: str = "",
    header_seconds: float = 10.0,
    prepare: Callable[[Server], None] = lambda server: None,
) -> AsyncIterator[tuple[Server, ClientSession]]:
    """Start a server with what `prepare` adds to it; ends with it stopped."""
    clock = clock or FakeClock()
    server = Server(
        host="127.0.0.1",
        port=0,
        clock=clock,
        signing_key=SIGNING_KEY,
        blobs=blobs or FakeBlobs(),
        health=health or Health(clock),
        figures=figures,
        access_token=access_token,
        header_seconds=header_seconds,
    )
    prepare(server)
    await server.start()
    host, port = server.address
    try:
        async with ClientSession(f"http://{host}:{port}", connector=TCPConnector(force_close=True)) as client:
            yield server, client
    finally:
        await server.stop()
