"""What nobody expects from a provider, and the credits: held while it is open, taken or given back at its one end."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.credits.check import check
from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.kling.requests import TextToVideo
from bot.net.answer import Answer
from bot.net.door import Door
from bot.providers.registry import OFFERS, PROVIDERS
from tests.support.answers import GOOD, answer
from tests.support.clock import FakeClock
from tests.support.desk import Desk, desk
from tests.support.loopback import loopback
from tests.support.orders import KEY

HELD = 150
EVERY = pytest.mark.parametrize("name", PROVIDERS)

NOISE = st.sampled_from(
    (
        answer(b""), answer(b"<html>It works!</html>"), answer(b'{"status": "comp'), answer(b"[" * 10_000),
        answer({}), answer([]), answer(None), answer(10**4_000), answer({"data": None, "status": None}),
        answer({"status": "levitating", "data": {"status": "levitating", "task_status": "levitating"}}),
        answer({"status": ["completed"], "data": {"status": {"finished": 1}, "task_status": True}}),
        answer({"status": "\ud800", "data": "\ud800"}), answer({"detail": "\ud800"}, 500), answer(b"", 204),
        answer({}, 502), answer(b"<html>nginx</html>", 503), answer({}, 504), answer({}, 301), answer({}, 418),
        answer({"message": "slow down"}, 429, **{"retry-after": "nan"}),
    )
)  # fmt: skip
"""Answers that tell of no ending."""

UNCERTAIN = st.sampled_from(
    (
        answer(b""), answer(b"<html>It works!</html>"), answer({}), answer([]), answer({"id": None, "data": {}}),
        answer({"id": "", "request_id": " ", "data": {"id": [], "task_id": "\ud800"}}), answer({}, 500),
        answer({}, 502), answer({}, 504), answer({}, 408), answer({}, 302), answer(b"[" * 10_000, 201),
        answer({"id": 10**4_000, "request_id": 10**4_000, "data": {"id": 10**4_000, "task_id": 10**4_000}}),
    )
)  # fmt: skip
"""Answers to the paid call after which nobody knows."""

REFUSED = st.sampled_from((400, 401, 402, 403, 404, 413, 422))
"""Statuses of it that say that nothing was bought."""


class Teller(Door):
    """Answers the paid call in one way, looks in others first, then well or so for ever. Opens nothing."""

    def __init__(self, clock: FakeClock, paid: Answer, looks: list[Answer], good: list[Answer]) -> None:
        super().__init__(clock)
        self.paid, self.looks, self.good = paid, list(looks), good or list(looks)
        self.calls = 0
        self.told = 0

    async def request(self, method: str, url: str, *, fresh: bool = False, **_options: Any) -> Answer:
        if fresh:
            self.calls += 1
            return self.paid
        if self.looks:
            return self.looks.pop(0)
        self.told += 1
        return self.good[(self.told - 1) % len(self.good)]


@dataclass
class Ordered:
    """A job, and how the provider answers."""

    desk: Desk
    door: Teller
    job: str = ""

    async def ended(self, within: float) -> JobView:
        """The job after so many seconds, or at its end."""
        over = self.desk.clock.now() + within * 1000

        async def done() -> bool:
            state = (await self.desk.view(self.job)).state
            return state in (JobState.DONE, JobState.FAILED) or self.desk.clock.now() >= over

        await self.desk.run_until(done, within=within + 200_000, deliveries=False)
        await self.desk.work.database.view(check)
        return await self.desk.view(self.job)

    async def held(self) -> int:
        return (await self.desk.headroom()).held


@asynccontextmanager
async def ordered(
    folder: Path, name: str, paid: Answer, looks: list[Answer], *, well: bool = True
) -> AsyncIterator[Ordered]:
    """A video is ordered at a provider that answers like that, and `well` after these looks."""
    row, clock = PROVIDERS[name], FakeClock()
    keys = {str(one.alias): KEY for alias, one in row.settings.model_fields.items() if alias.endswith("key")}
    door = Teller(clock, paid, looks, [answer(said) for said in GOOD[name]["check"]] if well else [])
    provider = row.make(row.settings.model_validate(keys), door)
    async with desk(folder, offers=row.provider.offers, clock=clock) as made:
        at = replace(made, work=replace(made.work, providers={name: provider}))
        one = Ordered(at, door)
        offer = OFFERS[f"{name}/text/standard"]
        one.job = await at.ask_for(
            TextToVideo(prompt="a red fox"), offers=(offer.id,), credits=HELD, microusd=offer.price.ceiling(5)
        )
        yield one
        await provider.close()


def told(name: str, paid: Answer, looks: list[Answer], within: float, *, well: bool = True) -> tuple[JobView, int, int]:
    """The job at its end or after so long, credits held then, and how often the paid call was made."""

    async def live() -> tuple[JobView, int, int]:
        with tempfile.TemporaryDirectory() as folder:
            async with ordered(Path(folder), name, paid, looks, well=well) as one:
                view = await one.ended(within)
                return view, await one.held(), one.door.calls

    return asyncio.run(live())


@EVERY
@settings(max_examples=6)
@given(looks=st.lists(NOISE, min_size=1, max_size=6))
def test_noise_while_it_is_made_costs_nothing_and_the_video_comes(name: str, looks: list[Answer]) -> None:
    view, held, calls = told(name, answer(GOOD[name]["submit"][0]), looks, 20_000)
    assert (view.state, held, calls) == (JobState.DONE, 0, 1)
    assert 0 < (view.charged or 0) <= HELD


@EVERY
@settings(max_examples=6)
@given(paid=UNCERTAIN, looks=st.lists(NOISE, min_size=1, max_size=6))
def test_a_strange_answer_to_the_paid_call_keeps_the_hold(name: str, paid: Answer, looks: list[Answer]) -> None:
    view, held, calls = told(name, paid, looks, 5_000, well=False)
    assert (view.state, view.charged, held, calls) == (JobState.UNCERTAIN, None, HELD, 1)


@EVERY
@settings(max_examples=4)
@given(status=REFUSED, looks=st.lists(NOISE, max_size=3))
def test_a_refusal_with_any_words_gives_everything_back(name: str, status: int, looks: list[Answer]) -> None:
    view, held, _ = told(name, answer({"message": ["\ud800", 1], "detail": {"a": None}}, status), looks, 5_000)
    assert (view.state, view.charged, held) == (JobState.FAILED, 0, 0)


@EVERY
async def test_a_video_on_a_machine_inside_is_not_fetched_and_not_charged(name: str, tmp_path: Path) -> None:
    """It counts as not obtainable: given back to the person, a loss of the house, operators told."""
    paid = answer(GOOD[name]["submit"][0])
    async with loopback() as inside, ordered(tmp_path, name, paid, []) as one:
        real = Door(one.desk.clock, bases=("https://api.example",))
        one.door.good = [answer(_led(said, f"{inside.url}/video.mp4")) for said in GOOD[name]["check"]]
        work = replace(one.desk.work, download=lambda _, url: real.stream(url, limit=10_000_000))
        one.desk = replace(one.desk, work=work)
        view = await one.ended(50_000)
        assert view.error is not None
        assert (view.state, view.charged, view.error.ending) == (JobState.FAILED, 0, "no_video")
        assert (await one.held(), inside.seen) == (0, [])
        await real.close()


def _led(said: Any, address: str) -> Any:
    """The answer with every address in it replaced."""
    if isinstance(said, dict):
        return {name: _led(one, address) for name, one in said.items()}
    if isinstance(said, list):
        return [_led(one, address) for one in said]
    return address if isinstance(said, str) and said.endswith(".mp4") else said
