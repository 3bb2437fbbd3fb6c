"""Providers that talk to a local server in the place of the real one."""

from collections.abc import AsyncIterator

import pytest

from bot.net.door import Door
from bot.providers.aimlapi import Aimlapi, AimlapiSettings
from bot.providers.fal import Fal, FalSettings
from bot.providers.gmi import Gmi, GmiSettings
from bot.providers.kling import Kling, KlingSettings
from bot.providers.vidgo import Vidgo, VidgoSettings
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
    values = {
        "FAL_KEY": KEY, "FAL_BASE_URL": f"{server.url}/queue", "FAL_REST_URL": f"{server.url}/rest",
        "FAL_API_BASE_URL": f"{server.url}/api",
    }  # fmt: skip
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


@pytest.fixture
async def gmi(server: Loopback) -> AsyncIterator[Gmi]:
    settings = GmiSettings.model_validate({"GMI_API_KEY": KEY, "GMI_BASE_URL": f"{server.url}/queue/apikey"})
    provider = Gmi(settings, Door(FakeClock(), bases=settings.bases))
    yield provider
    await provider.close()


@pytest.fixture
async def aimlapi(server: Loopback) -> AsyncIterator[Aimlapi]:
    settings = AimlapiSettings.model_validate({"AIML_API_KEY": KEY, "AIML_BASE_URL": server.url})
    provider = Aimlapi(settings, Door(FakeClock(), bases=settings.bases))
    yield provider
    await provider.close()


@pytest.fixture
async def vidgo(server: Loopback, clock: FakeClock) -> AsyncIterator[Vidgo]:
    settings = VidgoSettings.model_validate({"VIDGO_API_KEY": KEY, "VIDGO_BASE_URL": server.url})
    provider = Vidgo(settings, Door(clock, bases=settings.bases))
    yield provider
    await provider.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def kling(server: Loopback, clock: FakeClock) -> AsyncIterator[Kling]:
    values = {"KLING_ACCESS_KEY": "access-key-1", "KLING_SECRET_KEY": KEY, "KLING_BASE_URL": server.url}
    settings = KlingSettings.model_validate(values)
    provider = Kling(settings, Door(clock, bases=settings.bases))
    yield provider
    await provider.close()
