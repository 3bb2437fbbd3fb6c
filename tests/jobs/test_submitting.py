"""Around the paid call: what a stop, another worker or a lost lease may do meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import SubmitRefused
from bot.jobs import leases, scripts
from bot.jobs.states import JobState
from bot.jobs.steps import lost
from bot.jobs.work import Turn
from bot.store.scripts import Row, one
from tests.support.desk import Desk, desk
from tests.support.slow import SlowProvider


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        made.providers["fake"] = SlowProvider()
        yield made


def fake(at: Desk) -> SlowProvider:
    provider = at.providers["fake"]
    assert isinstance(provider, SlowProvider)
    return provider


async def row_of(at: Desk, job: str) -> Row:
    return one(await at.work.database.read("SELECT * FROM job WHERE id = :id", {"id": job}))


async def declare_lost(at: Desk, job: str) -> None:
    """Another worker finds the job after its lease has run out, as `submitting`."""
    await lost(at.work, Turn(row=await row_of(at, job), work=at.work))


async def release(at: Desk, job: str) -> bool:
    """An administrator's word."""
    attempt = (await at.view(job)).attempts[-1].id
    return await at.work.run(
        scripts.give_up, job, JobState.UNCERTAIN, attempt=attempt, outcome="settled",
        error={"ending": "released_by_admin"}, reason="released_by_admin", now=at.clock.now(),
    )  # fmt: skip


async def test_an_answer_that_comes_after_the_job_was_given_up_for_lost_is_kept(at: Desk) -> None:
    job = await at.ask_for()
    fake(at).while_submitting = lambda: declare_lost(at, job)
    await at.turn()
    view = await at.view(job)
    assert (view.state, view.attempts[0].task, view.attempts[0].outcome) == (
        JobState.RUNNING,
        "fake-task-1",
        "accepted",
    )
    assert len(fake(at).bodies) == 1


async def test_an_answer_that_comes_after_an_administrator_s_word_changes_nothing_and_is_in_the_log(
    at: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    job = await at.ask_for()

    async def settled() -> None:
        await declare_lost(at, job)
        assert await release(at, job)

    fake(at).while_submitting = settled
    await at.turn()
    view = await at.view(job)
    assert (view.state, view.charged) == (JobState.FAILED, 0)
    assert "fake-task-1" in next(record.getMessage() for record in caplog.records if record.levelname == "ERROR")


async def test_a_refusal_that_comes_after_the_job_was_given_up_for_lost_does_not_buy_again(at: Desk) -> None:
    job = await at.ask_for()
    fake(at).outcomes = [SubmitRefused("fake", "busy", "later")]
    fake(at).while_submitting = lambda: declare_lost(at, job)
    await at.until_state(job, JobState.UNCERTAIN)
    await at.settle()
    assert len(fake(at).bodies) == 1


async def test_a_job_stopped_while_its_pictures_are_handed_over_is_not_bought(at: Desk) -> None:
    job = await at.ask_for()
    fake(at).while_preparing = lambda: at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    await at.until_state(job, JobState.CANCELLED)
    assert fake(at).bodies == []


async def test_a_job_stopped_while_the_hand_over_is_refused_is_given_back(at: Desk) -> None:
    """Forgotten under its lease, it would never be looked at again."""
    job = await at.ask_for()
    fake(at).prepare_errors = [SubmitRefused("fake", "invalid", "no such picture")]
    fake(at).while_preparing = lambda: at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    await at.turn()
    assert (await row_of(at, job))["lease_owner"] is None
    assert (await at.until_state(job, JobState.CANCELLED)).attempts == ()


async def test_a_stop_during_the_paid_call_reaches_the_provider_as_soon_as_there_is_a_task(at: Desk) -> None:
    """Most providers only stop what still waits in their queue."""
    job = await at.ask_for()
    fake(at).cancels = "confirmed"
    fake(at).while_submitting = lambda: at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    before = at.clock.now()
    await at.until_state(job, JobState.CANCELLED)
    assert at.clock.now() == before


async def test_a_stop_during_a_call_that_is_refused_for_now_does_not_wait_for_the_next_try(at: Desk) -> None:
    job = await at.ask_for()
    fake(at).outcomes = [SubmitRefused("fake", "busy", "later", 429, 250.0)]
    fake(at).while_submitting = lambda: at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    before = at.clock.now()
    await at.until_state(job, JobState.CANCELLED)
    assert at.clock.now() == before


async def test_a_worker_that_was_overtaken_does_not_buy(at: Desk) -> None:
    job = await at.ask_for()

    async def overtaken() -> None:
        at.clock.advance(at.work.timing.lease + 1)
        taken = await at.work.run(
            leases.claim, "job", "other", now=at.clock.now(), until=at.work.at(at.work.timing.lease), limit=1
        )
        assert [row["id"] for row in taken] == [job]

    fake(at).while_preparing = overtaken
    await at.turn()
    assert fake(at).bodies == []
    row = await row_of(at, job)
    assert (row["state"], row["lease_owner"]) == ("queued", "other"), "and leaves it to the other one"


async def test_a_task_id_that_another_job_has_already_is_nobody_s_answer(at: Desk) -> None:
    first, second = await at.ask_for(), await at.ask_for()
    fake(at).outcomes = ["the-same", "the-same"]
    with pytest.raises(Exception, match="UNIQUE"):
        await at.turn()
    at.clock.advance(at.work.timing.lease)
    for job in (first, second):
        await at.until_state(job, JobState.RUNNING, JobState.UNCERTAIN)
    views = [await at.view(first), await at.view(second)]
    assert sorted(view.state for view in views) == [JobState.RUNNING, JobState.UNCERTAIN]
