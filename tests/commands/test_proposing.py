"""What can't be done as it was typed is offered as it can be, each way at its price; one press is one job."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.service import Commands
from bot.kling.requests import Elements, ImageToVideo, TextToVideo, load_request
from bot.messaging import Card
from tests.support.front import CAT, Front, front, photo, shown
from tests.support.media import file_of, halves


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def offered(house: Front, line: str, *pictures: bytes, key: str | None = None, about: str | None = None) -> Card:
    reply = await house.says(line, *pictures, key=key, about=about)
    assert reply.card is not None
    return reply.card


def actions(card: Card) -> list[str]:
    return [button.action for button in card.buttons]


async def requests(house: Front) -> list[object]:
    return [load_request(row["request"]) for row in await house.rows("SELECT request FROM job ORDER BY id")]


async def test_a_corrected_line_is_made_at_the_price_on_its_button(house: Front) -> None:
    card = await offered(house, "a red fox --durration 10")
    assert [button.label for button in card.buttons] == ["Run corrected (at most 112 credits)", "Cancel"]
    assert await house.counted() == (0, 0, 0)
    assert shown(await house.presses(actions(card)[0])).startswith("Yes")
    assert await requests(house) == [TextToVideo(prompt="a red fox", duration=10)]
    assert await house.held() == 112


async def test_each_way_is_its_own_request(house: Front) -> None:
    card = await offered(house, "a red fox --ar 4:3")
    assert [button.label for button in card.buttons][:3] == [
        f"{r} (at most 56 credits)" for r in ("16:9", "9:16", "1:1")
    ]
    await house.presses(actions(card)[1])
    assert await requests(house) == [TextToVideo(prompt="a red fox", aspect_ratio="9:16")]


async def test_two_ways_pressed_at_once_are_one_job(house: Front) -> None:
    card = await offered(house, "a red fox --d 7")
    await asyncio.gather(*(house.presses(action) for action in actions(card)[:2] * 3))
    assert len(await requests(house)) == 1
    (row,) = await house.rows("SELECT credits FROM job")
    assert await house.held() == row["credits"]
    await house.check_books()


async def test_a_plain_yes_chooses_none_of_the_ways(house: Front) -> None:
    card = await offered(house, "a red fox --d 7")
    ask = actions(card)[0].removeprefix("pick:").partition(".")[0]
    for yes in (f"confirm:{ask}", f"confirm:{ask}.9999"):
        reply = await house.presses(yes)
        assert (reply.card, reply.replaces) == (card, True)
    assert await house.counted() == (0, 0, 0)


async def test_a_second_press_buys_nothing(house: Front) -> None:
    card = await offered(house, "a red fox --d 7")
    await house.presses(actions(card)[0])
    assert "it was bought once" in shown(await house.presses(actions(card)[1]))
    assert len(await requests(house)) == 1


async def test_the_same_message_again_gets_the_same_ways(house: Front) -> None:
    assert await offered(house, "a fox --d 7", key="m") == await offered(house, "a fox --d 7", key="m")
    assert len(await house.rows("SELECT id FROM ask")) == 1


async def test_ways_outlive_a_restart_and_belong_to_one_person(house: Front) -> None:
    card = await offered(house, "a fox --d 7")
    house.commands = Commands(house.house)  # another process
    assert shown(await house.presses(actions(card)[1], by=CAT)).startswith("Not yours")
    await house.presses(actions(card)[1])
    assert await requests(house) == [TextToVideo(prompt="a fox", duration=10)]


async def test_an_old_price_is_asked_about_anew(house: Front) -> None:
    card = await offered(house, "a fox --d 7")
    house.desk.clock.advance(3_600)
    await house.sweeps()
    reply = await house.presses(actions(card)[1])
    assert reply.card is not None
    assert reply.replaces
    assert reply.card.title == "Make it for at most 112 credits?"
    assert await requests(house) == []
    await house.presses(reply.card.buttons[0].action)
    assert await requests(house) == [TextToVideo(prompt="a fox", duration=10)]


async def test_cancel_closes_all_ways(house: Front) -> None:
    card = await offered(house, "a fox --d 7")
    assert shown(await house.presses(actions(card)[-1])).startswith("Dropped")
    assert "answered with no" in shown(await house.presses(actions(card)[0]))
    assert await requests(house) == []


async def test_a_way_that_nobody_sells_is_not_offered(house: Front) -> None:
    card = await offered(house, "a fox --via wavespeed --ar 4:3")
    assert [button.label.split()[0] for button in card.buttons] == ["16:9", "Cancel"]


async def test_a_way_above_ones_own_max_is_not_offered(house: Front) -> None:
    card = await offered(house, "a fox --d 7 --max 60")
    assert [button.label.split(" (")[0] for button in card.buttons] == ["5 s", "Cancel"]


async def test_a_price_alone_stays_a_price(house: Front) -> None:
    before = await house.books()
    card = await offered(house, "cost a fox --d 7")
    assert card.buttons == ()
    assert {row.name: row.value for row in card.rows} == {"5 s": "at most 56 credits", "10 s": "at most 112 credits"}
    assert await house.books() == before


async def test_a_wrong_number_on_a_way_is_a_card(house: Front) -> None:
    card = await offered(house, "a fox --d 7")
    for end in ("9", "x", "", "-1"):
        assert shown(await house.presses(f"{actions(card)[0].partition('.')[0]}.{end}")).startswith("No such ask")
    assert await requests(house) == []


async def test_a_flag_that_kling_has_nothing_for_is_explained_and_can_be_left_out(house: Front) -> None:
    card = await offered(house, "a fox --seed 5")
    assert "No provider of Kling 1.6 takes a seed" in card.text
    await house.presses(actions(card)[0])
    assert await requests(house) == [TextToVideo(prompt="a fox")]


async def test_a_mistyped_free_verb_can_be_run(house: Front) -> None:
    card = await offered(house, "staus")
    assert [button.label.split(" (")[0] for button in card.buttons] == [
        "Run status", "Make a video of these words", "Cancel",
    ]  # fmt: skip
    assert shown(await house.presses(actions(card)[0])).startswith("No jobs")
    assert await requests(house) == []


async def test_a_button_runs_no_line_that_costs(house: Front) -> None:
    for line in ("a fox", "video a fox --yes", "again", "cancel", "quota topup 5"):
        assert shown(await house.presses(f"go:{line}")).startswith("No such command")
    assert await house.counted() == (0, 0, 0)


async def test_extend_that_may_be_prose_is_asked_about(house: Front) -> None:
    await house.finished()
    card = await offered(house, "extend the bridge over the river")
    assert [button.label.split(" (")[0] for button in card.buttons] == [
        "Extend your newest video", "Make a new video", "Cancel",
    ]  # fmt: skip
    await house.presses(actions(card)[1])
    assert (await requests(house))[-1] == TextToVideo(prompt="extend the bridge over the river")


# two pictures


async def test_two_pictures_with_pro_are_shown_and_can_be_swapped_before_anything_is_spent(house: Front) -> None:
    card = await offered(house, "morph --pro", photo(1), photo(2))
    assert [picture.label for picture in card.pictures] == ["start", "end"]
    assert "begins with the first picture and ends with the second" in card.text
    assert [action.partition(":")[0] for action in actions(card)] == ["confirm", "swap", "drop"]
    reply = await house.presses(actions(card)[1])
    assert reply.card is not None
    assert reply.replaces
    assert [one.sha256 for one in reply.card.pictures] == [one.sha256 for one in card.pictures][::-1]
    assert await house.counted() == (0, 0, 0)
    await house.presses(reply.card.buttons[0].action)
    (made,) = await requests(house)
    assert isinstance(made, ImageToVideo)
    assert (made.start, made.end) == tuple(f"blob:{one.sha256}" for one in reply.card.pictures)


async def test_two_pictures_with_named_roles_are_not_asked_about(house: Front) -> None:
    await house.limit(1_000)
    reply = await house.says("morph --pro --start 2 --end 1 --max 100", photo(1), photo(2))
    assert reply.card is None
    assert await house.counted() == (1, 1, 95)


async def test_yes_skips_the_question_about_two_pictures(house: Front) -> None:
    assert (await house.says("morph --pro --yes", photo(1), photo(2))).card is None
    assert await house.counted() == (1, 1, 95)


async def test_two_pictures_without_pro_are_offered_in_pro_or_as_one_scene(house: Front) -> None:
    card = await offered(house, "morph", photo(1), photo(2))
    assert [button.label for button in card.buttons] == [
        "Run with --pro (95 credits)", "Both in one scene (at most 56 credits)", "Cancel",
    ]  # fmt: skip
    await house.presses(actions(card)[1])
    (made,) = await requests(house)
    assert isinstance(made, Elements)
    assert (made.prompt, len(made.references)) == ("morph", 2)


async def test_two_people_of_an_effect_can_be_swapped(house: Front) -> None:
    reply = await house.says("effect hug --dry", photo(1), photo(2))
    assert reply.card is not None
    assert [picture.label for picture in reply.card.pictures] == ["left", "right"]


async def test_what_was_done_to_a_picture_is_said_in_the_question_and_while_it_is_made(house: Front) -> None:
    card = await offered(house, "animate she waves --d 10 --pro", file_of(halves(4_200, 2_000)))
    assert "Picture 1 was made smaller" in card.text
    await house.presses(actions(card)[0])
    (message,) = house.desk.messenger.messages.values()
    assert "Picture 1 was made smaller" in message.card.text


# examples of help


async def test_an_example_shows_its_price_first(house: Front) -> None:
    reply = await house.says("help")
    assert reply.card is not None
    tries = [button.action for button in reply.card.buttons if button.action.startswith("try:")]
    asked = await house.presses(tries[0])
    assert asked.card is not None
    assert asked.card.title.startswith("Make it for")
    assert await house.counted() == (0, 0, 0)
    await house.presses(asked.card.buttons[0].action)
    assert len(await requests(house)) == 1


async def test_help_leads_to_its_topics_by_buttons(house: Front) -> None:
    assert shown(await house.presses("go:help prompts")).startswith("Good prompts for Kling 1.6")
