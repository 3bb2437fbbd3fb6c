"""`quota link` and `credits link`: a code shown in one chat, and typed in the other."""

from bot.commands.team.files import named_by
from bot.commands.team.told import Doing, Told
from bot.commands.wording import linking as wording
from bot.credits.linking import Kind, join_person, join_team, new_code, offer
from bot.credits.people import teams_of
from bot.errors import LinkRefused
from bot.messaging import Reply

_JOIN = {"workspace": join_team, "person": join_person}


async def _team(told: Told) -> Reply:
    """Who was only let in to an admitted team's pool gives it to nobody else, and takes it nowhere."""
    teams = await told.house.database.view(teams_of, told.who.workspace)
    if told.house.policy.admitted.intersection(teams):
        told.house.require_trust(told.ask.actor, "quota")
    return await _link(told, "workspace")


async def _own(told: Told) -> Reply:
    return await _link(told, "person")


async def _link(told: Told, kind: Kind) -> Reply:
    house, who, now = told.house, told.who, told.house.clock.now()
    if not told.what:
        code = new_code(house.clock)
        await house.database.run(offer, kind, code, workspace=who.workspace, person=who.person, now=now)
        return Reply(card=wording.code(kind, code))
    linked = await house.database.run(
        _JOIN[kind], told.what, workspace=who.workspace, person=who.person, now=now, audit=named_by(told.key, kind)
    )
    if isinstance(linked, str):
        raise LinkRefused(kind, linked)
    return Reply(card=wording.joined(kind, linked.moved))


DOING: Doing = {("quota", "link"): _team, ("credits", "link"): _own}
