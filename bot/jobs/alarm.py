"""An alarm clock that can also be rung by hand: it only wakes; what is due is always read from the rows."""

import asyncio

from bot.clock import Clock


class Alarm:
    """Lets one sleeper sleep until its time or until somebody rings."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = False
        self._timer: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the sleeper, or keep the next one from falling asleep."""
        self._rung = True
        if self._timer is not None:
            self._timer.cancel()

    async def sleep(self, seconds: float) -> None:
        """Return after that long, or at once when rung."""
        if not self._rung:
            self._timer = asyncio.ensure_future(self._clock.sleep(seconds))
            try:
                await asyncio.wait((self._timer,))
            finally:
                self._timer.cancel()
                self._timer = None
        self._rung = False
