"""A lost answer: whose task it is that a provider lists, and what is left to an administrator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import SubmitUncertain
from bot.jobs import scripts
from bot.jobs.states import JobState
from bot.providers.base import Task, TaskStatus
from tests.support.desk import Desk, desk
from tests.support.slow import SlowProvider

LOST = SubmitUncertain("fake", "unknown", "cut")


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        made.providers["fake"] = SlowProvider()
        yield made


async def states(at: Desk, *jobs: str) -> list[JobState]:
    return [(await at.view(job)).state for job in jobs]


async def test_two_calls_lost_at_about_the_same_time_leave_one_task_to_an_administrator(at: Desk) -> None:
    """A list that shows no input can't tell whose it is: the wrong person would get the video."""
    fake = at.providers["fake"]
    fake.outcomes, fake.candidates = [LOST, LOST], (Task(id="t-1"),)
    first, second = await at.ask_for(), await at.ask_for()
    await at.settle()
    at.clock.advance(3_600)
    await at.settle()
    assert await states(at, first, second) == [JobState.UNCERTAIN, JobState.UNCERTAIN]


async def test_a_call_that_is_under_way_keeps_its_task_from_a_lost_one(at: Desk) -> None:
    """The provider lists the task before its answer has come."""
    fake = at.providers["fake"]
    assert isinstance(fake, SlowProvider)
    fake.outcomes = [LOST, "t-2"]
    lost = await at.ask_for()
    await at.until_state(lost, JobState.UNCERTAIN)
    second = await at.ask_for()

    async def look_up_now() -> None:
        fake.candidates = (Task(id="t-2"),)
        at.clock.advance(60)
        await at.turn(deliveries=False)

    fake.while_submitting = look_up_now
    await at.until_state(second, JobState.RUNNING)
    assert await states(at, lost, second) == [JobState.UNCERTAIN, JobState.RUNNING]
    assert (await at.view(second)).attempts[0].task == "t-2"


async def test_a_task_that_became_another_job_s_since_it_was_found_is_left_to_it(at: Desk) -> None:
    """Whether it is free is asked again in the transaction that takes it."""
    at.providers["fake"].outcomes = ["t-1", LOST]
    first, second = await at.ask_for(), await at.ask_for()
    await at.until_state(first, JobState.RUNNING)
    await at.until_state(second, JobState.UNCERTAIN)
    attempt = (await at.view(second)).attempts[0].id
    assert not await at.work.run(
        scripts.adopt, second, attempt=attempt, provider="fake", task_id="t-1", task={"id": "t-1", "extra": {}},
        now=at.clock.now(), wake=at.clock.now(),
    )  # fmt: skip
    assert await states(at, first, second) == [JobState.RUNNING, JobState.UNCERTAIN]


async def test_calls_lost_far_apart_are_told_apart_by_their_time(at: Desk) -> None:
    fake = at.providers["fake"]
    fake.outcomes = [LOST, LOST]
    old = await at.ask_for()
    await at.settle()
    at.clock.advance(3_600)
    await at.settle()
    fake.candidates, fake.statuses = (Task(id="t-1"),), [TaskStatus(state="running")]
    new = await at.ask_for()
    await at.until_state(new, JobState.RUNNING)
    assert await states(at, old, new) == [JobState.UNCERTAIN, JobState.RUNNING]


async def test_a_task_that_may_be_one_s_that_an_administrator_charged_is_not_another_s(at: Desk) -> None:
    """That one was bought, and paid for: its video is not for the other person."""
    fake = at.providers["fake"]
    fake.outcomes, fake.candidates = [LOST, LOST], (Task(id="t-1"),)
    first, second = await at.ask_for(), await at.ask_for()
    await at.until_state(first, JobState.UNCERTAIN)
    await at.until_state(second, JobState.UNCERTAIN)
    attempt = (await at.view(first)).attempts[0].id
    assert await at.work.run(
        scripts.settle_charged, first, JobState.UNCERTAIN, attempt=attempt, credits=50, microusd=250_000,
        error={"ending": "charged_by_admin"}, actor="admin", now=at.clock.now(),
    )  # fmt: skip
    await at.settle()
    assert await states(at, first, second) == [JobState.FAILED, JobState.UNCERTAIN]
