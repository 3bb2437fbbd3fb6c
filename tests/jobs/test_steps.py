"""A job's life, step by step: what the provider answers and what becomes of the credits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import AnswerLost, CheckFailed, ProviderReason, SubmitRefused, SubmitUncertain
from bot.jobs import leases, scripts
from bot.jobs.states import JobState
from bot.providers.base import Failure, Task, TaskStatus
from tests.support.clips import clip
from tests.support.desk import Desk, desk
from tests.support.providers import offer

DONE = TaskStatus(state="done", video_url="https://example.org/video.mp4", cost=250_000, logs=("rendered",))
TWO = (offer("fake"), offer("other"))
BOTH = ("fake/text/standard", "other/text/standard")


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, offers=TWO) as made:
        yield made


def _alerts(at: Desk) -> list[str]:
    """Channels that alerts were posted in."""
    return [shown.place.channel for shown in at.messenger.messages.values() if shown.card.title.startswith("alert:")]


async def _credits(at: Desk) -> tuple[int, int]:
    """Held, and used altogether."""
    room = await at.headroom()
    return room.held, room.used


async def test_a_job_is_held_then_charged_and_its_video_is_posted_once(one: Desk) -> None:
    job = await one.ask_for()
    assert await _credits(one) == (50, 50)
    one.providers["fake"].statuses = [TaskStatus(state="queued", queue_position=3), TaskStatus(state="running"), DONE]
    view = await one.until_state(job, JobState.DONE)
    assert (view.charged, await _credits(one)) == (50, (0, 50))
    await one.settle()
    assert [shown.files[0][1] for shown in one.messenger.results()] == [clip(5)]
    assert len(one.providers["fake"].bodies) == 1
    assert one.messenger.edits[-1][1].title == "status:done"


async def test_a_cheaper_real_cost_charges_less_and_gives_the_rest_back(one: Desk) -> None:
    job = await one.ask_for()
    one.providers["fake"].statuses = [TaskStatus(state="done", video_url="https://example.org/v.mp4", cost=151_000)]
    view = await one.until_state(job, JobState.DONE)
    assert (view.charged, await _credits(one)) == (31, (0, 31))


async def test_a_dearer_real_cost_never_charges_more_than_was_held(one: Desk) -> None:
    job = await one.ask_for()
    one.providers["fake"].statuses = [TaskStatus(state="done", video_url="https://example.org/v.mp4", cost=900_000)]
    view = await one.until_state(job, JobState.DONE)
    assert view.charged == 50


@pytest.mark.parametrize("reason", ["busy", "unavailable", "auth", "balance", "invalid", "not_found"])
async def test_a_refused_call_goes_to_the_next_offer(two: Desk, reason: ProviderReason) -> None:
    two.providers["fake"].outcomes = [SubmitRefused("fake", reason, "no")]
    two.providers["other"].statuses = [DONE]
    view = await two.until_state(await two.ask_for(offers=BOTH), JobState.DONE)
    assert [(one.provider, one.outcome) for one in view.attempts] == [("fake", "refused"), ("other", "done")]
    assert await _credits(two) == (0, 50)


async def test_a_content_refusal_ends_the_job_and_never_goes_elsewhere(two: Desk) -> None:
    two.providers["fake"].outcomes = [SubmitRefused("fake", "policy", "not this")]
    view = await two.until_state(await two.ask_for(offers=BOTH), JobState.FAILED)
    assert view.error is not None
    assert (view.error.ending, view.error.detail) == ("policy", "not this")
    assert two.providers["other"].bodies == []
    assert await _credits(two) == (0, 0)


async def test_a_lost_answer_is_never_sent_again_and_never_elsewhere(two: Desk) -> None:
    two.providers["fake"].outcomes = [SubmitUncertain("fake", "unknown", "cut")]
    job = await two.ask_for(offers=BOTH)
    await two.until_state(job, JobState.UNCERTAIN)
    await two.run_until(lambda: _alerts(two))
    two.clock.advance(3 * 86_400)
    await two.settle()
    view = await two.view(job)
    assert view.state is JobState.UNCERTAIN
    assert (len(two.providers["fake"].bodies), len(two.providers["other"].bodies)) == (1, 0)
    assert (await _credits(two))[0] == 50, "the hold stays"
    assert _alerts(two) == ["operators"]


async def test_a_bug_around_the_paid_call_counts_as_a_lost_answer(one: Desk) -> None:
    one.providers["fake"].outcomes = [AnswerLost("fake.example", "reset")]
    job = await one.ask_for()
    with pytest.raises(AnswerLost):
        await one.turn()
    assert (await one.view(job)).state is JobState.UNCERTAIN


async def test_a_lost_answer_is_adopted_when_exactly_one_task_is_free(one: Desk) -> None:
    fake = one.providers["fake"]
    fake.outcomes = [SubmitUncertain("fake", "unknown", "cut")]
    fake.candidates = (Task(id="t-1"),)
    fake.statuses = [DONE]
    view = await one.until_state(await one.ask_for(), JobState.DONE)
    assert (view.attempts[0].task, len(fake.bodies)) == ("t-1", 1)


async def test_two_free_tasks_are_not_guessed_between(one: Desk) -> None:
    fake = one.providers["fake"]
    fake.outcomes = [SubmitUncertain("fake", "unknown", "cut")]
    fake.candidates = (Task(id="t-1"), Task(id="t-2"))
    job = await one.ask_for()
    await one.until_state(job, JobState.UNCERTAIN)
    await one.settle()
    assert (await one.view(job)).state is JobState.UNCERTAIN


async def test_a_task_that_is_another_job_s_is_not_adopted(one: Desk) -> None:
    fake = one.providers["fake"]
    first = await one.ask_for()
    await one.until_state(first, JobState.RUNNING)
    fake.outcomes = [SubmitUncertain("fake", "unknown", "cut")]
    fake.candidates = (Task(id="fake-task-1"),)
    second = await one.ask_for()
    await one.until_state(second, JobState.UNCERTAIN)
    await one.turn()
    assert (await one.view(second)).state is JobState.UNCERTAIN


async def test_a_crash_during_the_call_leaves_an_uncertain_job_that_is_not_bought_again(one: Desk) -> None:
    job = await one.ask_for()
    work = one.work
    await work.run(leases.claim, "job", work.owner, now=work.now(), until=work.at(20), limit=10)
    assert await work.run(
        scripts.intend, job, work.owner, attempt=work.new_id(), provider="fake", offer="fake/text/standard",
        microusd=250_000, body={"path": "/make", "json": {}}, now=work.now(),
    )  # fmt: skip
    one.clock.advance(60)
    view = await one.until_state(job, JobState.UNCERTAIN)
    assert (view.attempts[0].outcome, one.providers["fake"].bodies) == ("uncertain", [])


async def test_a_busy_provider_is_waited_for_and_tried_ever_less_often_but_not_for_ever(one: Desk) -> None:
    one.providers["fake"].outcomes = [SubmitRefused("fake", "busy", "later", 429) for _ in range(500)]
    began = one.clock.now()
    view = await one.until_state(await one.ask_for(), JobState.FAILED)
    assert one.clock.now() - began > one.work.timing.busy_patience * 1000
    assert one.work.timing.submit_rounds < len(view.attempts) < 100
    assert await _credits(one) == (0, 0)


async def test_a_failed_generation_gives_everything_back(one: Desk) -> None:
    failure = Failure(reason="provider", detail="the model fell over")
    one.providers["fake"].statuses = [TaskStatus(state="failed", error=failure)]
    view = await one.until_state(await one.ask_for(), JobState.FAILED)
    assert (view.charged, await _credits(one)) == (0, (0, 0))


async def test_a_look_that_fails_changes_nothing(one: Desk) -> None:
    job = await one.ask_for()
    one.providers["fake"].statuses = [
        CheckFailed("fake", "unavailable", "503"),
        CheckFailed("fake", "auth", "401"),
        DONE,
    ]
    assert (await one.until_state(job, JobState.DONE)).charged == 50


async def test_a_video_that_can_not_be_fetched_is_asked_for_anew_and_comes_late(one: Desk) -> None:
    one.downloads += [AnswerLost("cdn.example", "cut"), clip(5)[:2000], b"<html>expired</html>"]
    one.providers["fake"].statuses = [DONE]
    view = await one.until_state(await one.ask_for(), JobState.DONE)
    assert view.charged == 50


async def test_a_video_that_never_comes_is_released_and_the_cost_is_written_off(one: Desk) -> None:
    tries = one.work.timing.fetch_tries
    one.downloads += [AnswerLost("cdn.example", "cut")] * tries
    one.providers["fake"].statuses = [DONE]
    view = await one.until_state(await one.ask_for(), JobState.FAILED)
    assert view.error is not None
    assert (view.error.ending, view.charged, await _credits(one)) == ("no_video", 0, (0, 0))
    rows = await one.work.database.read("SELECT used FROM usage WHERE scope = 'operator'")
    assert rows[0]["used"] == 250_000, "the operator's month still counts what was billed"
    await one.settle()
    assert _alerts(one) == ["operators"]


async def test_cancel_before_the_call_releases(one: Desk) -> None:
    job = await one.ask_for()
    assert await one.work.run(scripts.ask_cancel, job, now=one.clock.now())
    view = await one.until_state(job, JobState.CANCELLED)
    assert (view.charged, one.providers["fake"].bodies, await _credits(one)) == (0, [], (0, 0))


async def test_only_a_confirmed_cancel_releases(one: Desk) -> None:
    job = await one.ask_for()
    await one.until_state(job, JobState.RUNNING)
    one.providers["fake"].cancels = "confirmed"
    await one.work.run(scripts.ask_cancel, job, now=one.clock.now())
    assert (await one.until_state(job, JobState.CANCELLED)).charged == 0


async def test_a_cancel_that_comes_too_late_is_charged_and_delivered(one: Desk) -> None:
    job = await one.ask_for()
    await one.until_state(job, JobState.RUNNING)
    one.providers["fake"].cancels = "too_late"
    one.providers["fake"].statuses = [TaskStatus(state="running"), DONE]
    await one.work.run(scripts.ask_cancel, job, now=one.clock.now())
    view = await one.until_state(job, JobState.DONE)
    assert view.cancel_refused
    assert view.charged == 50
    await one.settle()
    assert len(one.messenger.results()) == 1


async def test_a_late_job_is_told_once_and_kept(one: Desk) -> None:
    job = await one.ask_for()

    async def late() -> bool:
        return (await one.view(job)).late

    await one.run_until(late)
    assert (await one.view(job)).state is JobState.RUNNING
    await one.run_until(lambda: one.clock.now() > (one.work.timing.overdue + 3_000) * 1_000 + 1_763_640_000_000)
    assert _alerts(one) == ["operators"]
    one.providers["fake"].statuses = [DONE]
    assert (await one.until_state(job, JobState.DONE)).charged == 50


async def test_a_state_is_never_followed_by_one_the_table_does_not_list(one: Desk) -> None:
    job = await one.ask_for()
    with pytest.raises(ValueError, match="never followed"):
        await one.work.run(scripts.move, job, JobState.DONE, JobState.QUEUED, now=one.clock.now())


async def test_a_refused_call_cost_nothing(two: Desk) -> None:
    two.providers["fake"].outcomes = [SubmitRefused("fake", "invalid", "no")]
    two.providers["other"].statuses = [DONE]
    view = await two.until_state(await two.ask_for(offers=BOTH), JobState.DONE)
    assert [(one.outcome, one.cost) for one in view.attempts] == [("refused", 0), ("done", 250_000)]
