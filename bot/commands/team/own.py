"""`credits`: what a person can still spend, and why not more."""

from bot.commands.team.told import Doing, Told
from bot.commands.wording import team
from bot.messaging import Reply


async def show(told: Told) -> Reply:
    """What the person can still spend, which limit binds, and the last jobs."""
    house, who = told.house, told.who
    room = await house.headroom(who.spender(await house.heading(told.ask.place)))
    views = await house.reader.of_person(who.person, who.workspace)
    return Reply(card=team.credits(room, views, house.clock.now()))


DOING: Doing = {("credits", ""): show}
