"""Waiting for what comes by itself, and of which nobody tells: looked at again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def seen(look: Callable[[], Awaitable[T]], *, within: float, pause: float = 0.01) -> T:
    """What `look` finds as soon as that is something. Raises TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(pause)


async def until(look: Callable[[], T], *, within: float, pause: float = 0.01) -> T:
    """The same, for what can be looked at without waiting."""

    async def looked() -> T:
        return look()

    return await seen(looked, within=within, pause=pause)
