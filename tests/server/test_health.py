import asyncio

from bot.server.health import Health, Part
from tests.support.clock import FakeClock


async def fine() -> None:
    """A database that answers."""


async def broken() -> None:
    raise OSError("disk gone: /srv/secret/place")


async def stuck() -> None:
    await asyncio.Event().wait()


def test_a_part_that_beats_is_green() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.watch("scheduler", 30)
    clock.advance(29)
    health.beat("scheduler")
    clock.advance(29)
    report = health.report(clock.now())
    assert report.ok
    assert report.parts == (Part(name="scheduler", ok=True, silent_ms=29_000),)


def test_a_part_that_was_silent_too_long_is_red_until_it_beats_again() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.watch("scheduler", 30)
    health.watch("gateway", 60)
    clock.advance(31)
    health.beat("gateway")
    report = health.report(clock.now())
    assert not report.ok
    assert {part.name: part.ok for part in report.parts} == {"scheduler": False, "gateway": True}
    health.beat("scheduler")
    assert health.report(clock.now()).ok


def test_a_part_has_its_time_to_begin() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.watch("gateway", 60)
    clock.advance(60)
    assert health.report(clock.now()).ok


def test_a_beat_of_an_unwatched_part_is_no_part() -> None:
    health = Health(FakeClock())
    health.beat("nobody")
    assert health.report(0).parts == ()


async def test_the_database_is_asked() -> None:
    assert (await Health(FakeClock(), fine).check()).ok
    assert (await Health(FakeClock(), broken).check()).parts == (Part(name="database", ok=False),)


async def test_a_database_that_does_not_answer_in_time_is_red() -> None:
    report = await Health(FakeClock(), stuck, probe_seconds=0.01).check()
    assert report.parts == (Part(name="database", ok=False),)


async def test_the_shown_report_has_verdicts_and_no_reasons() -> None:
    clock = FakeClock()
    health = Health(clock, broken)
    health.watch("scheduler", 30)
    clock.advance(1.25)
    assert (await health.check()).json() == {
        "ok": False,
        "parts": [{"name": "database", "ok": False}, {"name": "scheduler", "ok": True, "silent_seconds": 1.2}],
    }
