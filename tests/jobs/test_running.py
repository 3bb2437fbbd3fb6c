"""A job at its provider: what it says of the end, and what a wish to stop makes of it."""

import json

import pytest

from bot.errors import CheckFailed
from bot.jobs import scripts
from bot.jobs.states import JobState
from bot.providers.base import Cancelled, Failure, Task, TaskStatus
from bot.store.scripts import one
from tests.support.desk import Desk

STOPPED = TaskStatus(state="cancelled", error=Failure(reason="cancelled"))


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


async def told(at: Desk, job: str) -> str:
    """What the operators were told last about a job."""
    question = "SELECT facts FROM delivery WHERE job = :job AND kind = 'alert'"
    return str(json.loads(one(await at.work.database.read(question, {"job": job}))["facts"])["kind"])


async def test_operators_hear_of_a_job_that_hangs_though_they_heard_of_it_before(at: Desk) -> None:
    """A wrong key for a moment, or a lost answer, is not what they have to decide now."""
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING)
    await at.work.tell_operators(job, "auth", provider="fake", detail="wrong key")
    end = at.work.at(at.work.timing.overdue + 3_000)
    await at.run_until(lambda: at.clock.now() > end)
    assert await told(at, job) == "overdue"


async def test_what_the_provider_wrote_is_kept_with_a_failed_attempt(at: Desk) -> None:
    failed = TaskStatus(state="failed", error=Failure(reason="provider"), logs=("loading", "out of memory"))
    job = await stopped(at, failed, asked=False)
    await at.until_state(job, JobState.FAILED)
    rows = await at.work.database.read("SELECT logs FROM attempt WHERE job = :job", {"job": job})
    assert json.loads(rows[0]["logs"]) == ["loading", "out of memory"]


@pytest.mark.parametrize(("failures", "state"), [(3, JobState.CANCELLED), (4, JobState.DONE)])
async def test_a_stop_is_asked_for_again_where_the_provider_could_not_be_reached(
    at: Desk, failures: int, state: JobState
) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING)
    fake = at.providers["fake"]
    fake.cancels = "confirmed"
    fake.cancel_errors = [CheckFailed("fake", "unavailable", "503") for _ in range(failures)]
    fake.statuses = [TaskStatus(state="done", video_url="https://example.org/video.mp4")]
    await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    assert (await at.until_state(job, JobState.CANCELLED, JobState.DONE)).state is state


@pytest.mark.parametrize("answer", ["too_late", "unknown"])
async def test_what_the_provider_does_not_stop_is_not_asked_for_again(
    at: Desk, answer: Cancelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card has said that it will be charged: a stop that came through later would be another word on it."""
    job, asked = await at.ask_for(), list[str]()
    await at.until_state(job, JobState.RUNNING)

    async def cancel(task: Task) -> Cancelled:
        asked.append(task.id)
        return answer if len(asked) == 1 else "confirmed"

    fake = at.providers["fake"]
    monkeypatch.setattr(fake, "cancel", cancel)
    running = TaskStatus(state="running")
    fake.statuses = [running, running, TaskStatus(state="done", video_url="https://example.org/video.mp4")]
    await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    view = await at.until_state(job, JobState.CANCELLED, JobState.DONE)
    assert (view.state, view.charged, len(asked)) == (JobState.DONE, 50, 1)


async def test_a_second_wish_to_stop_what_can_not_be_stopped_changes_nothing(at: Desk) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING)
    at.providers["fake"].cancels = "too_late"
    assert await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    await at.turn()
    assert not await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
