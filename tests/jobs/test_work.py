"""Storage that is away for a while, or for long: nothing that only this process knows is lost."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StoreUnavailable, SubmitRefused
from bot.jobs.states import JobState
from bot.jobs.steps import STEPS
from tests.support.desk import Desk, desk
from tests.support.runners import end, running
from tests.support.still import StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def at(tmp_path: Path, clock: StillClock) -> AsyncIterator[Desk]:
    async with desk(tmp_path, clock=clock) as made:
        yield made


@pytest.fixture
def away(at: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Lets storage be away for so many of the next calls."""
    left = 0
    run = at.work.database.run

    async def flaky(script: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal left
        if left > 0:
            left -= 1
            raise StoreUnavailable("disk full")
        return await run(script, *args, **kwargs)

    def leave(calls: int) -> None:
        nonlocal left
        left = calls

    monkeypatch.setattr(at.work.database, "run", flaky)
    yield leave
    assert left == 0, "storage came back"


async def test_storage_that_is_away_for_long_does_not_lose_a_task_that_was_paid_for(
    at: Desk, clock: StillClock, away: Callable[[int], None]
) -> None:
    at.providers["fake"].before_submit = lambda: away(60)
    job = await at.ask_for()
    async with running(at):
        await clock.let_pass(200)
    view = await at.view(job)
    assert (view.state, view.attempts[0].task) == (JobState.RUNNING, "fake-task-1")
    assert len(at.providers["fake"].bodies) == 1


async def test_storage_that_is_away_does_not_turn_a_refusal_into_a_lost_answer(
    at: Desk, clock: StillClock, away: Callable[[int], None]
) -> None:
    at.providers["fake"].before_submit = lambda: away(60)
    at.providers["fake"].outcomes = [SubmitRefused("fake", "policy", "not this")]
    job = await at.ask_for()
    async with running(at):
        await clock.let_pass(200)
    assert (await at.view(job)).state is JobState.FAILED


async def test_a_lane_outlives_storage_that_is_away(
    at: Desk, clock: StillClock, away: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STEPS, JobState.QUEUED, end)
    async with running(at):
        away(100)
        await clock.let_pass(300)
        job = await at.ask_for()
        await clock.let_pass(2)
        assert (await at.view(job)).state is JobState.CANCELLED
