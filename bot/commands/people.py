"""From a platform's ids to ours: whoever is seen for the first time gets a row, with the operator's policy."""

from bot.commands.house import House, Who
from bot.credits.people import ensure_person, ensure_workspace
from bot.credits.policy import ADMITTED, NOT_ADMITTED
from bot.messaging import Actor
from bot.store.ids import new_id


async def who_is(house: House, actor: Actor) -> Who:
    """Our ids of an actor. A workspace that the operator has not admitted starts with an empty pool."""
    clock = house.clock
    admitted = f"{actor.platform}:{actor.workspace}" in house.policy.admitted
    workspace = await house.database.run(
        ensure_workspace,
        platform=actor.platform,
        platform_workspace=actor.workspace,
        name=actor.workspace,
        policy=ADMITTED if admitted else NOT_ADMITTED,
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
    return Who(workspace=workspace, person=person)
