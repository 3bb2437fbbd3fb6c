import asyncio
from contextlib import suppress

import pytest

from bot.commands.membership import BELIEVED_MS
from bot.messaging.lately import BELIEVED, SHORTLY, Lately


class Platform:
    """Counts its calls; answers when it is let to, and fails while it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.open = asyncio.Event()
        self.broken = False

    async def say(self) -> int:
        self.calls += 1
        await self.open.wait()
        if self.broken:
            raise ConnectionError
        return self.calls


class Time:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_an_answer_is_believed_for_a_minute() -> None:
    time, platform = Time(), Platform()
    lately = Lately(time)
    platform.open.set()
    first = await lately.said(("a",), platform.say)
    time.now += BELIEVED
    assert await lately.said(("a",), platform.say) == first == 1
    assert await lately.said(("b",), platform.say) == 2
    time.now += 1
    assert await lately.said(("a",), platform.say) == 3


async def test_what_is_believed_for_less_is_asked_again_sooner() -> None:
    time, platform = Time(), Platform()
    lately = Lately(time)
    platform.open.set()
    await lately.said(("a",), platform.say)
    time.now += SHORTLY
    assert await lately.said(("a",), platform.say, SHORTLY) == 1
    time.now += 1
    assert await lately.said(("a",), platform.say, SHORTLY) == 2
    assert BELIEVED_MS / 1000 + SHORTLY <= 60, "what the house believes on top of it"


async def test_a_crowd_makes_one_call() -> None:
    lately, platform = Lately(), Platform()
    crowd = [asyncio.create_task(lately.said(("a",), platform.say)) for _ in range(50)]
    await asyncio.sleep(0)
    platform.open.set()
    assert await asyncio.gather(*crowd) == [1] * 50


async def test_a_failed_call_is_told_to_all_who_waited_and_made_again_by_the_next() -> None:
    lately, platform = Lately(), Platform()
    platform.broken = True
    crowd = [asyncio.create_task(lately.said(("a",), platform.say)) for _ in range(3)]
    await asyncio.sleep(0)
    platform.open.set()
    told = await asyncio.gather(*crowd, return_exceptions=True)
    assert [type(one) for one in told] == [ConnectionError] * 3
    platform.broken = False
    assert await lately.said(("a",), platform.say) == 2


async def test_whoever_gives_up_waiting_ends_it_for_nobody_else() -> None:
    lately, platform = Lately(), Platform()
    impatient = asyncio.create_task(lately.said(("a",), platform.say))
    patient = asyncio.create_task(lately.said(("a",), platform.say))
    await asyncio.sleep(0)
    impatient.cancel()
    with suppress(asyncio.CancelledError):
        await impatient
    platform.open.set()
    assert await patient == 1


async def test_a_call_that_was_ended_is_made_again() -> None:
    lately, platform = Lately(), Platform()

    async def ended() -> int:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await lately.said(("a",), ended)
    platform.open.set()
    assert await lately.said(("a",), platform.say) == 1
