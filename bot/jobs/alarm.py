"""An alarm clock that can also be rung by hand: it only wakes; what is due is always read from the rows."""

import asyncio

from bot.clock import Clock


class Alarm:
    """Lets one sleeper sleep until its time or until somebody rings."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the sleeper, or keep the next one from falling asleep."""
        self._rung.set()

    async def sleep(self, seconds: float) -> None:
        """Return after that long, or at once when rung."""
        if not self._rung.is_set():
            rung = asyncio.ensure_future(self._rung.wait())
            timer = asyncio.ensure_future(self._clock.sleep(seconds))
            try:
                await asyncio.wait((rung, timer), return_when=asyncio.FIRST_COMPLETED)
            finally:
                rung.cancel()
                timer.cancel()
        self._rung.clear()
