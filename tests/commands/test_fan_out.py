"""Several of one wish: one quote, a hold and a card for each, charged for what arrived (I16)."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.jobs.states import JobState
from bot.messaging.failures import PlaceGone
from bot.providers.base import Failure, TaskStatus
from tests.support.clips import clip
from tests.support.front import ADA, CAT, PRICE, Front, front, shown
from tests.support.interrupting import break_once

FAILED = TaskStatus(state="failed", error=Failure(reason="provider"))
DONE = TaskStatus(state="done", video_url="https://made.up/x.mp4")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path, on=("fal",)) as made:
        yield made


async def pool_of(house: Front, credits: int) -> None:
    """A team of their own, with so much in its pool."""
    await house.says(f"quota topup {credits}", by=ADA, team="small")
    for person in ("ben", CAT):
        await house.says("help", by=person, team="small")


async def keys(house: Front) -> list[str]:
    return sorted(house.desk.messenger.messages)


async def test_one_quote_names_the_total_and_each_and_makes_them_all(house: Front) -> None:
    """Removed: `count_of(row)` in Admission._post_cards (one job came of it)."""
    card = (await house.says("a red fox --n 3")).card
    assert card is not None
    assert card.title == "Make 3 videos for at most 168 credits, 56 each?"
    rows = {row.name: row.value for row in card.rows}
    assert rows["Price"] == "3 videos: at most 168 credits, 56 each; an estimate, about $0.75, at most $0.84"
    assert rows["Left afterwards"].startswith("1,332 of 1,500 credits")
    assert card.buttons[0].label == "Make them (168 credits)"
    assert card.command == "video a red fox --n 3"
    await house.presses(card.buttons[0].action)
    (ask,) = await house.rows("SELECT id FROM ask")
    assert await keys(house) == [ask["id"], *(f"{ask['id']}.{number}" for number in (2, 3))]
    assert max(map(len, await keys(house))) <= 25
    jobs = await house.rows("SELECT id, parent, relation FROM job ORDER BY id")
    first = jobs[0]["id"]
    assert [(job["parent"], job["relation"]) for job in jobs] == [(None, None), *[(first, "variant")] * 2]
    cards = await house.rows("SELECT ref FROM delivery WHERE kind = 'status' ORDER BY job")
    assert len({json.loads(row["ref"])["message"] for row in cards}) == 3
    holds = await house.rows("SELECT job, amount FROM entry WHERE kind = 'hold' ORDER BY job")
    assert [(hold["job"], hold["amount"]) for hold in holds] == [(job["id"], 56) for job in jobs]
    await house.check_books()


async def test_only_what_arrived_is_charged(house: Front) -> None:
    fal = house.desk.providers["fal"]
    fal.statuses = [DONE, FAILED]
    house.desk.downloads.append(clip(5, width=640, height=360))
    assert (await house.says("a red fox --n 2 --yes")).card is None
    jobs = [row["id"] for row in await house.rows("SELECT id FROM job ORDER BY id")]
    for job in jobs:
        await house.desk.until_state(job, JobState.DONE, JobState.FAILED)
    assert sorted([await house.state(job) for job in jobs]) == [JobState.DONE, JobState.FAILED]
    totals = await house.rows("SELECT kind, SUM(amount) AS amount FROM entry WHERE job IS NOT NULL GROUP BY kind")
    assert {row["kind"]: row["amount"] for row in totals} == {"hold": 112, "charge": 50, "release": 62}
    assert await house.held() == 0
    await house.check_books()


async def test_the_question_and_max_look_at_the_total_the_cap_at_one(house: Front) -> None:
    """Removed: `want.count` in Quoting's look at confirm_over, and in `priced`."""
    assert (await house.says("a red fox")).card is None, "56 credits are below the 100 that are asked about"
    assert "Make 2 videos for at most 112 credits" in shown(await house.says("a red fox --n 2"))
    reply = await house.says("a red fox --n 3 --max 150")
    assert "costs 168 credits; your --max allows 150 credits" in shown(reply)
    await house.says("quota set job 56", by=ADA)
    assert "Make 3 videos" in shown(await house.says("a red fox --n 3"))
    await house.says("quota set job 55", by=ADA)
    assert "One video may cost at most 55 credits" in shown(await house.says("a red fox --n 3"))


async def test_a_pool_that_has_room_for_two_of_three_lets_none_be_made(house: Front) -> None:
    """Removed: `beside` in `hold` (the third was refused with numbers of its own, 0 left of 112)."""
    await pool_of(house, 2 * PRICE)
    said = shown(await house.says("a red fox --n 3 --yes", team="small"))
    assert "The pool has 112 credits left, and this costs 168" in said
    assert (await house.counted(), await house.rows("SELECT id FROM ask")) == ((0, 0, 0), [])


