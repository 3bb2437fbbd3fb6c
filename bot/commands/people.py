"""From a platform's ids to ours: whoever is seen for the first time gets a row, with the operator's policy."""

from bot.commands.house import House, Who
from bot.credits.people import FIND_PERSON, FIND_WORKSPACE, accounts_of, ensure_person, ensure_workspace
from bot.credits.policy import ADMITTED, NOT_ADMITTED
from bot.messaging import Actor
from bot.store.ids import new_id
from bot.store.scripts import Script, first


async def who_is(house: House, actor: Actor) -> Who:
    """Our ids of an actor. A workspace that the operator has not admitted starts with an empty pool."""
    clock = house.clock
    workspace = await house.database.run(
        ensure_workspace,
        platform=actor.platform,
        platform_workspace=actor.workspace,
        name=actor.workspace,
        policy=ADMITTED if house.admits(actor) else NOT_ADMITTED,
        new_id=new_id(clock),
        now=clock.now(),
    )
    person = await house.database.run(
        ensure_person,
        platform=actor.platform,
        platform_workspace=actor.workspace,
        platform_user=actor.user,
        name=actor.name or actor.user,
        new_id=new_id(clock),
        now=clock.now(),
    )
    groups = await groups_of(house, workspace, person, actor)
    return Who(workspace=workspace, person=person, groups=groups)


async def groups_of(house: House, workspace: str, person: str, actor: Actor) -> tuple[str, ...]:
    """The roles and user groups of a person, as `platform:id`: those of each account that they have in this team.

    So a limit on a role holds for whoever has it, in whichever chat they ask.
    """
    facts = await house.facts(actor)
    found = [f"{actor.platform}:{group}" for group in facts.groups]
    for platform, team, user, name in await house.database.view(accounts_of, workspace=workspace, person=person):
        if (platform, team, user) != (actor.platform, actor.workspace, actor.user):
            other = await house.facts(Actor(platform=platform, workspace=team, user=user, name=name))
            found += [f"{platform}:{group}" for group in other.groups if other.active]
    return tuple(found)


async def known(house: House, actor: Actor) -> Who:
    """The same, only looked up: both ids are empty where somebody or their workspace was never seen."""
    workspace, person = await house.database.view(_known, actor)
    return Who(workspace=workspace, person=person if workspace else "")


def _known(actor: Actor) -> Script[tuple[str, str]]:
    at = {"platform": actor.platform, "platform_workspace": actor.workspace}
    workspace = first((yield FIND_WORKSPACE, at))
    person = first((yield FIND_PERSON, {**at, "platform_user": actor.user}))
    return (str(workspace["id"]) if workspace else "", str(person["id"]) if person else "")
