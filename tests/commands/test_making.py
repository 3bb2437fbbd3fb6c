"""The verbs that make videos: one ask is one job, however often it is delivered; a price alone stores nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.commands.service import Commands
from bot.jobs.states import JobState
from bot.kling.requests import ImageToVideo, TextToVideo
from bot.messaging import Ask, Attachment, Reply
from bot.providers.base import TaskStatus
from tests.support.front import BEN, CAT, PRICE, Front, actor, front, photo, place, shown
from tests.support.interrupting import after_reading, break_once

DEAR = 112
"""Credits of ten seconds: above what is spent without asking."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


# one ask, one job


async def test_an_ask_becomes_a_job_with_a_status_card_and_held_credits(house: Front) -> None:
    assert await house.says("a red fox") == Reply()
    assert await house.counted() == (1, 1, PRICE)
    (message,) = house.desk.messenger.messages.values()
    assert (message.card.title, message.only_for) == ("Getting ready", None)
    assert len(house.rings) == 1


async def test_the_whole_way_from_words_to_a_charged_video(house: Front) -> None:
    house.desk.providers["fal"].statuses = [TaskStatus(state="done", video_url="https://v3.fal.media/x.mp4")]
    job = await house.orders("a red fox")
    await house.desk.until_state(job, JobState.DONE)
    await house.desk.settle()
    titles = {message.card.title for message in house.desk.messenger.messages.values()}
    assert titles == {"result:done", "status:done"}
    assert (await house.house.reader.view(job)).charged == 50
    assert await house.held() == 0
    await house.check_books()


async def test_the_same_message_twice_is_one_job(house: Front) -> None:
    assert [await house.says("a red fox", key="m") for _ in range(3)] == [Reply()] * 3
    assert await house.counted() == (1, 1, PRICE)


async def test_the_same_message_many_times_at_once_is_one_job_even_where_credits_last_for_one(house: Front) -> None:
    await house.limit(PRICE)
    replies = await asyncio.gather(*(house.says("a red fox", photo(), key="m") for _ in range(8)))
    assert [shown(reply) for reply in replies] == [""] * 8
    assert await house.counted() == (1, 1, 50)


