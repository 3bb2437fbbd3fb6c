"""A local Discord for the stories of the whole service."""

from collections.abc import AsyncIterator

import pytest

from tests.support.local_discord import LocalDiscord


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    """Nobody is ever pinged."""
    async with LocalDiscord() as local:
        yield local
        assert local.messages.pings == []
