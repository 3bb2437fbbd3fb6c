"""People come and go (I15): whoever isn't an active member now makes nothing, also of what they were asked before."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.membership import BELIEVED_MS, Members
from bot.messaging import Actor, ActorFacts, Ask, Choice, Place
from bot.messaging.failures import TryLater
from tests.support.front import ADA, BEN, CAT, PRICE, Front, actor, front, shown
from tests.support.messengers import FakeMessenger

MINUTE = BELIEVED_MS / 1000
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def test_who_left_orders_nothing_and_can_still_look(house: Front) -> None:
    """Removed: `require_member` in Quoting.go (an ask was stored)."""
    house.desk.messenger.gone = {BEN}
    said = shown(await house.says("a red fox --yes"))
    assert said.startswith("Only for members of the team\nFake doesn't say that you are an active member")
    assert (await house.counted(), house.desk.messenger.posts) == ((0, 0, 0), 0)
    assert await house.rows("SELECT id FROM ask") == []
    assert shown(await house.says("credits")).startswith("You can spend")


async def test_a_question_is_not_answered_by_who_left_meanwhile(house: Front) -> None:
    """Removed: `spender_of` in Quoting._confirm and in Admission.admit."""
    ask = await house.asked()
    house.desk.messenger.gone = {BEN}
    house.desk.clock.advance(MINUTE)
    assert "Only for members" in shown(await house.presses(f"confirm:{ask}"))
    assert await house.counted() == (0, 0, 0)
    house.desk.messenger.gone = set()
    assert shown(await house.presses(f"confirm:{ask}")).startswith("Yes")


async def test_a_yes_is_believed_for_a_minute_a_no_is_asked_again(house: Front) -> None:
    messenger, members = FakeMessenger(), Members()
    ben = actor(BEN)
    assert (await members.facts(ben, messenger, 0)).active
    messenger.gone = {BEN}
    assert (await members.facts(ben, messenger, BELIEVED_MS - 1)).active
    assert not (await members.facts(ben, messenger, BELIEVED_MS)).active
    messenger.gone = set()
    assert (await members.facts(ben, messenger, BELIEVED_MS + 1)).active
    assert (await members.facts(ben, messenger, 0)).active, "a clock that was set back"
    assert (await members.facts(ben, None, 10 * BELIEVED_MS)) == ActorFacts(name=ben.name)


async def test_one_team_says_nothing_of_another(house: Front) -> None:
    messenger, members = FakeMessenger(), Members()
    assert (await members.facts(actor(BEN, "team"), messenger, 0)).active
    messenger.gone = {BEN}
    assert not (await members.facts(actor(BEN, "small"), messenger, 0)).active


async def test_a_platform_that_does_not_answer_lets_nobody_spend(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(someone: Actor) -> ActorFacts:
        raise TryLater("away")

    await house.says("help")
    house.desk.clock.advance(MINUTE)
    monkeypatch.setattr(house.desk.messenger, "actor", away)
    assert shown(await house.says("a red fox --yes")).startswith("That didn't work")
    assert (await house.counted(), house.desk.messenger.posts) == ((0, 0, 0), 0)


async def test_the_command_line_is_always_somebody(house: Front) -> None:
    cli = Actor(platform="cli", workspace="cli", user="root", name="root")
    facts = await house.house.require_member(cli)
    assert (facts.active, facts.admin) == (True, True)


async def test_in_direct_messages_it_is_the_chosen_teams_membership_that_counts(house: Front) -> None:
    house.desk.messenger.workspaces = (Choice(value="team", label="Team"),)
    alone = replace(actor(BEN), workspace="")
    there = Place(platform="fake", workspace="", channel="direct-ben")
    ask = Ask(key="d1", actor=alone, place=there, text="a red fox --yes")
    assert (await house.commands.ask(ask)).card is None
    assert (await house.counted())[2] == PRICE
    house.desk.messenger.gone = {BEN}
    house.desk.clock.advance(MINUTE)
    assert "Only for members" in shown(await house.commands.ask(replace(ask, key="d2")))


async def test_a_roles_limit_holds_in_whichever_chat_they_ask(house: Front) -> None:
    """Removed: the other accounts in `groups_of` (from the chat without the role they spent on)."""
    house.desk.messenger.known_groups = (Choice(value="7", label="Interns"),)
    house.desk.messenger.members = {"7": frozenset((BEN,))}
    await house.says("quota set role:Interns 60/month", by=ADA)
    word = CODE.search(shown(await house.says("quota link", by=ADA)))
    assert word
    await house.says(f"quota link {word[0]}", by=ADA, team="other")
    word = CODE.search(shown(await house.says("credits link", by=BEN)))
    assert word
    await house.says(f"credits link {word[0]}", by=CAT, team="other")
    await house.orders(by=BEN)
    said = shown(await house.says("a red fox --yes", by=CAT, team="other"))
    assert "The limit of Interns is 60 credits a month: 4 credits left" in said
    assert (await house.counted())[2] == PRICE


async def test_groups_are_those_of_the_moment_it_is_bought(house: Front) -> None:
    """Removed: groups in `spender_of` (the role's limit was not asked)."""
    house.desk.messenger.known_groups = (Choice(value="7", label="Designers"),)
    await house.says("quota set role:Designers 60/month", by=ADA)
    ask = await house.asked()
    house.desk.messenger.members = {"7": frozenset((BEN,))}
    house.desk.clock.advance(MINUTE)
    await house.says("quota approve-over off", by=ADA)
    reply = shown(await house.presses(f"confirm:{ask}"))
    assert "The limit of Designers is 60 credits a month: 60 credits left, and this costs 112" in reply
