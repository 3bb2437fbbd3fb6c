import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot.messaging import Reply
from tests.support.front import Front, front, shown
from tests.support.heic import heic
from tests.support.media import file_of, halves, noise

BANNER = file_of(halves(1_200, 300))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        await made.says("help")
        yield made


async def sizes(house: Front) -> list[tuple[int, int]]:
    """Width and height of the pictures of the newest ask."""
    row = (await house.rows("SELECT pictures FROM ask ORDER BY id DESC LIMIT 1"))[0]
    return [(one["width"], one["height"]) for one in json.loads(row["pictures"])]


def press(reply: Reply, label: str) -> str:
    assert reply.card is not None
    return next(button.action for button in reply.card.buttons if button.label.startswith(label))


@pytest.mark.parametrize(("label", "size"), [("Crop to fit", (750, 300)), ("Add bars to fit", (1_200, 480))])
async def test_a_button_mends_the_picture_and_makes_the_video(house: Front, label: str, size: tuple[int, int]) -> None:
    reply = await house.says("she waves", BANNER)
    assert await house.counted() == (0, 0, 0)
    await house.presses(press(reply, label))
    (job,) = await house.rows("SELECT request FROM job")
    start = json.loads(job["request"])["start"].removeprefix("blob:")
    with house.house.blobs.open(start) as file, Image.open(file) as picture:
        assert picture.size == size
    assert await house.counted() == (1, 1, 50)


@pytest.mark.parametrize(("fit", "size"), [("crop", (750, 300)), ("cut", (750, 300)), ("pad", (1_200, 480))])
async def test_the_flag_does_the_same(house: Front, fit: str, size: tuple[int, int]) -> None:
    await house.orders(f"she waves --fit {fit}", BANNER)
    assert await sizes(house) == [size]


async def test_the_flag_leaves_good_pictures_alone_and_no_trace_in_the_line_to_copy(house: Front) -> None:
    reply = await house.says("she waves --fit pad --dry", file_of(noise(400, 320)))
    assert reply.card is not None
    assert reply.card.command == "animate she waves --start 1"


async def test_what_a_mend_would_not_help_has_no_button(house: Front) -> None:
    reply = await house.says("she waves", file_of(halves(3_000, 310)))
    assert "at most 2.5 times the other" in shown(reply)
    assert reply.card is not None
    assert reply.card.buttons == ()
    assert "--fit" not in shown(reply)


async def test_a_flag_that_would_not_help_is_refused_like_none(house: Front) -> None:
    reply = await house.says("she waves --fit crop", file_of(halves(400, 290)))
    assert "Each side needs at least 300 pixels" in shown(reply)
    assert await house.counted() == (0, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        heic(halves(640, 480), tile=256),
        file_of(halves(640, 480), "AVIF", speed=10),
        file_of(halves(640, 480), "WEBP"),
        file_of(halves(640, 480), "GIF", save_all=True, append_images=[noise(640, 480)]),
    ],
    ids=["HEIC", "AVIF", "WebP", "GIF"],
)
async def test_a_picture_in_any_format_becomes_one_that_kling_takes(house: Front, data: bytes) -> None:
    await house.orders("animate she waves", data)
    (row,) = await house.rows("SELECT pictures FROM ask")
    (facts,) = json.loads(row["pictures"])
    assert (facts["mime"], facts["width"], facts["height"]) == ("image/jpeg", 640, 480)
    assert (await house.house.blobs.read(facts["sha256"])).startswith(b"\xff\xd8\xff")
