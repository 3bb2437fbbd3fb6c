"""A runner at work, and a step that ends its job."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from bot.jobs import scripts
from bot.jobs.runner import Runner
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work
from tests.support.desk import Desk


@contextlib.asynccontextmanager
async def running(
    at: Desk, *, alone: bool = False, beat: Callable[[str], None] = lambda _: None, width: int = 128
) -> AsyncIterator[Runner]:
    """A runner at work; stopped at the end."""
    runner = Runner(at.work, at.postman, width=width)
    task = asyncio.create_task(runner.run(beat, alone=alone))
    try:
        yield runner
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def end(work: Work, turn: Turn) -> None:
    """A step that ends its job."""
    await work.run(
        scripts.give_up, turn.job, JobState.QUEUED, new=JobState.CANCELLED, attempt=None, outcome="",
        error={"ending": "cancelled"}, reason="cancelled", now=work.now(),
    )  # fmt: skip
