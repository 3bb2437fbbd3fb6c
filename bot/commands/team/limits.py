"""`quota`, `quota set`, `quota clear`: the pool and the limits, shown and changed."""

from bot.commands.subwords.limits import SetCap, SetLimit
from bot.commands.team.scopes import Scope, resolve
from bot.commands.team.told import Doing, Told
from bot.commands.wording import team
from bot.credits.limits import Limit, Spender, clear_limit, find_limit, limits_of, set_limit, used_of
from bot.credits.rules import change_rules
from bot.messaging import Card, Reply
from bot.store.ids import new_id


async def show(told: Told) -> Reply:
    """The pool and every limit; or what a scope may use, and has used."""
    house, who = told.house, told.who
    if told.what is not None:
        return Reply(card=await _scope_card(told, await resolve(house, told.ask, who, told.what)))
    return Reply(card=await overview(told))


async def overview(told: Told, *, changed: bool = False, said: str = "") -> Card:
    """The pool, the limits and the rules, as an administrator sees them; `said` is what was just changed."""
    house, who = told.house, told.who
    room = await house.headroom(who.spender())
    limits = await house.database.view(limits_of, who.workspace)
    return team.quota(room, limits, changed=changed, said=said)


async def _scope_card(told: Told, scope: Scope) -> Card:
    house, who, now = told.house, told.who, told.house.clock.now()
    kind, _, name = scope.key.partition(":")
    if kind == "person":
        room = await house.headroom(Spender(workspace=who.workspace, person=name))
        return team.scope_of_person(scope.label, room)
    limit = await house.database.view(find_limit, who.workspace, scope.key)
    if limit is None:
        return team.no_limit(scope.label)
    room = await house.headroom(who.spender())
    under = Spender(workspace=who.workspace, person="")
    used = None if limit.personal else await house.database.view(used_of, limit, under, room.timezone, now)
    return team.scope_card(scope.label, limit, used)


async def change(told: Told) -> Reply:
    """Set a limit, or the cap on one job."""
    house, who, now = told.house, told.who, told.house.clock.now()
    if isinstance(told.what, SetCap):
        return await _change_cap(told, told.what)
    word: SetLimit = told.what
    scope = await resolve(house, told.ask, who, word.scope)
    await house.database.run(
        set_limit, workspace=who.workspace, scope=scope.key, credits=word.credits, period=word.period,
        label=scope.label, actor=who.person, now=now, audit=new_id(house.clock),
    )  # fmt: skip
    limit = Limit(scope=scope.key, credits=word.credits, period=word.period, label=scope.label)
    room = await house.headroom(who.spender())
    limits = await house.database.view(limits_of, who.workspace)
    return Reply(card=team.limit_set(limit, room, limits))


async def clear(told: Told) -> Reply:
    """Take a limit away."""
    house, who = told.house, told.who
    if isinstance(told.what, SetCap):
        return await _change_cap(told, told.what)
    scope = await resolve(house, told.ask, who, told.what)
    await house.database.run(
        clear_limit, workspace=who.workspace, scope=scope.key, actor=who.person, now=house.clock.now(),
        audit=new_id(house.clock),
    )  # fmt: skip
    return Reply(card=await overview(told, changed=True, said=team.limit_cleared(scope.label)))


async def _change_cap(told: Told, cap: SetCap) -> Reply:
    house, who = told.house, told.who
    await house.database.run(
        change_rules, workspace=who.workspace, changes={"job_cap": cap.credits}, actor=who.person,
        action="quota set job", detail="off" if cap.credits is None else str(cap.credits), now=house.clock.now(),
        audit=new_id(house.clock),
    )  # fmt: skip
    return Reply(card=await overview(told, changed=True, said=team.cap_set(cap.credits)))


DOING: Doing = {("quota", ""): show, ("quota", "set"): change, ("quota", "clear"): clear}
