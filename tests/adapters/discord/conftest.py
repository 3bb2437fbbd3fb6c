"""A bot in a Discord of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.support.at_discord import Bot, bot
from tests.support.local_discord import LocalDiscord


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    """Nobody is ever pinged, and Discord never has to refuse what wasn't meant to be refused."""
    async with LocalDiscord() as local:
        yield local
        assert local.messages.pings == []


@pytest.fixture
async def at(discord: LocalDiscord) -> AsyncIterator[Bot]:
    async with bot(discord) as running:
        yield running
