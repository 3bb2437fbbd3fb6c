"""An answer to one of our videos changes only what it says; extend goes on from it; buttons say the same."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.changing import changed
from bot.commands.grammar import parse
from bot.jobs.states import JobState
from bot.kling.requests import (
    Effect,
    Elements,
    Extend,
    ImageToVideo,
    Request,
    TextToVideo,
    load_request,
)
from tests.support.front import ADA, CAT, Front, front, photo, shown

A, B, C = (f"blob:{digit * 64}" for digit in "abc")
FOX = TextToVideo(prompt="a red fox", negative_prompt="blur", aspect_ratio="9:16", cfg_scale=0.7)
MORPH = ImageToVideo(start=A, end=B, prompt="morph", tier="pro")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


def answered(parent: Request, line: str, *, own: int = 0) -> str:
    """What an answer comes to, as a line's prompt and flags."""
    typed = changed(parent, parse(line, reply=True, pictures=own), own_pictures=bool(own))
    flags = " ".join(f"{name}={value}" for name, value in typed.flags.items())
    return f"{typed.maker or '-'} | {typed.prompt} | {flags}"


@pytest.mark.parametrize(
    ("parent", "line", "own", "means"),
    [
        (FOX, "--d 10", 0, "- | a red fox | ar=9:16 no=blur cfg=0.7 d=10"),
        (FOX, "a blue cat", 0, "- | a blue cat | ar=9:16 no=blur cfg=0.7"),
        (FOX, "+ at night, rain", 0, "- | a red fox, at night, rain | ar=9:16 no=blur cfg=0.7"),
        (FOX, "+at night --pro", 0, "- | a red fox, at night | ar=9:16 no=blur cfg=0.7 pro=True"),
        (TextToVideo(prompt="It rains."), "+ a lot", 0, "- | It rains. a lot | "),
        (FOX, '--no ""', 0, "- | a red fox | ar=9:16 no= cfg=0.7"),
        (FOX, "cost --d 10", 0, "- | a red fox | ar=9:16 no=blur cfg=0.7 d=10"),
        (FOX, "video a blue cat", 0, "video | a blue cat | "),
        (FOX, "", 1, "- | a red fox | ar=9:16 no=blur cfg=0.7"),
        (MORPH, "--d 10", 0, "- | morph | pro=True start=1 end=2 d=10"),
        (MORPH, "animate slowly", 0, "animate | slowly | start=1 end=2"),
        (MORPH, "slowly", 1, "- | slowly | pro=True"),
        (MORPH, "--std --end 2", 0, "- | morph | start=1 end=2 std=True"),
        (MORPH, "--ref 1,2", 0, "- | morph | pro=True ref=(1, 2)"),
        (MORPH, "--fx hug", 0, "- |  | pro=True fx=hug"),
        (Elements(references=(A, B), prompt="they meet"), "they part", 0, "- | they part | ref=(1, 2)"),
        (Elements(references=(A, B), prompt="they meet"), "", 1, "elements | they meet | "),
        (Elements(references=(A, B), prompt="they meet"), "--start 1 --end 2 --pro", 0,
         "- | they meet | pro=True start=1 end=2"),
        (Effect(scene="squish", people=(A,)), "--fx jelly_press", 0, "- |  | fx=jelly_press"),
        (Extend(job="0" * 20, prompt="on", tier="pro"), "+ and on", 0, "- | on, and on | pro=True"),
    ],
)  # fmt: skip
def test_only_what_is_said_changes(parent: Request, line: str, own: int, means: str) -> None:
    assert answered(parent, line, own=own) == means


async def request_of(house: Front, job: str) -> Request:
    return (await house.house.reader.view(job)).request


async def newest(house: Front) -> dict[str, object]:
    return (await house.rows("SELECT * FROM job ORDER BY id DESC LIMIT 1"))[0]


