"""What is dear is asked about first; a yes is one job, a no is none, whoever is faster."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.commands.service import Commands
from bot.jobs import asks
from bot.messaging import Reply
from bot.messaging.failures import PlaceGone
from tests.support.front import ADA, Front, front, shown
from tests.support.interrupting import after_reading, break_once

DEAR = 112
"""Credits of ten seconds: above what is spent without asking."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def test_what_is_dear_is_asked_about_first(house: Front) -> None:
    reply = await house.says("a red fox --d 10")
    assert reply.card is not None
    assert reply.card.title == "Make it for at most 112 credits?"
    assert [button.action.partition(":")[0] for button in reply.card.buttons] == ["confirm", "drop"]
    assert await house.counted() == (0, 0, 0)


async def test_yes_in_the_line_is_enough(house: Front) -> None:
    assert await house.says("a red fox --d 10 --yes") == Reply()
    assert await house.counted() == (1, 1, DEAR)


async def test_a_yes_is_one_job_however_often_it_is_pressed(house: Front) -> None:
    ask = await house.asked()
    reply = await house.presses(f"confirm:{ask}")
    assert reply.card is not None
    assert (reply.card.title, reply.replaces) == ("Yes", True)
    assert await house.counted() == (1, 1, DEAR)
    assert "it was bought once" in shown(await house.presses(f"confirm:{ask}"))
    assert await house.counted() == (1, 1, DEAR)


async def test_many_yeses_at_once_are_one_job_even_where_credits_last_for_one(house: Front) -> None:
    await house.limit(DEAR)
    ask = await house.asked()
    replies = await asyncio.gather(*(house.presses(f"confirm:{ask}") for _ in range(6)))
    titles = [reply.card.title for reply in replies if reply.card]
    assert titles[0] == "Yes"
    assert set(titles[1:]) <= {"Yes", "Too late for that"}
    assert "Over the limit" not in titles
    assert await house.counted() == (1, 1, DEAR)


