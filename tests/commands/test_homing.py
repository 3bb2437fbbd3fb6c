"""Whose credits count where somebody talks to the bot alone: asked once, for as long as they are there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messaging import Ask, Choice, Press, Reply
from tests.support.approvals import led, question
from tests.support.front import BEN, CAT, Front, actor, front, place, shown

STUDIO, SCHOOL = Choice(value="team", label="Studio"), Choice(value="other", label="School")
ALONE = replace(actor(BEN), workspace="")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def says(house: Front, text: str, *, apart: bool = False) -> Reply:
    return await house.commands.ask(Ask(key=text, actor=ALONE, place=place(""), text=text, apart=apart))


async def presses(house: Front, action: str) -> Reply:
    return await house.commands.press(Press(key=action, actor=ALONE, place=place(""), action=action))


async def test_somebody_of_one_team_is_not_asked(house: Front) -> None:
    house.desk.messenger.workspaces = (STUDIO,)
    assert (await says(house, "a fox --yes")).card is None
    (job,) = await house.rows("SELECT workspace FROM job")
    assert job["workspace"] == house.desk.workspace


async def test_somebody_of_several_is_asked_once(house: Front) -> None:
    house.desk.messenger.workspaces = (STUDIO, SCHOOL)
    asked = await says(house, "a fox --yes")
    assert asked.card is not None
    assert [(one.label, one.action) for one in asked.card.buttons] == [
        ("Studio", "home:team"),
        ("School", "home:other"),
    ]
    assert await house.rows("SELECT id FROM ask") == []
    answer = await presses(house, "home:team")
    assert (answer.replaces, shown(answer).splitlines()[0]) == (True, "Credits come from Studio here")
    assert await house.rows("SELECT platform_workspace FROM workspace_identity WHERE platform_workspace = ''") == []
    assert (await says(house, "a fox --yes")).card is None


async def test_who_has_left_that_team_is_asked_again(house: Front) -> None:
    house.desk.messenger.workspaces = (STUDIO, SCHOOL)
    await presses(house, "home:team")
    house.desk.messenger.workspaces = (SCHOOL, Choice(value="third", label="Third"))
    assert "Whose credits" in shown(await says(house, "credits"))


async def test_nobody_chooses_a_team_that_is_not_theirs(house: Front) -> None:
    house.desk.messenger.workspaces = (SCHOOL,)
    assert "No such team" in shown(await presses(house, "home:team"))
    house.desk.messenger.workspaces = (STUDIO, SCHOOL)
    assert "Whose credits" in shown(await says(house, "credits"))


async def test_a_stranger_has_no_credits_anywhere(house: Front) -> None:
    assert "I share none with you here" in shown(await says(house, "a fox --yes"))
    assert await house.commands.complete(ALONE, "job", "") == ()
    assert await house.rows("SELECT id FROM ask") == []


async def test_buttons_and_glances_find_the_same_team(house: Front) -> None:
    house.desk.messenger.workspaces = (STUDIO,)
    job = await house.orders()
    assert job[:4] not in shown(await presses(house, f"receipt:{job}")).splitlines()[0]
    assert (await house.commands.glance(ALONE)).rows != ()
    assert [one.value for one in await house.commands.complete(ALONE, "job", "")] == [job]


async def test_an_ask_that_goes_on_elsewhere_is_told_where(house: Front) -> None:
    house.desk.messenger.workspaces = (STUDIO,)
    assert "the video comes to your direct messages" in shown(await says(house, "a fox --yes", apart=True))
    assert "direct messages" not in shown(await says(house, "credits", apart=True))


async def test_an_approval_pressed_alone_counts_for_the_team_that_was_asked(house: Front) -> None:
    about = await question(await led(house))
    house.desk.messenger.workspaces = (SCHOOL, Choice(value="team", label="Team"))
    assert shown(await house.presses(f"approve:{about}.112", by=CAT, team="")).startswith("Approved")
    assert await house.held() == 112


async def test_it_does_not_for_somebody_who_is_not_in_that_team(house: Front) -> None:
    about = await question(await led(house))
    house.desk.messenger.workspaces = (SCHOOL,)
    await house.presses(f"approve:{about}.112", by=CAT, team="")
    assert await house.held() == 0
