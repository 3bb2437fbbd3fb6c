"""The front door: every verb and every button leads somewhere, and whatever goes wrong is a card."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.words import ACTIONS, VERBS
from bot.errors import StoreUnavailable
from bot.messaging import Actor, ActorFacts, Ask, Attachment
from bot.messaging.failures import TryLater
from tests.support.front import ADA, BEN, Front, actor, attachment, front, photo, place, shown

UNKNOWN = "01jd0000000000000000"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def test_every_button_has_a_handler_and_every_handler_a_button(house: Front) -> None:
    assert house.commands._buttons.keys() == ACTIONS


@pytest.mark.parametrize("action", sorted(ACTIONS))
async def test_a_button_of_something_that_is_gone_says_so(house: Front, action: str) -> None:
    gone = ("No such job", "No such ask", "No such command", "No such example", "No such team")
    assert shown(await house.presses(f"{action}:{UNKNOWN}", by=ADA)).splitlines()[0] in gone


@pytest.mark.parametrize("action", ["", "nonsense", "nonsense:1", "confirm", ":", "confirm:", "x" * 500])
async def test_a_button_that_nobody_knows_is_a_card_too(house: Front, action: str) -> None:
    before = await house.books()
    assert shown(await house.presses(action)).splitlines()[0] in ("Sorry, something broke", "No such ask")
    assert await house.books() == before


async def test_every_verb_has_a_handler_and_every_handler_a_verb(house: Front) -> None:
    assert house.commands._verbs.keys() == {None, *VERBS}


@pytest.mark.parametrize("verb", sorted(VERBS))
async def test_the_example_of_every_verb_works(house: Front, verb: str) -> None:
    lost = await house.orders("a blue cat")
    await house.lost(lost)
    await (house.finished("a green owl") if verb == "extend" else house.orders("a green owl"))
    example = VERBS[verb].example.replace("<job>", lost)
    pictures = [photo(seed) for seed in range({"animate": 1, "elements": 2, "effect": 2}.get(verb, 0))]
    reply = await house.says(example, *pictures, by=ADA if VERBS[verb].admin else BEN)
    refused = reply.card is not None and reply.card.tone in ("warning", "bad")
    assert not refused or verb in ("resolve", "providers"), shown(reply)


async def test_what_nobody_foresaw_is_a_card_and_a_line_in_the_log(
    house: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr("bot.commands.choosing.choose", broken)
    reply = await house.says("a fox")
    assert reply.card == house.commands.sorry()
    assert reply.private
    assert "ZeroDivisionError: made up" in caplog.text


async def test_a_platform_that_does_not_answer_makes_nobody_an_administrator(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(actor: Actor) -> ActorFacts:
        raise TryLater("503")

    monkeypatch.setattr(house.desk.messenger, "actor", away)
    before = await house.books()
    assert shown(await house.says("quota topup 500", by=ADA)).startswith("That didn't work")
    assert await house.books() == before


async def test_a_picture_whose_platform_breaks_off_is_a_card(house: Front) -> None:
    async def read() -> AsyncIterator[bytes]:
        yield photo()[:1_000]
        raise TryLater("connection reset")

    before = await house.books()
    broken = Attachment(name="fox.jpg", declared_type="image/jpeg", read=read)
    reply = await house.commands.ask(
        Ask(key="m", actor=actor(BEN), place=place(), text="she waves", attachments=(attachment(photo()), broken))
    )
    assert shown(reply).startswith("That didn't work")
    assert await house.books() == before


async def test_without_storage_even_a_glance_is_a_card(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(house.house.database, "run", away)
    assert (await house.commands.glance(actor(BEN))).title == "My storage is away"
