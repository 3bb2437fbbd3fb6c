import asyncio

import pytest

from adapters.web.forms import Refused
from adapters.web.room import MOST_ASKS, MOST_BYTES, Room
from bot.messaging import Ask, Reply
from tests.support.page import KEY, page
from tests.support.verbs import FakeVerbs


def test_bytes_are_counted_over_all_asks_and_given_back() -> None:
    room = Room(most_bytes=100)
    with room.share() as one:
        one.take(60)
        with room.share() as other, pytest.raises(Refused, match="busy"):
            other.take(41)
        with room.share() as other:
            other.take(40)
            assert room.taken == 100
    assert room.taken == 0


def test_there_is_a_limit_of_asks() -> None:
    room = Room(most_asks=1)
    with room.share(), pytest.raises(Refused, match="busy"), room.share():
        pass
    with room.share():
        pass


def broken(room: Room) -> None:
    with room.share() as share:
        share.take(10)
        raise ZeroDivisionError


def test_what_was_taken_comes_back_after_a_mistake() -> None:
    room = Room(most_asks=1, most_bytes=10)
    with pytest.raises(ZeroDivisionError):
        broken(room)
    with room.share() as share:
        share.take(10)


def test_an_ask_of_the_largest_kind_finds_room() -> None:
    assert MOST_ASKS >= 8
    assert MOST_BYTES > 6 * 26_214_400


async def test_pictures_that_find_no_room_are_refused_and_may_come_again() -> None:
    async with page() as house:
        chat = house.page.chat
        chat._room = Room(most_bytes=1_000)
        answer = await house.browser.ask("x", [("a.jpg", bytes(2_000))])
        assert (answer.status, answer.body) == (503, {"error": "busy"})
        assert (house.verbs.asks, await house.browser.history()) == ([], [])
        assert (await house.browser.ask("x", [("a.jpg", bytes(500))])).status == 200
        assert chat._room.taken == 0


class Slow(FakeVerbs):
    """A house that thinks until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.thinking, self.going = asyncio.Event(), asyncio.Event()

    async def ask(self, ask: Ask) -> Reply:
        self.thinking.set()
        await self.going.wait()
        return await super().ask(ask)


async def test_room_is_held_until_the_answer_is_there() -> None:
    verbs = Slow()
    async with page(verbs=verbs) as house:
        house.page.chat._room = Room(most_asks=1)
        first = asyncio.create_task(house.browser.ask("one"))
        await verbs.thinking.wait()
        assert (await house.browser.ask("two", key=KEY[::-1])).status == 503
        verbs.going.set()
        assert (await first).status == 200
