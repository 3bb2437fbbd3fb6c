"""Whose credits count where somebody talks to the bot alone, and the platform doesn't say for which of their teams."""

from dataclasses import replace

from bot.commands import wording
from bot.commands.house import House
from bot.credits.approvals import find_approval
from bot.credits.people import teams_of
from bot.errors import NotFound, WhichWorkspace
from bot.messaging import Actor, Choice, Reply
from bot.store.memory import Memory


class Homing:
    """Asks once, and only where there are several; holds only as long as the person is still there."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._memory = Memory(house.database, "homes")

    async def at_home(self, actor: Actor) -> Actor:
        """The actor with a workspace. Raises WhichWorkspace where they have to say, or have none."""
        if actor.workspace:
            return actor
        mine = await self._mine(actor)
        chosen = (await self._memory.get(_key(actor)) or {}).get("workspace")
        found = [one.value for one in mine if one.value == chosen] or [one.value for one in mine]
        if len(found) != 1:
            raise WhichWorkspace(tuple((one.value, one.label) for one in mine))
        return replace(actor, workspace=found[0])

    async def at_team_of(self, actor: Actor, approval: str) -> Actor:
        """The actor in the team whose approval that is, where it is one of theirs; else at home as always."""
        if not actor.workspace and (found := await self._house.database.view(find_approval, approval)):
            teams = await self._house.database.view(teams_of, found.workspace)
            for one in await self._mine(actor):
                if f"{actor.platform}:{one.value}" in teams:
                    return replace(actor, workspace=one.value)
        return await self.at_home(actor)

    async def choose(self, actor: Actor, workspace: str) -> Reply:
        """The answer to that question. Raises NotFound for a team that isn't theirs."""
        name = next((one.label for one in await self._mine(actor) if one.value == workspace), None)
        if name is None:
            raise NotFound("team", workspace)
        await self._memory.put(_key(actor), {"workspace": workspace})
        return Reply(card=wording.at_home(name), replaces=True)

    async def _mine(self, actor: Actor) -> tuple[Choice, ...]:
        return (await self._house.facts(replace(actor, workspace=""))).workspaces


def _key(actor: Actor) -> str:
    return f"{actor.platform}:{actor.user}"
