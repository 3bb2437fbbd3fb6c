"""A provider takes the paid call and hangs up: uncertain everywhere; who lists tasks or knows our id settles it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.credits.check import check
from bot.jobs import scripts
from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.kling.requests import TextToVideo
from bot.net.door import Door
from bot.providers.registry import OFFERS, PROVIDERS
from tests.support.clock import FakeClock
from tests.support.desk import Desk, desk
from tests.support.sandbox import Bench, sandbox

SETTLES = pytest.mark.parametrize("name", ["kling", "gmi", "wavespeed", "aimlapi"])
"""By our own id (Kling), by their lists (the others)."""

LEAVES = pytest.mark.parametrize("name", ["fal", "vidgo"])
"""Nobody there can tell: an administrator decides."""

DAY = 86_400.0
HELD = 150


@dataclass
class Ordered:
    """A job whose answer was lost, and everything around it."""

    desk: Desk
    bench: Bench
    job: str

    async def view(self) -> JobView:
        return await self.desk.view(self.job)

    async def held(self) -> int:
        return (await self.desk.headroom()).held

    async def check_books(self) -> None:
        await self.desk.work.database.view(check)


@asynccontextmanager
async def lost(folder: Path, name: str, kind: str) -> AsyncIterator[Ordered]:
    """An order at a provider's sandbox, whose paid call goes wrong in that way; as it stands right afterwards."""
    row, clock = PROVIDERS[name], FakeClock()
    async with (
        sandbox(folder / "sandbox", clock=clock, speed=10) as bench,
        desk(folder, offers=row.provider.offers, clock=clock) as made,
    ):
        settings = row.settings.model_validate(bench.box.environment())
        door = Door(clock, bases=settings.bases)
        provider = row.make(settings, door)
        work = replace(
            made.work, providers={name: provider}, download=lambda _, url: door.stream(url, limit=10_000_000)
        )
        at = replace(made, work=work)
        bench.box.faults.add(kind, provider=name, call="submit", count=1)
        offer = OFFERS[f"{name}/text/standard"]
        job = await at.ask_for(
            TextToVideo(prompt="a red fox"), offers=(offer.id,), credits=HELD, microusd=offer.price.ceiling(5)
        )
        view = await at.until_state(job, JobState.UNCERTAIN)
        ordered = Ordered(at, bench, job)
        assert (view.charged, await ordered.held()) == (None, HELD), "the hold is kept"
        assert len(bench.box.sold) == 1
        yield ordered
        assert len(bench.box.sold) == 1, "nothing is bought twice"
        await ordered.check_books()
        await provider.close()


@SETTLES
@pytest.mark.parametrize("kind", ["accept_then_drop", "no_id"])
async def test_it_finds_its_task_by_itself_and_the_video_comes(tmp_path: Path, name: str, kind: str) -> None:
    async with lost(tmp_path, name, kind) as one:
        await one.desk.until_state(one.job, JobState.RUNNING)
        await one.bench.box.rendered()
        view = await one.desk.until_state(one.job, JobState.DONE, JobState.FAILED)
        assert (view.state, view.attempts[0].task) == (JobState.DONE, one.bench.box.sold[0].id)
        assert len(view.attempts) == 1
        assert 0 < (view.charged or 0) <= HELD
        assert await one.held() == 0


@LEAVES
async def test_it_stays_uncertain_and_an_administrator_is_told_once(tmp_path: Path, name: str) -> None:
    async with lost(tmp_path, name, "accept_then_drop") as one:
        await one.desk.settle()
        for _ in range(3):
            one.desk.clock.advance(DAY)
            await one.desk.settle()
        assert ((await one.view()).state, await one.held()) == (JobState.UNCERTAIN, HELD)
        messages = one.desk.messenger.messages.values()
        assert [card.title for message in messages if (card := message.card).title.startswith("alert")] == [
            "alert:uncertain"
        ]


@LEAVES
async def test_an_administrator_s_word_ends_it(tmp_path: Path, name: str) -> None:
    async with lost(tmp_path, name, "accept_then_drop") as one:
        (attempt,) = (await one.view()).attempts
        assert await one.desk.work.run(
            scripts.settle_charged, one.job, JobState.UNCERTAIN, attempt=attempt.id, credits=50, microusd=250_000,
            provider="fake",
            error={"ending": "charged_by_admin"}, actor="admin", now=one.desk.clock.now(),
        )  # fmt: skip
        view = await one.view()
        assert (view.state, view.charged, await one.held()) == (JobState.FAILED, 50, 0)
        assert (view.attempts[0].outcome, view.attempts[0].cost) == ("settled", 250_000)