async def test_flags_alone_make_a_remix_of_the_same_pictures(house: Front) -> None:
    job = await house.orders("animate she waves", photo())
    before = await request_of(house, job)
    assert isinstance(before, ImageToVideo)
    await house.says("--no blur --yes", about=job)
    row = await newest(house)
    assert (row["parent"], row["relation"]) == (job, "remix")
    assert load_request(str(row["request"])) == before.model_copy(update={"negative_prompt": "blur"})
    assert len(await house.rows("SELECT sha256 FROM blob")) == 1


async def test_new_pictures_take_the_place_of_the_old_ones(house: Front) -> None:
    job = await house.orders("animate she waves", photo(1))
    await house.says("--yes", photo(2), about=job)
    row = await newest(house)
    again = load_request(str(row["request"]))
    assert isinstance(again, ImageToVideo)
    assert again.prompt == "she waves"
    assert again.start not in (await request_of(house, job)).pictures
    assert again.end is None


async def test_words_with_a_text_video_and_a_picture_animate_it(house: Front) -> None:
    job = await house.orders("a red fox")
    await house.says("it jumps --yes", photo(), about=job)
    assert isinstance(load_request(str((await newest(house))["request"])), ImageToVideo)


async def test_an_empty_answer_shows_how_the_video_stands(house: Front) -> None:
    job = await house.orders("a red fox")
    reply = await house.says("", about=job)
    assert reply.card is not None
    assert reply.card.job == job
    assert len(await house.rows("SELECT id FROM job")) == 1


async def test_cost_about_a_video_is_free(house: Front) -> None:
    job = await house.orders("a red fox")
    before = await house.books()
    reply = await house.says("cost --d 10", about=job)
    assert shown(reply).startswith("It would cost at most 112 credits")
    assert "video a red fox --d 10" in shown(reply)
    assert await house.books() == before


async def test_another_teams_video_cannot_be_answered_to(house: Front) -> None:
    await house.says("quota topup 100", by=ADA, team="other")
    job = await house.orders(team="other")
    assert shown(await house.says("--d 10", about=job)).startswith("No such job")


# going on


async def test_extend_goes_on_from_the_last_frame_in_the_same_tier(house: Front) -> None:
    job = await house.finished("animate she waves", photo())
    assert await house.says("extend she turns around --yes", about=job) is not None
    row = await newest(house)
    request = load_request(str(row["request"]))
    assert isinstance(request, ImageToVideo)
    assert (row["parent"], row["relation"]) == (job, "extend")
    assert (request.prompt, request.tier, request.end) == ("she turns around", "standard", None)
    (picture,) = json.loads((await house.rows("SELECT pictures FROM ask WHERE id = :id", id=row["ask"]))[0]["pictures"])
    assert request.start == f"blob:{picture['sha256']}"
    assert (picture["width"], picture["height"]) == (640, 360)


async def test_extend_says_that_it_is_a_video_of_its_own(house: Front) -> None:
    job = await house.finished()
    reply = await house.says(f"extend {job} --dry")
    assert "goes on from the last frame" in shown(reply)
    assert "animate a red fox --start 1" in shown(reply)


async def test_extend_without_words_keeps_those_of_the_video(house: Front) -> None:
    await house.finished("a red fox runs")
    await house.says("extend --yes")
    request = load_request(str((await newest(house))["request"]))
    assert isinstance(request, ImageToVideo)
    assert request.prompt == "a red fox runs"


async def test_extend_of_what_is_not_there_yet_is_refused(house: Front) -> None:
    job = await house.orders()
    assert "Its video isn't there yet" in shown(await house.says("extend", about=job))


async def test_extend_keeps_the_quality(house: Front) -> None:
    job = await house.finished()
    assert "in the quality that it was made in" in shown(await house.says("extend --pro", about=job))


async def test_where_the_maker_sells_it_extend_is_an_extension(tmp_path: Path) -> None:
    async with front(tmp_path, on=("kling", "fal")) as house:
        job = await house.finished("a red fox --via kling")
        await house.says("extend it runs away --yes", about=job)
        row = await newest(house)
        assert load_request(str(row["request"])) == Extend(job=job, prompt="it runs away")
        assert json.loads(str(row["offers"]))[0].startswith("kling/extend")
        assert row["relation"] == "extend"


