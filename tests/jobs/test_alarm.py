"""The alarm clock: its time, a ring while it is slept by, a ring before."""

import asyncio

import pytest

from bot.jobs.alarm import Alarm
from tests.support.still import StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


async def test_it_wakes_at_its_time(clock: StillClock) -> None:
    sleeping = asyncio.create_task(Alarm(clock).sleep(10))
    await clock.let_pass(9.9)
    assert not sleeping.done()
    await clock.let_pass(0.2)
    assert sleeping.done()


@pytest.mark.parametrize("rings", [1, 3])
async def test_rings_wake_once(clock: StillClock, rings: int) -> None:
    alarm = Alarm(clock)
    sleeping = asyncio.create_task(alarm.sleep(10))
    await clock.quiet()
    for _ in range(rings):
        alarm.ring()
    await sleeping
    again = asyncio.create_task(alarm.sleep(10))
    await clock.let_pass(9)
    assert not again.done()
    again.cancel()


async def test_a_ring_is_kept_for_the_next_sleep(clock: StillClock) -> None:
    alarm = Alarm(clock)
    alarm.ring()
    await alarm.sleep(10)
    assert clock.time == StillClock().time


async def test_a_sleeper_that_is_cancelled_leaves_no_timer(clock: StillClock) -> None:
    alarm = Alarm(clock)
    sleeping = asyncio.create_task(alarm.sleep(10))
    await clock.quiet()
    sleeping.cancel()
    await asyncio.gather(sleeping, return_exceptions=True)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