async def test_refused_at_the_last_moment_all_cards_go(house: Front) -> None:
    """Removed: `beside` in `accept`, and the taking back of all cards."""
    await pool_of(house, 3 * PRICE)
    house.desk.messenger.after_post = [partial(house.says, "a blue cat", by=CAT, team="small")]
    said = shown(await house.says("a red fox --n 3 --yes", team="small"))
    assert "The pool has 112 credits left, and this costs 168" in said
    assert await house.counted() == (1, 1, PRICE)
    await house.check_books()


async def test_a_place_that_closes_between_two_cards_keeps_none(house: Front) -> None:
    async def closes() -> None:
        house.desk.messenger.post_failures = [PlaceGone("locked")]

    house.desk.messenger.after_post = [closes]
    assert "I can't post here" in shown(await house.says("a red fox --n 2 --yes"))
    assert await house.counted() == (0, 0, 0)


@pytest.mark.parametrize("cards", [1, 2, 3])
async def test_a_crash_after_some_cards_leaves_none_when_it_is_swept(house: Front, cards: int) -> None:
    """Removed: the look by key in `sweeping` (the card that was posted but not noted stayed)."""

    async def power_cut() -> None:
        raise asyncio.CancelledError

    async def fine() -> None:
        pass

    house.desk.messenger.after_post = [*[fine] * (cards - 1), power_cut]
    with pytest.raises(asyncio.CancelledError):
        await house.says("a red fox --n 3 --yes", key="m")
    assert await house.counted() == (0, cards, 0)
    house.desk.clock.advance(601)
    await house.sweeps()
    assert await house.counted() == (0, 0, 0)


async def test_a_crash_before_the_holds_goes_on_with_the_next_delivery(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_once(monkeypatch, "accept")
    await house.says("a red fox --n 2 --yes", key="m")
    assert (await house.counted())[2] == 0
    await house.says("a red fox --n 2 --yes", key="m")
    await house.says("a red fox --n 2 --yes", key="m")
    assert await house.counted() == (2, 2, 112)
    await house.check_books()


async def test_a_delivery_that_can_not_post_takes_no_cards_from_an_equal_one_that_was_faster(house: Front) -> None:
    """Removed: the look at the ask's state in Admission.admit (the first job's card went)."""

    async def overtaken() -> None:
        await house.says("a red fox --n 2 --yes", key="m")
        house.desk.messenger.post_failures = [PlaceGone("locked")]

    house.desk.messenger.after_post = [overtaken]
    await house.says("a red fox --n 2 --yes", key="m")
    assert await house.counted() == (2, 2, 112)


async def test_two_yes_at_once_make_them_once(house: Front) -> None:
    ask = await house.asked("a red fox --n 3")
    await asyncio.gather(*(house.presses(f"confirm:{ask}.168") for _ in range(5)))
    assert await house.counted() == (3, 3, 168)


async def test_a_button_that_showed_less_asks_again(house: Front) -> None:
    ask = await house.asked("a red fox --n 3")
    reply = await house.presses(f"confirm:{ask}.56")
    assert "Make 3 videos for at most 168 credits" in shown(reply)
    assert await house.counted() == (0, 0, 0)


async def test_it_goes_with_again_and_with_replies(house: Front) -> None:
    job = await house.orders("a red fox")
    assert (await house.says(f"again {job} --n 2 --yes")).card is None
    assert (await house.says("--n 2 --yes", about=job)).card is None
    found = await house.rows("SELECT relation FROM job WHERE id <> :job ORDER BY id", job=job)
    assert [row["relation"] for row in found] == ["again", "variant", "remix", "variant"]


async def test_cost_shows_the_same(house: Front) -> None:
    said = shown(await house.says("cost a red fox --n 4"))
    assert "It would cost at most 224 credits, 56 each" in said
    assert "Price: 4 videos: at most 224 credits, 56 each; an estimate, about $1.00, at most $1.12" in said


async def test_ways_out_show_the_price_of_all(house: Front) -> None:
    card = (await house.says("a red fox --n 2 --d 7", by=CAT)).card
    assert card is not None
    assert [button.label for button in card.buttons[:2]] == ["5 s (at most 112 credits)", "10 s (at most 224 credits)"]
    await house.presses(card.buttons[0].action, by=CAT)
    assert await house.counted() == (2, 2, 112)
