"""A server on a real socket, and a door that may reach it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.net.door import Door
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, loopback


@asynccontextmanager
async def opened(door: Door) -> AsyncIterator[Door]:
    try:
        yield door
    finally:
        await door.close()


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with loopback() as running:
        yield running


@pytest.fixture
async def door(server: Loopback) -> AsyncIterator[Door]:
    async with opened(Door(FakeClock(), bases=[server.url])) as one:
        yield one
