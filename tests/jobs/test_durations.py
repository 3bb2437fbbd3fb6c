"""What is remembered of how long tasks took, and what goes by it: looks, cards, the warning that one is late."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.errors import CheckFailed, SubmitRefused
from bot.jobs.durations import Durations
from bot.jobs.schedule import KEPT
from bot.jobs.states import JobState
from bot.kling.requests import TextToVideo
from bot.providers.base import TaskStatus
from bot.store.scripts import Script
from tests.support.desk import Desk, desk
from tests.support.providers import FakeProvider, offer

OFFER = "fake/text/standard"
RUNNING = TaskStatus(state="running")
DONE = TaskStatus(state="done", video_url="https://example.org/video.mp4")


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, offers=(offer("fake"), offer("other"))) as made:
        yield made


async def known(at: Desk) -> list[tuple[str, int, int]]:
    rows = await at.work.database.read("SELECT * FROM duration ORDER BY at")
    return [(row["offer"], row["length"], row["ms"]) for row in rows]


def took(offer: str, length: int, seconds: Sequence[float], now: int) -> Script[None]:
    """So many tasks of a kind, the last of them now."""
    for number, one in enumerate(seconds, 1 - len(seconds)):
        yield (
            "INSERT INTO duration (offer, length, at, attempt, ms) VALUES (:offer, :length, :at, :attempt, :ms)",
            {"offer": offer, "length": length, "at": now + number, "attempt": f"{number}", "ms": round(one * 1000)},
        )


async def learnt(at: Desk, seconds: Sequence[float], *, offer: str = OFFER, length: int = 5) -> None:
    await at.work.run(took, offer, length, seconds, at.clock.now())
    await at.work.durations.refresh()


async def made(at: Desk, job: str, statuses: Sequence[TaskStatus | CheckFailed]) -> None:
    at.providers["fake"].statuses = [*statuses, DONE]
    await at.until_state(job, JobState.DONE)


async def test_a_task_counts_from_accepted_to_about_when_it_was_done(at: Desk) -> None:
    await made(at, await at.ask_for(), [RUNNING, RUNNING])  # looked at after 5, 10 and 15 s
    ((offer, length, ms),) = await known(at)
    assert (offer, length) == (OFFER, 5)
    assert ms == pytest.approx(13_500, rel=0.1)


async def test_a_longer_clip_is_another_kind(at: Desk) -> None:
    job = await at.ask_for(TextToVideo(prompt="a fox", duration=10))
    at.providers["fake"].statuses = [DONE]
    await at.until_state(job, JobState.FETCHING)
    assert [(offer, length) for offer, length, _ in await known(at)] == [(OFFER, 10)]


async def test_what_nobody_looked_at_in_time_counts_for_nothing(at: Desk) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING)
    at.clock.advance(100)  # as after a restart
    await made(at, job, [])
    assert await known(at) == []


async def test_a_failed_look_in_between_does_not_matter(at: Desk) -> None:
    await made(at, await at.ask_for(), [RUNNING, CheckFailed("fake", "unavailable", "503")])
    assert len(await known(at)) == 1


async def test_only_the_last_hundred_are_kept(at: Desk) -> None:
    await learnt(at, [60.0 + number for number in range(KEPT)])
    await learnt(at, [60.0], offer="other/text/standard")
    await made(at, await at.ask_for(), [])
    kept = [ms for offer, _, ms in await known(at) if offer == OFFER]
    assert len(kept) == KEPT
    assert 60_000 not in kept
    assert len(await known(at)) == KEPT + 1


async def test_a_new_duration_counts_at_once_while_few_are_known(at: Desk) -> None:
    await made(at, await at.ask_for(), [])
    await at.work.durations.refresh()
    assert len(at.work.durations.curve(OFFER, 5).seen) == 1


async def test_many_are_read_back_once_a_minute(at: Desk) -> None:
    durations = at.work.durations
    await learnt(at, [100.0] * 50)
    await at.work.run(took, "other/text/standard", 5, [90.0] * 5, at.clock.now())
    durations.added(OFFER, 5)
    await durations.refresh()
    assert durations.usual("other/text/standard", 5) is None
    at.clock.advance(60)
    await durations.refresh()
    assert durations.usual("other/text/standard", 5) == (90, 90)


async def test_a_clock_set_back_does_not_keep_it_from_reading(at: Desk) -> None:
    await learnt(at, [100.0] * 50)
    at.clock.advance(-3_600)
    await learnt(at, [90.0] * 10, length=10)
    assert at.work.durations.usual(OFFER, 10) == (90, 90)


async def test_looks_go_by_what_was_learnt(at: Desk) -> None:
    await learnt(at, [180.0 + number % 7 for number in range(50)])
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING)
    looks = len(at.providers["fake"].checked)
    end = at.work.at(140)
    await at.run_until(lambda: at.clock.now() > end, deliveries=False)
    assert len(at.providers["fake"].checked) - looks == 2  # those for refusals


async def test_the_card_says_how_long_the_last_ones_took(at: Desk) -> None:
    job = await at.ask_for()
    view = await at.view(job)
    assert (view.usual, view.measured) == ((60, 120), False)
    await learnt(at, [100.0 + number for number in range(11)])
    at.clock.advance(60)
    view = await at.view(job)
    assert (view.usual, view.measured) == ((105, 109), True)


async def is_late(at: Desk, job: str, after: float) -> bool:
    """Whether the card says so at the first look after so many seconds at the provider."""
    await at.until_state(job, JobState.RUNNING)
    end = at.work.at(after)
    await at.run_until(lambda: at.clock.now() > end, deliveries=False)
    return (await at.view(job)).late


@pytest.mark.parametrize(("length", "after", "late"), [(5, 3_100, True), (10, 3_100, False), (10, 6_100, True)])
async def test_a_job_is_late_by_the_stated_range_of_its_length(
    tmp_path: Path, length: int, after: float, late: bool
) -> None:
    slow = offer("fake", usual=(500, 1_000))
    async with desk(tmp_path, offers=(slow,)) as at:
        job = await at.ask_for(TextToVideo(prompt="a fox", duration=10 if length == 10 else 5))
        assert await is_late(at, job, after) is late


async def test_a_job_is_late_by_the_offer_that_makes_it(tmp_path: Path) -> None:
    """Not by the first one of its quote, which refused it."""
    quick, slow = offer("quick"), offer("slow", usual=(500, 1_000))
    async with desk(tmp_path, offers=(quick, slow)) as at:
        at.providers["quick"].outcomes = [SubmitRefused("quick", "invalid", "no")]
        job = await at.ask_for(offers=(quick.id, slow.id))
        assert not await is_late(at, job, 2_000)
        assert await is_late(at, job, 1_200)


async def test_a_job_is_late_by_what_was_measured(at: Desk) -> None:
    await learnt(at, [600.0] * 20)
    assert not await is_late(at, await at.ask_for(), 1_500)


async def test_looks_are_rarer_where_many_wait(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    durations = Durations(at.work.database, at.clock)
    fake = at.providers["fake"]
    for _ in range(10):
        await at.until_state(await at.ask_for(), JobState.RUNNING, deliveries=False)
    await durations.refresh()
    curve = durations.curve(OFFER, 5)
    assert durations.stretch(fake, curve) == 1.0
    monkeypatch.setattr(FakeProvider, "looks_per_second", 0.5)
    assert durations.stretch(fake, curve) == pytest.approx(10 * 0.2 / 0.5)
    assert durations.stretch(at.providers["other"], curve) == 1.0
