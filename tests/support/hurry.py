"""A clock that runs many times faster than the wall's, the same in every process that is given the same beginning."""

import asyncio
import random
import time


class HurriedClock:
    """Implements `bot.clock.Clock`: `speed` seconds pass in one, counted from `origin` (ms UTC)."""

    def __init__(self, origin: int, speed: float) -> None:
        self._origin, self._speed = origin, speed
        self._random = random.SystemRandom()

    def now(self) -> int:
        return self._origin + round((time.time_ns() / 1e6 - self._origin) * self._speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

    def randbytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)