async def test_a_yes_that_overtakes_itself_is_told_that_it_was_bought_once(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.limit(DEAR)
    ask = await house.asked()
    after_reading(house, monkeypatch, lambda: house.presses(f"confirm:{ask}"))
    assert "it was bought once" in shown(await house.presses(f"confirm:{ask}"))
    assert await house.counted() == (1, 1, DEAR)


@pytest.mark.parametrize("script", ["remember_status", "accept"])
async def test_a_yes_that_crashed_can_be_pressed_again(
    house: Front, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    ask = await house.asked()
    break_once(monkeypatch, script)
    assert shown(await house.presses(f"confirm:{ask}")).startswith("Sorry")
    assert await house.held() == 0
    assert shown(await house.presses(f"confirm:{ask}")).startswith("Yes")
    assert await house.counted() == (1, 1, DEAR)


async def test_a_message_that_comes_again_asks_the_same_question(house: Front) -> None:
    assert await house.asked(key="m") == await house.asked(key="m")
    assert len(await house.rows("SELECT id FROM ask")) == 1


async def test_an_expired_price_is_asked_about_anew_and_is_good_for_ten_minutes_more(house: Front) -> None:
    ask = await house.asked()
    house.desk.clock.advance(601)
    reply = await house.presses(f"confirm:{ask}")
    assert reply.card is not None
    assert (reply.card.title, reply.replaces) == ("Make it for at most 112 credits?", True)
    assert reply.card.buttons[0].action == f"confirm:{ask}.112"
    assert await house.counted() == (0, 0, 0)
    house.desk.clock.advance(590)
    await house.sweeps()
    assert shown(await house.presses(f"confirm:{ask}")).startswith("Yes")
    assert await house.counted() == (1, 1, DEAR)


async def test_a_new_price_is_held_against_the_same_max(house: Front) -> None:
    ask = await house.asked("a red fox --d 10 --max 112")
    house.desk.clock.advance(601)
    dearer = replace(house.house.policy, credit_microusd=2_500)  # the operator has halved what a credit is worth
    house.commands = Commands(replace(house.house, policy=dearer))
    assert "costs 224 credits; your --max allows 112 credits" in shown(await house.presses(f"confirm:{ask}"))
    assert await house.counted() == (0, 0, 0)


def dearer(house: Front) -> None:
    """The operator has halved what a credit is worth."""
    policy = replace(house.house.policy, credit_microusd=2_500)
    house.commands = Commands(replace(house.house, policy=policy))


async def test_a_yes_pressed_twice_does_not_answer_the_dearer_question_that_it_leads_to(house: Front) -> None:
    await house.says("quota approve-over off", by=ADA)
    reply = await house.says("a red fox --d 10")
    assert reply.card is not None
    yes = reply.card.buttons[0].action
    house.desk.clock.advance(601)
    dearer(house)
    for _ in range(2):
        assert shown(await house.presses(yes)).startswith("Make it for at most 224 credits?")
        assert await house.counted() == (0, 0, 0)
    reply = await house.presses(yes)
    assert reply.card is not None
    assert reply.replaces
    assert shown(await house.presses(reply.card.buttons[0].action)).startswith("Yes")
    assert await house.counted() == (1, 1, 224)


async def test_a_yes_to_more_than_it_costs_by_now_is_a_yes(house: Front) -> None:
    ask = await house.asked()
    assert shown(await house.presses(f"confirm:{ask}.999999999999999999")).startswith("Yes")
    assert await house.counted() == (1, 1, DEAR)


async def test_what_was_asked_about_is_not_bought_because_it_came_twice(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other delivery of the same message found it cheap, after this one had found it dear and asked."""
    once = asks.quote_ask

    def twice(ask: str, **facts: Any) -> Any:
        yield from once(ask, **facts)
        return (yield from once(ask, **{**facts, "confirming": False}))

    monkeypatch.setattr(asks, "quote_ask", twice)
    assert shown(await house.says("a red fox --d 10")).startswith("Make it for")
    assert await house.counted() == (0, 0, 0)


async def test_a_no_ends_it(house: Front) -> None:
    ask = await house.asked()
    reply = await house.presses(f"drop:{ask}")
    assert (shown(reply).split("\n")[0], reply.replaces) == ("Dropped", True)
    assert "answered with no" in shown(await house.presses(f"confirm:{ask}"))
    assert "nothing was bought with it" in shown(await house.presses(f"drop:{ask}"))
    assert await house.counted() == (0, 0, 0)


async def test_a_no_after_a_yes_says_how_to_stop_it(house: Front) -> None:
    ask = await house.asked()
    await house.presses(f"confirm:{ask}")
    assert "To stop it: cancel" in shown(await house.presses(f"drop:{ask}"))
    assert await house.counted() == (1, 1, DEAR)


async def test_a_no_that_a_yes_overtakes_does_not_say_that_nothing_was_bought(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = await house.asked()
    after_reading(house, monkeypatch, lambda: house.presses(f"confirm:{ask}"))
    assert "It is being made already" in shown(await house.presses(f"drop:{ask}"))
    assert await house.counted() == (1, 1, DEAR)


async def test_a_yes_that_a_no_overtakes_takes_its_card_back(house: Front) -> None:
    ask = await house.asked()
    house.desk.messenger.after_post = [lambda: house.presses(f"drop:{ask}")]
    assert "answered with no" in shown(await house.presses(f"confirm:{ask}"))
    assert await house.counted() == (0, 0, 0)


async def test_an_expired_price_that_is_dropped_meanwhile_is_not_asked_about_again(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = await house.asked()
    house.desk.clock.advance(601)
    after_reading(house, monkeypatch, lambda: house.presses(f"drop:{ask}"))
    assert "answered with no" in shown(await house.presses(f"confirm:{ask}"))


async def test_a_yes_where_the_bot_cannot_post_leaves_the_question_open(house: Front) -> None:
    ask = await house.asked()
    before = await house.books()
    house.desk.messenger.post_failures = [PlaceGone("not_in_channel")]
    assert "I can't post here" in shown(await house.presses(f"confirm:{ask}"))
    assert await house.books() == before
    assert shown(await house.presses(f"confirm:{ask}")).startswith("Yes")