async def test_a_message_that_overtakes_itself_is_no_refusal(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.limit(PRICE)
    after_reading(house, monkeypatch, lambda: house.says("a red fox", key="m"))
    assert await house.says("a red fox", key="m") == Reply()
    assert await house.counted() == (1, 1, PRICE)


async def test_a_message_that_comes_again_when_the_credits_are_gone_is_no_refusal(house: Front) -> None:
    await house.limit(PRICE)
    await house.says("a red fox", key="m")
    assert await house.says("a red fox", key="m") == Reply()
    assert "An administrator decides." in shown(await house.says("a red fox"))


async def test_a_message_that_comes_again_when_its_picture_is_gone_is_no_refusal(house: Front) -> None:
    house.web.answers["GET /fox.jpg"] = web.Response(body=photo(), content_type="image/jpeg")
    line = f"animate {house.url('/fox.jpg')} she waves"
    assert await house.says(line, key="m") == Reply()
    house.web.answers.clear()
    assert await house.says(line, key="m") == Reply()
    assert await house.counted() == (1, 1, 50)


async def test_two_people_whose_messages_have_the_same_key_are_two_asks(house: Front) -> None:
    await house.says("a red fox", key="m")
    await house.says("a blue cat", by=CAT, key="m")
    jobs = await house.rows(
        "SELECT job.request AS request, person.name AS name FROM job JOIN person ON person.id = job.person"
    )
    assert {(json.loads(job["request"])["prompt"], job["name"]) for job in jobs} == {
        ("a red fox", "Ben"),
        ("a blue cat", "Cat"),
    }


@pytest.mark.parametrize("script", ["receive", "quote_ask", "remember_status", "accept"])
async def test_a_crash_on_the_way_is_made_good_by_the_next_delivery(
    house: Front, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    break_once(monkeypatch, script)
    assert shown(await house.says("a red fox", photo(), key="m")).startswith("Sorry")
    assert (await house.counted())[::2] == (0, 0)
    assert await house.says("a red fox", photo(), key="m") == Reply()
    assert await house.counted() == (1, 1, 50)


async def test_a_crash_after_all_is_done_makes_no_second_job(house: Front) -> None:
    await house.says("a red fox", key="m")
    house.commands = Commands(house.house)  # another process
    assert await house.says("a red fox", key="m") == Reply()
    assert await house.counted() == (1, 1, PRICE)


@pytest.mark.parametrize("script", ["receive", "quote_ask", "accept"])
async def test_a_crash_that_nobody_goes_on_with_is_swept_away(
    house: Front, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    break_once(monkeypatch, script)
    await house.says("a red fox", photo(), key="m")
    house.desk.clock.advance(601)
    await house.sweeps()
    assert await house.counted() == (0, 0, 0)
    assert [row["state"] for row in await house.rows("SELECT state FROM ask")] == ["expired"] * (script != "receive")


async def test_the_request_is_what_was_typed_with_the_pictures_in_the_order_people_count_them(house: Front) -> None:
    house.web.answers["GET /end.jpg"] = web.Response(body=photo(2), content_type="image/jpeg")
    job = await house.orders(f"morph --start 1 --end {house.url('/end.jpg')} --pro --d 10 --no blur", photo(1))
    request = (await house.house.reader.view(job)).request
    assert isinstance(request, ImageToVideo)
    assert (request.prompt, request.tier, request.duration, request.negative_prompt) == ("morph", "pro", 10, "blur")
    assert request.start is not None
    assert request.end is not None
    stored = [await house.house.blobs.read(ref.removeprefix("blob:")) for ref in (request.start, request.end)]
    assert stored[0] != stored[1]
    assert (await house.says("cost she waves", photo(1))).card is not None
    (kept,) = await house.rows("SELECT pictures FROM ask")
    assert [picture["width"] for picture in json.loads(kept["pictures"])] == [400, 400]


async def test_via_names_the_only_provider_that_is_asked(house: Front) -> None:
    for provider in ("fal", "wavespeed"):
        job = await house.orders(f"a red fox --via {provider}")
        (row,) = await house.rows("SELECT offers FROM job WHERE id = :job", job=job)
        assert json.loads(row["offers"]) == [f"{provider}/text/standard"]


# a price alone


@pytest.mark.parametrize("line", ["cost a red fox --d 10", "a red fox --dry", "cost animate she waves", "again --dry"])
async def test_a_price_leaves_nothing_behind(house: Front, line: str) -> None:
    await house.orders("a red fox")
    before = await house.books()
    card = (await house.says(line, *([photo()] if "waves" in line else []))).card
    assert await house.books() == before
    assert await house.rows("SELECT id FROM ask WHERE state <> 'accepted'") == []
    assert card is not None
    assert card.title.startswith("It would cost")
    assert (card.footer, card.buttons) == ("Nothing was spent.", ())


async def test_a_price_is_told_also_where_the_credits_do_not_last(house: Front) -> None:
    await house.limit(10)
    assert "not enough: 10 credits left" in shown(await house.says("cost a red fox"))


# again


async def test_again_is_the_same_request_as_a_new_job_of_its_own(house: Front) -> None:
    first = await house.orders("animate she waves --no blur", photo())
    reply = await house.says("again")
    assert reply == Reply()
    second = (await house.house.reader.of_person(house.desk.person, house.desk.workspace))[0]
    old = await house.house.reader.view(first)
    assert (second.request, second.parent, second.relation) == (old.request, first, "again")
    assert second.id != first
    assert await house.counted() == (2, 2, 100)


async def test_again_works_from_its_button_once_for_each_press(house: Front) -> None:
    job = await house.orders("a red fox")
    await house.presses(f"again:{job}", key="p")
    await house.presses(f"again:{job}", key="p")
    assert await house.counted() == (2, 2, 2 * PRICE)
    await house.presses(f"again:{job}", key="q")
    assert await house.counted() == (3, 3, 3 * PRICE)


@pytest.mark.parametrize("way", ["word", "button"])
async def test_again_that_comes_again_when_its_picture_is_gone_is_no_refusal(house: Front, way: str) -> None:
    job = await house.orders("animate she waves", photo())
    for _ in range(2):
        again = house.presses(f"again:{job}", key="p") if way == "button" else house.says("again", key="p")
        assert await again == Reply()
        for blob in await house.rows("SELECT sha256 FROM blob"):
            await house.house.blobs.delete(blob["sha256"])
    assert await house.counted() == (2, 2, 100)


async def test_again_asks_where_it_is_dear_also_from_its_button(house: Front) -> None:
    job = await house.orders("a red fox --d 10")
    assert shown(await house.presses(f"again:{job}")).startswith("Make it for at most 112 credits?")
    assert await house.counted() == (1, 1, DEAR)


async def test_again_repeats_the_job_that_is_named_or_answered_to_also_a_colleagues(house: Front) -> None:
    fox, cat = await house.orders("a red fox"), await house.orders("a blue cat")
    await house.says("again 2", by="ben")
    await house.says("again", about=fox)
    await house.says(f"again {cat}", by=CAT)
    made = await house.rows("SELECT parent, person FROM job WHERE parent IS NOT NULL ORDER BY id")
    assert [row["parent"] for row in made] == [fox, fox, cat]
    assert made[2]["person"] != made[0]["person"]


async def test_again_takes_words_about_money_and_no_others(house: Front) -> None:
    job = await house.orders("a red fox")
    assert "your --max allows 40 credits" in shown(await house.says(f"again {job} --max 40"))
    assert "“again” takes no --d" in shown(await house.says(f"again {job} --d 10"))


async def test_the_request_of_a_text_job(house: Front) -> None:
    job = await house.orders("a red fox --ar tall --cfg 0.7 --via fal")
    assert (await house.house.reader.view(job)).request == TextToVideo(
        prompt="a red fox", aspect_ratio="9:16", cfg_scale=0.7
    )


async def test_a_picture_that_claims_to_be_too_large_is_not_even_fetched(house: Front) -> None:
    async def read() -> AsyncIterator[bytes]:
        raise AssertionError("fetched")
        yield b""

    huge = Attachment(name="huge.png", declared_type="image/png", read=read, size=25_000_001)
    reply = await house.commands.ask(
        Ask(key="huge", actor=actor(BEN), place=place(), text="she waves", attachments=(huge,))
    )
    assert "It has 25,000,001 bytes, and at most 25,000,000 are taken." in shown(reply)
