"""Around the paid call: what a stop, another worker or a lost lease may do meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import CheckFailed, StoreUnavailable, SubmitRefused
from bot.jobs import leases, scripts, slots
from bot.jobs.states import JobState
from bot.jobs.steps import lost
from bot.jobs.work import Turn
from bot.kling.requests import ImageToVideo
from bot.store.scripts import Row, one
from tests.support.desk import HERE, Desk, desk
from tests.support.providers import offer
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


async def test_a_refusal_is_kept_where_storage_goes_away_before_the_operators_are_told(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found as `submitting` later, a call that was certainly refused would wait for an administrator's word."""
    job = await at.ask_for()
    fake(at).outcomes = [SubmitRefused("fake", "auth", "wrong key")]
    run = at.work.database.run

    async def away(script: Any, *args: Any, **kwargs: Any) -> Any:
        if script is scripts.alert:
            raise StoreUnavailable("disk full")
        return await run(script, *args, **kwargs)

    monkeypatch.setattr(at.work.database, "run", away)
    with pytest.raises(StoreUnavailable):
        await at.turn()
    assert (await at.view(job)).attempts[0].outcome == "refused"
    assert (await at.until_state(job, JobState.FAILED, JobState.UNCERTAIN)).state is JobState.FAILED


async def test_a_job_whose_other_offer_is_gone_still_waits_between_its_tries(tmp_path: Path) -> None:
    """Counted as untried, an offer that nobody can buy any more would let all tries pass in one moment."""
    async with desk(tmp_path, offers=(offer("fake"), offer("other"))) as at:
        job = await at.ask_for(offers=("fake/text/standard", "other/text/standard"))
        del at.providers["other"]
        at.providers["fake"].outcomes = [SubmitRefused("fake", "busy", "later", 429) for _ in range(6)]
        before = at.clock.now()
        await at.until_state(job, JobState.RUNNING)
        assert len(at.providers["fake"].bodies) == 7
        assert at.clock.now() - before > 60_000


async def test_an_offer_that_was_switched_off_meanwhile_is_not_bought(tmp_path: Path) -> None:
    async with desk(tmp_path, offers=(replace(offer("fake"), enabled=False),)) as at:
        view = await at.until_state(await at.ask_for(), JobState.FAILED)
        assert (view.attempts, view.charged, at.providers["fake"].bodies) == ((), 0, [])


async def test_a_job_that_names_a_picture_its_ask_does_not_have_ends_and_is_released(tmp_path: Path) -> None:
    """So does an ask whose address had another picture when it was delivered again after a crash."""
    async with desk(tmp_path, offers=(offer("fake", "image"),)) as at:
        request = ImageToVideo(start=f"blob:{'0' * 64}", prompt="it moves")
        view = await at.until_state(await at.ask_for(request, offers=("fake/image/standard",)), JobState.FAILED)
        assert view.error is not None
        assert (view.error.ending, view.charged) == ("invalid", 0)


async def test_a_crash_around_a_refusal_before_the_call_leaves_no_job_uncertain(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent, so there is nothing for an administrator to decide: it is tried again."""
    job = await at.ask_for()
    fake(at).prepare_errors = [SubmitRefused("fake", "busy", "later")]
    run = at.work.database.run

    async def power_cut(script: Any, *args: Any, **kwargs: Any) -> Any:
        if script is scripts.attempts_of and (await at.view(job)).attempts:
            raise RuntimeError("power cut")
        return await run(script, *args, **kwargs)

    monkeypatch.setattr(at.work.database, "run", power_cut)
    with pytest.raises(RuntimeError):
        await at.turn()
    monkeypatch.setattr(at.work.database, "run", run)
    assert (await at.view(job)).state is JobState.SUBMITTING
    at.clock.advance(at.work.timing.lease)
    view = await at.until_state(job, JobState.RUNNING, JobState.UNCERTAIN)
    assert (view.state, [one.outcome for one in view.attempts]) == (JobState.RUNNING, ["refused", "accepted"])


@pytest.mark.parametrize("why", ["full", "resting", "upload"])
async def test_the_card_of_a_job_that_waits_for_its_call_is_drawn_anew(at: Desk, why: str) -> None:
    """It was posted before anything was held, and says so; that must not stay for as long as the job waits."""
    if why == "full":
        await at.work.run(slots.set_limits, {"fake": 1}, now=at.clock.now())
        await at.until_state(await at.ask_for(), JobState.RUNNING)
    elif why == "resting":
        fake(at).outcomes = [SubmitRefused("fake", "auth", "no such key")]
        await at.until_state(await at.ask_for(), JobState.FAILED)
    else:
        fake(at).prepare_errors = [CheckFailed("fake", "unavailable", "no uploads today")]
    job = await at.ask_for()
    await at.turn()
    view = await at.view(job)
    assert (view.state, view.attempts) == (JobState.QUEUED, ())
    assert [one.card.title for one in at.messenger.messages.values() if one.place == HERE][-1] == "status:queued"
