"""A clock that stands still until it is told or slept on."""

import asyncio
import random

START = 1_763_640_000_000
"""A Thursday noon, in milliseconds UTC."""


class FakeClock:
    """Implements `bot.clock.Clock`: sleeping moves the time on and lets others run; chance is the same in every run."""

    def __init__(self, now: int = START) -> None:
        self.time = now
        self._random = random.Random(7)

    def now(self) -> int:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += round(seconds * 1_000)

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def randbytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)