async def test_what_is_too_old_to_be_extended_goes_on_from_its_last_frame(tmp_path: Path) -> None:
    async with front(tmp_path, on=("kling", "fal")) as house:
        job = await house.finished("a red fox --via kling")
        house.desk.clock.advance(31 * 86_400)
        await house.says("extend it runs away --yes", about=job)
        assert isinstance(load_request(str((await newest(house))["request"])), ImageToVideo)


# buttons


async def test_the_pro_button_asks_for_the_same_in_pro(house: Front) -> None:
    job = await house.orders("a red fox")
    reply = await house.presses(f"pro:{job}")
    assert reply.card is not None
    assert reply.card.buttons[0].action.startswith("confirm:")
    assert "video a red fox --pro" in shown(reply)
    assert len(await house.rows("SELECT id FROM job")) == 1
    await house.presses(reply.card.buttons[0].action)
    row = await newest(house)
    assert (row["parent"], row["relation"]) == (job, "remix")
    assert load_request(str(row["request"])).tier == "pro"


async def test_the_extend_button_asks_and_offers_a_form_for_words(house: Front) -> None:
    job = await house.finished()
    reply = await house.presses(f"extend:{job}")
    assert reply.card is not None
    assert reply.card.buttons[0].action.startswith("confirm:")
    assert reply.form is not None
    assert (reply.form.verb, reply.form.about) == ("extend", job)
    assert [field.name for field in reply.form.fields] == ["prompt", "no"]


async def test_the_edit_button_opens_a_form_that_makes_it_anew(house: Front) -> None:
    job = await house.orders("animate she waves --no blur --d 10", photo())
    reply = await house.presses(f"edit:{job}")
    form = reply.form
    assert form is not None
    assert (form.verb, form.about) == ("animate", job)
    values = {field.name: field.value for field in form.fields if field.value}
    assert values == {"prompt": "she waves", "no": "blur", "d": "10"}
    await house.fills(form, {"prompt": "she dances", "d": "5", "no": "", "yes": "true"})
    request = await request_of(house, str((await newest(house))["id"]))
    assert request == ImageToVideo(start=(await request_of(house, job)).pictures[0], prompt="she dances")


async def test_the_delete_button_takes_the_video_away_and_keeps_the_books(house: Front) -> None:
    job = await house.finished()
    (result,) = await house.rows("SELECT * FROM delivery WHERE kind = 'result'")
    message = json.loads(result["ref"])["message"]
    entries = await house.rows("SELECT * FROM entry")
    assert shown(await house.presses(f"delete:{job}", by=CAT)).startswith("Not yours")
    assert shown(await house.presses(f"delete:{job}")).startswith("Taken away")
    assert message not in house.desk.messenger.messages
    assert await house.rows("SELECT * FROM entry") == entries
    assert await house.state(job) is JobState.DONE
    assert shown(await house.presses(f"delete:{job}")).startswith("No such message")
    await house.desk.settle()
    assert message not in house.desk.messenger.messages


async def test_an_administrator_may_delete_it_too(house: Front) -> None:
    job = await house.finished()
    assert shown(await house.presses(f"delete:{job}", by=ADA)).startswith("Taken away")


@pytest.mark.parametrize(
    ("line", "pictures", "verb"),
    [
        ("a red fox --ar 1:1 --pro --cfg 0.7", 0, "video"),
        ("they meet --no text", 3, "elements"),
        ("effect hug --d 10", 2, "effect"),
        ("morph --pro", 2, "animate"),
    ],
)
async def test_a_form_sent_as_it_was_opened_is_the_same_request(
    house: Front, line: str, pictures: int, verb: str
) -> None:
    job = await house.orders(line, *(photo(seed) for seed in range(pictures)))
    form = (await house.presses(f"edit:{job}")).form
    assert form is not None
    assert form.verb == verb
    await house.fills(form, {**{field.name: field.value for field in form.fields}, "yes": "true"})
    row = await newest(house)
    assert (row["parent"], row["relation"]) == (job, "remix")
    assert await request_of(house, str(row["id"])) == await request_of(house, job)
