"""Jobs at Kling's own API, which knows our attempts by name: the real client, over HTTP, against the sandbox."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.kling.requests import Extend, Request, TextToVideo
from bot.net.door import Door
from bot.providers.kling import Kling, KlingSettings
from bot.providers.kling_offers import OFFERS
from tests.support.clock import FakeClock
from tests.support.desk import Desk, desk
from tests.support.sandbox import Bench, sandbox


@dataclass
class AtKling:
    """A desk whose one provider is Kling, and the sandbox that plays it."""

    desk: Desk
    bench: Bench

    async def ask_for(self, request: Request) -> str:
        return await self.desk.ask_for(
            request, offers=(f"kling/{request.workflow}/standard",), credits=56, microusd=280_000
        )

    async def ended(self, job: str) -> JobView:
        """The job at its end, with what it is sold rendered in between."""
        await self.desk.until_state(job, JobState.RUNNING, JobState.FAILED)
        await self.bench.box.rendered()
        return await self.desk.until_state(job, JobState.DONE, JobState.FAILED)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[AtKling]:
    clock = FakeClock()
    async with (
        sandbox(tmp_path / "sandbox", clock=clock) as bench,
        desk(tmp_path, offers=OFFERS, clock=clock) as made,
    ):
        settings = KlingSettings.model_validate(bench.box.environment())
        door = Door(clock, bases=settings.bases)
        kling = Kling(settings, door)
        work = replace(
            made.work, providers={"kling": kling}, download=lambda _, url: door.stream(url, limit=10_000_000)
        )
        yield AtKling(replace(made, work=work), bench)
        await kling.close()


async def test_a_video_is_made_and_extended(at: AtKling) -> None:
    first = await at.ask_for(TextToVideo(prompt="a red fox"))
    made = await at.ended(first)
    second = await at.ended(await at.ask_for(Extend(job=first, prompt="it runs on")))
    assert [(view.state, view.charged) for view in (made, second)] == [(JobState.DONE, 56)] * 2
    assert [view.attempts[0].cost for view in (made, second)] == [280_000, 280_000]
    clip, extension = at.bench.box.sold
    assert clip.fields["external_task_id"] == made.attempts[0].id
    assert extension.fields["external_task_id"] == second.attempts[0].id
    assert (extension.path, extension.order.before, extension.order.duration) == (
        *("/kling/v1/videos/video-extend", 5, 10),
    )
    assert extension.fields["prompt"] == "it runs on"


async def test_an_extension_that_comes_alone_is_taken_too(at: AtKling) -> None:
    first = await at.ask_for(TextToVideo(prompt="a red fox"))
    await at.ended(first)
    at.bench.box.faults.add("extension_alone")
    assert (await at.ended(await at.ask_for(Extend(job=first)))).state is JobState.DONE


@pytest.mark.parametrize("fault", ["accept_then_drop", "no_id", "malformed_json@submit"])
async def test_a_lost_answer_is_found_by_itself(at: AtKling, fault: str) -> None:
    kind, _, call = fault.partition("@")
    at.bench.box.faults.add(kind, call=call, count=1)
    job = await at.ask_for(TextToVideo(prompt="a red fox"))
    await at.desk.until_state(job, JobState.UNCERTAIN)
    view = await at.ended(job)
    assert (view.state, view.charged, view.attempts[0].task) == (JobState.DONE, 56, at.bench.box.sold[0].id)
    assert len(at.bench.box.sold) == 1


@pytest.mark.parametrize("fault", ["closed", "error_500", "error_503", "nginx_503"])
async def test_a_call_that_never_arrived_is_released_without_anybody_s_word(at: AtKling, fault: str) -> None:
    at.bench.box.faults.add(fault, call="submit", count=1)
    job = await at.ask_for(TextToVideo(prompt="a red fox"))
    await at.desk.until_state(job, JobState.UNCERTAIN)
    view = await at.ended(job)
    assert view.error is not None
    assert (view.state, view.charged, view.error.ending) == (JobState.FAILED, 0, "refused")
    assert (await at.desk.headroom()).held == 0
    assert at.bench.box.sold == []
