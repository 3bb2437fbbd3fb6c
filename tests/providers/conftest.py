"""Providers that talk to a local server in the place of the real one."""

from collections.abc import AsyncIterator

import pytest

from bot.net.door import Door
from bot.providers.fal import Fal, FalSettings
from bot.providers.wavespeed import WaveSpeed, WaveSpeedSettings
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, loopback
from tests.support.orders import KEY


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with loopback() as running:
        yield running


@pytest.fixture
async def fal(server: Loopback) -> AsyncIterator[Fal]:
    values = {"FAL_KEY": KEY, "FAL_BASE_URL": f"{server.url}/queue", "FAL_REST_URL": f"{server.url}/rest"}
    settings = FalSettings.model_validate(values)
    provider = Fal(settings, Door(FakeClock(), bases=settings.bases))
    yield provider
    await provider.close()


@pytest.fixture
async def wavespeed(server: Loopback) -> AsyncIterator[WaveSpeed]:
    settings = WaveSpeedSettings.model_validate({"WAVESPEED_API_KEY": KEY, "WAVESPEED_BASE_URL": server.url})
    provider = WaveSpeed(settings, Door(FakeClock(), bases=settings.bases))
    yield provider
    await provider.close()
