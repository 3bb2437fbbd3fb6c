"""Approvals as people meet them: somebody waits, approvers read a card, somebody is told."""

import pytest

from bot.credits.limits import Spender
from bot.messaging import Actor, ActorFacts, Card, Choice, Press, Reply
from tests.support.front import ADA, BEN, CAT, Front, actor, place, shown
from tests.support.messengers import Shown

WHY_NOT = "too dear for a draft"


async def led(house: Front) -> Front:
    """Cat is one of the Leads, and what costs more than 100 credits needs them or an administrator."""
    house.desk.messenger.known_groups = (Choice(value="r1", label="Leads"),)
    house.desk.messenger.members = {"r1": frozenset((CAT,))}
    assert shown(await house.says("quota approve-over 100 by role:Leads", by=ADA)).startswith("Changed")
    return house


async def question(house: Front, text: str = "a red fox --d 10 --yes", by: str = BEN) -> str:
    """Somebody asks for something that needs approval; the id of the question to approvers."""
    reply = await house.says(text, by=by)
    assert shown(reply).startswith("Waiting for approval: "), shown(reply)
    (row,) = await house.rows("SELECT id FROM approval WHERE state = 'open'")
    return str(row["id"])


async def card(house: Front, about: str, channel: str = "general") -> Card:
    """What approvers see of a question now."""
    return (await message(house, about, channel)).card


async def message(house: Front, about: str, channel: str = "general") -> Shown:
    await house.desk.settle()
    sql = "SELECT id FROM delivery WHERE facts LIKE :kind AND facts LIKE :about"
    rows = await house.rows(sql, kind='%"kind": "approval"%', about=f'%"{about}"%')
    (found,) = (house.desk.messenger.messages[row["id"]] for row in rows)
    assert found.place.channel == channel
    return found


async def told(house: Front) -> list[Shown]:
    """What people were told of their questions."""
    await house.desk.settle()
    rows = await house.rows("""SELECT id FROM delivery WHERE facts LIKE '%"kind": "answer"%'""")
    return [house.desk.messenger.messages[row["id"]] for row in rows]


async def state(house: Front, about: str) -> str:
    return str((await house.rows("SELECT state FROM approval WHERE id = :id", id=about))[0]["state"])


async def states(house: Front) -> tuple[str, str]:
    """Of the newest ask and of its question."""
    (row,) = await house.rows(
        "SELECT ask.state AS ask, approval.state AS approval FROM approval JOIN ask ON ask.id = approval.ask"
        " ORDER BY asked_at DESC LIMIT 1"
    )
    return row["ask"], row["approval"]


async def left(house: Front, who: str = BEN) -> int:
    """What somebody may still use of their own limit."""
    (row,) = await house.rows("SELECT person FROM person_identity WHERE platform_user = :who", who=who)
    spender = Spender(workspace=house.desk.workspace, person=row["person"])
    own = (await house.house.headroom(spender)).own
    assert own is not None
    return own.left


def actions(reply: Reply | Card) -> list[str]:
    found = reply if isinstance(reply, Card) else reply.card
    assert found is not None
    return [button.action.partition(":")[0] for button in found.buttons]


async def denies(house: Front, about: str, by: str = CAT) -> Reply:
    press = Press(
        key="no", actor=actor(by), place=place(), action=f"deny:{about}", choices={"reason": "too dear for a draft"}
    )
    return await house.commands.press(press)


def gone(house: Front, monkeypatch: pytest.MonkeyPatch, who: str, groups: tuple[str, ...] = ()) -> None:
    """Somebody left the team."""
    tells = house.desk.messenger.actor

    async def tell(one: Actor) -> ActorFacts:
        return ActorFacts(name=one.name, groups=groups) if one.user == who else await tells(one)

    monkeypatch.setattr(house.desk.messenger, "actor", tell)
