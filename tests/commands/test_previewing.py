"""A price while somebody still types: no file is read, nothing is stored; and what may be typed on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.messaging import Ask, Attachment, Card
from tests.support.front import BEN, Front, actor, front, photo, place, words


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def _unreadable() -> AsyncIterator[bytes]:
    raise AssertionError("a preview read a file")
    yield b""


PICTURE = Attachment(name="fox.jpg", declared_type="image/jpeg", read=_unreadable)


async def preview(
    house: Front, text: str, *roles: str, about: str | None = None, by: str = BEN, verb: str = ""
) -> Card:
    files = tuple(replace(PICTURE, role=role) for role in roles)
    return await house.commands.preview(
        Ask(key="m", actor=actor(by), place=place(), text=text, attachments=files, about=about, verb=verb)
    )


async def test_it_shows_price_provider_and_what_is_left(house: Front) -> None:
    await house.says("help")
    card = await preview(house, "a red fox")
    assert card.title == "It would cost at most 56 credits"
    rows = {row.name: row.value for row in card.rows}
    assert rows["Price"] == "at most 56 credits"
    assert rows["Made by"] == "fal"
    assert rows["Left afterwards"].startswith("1,444 of 1,500 credits")
    assert card.buttons == ()


async def test_it_tells_pictures_by_number_and_role(house: Front) -> None:
    assert [one.label for one in (await preview(house, "morph --pro", "", "")).pictures] == ["start", "end"]
    assert [one.label for one in (await preview(house, "morph --pro", "end", "start")).pictures] == ["start", "end"]
    assert [one.label for one in (await preview(house, "they meet", "", "", "")).pictures] == [
        "reference 1", "reference 2", "reference 3",
    ]  # fmt: skip
    card = await preview(house, "she waves https://x.org/a.png")
    assert [(one.sha256, one.label) for one in card.pictures] == [("", "start")]


async def test_it_says_what_is_wrong(house: Front) -> None:
    assert (await preview(house, "a fox --d 7")).text.startswith("Kling 1.6 makes 5 or 10 seconds")
    assert (await preview(house, "morph", "", "")).title == "That doesn't go together"
    assert (await preview(house, "a fox --durration 10")).buttons == ()


async def test_it_names_the_field_that_is_wrong(house: Front) -> None:
    assert (await preview(house, "a fox --d 7")).field == "d"
    assert (await preview(house, "a fox --cfg 7")).field == "cfg"
    assert (await preview(house, "a fox")).field == ""


async def test_it_stores_nothing_and_knows_nobody(house: Front) -> None:
    before = await house.books(), await house.rows("SELECT * FROM person"), await house.rows("SELECT * FROM workspace")
    card = await preview(house, "a red fox", by="stranger")
    assert [row.name for row in card.rows] == ["Video", "Price", "Made by"]
    after = await house.books(), await house.rows("SELECT * FROM person"), await house.rows("SELECT * FROM workspace")
    assert after == before


async def test_it_works_in_an_answer(house: Front) -> None:
    job = await house.orders("animate she waves", photo())
    await house.house.blobs.delete((await house.rows("SELECT sha256 FROM blob"))[0]["sha256"])
    card = await preview(house, "--d 10", about=job)
    assert "500,000" not in words(card)
    assert card.title == "It would cost 100 credits"


async def test_an_extension_is_priced_without_looking_into_the_video(house: Front) -> None:
    job = await house.finished()
    await house.house.blobs.delete(str((await house.house.reader.view(job)).video))
    assert (await preview(house, "extend", about=job)).title.startswith("It would cost")


async def test_a_free_command_says_that_it_is_free(house: Front) -> None:
    assert (await preview(house, "status")).text.endswith("It costs nothing.")


async def test_without_storage_it_is_a_card(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(house.house.database, "view", away)
    assert (await preview(house, "a fox")).title == "My storage is away"
    assert await house.commands.complete(actor(BEN), "job", "") == ()


async def complete(house: Front, field: str, typed: str) -> list[str]:
    return [choice.value for choice in await house.commands.complete(actor(BEN), field, typed)]


async def test_effects_on_sale_are_completed(house: Front) -> None:
    assert (await complete(house, "fx", "hug"))[:1] == ["hug"]
    assert "jelly_press" in await complete(house, "fx", "jelly p")
    assert await complete(house, "fx", "sqush") == ["squish"]
    assert len(await complete(house, "effect", "")) == 25
    assert await complete(house, "fx", "zzzzzz") == []


async def test_effects_of_providers_that_are_off_are_not(tmp_path: Path) -> None:
    async with front(tmp_path, on=("wavespeed",)) as house:
        assert "hug" not in await complete(house, "fx", "hug")


async def test_a_persons_own_jobs_are_completed(house: Front) -> None:
    fox = await house.orders("a red fox")
    cat = await house.orders("a blue cat")
    assert await complete(house, "job", "") == [cat, fox]
    assert await complete(house, "job", "red") == [fox]
    assert await house.commands.complete(actor("stranger"), "job", "") == ()


async def test_providers_moves_and_topics_are_completed(house: Front) -> None:
    assert await complete(house, "via", "wa") == ["wavespeed"]
    assert await complete(house, "camera", "zoom") == ["zoom:-10", "zoom:-5", "zoom:5", "zoom:10"]
    assert "prompts" in await complete(house, "topic", "")
    assert await complete(house, "prompt", "a") == []
