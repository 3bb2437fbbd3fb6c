"""Time, sleep and chance, passed in everywhere, so that tests run hours in milliseconds."""

import asyncio
import random
import time
from typing import Protocol


class Clock(Protocol):
    """What the house knows of time and chance."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def randbytes(self, count: int) -> bytes:
        """Unpredictable bytes, for ids and signatures."""
        ...

    def uniform(self, low: float, high: float) -> float:
        """A number between the two, for jitter."""
        ...


class SystemClock:
    """The machine's own time and chance."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def now(self) -> int:
        """Milliseconds since 1970, UTC."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass on the wall clock."""
        await asyncio.sleep(seconds)

    def randbytes(self, count: int) -> bytes:
        """Bytes of the operating system's generator."""
        return self._random.randbytes(count)

    def uniform(self, low: float, high: float) -> float:
        """A number between the two."""
        return self._random.uniform(low, high)
