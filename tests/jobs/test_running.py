"""A job at its provider: what it says of the end, and what a wish to stop makes of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs import scripts
from bot.jobs.states import JobState
from bot.providers.base import Failure, TaskStatus
from tests.support.desk import Desk, desk

STOPPED = TaskStatus(state="cancelled", error=Failure(reason="cancelled"))


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


async def stopped(at: Desk, status: TaskStatus, *, asked: bool) -> str:
    """A running job whose provider now says so; `asked` by its person, which the provider only noted."""
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING)
    if asked:
        await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    at.providers["fake"].statuses = [status]
    return job


async def test_a_stop_that_the_provider_confirms_later_is_a_stop(at: Desk) -> None:
    view = await at.until_state(await stopped(at, STOPPED, asked=True), JobState.CANCELLED)
    assert (view.charged, view.attempts[0].outcome) == (0, "cancelled")


async def test_a_stop_that_nobody_asked_for_is_the_provider_s_failure(at: Desk) -> None:
    view = await at.until_state(await stopped(at, STOPPED, asked=False), JobState.FAILED)
    assert view.error is not None
    assert (view.charged, view.error.ending) == (0, "cancelled")


async def test_a_stop_that_is_billed_all_the_same_is_written_off(at: Desk) -> None:
    billed = TaskStatus(state="cancelled", error=Failure(reason="cancelled", billed=True))
    view = await at.until_state(await stopped(at, billed, asked=True), JobState.FAILED)
    assert (view.charged, view.attempts[0].cost) == (0, 250_000)
