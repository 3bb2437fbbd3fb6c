"""An extension: whose video it goes on from, how long the whole may be, and that it is a job like any other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.credits.people import ensure_workspace
from bot.credits.policy import ADMITTED
from bot.errors import SubmitUncertain
from bot.jobs import extending
from bot.jobs.states import JobState
from bot.jobs.timing import Timing
from bot.jobs.views import JobView
from bot.kling.requests import Extend, TextToVideo
from bot.providers.base import Task, TaskStatus
from bot.providers.offers import Offer
from bot.store.ids import new_id
from bot.store.scripts import Script
from tests.support.clips import clip
from tests.support.desk import Desk, desk
from tests.support.providers import offer

DONE = TaskStatus(state="done", video_url="https://example.org/v.mp4")
DAY = 86_400


def extension(provider: str) -> Offer:
    one = offer(provider, "extend", microusd=280_000)
    return replace(one, durations=(5,), price=replace(one.price, of={5: 280_000}))


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    offers = (offer("fake"), offer("other"), extension("fake"), extension("other"))
    async with desk(tmp_path, offers=offers, timing=Timing(fetch_tries=2)) as made:
        for provider in made.providers.values():
            provider.statuses = [DONE]
        yield made


async def finished(at: Desk, seconds: int = 5) -> str:
    at.downloads.append(clip(seconds))
    job = await at.ask_for(TextToVideo(prompt="a red fox", duration=10 if seconds == 10 else 5))
    await at.until_state(job, JobState.DONE)
    return job


async def extend(at: Desk, job: str, comes: bytes | None = None, *, provider: str = "fake") -> JobView:
    """Extend a job's video; `comes` is the video that is fetched then."""
    if comes is not None:
        at.downloads[:] = [comes] * at.work.timing.fetch_tries
    offers = (f"{provider}/extend/standard",)
    new = await at.ask_for(Extend(job=job, prompt="it runs on"), offers=offers, credits=56, microusd=280_000)
    view = await at.until_state(new, JobState.DONE, JobState.FAILED)
    at.downloads.clear()
    return view


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (5, 10, "done"), (5, 9, "done"), (5, 5, "done"), (5, 4, "done"), (10, 15, "done"), (10, 14, "done"),
        (10, 5, "done"), (5, 7, "failed"), (5, 11, "failed"), (5, 3, "failed"), (10, 10, "failed"),
        (10, 12, "failed"), (10, 17, "failed"),
    ],
)  # fmt: skip
async def test_it_comes_with_what_was_there_before_or_alone(at: Desk, before: int, after: int, state: str) -> None:
    job = await finished(at, before)
    view = await extend(at, job, clip(after))
    assert view.state == state
    assert view.charged == (56 if state == "done" else 0)


async def test_the_order_has_the_task_that_made_the_video(at: Desk) -> None:
    fake = at.providers["fake"]
    await finished(at)
    job = await finished(at)
    view = await extend(at, job, clip(10))
    assert [one.parent for one in fake.orders] == [None, None, Task(id="fake-task-2")]
    assert isinstance(view.request, Extend)
    assert (view.request.job, [one.outcome for one in view.attempts]) == (job, ["done"])
    assert view.attempts[0].cost == 280_000


async def test_an_extension_can_be_extended(at: Desk) -> None:
    first = await finished(at)
    second = await extend(at, first, clip(10))
    third = await extend(at, second.id, clip(14))
    assert third.state is JobState.DONE
    assert at.providers["fake"].orders[-1].parent == Task(id=second.attempts[0].task or "")
    assert (await extend(at, third.id, clip(9))).state is JobState.FAILED, "three times five, or five"


async def test_a_video_of_another_provider_is_not_extended(at: Desk) -> None:
    view = await extend(at, await finished(at), provider="other")
    assert view.error is not None
    assert (view.state, view.error.ending, view.charged) == (JobState.FAILED, "invalid", 0)
    assert at.providers["other"].orders == []


async def test_only_what_is_done_is_extended(at: Desk) -> None:
    at.providers["fake"].statuses = [TaskStatus(state="running")]
    unfinished = await at.ask_for()
    await at.until_state(unfinished, JobState.RUNNING)
    for job in (unfinished, "01jd0000000000000000"):
        assert (await extend(at, job)).state is JobState.FAILED
    assert len(at.providers["fake"].bodies) == 1


async def test_another_tier_than_the_video_s_is_not_bought(at: Desk) -> None:
    """It would come in the video's own, whatever was paid for."""
    job = await finished(at)
    pro = await at.ask_for(Extend(job=job, tier="pro"), offers=("fake/extend/standard",))
    assert (await at.until_state(pro, JobState.DONE, JobState.FAILED)).state is JobState.FAILED


async def test_a_video_of_another_workspace_is_not_extended(at: Desk) -> None:
    job = await finished(at)
    other = await at.work.run(
        ensure_workspace, platform="fake", platform_workspace="rivals", name="rivals", policy=ADMITTED,
        new_id=new_id(at.clock), now=at.clock.now(),
    )  # fmt: skip
    await at.work.run(_moved, job, other)
    assert (await extend(at, job)).state is JobState.FAILED


async def test_a_video_is_extended_for_30_days(at: Desk) -> None:
    job = await finished(at)
    at.clock.advance(30 * DAY - 60)
    assert (await extend(at, job, clip(10))).state is JobState.DONE
    at.clock.advance(61)
    assert (await extend(at, job, clip(10))).state is JobState.FAILED


async def test_a_video_that_is_as_long_as_they_get_is_not_extended(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what was asked for: 10 s and three times at least 4 are 22."""
    assert extending.LONGEST == 180
    monkeypatch.setattr(extending, "LONGEST", 22.0)
    job = await finished(at, 10)
    for _ in range(3):
        job = (await extend(at, job, clip(5))).id
    assert (await at.view(job)).state is JobState.DONE
    refused = await extend(at, job, clip(5))
    assert (refused.state, refused.attempts) == (JobState.FAILED, ())


async def test_a_lost_answer_is_not_bought_again_either(at: Desk) -> None:
    job = await finished(at)
    at.providers["fake"].outcomes = [SubmitUncertain("fake", "unknown", "cut")]
    new = await at.ask_for(Extend(job=job), offers=("fake/extend/standard",))
    await at.until_state(new, JobState.UNCERTAIN)
    await at.settle()
    assert len(at.providers["fake"].bodies) == 2


async def test_it_goes_on_on_the_same_rows_after_a_restart(tmp_path: Path) -> None:
    offers = (offer("fake"), extension("fake"))
    async with desk(tmp_path, offers=offers) as at:
        at.providers["fake"].statuses = [DONE]
        job = await finished(at)
        new = await at.ask_for(Extend(job=job), offers=("fake/extend/standard",))
        await at.until_state(new, JobState.RUNNING)
        clock = at.clock
    clock.advance(60)
    async with desk(tmp_path, offers=offers, clock=clock) as at:
        at.providers["fake"].statuses = [DONE]
        at.downloads.append(clip(10))
        assert (await at.until_state(new, JobState.DONE, JobState.FAILED)).state is JobState.DONE
        assert at.providers["fake"].bodies == []


def _moved(job: str, workspace: str) -> Script[None]:
    yield "UPDATE job SET workspace = :workspace WHERE id = :job", {"job": job, "workspace": workspace}
