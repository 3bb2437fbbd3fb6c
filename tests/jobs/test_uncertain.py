"""A lost answer: whose task it is that a provider lists, and what is left to an administrator."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import CheckFailed, SubmitUncertain
from bot.jobs import leases, scripts
from bot.jobs.states import JobState
from bot.jobs.submitting import submit
from bot.jobs.work import Turn
from bot.providers.base import Lost, Task, TaskStatus
from tests.support.desk import Desk, desk
from tests.support.slow import SlowProvider

LOST = SubmitUncertain("fake", "unknown", "cut")


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        made.providers["fake"] = SlowProvider()
        yield made


async def lose_both(at: Desk) -> tuple[str, str]:
    """Two paid calls under way at the same time, whose answers are lost."""
    at.providers["fake"].outcomes = [LOST, LOST]
    first, second = await at.ask_for(), await at.ask_for()
    work = at.work
    rows = await work.run(leases.claim, "job", work.owner, now=work.now(), until=work.at(20), limit=2)
    await asyncio.gather(*(submit(work, Turn(row=row, work=work)) for row in rows))
    assert await states(at, first, second) == [JobState.UNCERTAIN, JobState.UNCERTAIN]
    return first, second


async def states(at: Desk, *jobs: str) -> list[JobState]:
    return [(await at.view(job)).state for job in jobs]


async def test_two_calls_lost_at_about_the_same_time_leave_one_task_to_an_administrator(at: Desk) -> None:
    """A list that shows no input can't tell whose it is: the wrong person would get the video."""
    at.providers["fake"].candidates = (Task(id="t-1"),)
    first, second = await lose_both(at)
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


async def test_calls_as_far_apart_as_a_list_is_searched_could_have_made_the_same_task(at: Desk) -> None:
    """A list is searched from two minutes before a call to ten minutes after it, so two calls may both find a task."""
    fake = at.providers["fake"]
    fake.outcomes = [LOST, LOST]
    first = await at.ask_for()
    await at.until_state(first, JobState.UNCERTAIN)
    at.clock.advance(720)
    second = await at.ask_for()
    await at.until_state(second, JobState.UNCERTAIN)
    fake.candidates = (Task(id="t-1"),)
    at.clock.advance(3_600)
    await at.settle()
    assert await states(at, first, second) == [JobState.UNCERTAIN, JobState.UNCERTAIN]


async def test_a_task_that_may_be_one_s_that_an_administrator_charged_is_not_another_s(at: Desk) -> None:
    """That one was bought, and paid for: its video is not for the other person."""
    at.providers["fake"].candidates = (Task(id="t-1"),)
    first, second = await lose_both(at)
    attempt = (await at.view(first)).attempts[0].id
    assert await at.work.run(
        scripts.settle_charged, first, JobState.UNCERTAIN, attempt=attempt, credits=50, microusd=250_000,
        provider="fake",
        error={"ending": "charged_by_admin"}, actor="admin", now=at.clock.now(),
    )  # fmt: skip
    await at.settle()
    assert await states(at, first, second) == [JobState.FAILED, JobState.UNCERTAIN]


class Naming(SlowProvider):
    """Its tasks carry our attempts' ids, so that it can tell for certain."""

    knows_attempts = True

    def __init__(self) -> None:
        super().__init__()
        self.tasks: dict[str, str] = {}
        self.away = False

    async def find(self, lost: Lost) -> Sequence[Task]:
        if self.away:
            raise CheckFailed("fake", "unavailable")
        return [Task(id=self.tasks[lost.attempt])] if lost.attempt in self.tasks else []


class TestCertainty:
    @pytest.fixture
    def naming(self, at: Desk) -> Naming:
        made = Naming()
        at.providers["fake"] = made
        return made

    async def test_two_calls_lost_at_the_same_time_each_get_their_own_task(self, at: Desk, naming: Naming) -> None:
        naming.outcomes, naming.away = [LOST, LOST], True
        jobs = [await at.ask_for(), await at.ask_for()]
        for job in jobs:
            await at.until_state(job, JobState.UNCERTAIN)
        attempts = [(await at.view(job)).attempts[0] for job in jobs]
        assert abs(attempts[0].intended_at - attempts[1].intended_at) < 900_000, "too close for times to tell"
        naming.tasks, naming.away = {one.id: f"t-{number}" for number, one in enumerate(attempts)}, False
        for job in jobs:
            await at.until_state(job, JobState.RUNNING)
        assert [(await at.view(job)).attempts[0].task for job in jobs] == ["t-0", "t-1"]

    async def test_what_it_does_not_know_long_after_the_call_was_not_bought(self, at: Desk, naming: Naming) -> None:
        naming.outcomes = [LOST]
        job, asked = await at.ask_for(), at.clock.now()
        view = await at.until_state(job, JobState.FAILED)
        assert view.error is not None
        assert (view.error.ending, view.charged, view.attempts[0].outcome) == ("refused", 0, "refused")
        assert at.clock.now() - asked >= at.work.timing.surely_none * 1000
        assert (await at.headroom()).held == 0
        assert len(naming.bodies) == 1, "and it is not bought again"
        alerts = [one for one in at.messenger.messages.values() if one.card.title.startswith("alert:")]
        assert alerts == [], "nobody has to decide anything"

    async def test_before_that_the_hold_stays(self, at: Desk, naming: Naming) -> None:
        """The call may still be on its way in."""
        naming.outcomes = [LOST]
        job = await at.ask_for()
        end = at.work.at(at.work.timing.surely_none - 1)
        await at.until_state(job, JobState.UNCERTAIN)
        await at.run_until(lambda: at.clock.now() >= end - 400_000)
        assert (await at.view(job)).state is JobState.UNCERTAIN
        naming.tasks[(await at.view(job)).attempts[0].id] = "t-late"
        assert (await at.until_state(job, JobState.RUNNING, JobState.FAILED)).attempts[0].task == "t-late"

    async def test_a_look_that_fails_is_no_answer(self, at: Desk, naming: Naming) -> None:
        naming.outcomes, naming.away = [LOST], True
        job = await at.ask_for()
        await at.until_state(job, JobState.UNCERTAIN)
        await at.settle()
        at.clock.advance(3_600)
        await at.settle()
        assert (await at.view(job)).state is JobState.UNCERTAIN
        naming.away = False
        await at.until_state(job, JobState.FAILED)

    async def test_a_task_that_another_attempt_has_is_no_proof_of_none(self, at: Desk, naming: Naming) -> None:
        naming.outcomes = ["t-1", LOST]
        first, second = await at.ask_for(), await at.ask_for()
        await at.until_state(second, JobState.UNCERTAIN)
        naming.tasks[(await at.view(second)).attempts[0].id] = "t-1"
        for _ in range(3):
            at.clock.advance(3_600)
            await at.settle()
        assert await states(at, first, second) == [JobState.RUNNING, JobState.UNCERTAIN]

    async def test_a_provider_that_was_switched_off_meanwhile_proves_nothing(self, at: Desk, naming: Naming) -> None:
        naming.outcomes = [LOST]
        job = await at.ask_for()
        await at.until_state(job, JobState.UNCERTAIN)
        del at.providers["fake"]
        for _ in range(3):
            at.clock.advance(3_600)
            await at.settle()
        assert await states(at, job) == [JobState.UNCERTAIN]
