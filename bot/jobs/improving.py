"""The paid call for an improved prompt, made once, and the looks at its task until it ends."""

import logging
from dataclasses import dataclass

from bot.clock import Clock
from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.jobs import enhancements
from bot.jobs.enhancements import Ending
from bot.providers.base import Body, Task
from bot.providers.enhancer import Enhanced, Enhancer
from bot.store.database import Database

log = logging.getLogger(__name__)

LOOKS = (1.0, 1.0, 1.0, *(2.0 for _ in range(6)), *(5.0 for _ in range(9)))
"""Seconds before each look at the task: a minute in all, and then it counts as lost."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One improvement whose credits are held and whose intent is stored, under the id `name`."""

    database: Database
    clock: Clock
    enhancer: Enhancer
    name: str

    async def make(self, body: Body) -> str:
        """Buy it; the text, charged for. Raises SubmitRefused, SubmitUncertain or CheckFailed, its credits given back.

        Where something else breaks, the row stays open, and the sweep gives it up for lost.
        """
        try:
            task = await self.enhancer.submit(body)
        except SubmitRefused as error:
            await self._end("refused", error.detail)
            raise
        except SubmitUncertain as error:
            await self._end("uncertain", error.detail)
            raise
        await self.database.run(enhancements.accepted, self.name, {"id": task.id, "extra": task.extra})
        enhanced = await self._wait(task)
        if enhanced.state == "done" and await self.database.run(
            enhancements.done, self.name, enhanced.text, now=self.clock.now()
        ):
            return enhanced.text
        await self._end("failed" if enhanced.state == "failed" else "uncertain", enhanced.detail)
        raise CheckFailed(self.enhancer.name, "unknown", enhanced.detail)

    async def _wait(self, task: Task) -> Enhanced:
        """Look until it has ended; still running at the last look means that nobody waits any longer."""
        seen = Enhanced(state="running")
        for pause in LOOKS:
            await self.clock.sleep(max(pause, min(seen.retry_after or 0.0, LOOKS[-1])))
            try:
                seen = await self.enhancer.check_enhancement(task)
            except CheckFailed as error:
                log.warning("a look at an improved prompt failed: %s", error)
                seen = Enhanced(state="running", detail=error.detail, retry_after=error.retry_after)
            if seen.state != "running":
                break
        return seen

    async def _end(self, how: Ending, detail: str) -> None:
        await self.database.run(enhancements.end, self.name, how, detail, now=self.clock.now())
