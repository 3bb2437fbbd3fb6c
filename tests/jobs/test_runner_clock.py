"""The background worker where somebody sets the machine's clock."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from bot.errors import ProviderReason, SubmitRefused
from bot.jobs.runner import Runner
from bot.jobs.states import JobState
from bot.providers.base import TaskStatus
from tests.support.desk import desk
from tests.support.still import StillClock


class SetClock(StillClock):
    """A clock that can be set; who sleeps already isn't touched by that."""

    def set_back(self, seconds: float) -> None:
        by = round(seconds * 1_000)
        self.time -= by
        self._sleepers = [(wake - by, number, sleeper) for wake, number, sleeper in self._sleepers]


async def test_a_clock_that_is_set_back_leaves_no_job_and_no_card_asleep(tmp_path: Path) -> None:
    """Rows say when to look at them: by a clock six hours behind they would be left alone for six hours."""
    clock = SetClock()
    async with desk(tmp_path, clock=clock) as at:
        job = await at.ask_for()
        at.providers["fake"].statuses = [TaskStatus(state="running", progress=0.5)]
        runner = asyncio.create_task(Runner(at.work, at.postman).run(lambda _: None, alone=True))
        await clock.let_pass(12)
        clock.set_back(6 * 3_600)
        at.providers["fake"].statuses = [TaskStatus(state="failed")]
        await clock.let_pass(30)
        state, last = (await at.view(job)).state, at.messenger.edits[-1][1].title
        runner.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await runner
    assert (state, last) == (JobState.FAILED, "status:failed")


@pytest.mark.parametrize("reason", ["busy", "unavailable"])
async def test_a_clock_that_is_set_back_keeps_no_provider_closed(tmp_path: Path, reason: ProviderReason) -> None:
    clock = SetClock()
    async with desk(tmp_path, clock=clock) as at:
        job = await at.ask_for()
        at.providers["fake"].outcomes = [SubmitRefused("fake", reason, retry_after=120.0), "task-1"]
        runner = asyncio.create_task(Runner(at.work, at.postman).run(lambda _: None, alone=True))
        await clock.let_pass(6)
        clock.set_back(6 * 3_600)
        await clock.let_pass(60)
        state = (await at.view(job)).state
        runner.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await runner
    assert state is JobState.RUNNING
