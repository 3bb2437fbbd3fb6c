"""`quota refill`, `topup`, `refund` and `timezone`: what fills the pool."""

from bot.commands.subwords.pool import SetRefill, TopUp
from bot.commands.team.limits import overview
from bot.commands.team.told import Doing, Told
from bot.commands.wording import team
from bot.credits.ledger import refund
from bot.credits.pool import set_refill, set_timezone, top_up
from bot.credits.rules import note
from bot.messaging import Reply
from bot.store.ids import new_id
from bot.store.scripts import Script


async def _refill(told: Told) -> Reply:
    told.house.require_trust(told.ask.actor, "quota")
    word: SetRefill = told.what
    await told.house.database.run(_set_refill, told, word, new_id(told.house.clock), told.house.clock.now())
    return Reply(card=await overview(told, changed=True, said=team.refill_set(word.credits, word.period)))


def _set_refill(told: Told, word: SetRefill, audit: str, now: int) -> Script[None]:
    workspace, actor = told.who.workspace, told.who.person
    yield from set_refill(workspace=workspace, credits=word.credits, period=word.period, now=now, actor=actor)
    detail = f"{word.credits}/{word.period}"
    yield from note(
        workspace=workspace, actor=actor, action="quota refill", subject="", detail=detail, now=now, audit=audit
    )  # fmt: skip


async def _topup(told: Told) -> Reply:
    told.house.require_trust(told.ask.actor, "quota")
    word: TopUp = told.what
    await told.house.database.run(_top_up, told, word, new_id(told.house.clock), told.house.clock.now())
    return Reply(card=await overview(told, changed=True, said=team.topped_up(word.credits, word.reason)))


def _top_up(told: Told, word: TopUp, audit: str, now: int) -> Script[None]:
    workspace, actor = told.who.workspace, told.who.person
    added = yield from top_up(
        workspace=workspace, credits=word.credits, reason=word.reason, now=now, actor=actor, key=told.key
    )  # fmt: skip
    if added:
        detail = f"{word.credits} {word.reason}".strip()
        yield from note(
            workspace=workspace, actor=actor, action="quota topup", subject="", detail=detail, now=now, audit=audit
        )  # fmt: skip


async def _refund(told: Told) -> Reply:
    house, who, word = told.house, told.who, told.what
    house.require_trust(told.ask.actor, "quota")
    view = await house.named_job(word.job, who)
    given = await house.database.run(
        refund, workspace=who.workspace, job=view.id, now=house.clock.now(), actor=who.person, reason=word.reason,
        key=told.key, audit=new_id(house.clock),
    )  # fmt: skip
    return Reply(card=team.refunded(view, given, word.reason))


async def _timezone(told: Told) -> Reply:
    house, who = told.house, told.who
    await house.database.run(_set_timezone, told, new_id(house.clock), house.clock.now())
    return Reply(card=team.timezone_set(await house.headroom(who.spender())))


def _set_timezone(told: Told, audit: str, now: int) -> Script[None]:
    workspace, actor = told.who.workspace, told.who.person
    yield from set_timezone(workspace=workspace, timezone=told.what, now=now)
    yield from note(
        workspace=workspace, actor=actor, action="quota timezone", subject="", detail=told.what, now=now, audit=audit
    )  # fmt: skip


DOING: Doing = {
    ("quota", "refill"): _refill,
    ("quota", "topup"): _topup,
    ("quota", "refund"): _refund,
    ("quota", "timezone"): _timezone,
}
