"""`approvals`, `quota approve-over` and `approve-own`, `credits ask` and `credits gift`; and the cards of approvals."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands.house import House, Who
from bot.commands.subwords.approvals import ApproveOver, Decide, Gift
from bot.commands.team.announcing import Announcer, Sources
from bot.commands.team.approving import Approving, question_card, request_of
from bot.commands.team.scopes import Scope, channel_place, person, resolve
from bot.commands.team.told import Doing, Told
from bot.commands.typed import Typed
from bot.commands.wording import approvals as wording
from bot.commands.wording.team import zone
from bot.credits.allowances import gift
from bot.credits.approvals import Approval, find_approval, open_approvals, open_of_person
from bot.credits.limits import Spender
from bot.credits.people import accounts_of
from bot.credits.reports import headroom
from bot.credits.rules import Rules, change_rules, rules_of
from bot.errors import BadValue, NotFound, OverLimit, PoolEmpty
from bot.jobs import asks
from bot.jobs.approving import ANSWER, QUESTION
from bot.jobs.asks import spender_of
from bot.jobs.notices import Notice, direct_place, notify
from bot.jobs.work import place_json
from bot.kling.requests import Request
from bot.messaging import Actor, Ask, Press, Reply
from bot.store.ids import new_id
from bot.store.scripts import Row, Script

_GIFT = "gift"
"""The kind of notice that tells of a gift."""


class Approvals:
    """The verb `approvals`."""

    def __init__(self, house: House, approving: Approving) -> None:
        self._house, self._approving = house, approving

    async def word(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """What an approver may decide, and what anybody waits for themselves; or a typed decision."""
        if isinstance(typed.change, Decide):
            return await self._decide(ask, typed.change, who)
        house = self._house
        own = await house.database.view(open_of_person, who.person, who.workspace, now=house.clock.now())
        others = await self._with_requests(await self._open(ask, who))
        room = await house.headroom(who.spender())
        return Reply(card=wording.listed(others, await self._with_requests(own), zone(room)))

    async def _with_requests(self, found: Sequence[Approval]) -> list[tuple[Approval, Request | None]]:
        """Each with what its ask wants to have made."""
        view = self._house.database.view
        rows = [await view(asks.find_ask, one.ask) if one.ask else None for one in found]
        return [(one, request_of(row)) for one, row in zip(found, rows, strict=True)]

    async def _open(self, ask: Ask, who: Who) -> list[Approval]:
        """What they may decide now."""
        rules = await self._house.database.view(rules_of, who.workspace)
        if not await self._approving.may_decide(ask.actor, who, rules):
            return []
        found = await self._house.database.view(open_approvals, who.workspace, now=self._house.clock.now())
        return [one for one in found if one.person != who.person or rules.own_approval]

    async def _decide(self, ask: Ask, word: Decide, who: Who) -> Reply:
        """The button of the same name, for a whole id or one question's ending."""
        found = [one.id for one in await self._open(ask, who) if one.id.endswith(word.which)]
        name = found[0] if len(found) == 1 else word.which
        choices = {"reason": word.reason} if word.reason else {}
        press = Press(key=ask.key, actor=ask.actor, place=ask.place, action=word.how, choices=choices)
        if word.how == "deny":
            return await self._approving.deny(press, name, who)
        approve = self._approving.approve if word.how == "approve" else self._approving.approve_once
        return await approve(press, name, who)


async def _approve_over(told: Told) -> Reply:
    """From which price on somebody approves; who, and asked where, as far as it was said."""
    word: ApproveOver = told.what
    house, changes = told.house, dict[str, Any](approve_over=word.credits)
    detail = ["off" if word.credits is None else str(word.credits)]
    if word.approvers is not None:
        scopes = [await resolve(house, told.ask, told.who, one) for one in word.approvers]
        changes |= {"approvers": [one.key for one in scopes], "approver_names": [one.label for one in scopes]}
        detail.append(f"by {', '.join(one.label for one in scopes) or 'administrators'}")
    where = ""
    if word.channel is not None:
        place = await channel_place(house, told.ask, word.channel)
        await house.require_place(place)
        changes["approvals_at"] = place_json(place)
        where = f"in #{((await house.messenger(place.platform).place(place)).name or place.channel).lstrip('#')}"
        detail.append(where)
    elif word.nowhere:
        changes["approvals_at"] = None
        detail.append("in no channel")
    rules = await _change(told, changes, "quota approve-over", " ".join(detail))
    return Reply(card=wording.rules_set(rules, where or ("in their channel" if rules.approvals_at else "")))


async def _approve_own(told: Told) -> Reply:
    rules = await _change(told, {"own_approval": told.what}, "quota approve-own", "on" if told.what else "off")
    return Reply(card=wording.rules_set(rules, "in their channel" if rules.approvals_at else ""))


async def _change(told: Told, changes: Mapping[str, Any], action: str, detail: str) -> Rules:
    return await told.house.database.run(
        change_rules, workspace=told.who.workspace, changes=changes, actor=told.who.person, action=action,
        detail=detail, now=told.house.clock.now(), audit=new_id(told.house.clock),
    )  # fmt: skip


async def _ask_more(told: Told) -> Reply:
    return await Approving(told.house).request_more(told, told.what)


async def _gift(told: Told) -> Reply:
    """Headroom to somebody of the team, who reads it alone."""
    house, who, word = told.house, told.who, told.what
    await house.require_member(told.ask.actor)
    receiver = await person(house, told.ask, who, word.receiver)
    to = await _account(told, receiver)
    if receiver.key == f"person:{who.person}":
        raise BadValue("receiver", receiver.label)
    try:
        await house.database.run(
            _give, told, receiver.key.partition(":")[2], word, to, delivery=new_id(house.clock), now=house.clock.now()
        )  # fmt: skip
    except (OverLimit, PoolEmpty):
        return Reply(card=wording.too_generous(word.credits, await house.headroom(who.spender())))
    house.ring()
    room = await house.headroom(who.spender(await house.heading(told.ask.place)))
    return Reply(card=wording.given(receiver.label, word.credits, room))


async def _account(told: Told, receiver: Scope) -> Actor:
    """Where the receiver reads, as an active member. Raises NotFound."""
    accounts = await told.house.database.view(
        accounts_of, workspace=told.who.workspace, person=receiver.key.partition(":")[2]
    )
    for platform, workspace, user, name in accounts:
        actor = Actor(platform=platform, workspace=workspace, user=user, name=name)
        if (await told.house.facts(actor)).active:
            return actor
    raise NotFound("person", receiver.label)


def _give(told: Told, receiver: str, word: Gift, to: Actor, *, delivery: str, now: int) -> Script[None]:
    """The gift and the word of it, both or neither; again it does nothing."""
    given = yield from gift(
        giver=told.who.spender(), receiver=receiver, credits=word.credits, reason=word.reason, key=told.key, now=now
    )
    if given:
        facts = {"kind": _GIFT, "credits": word.credits, "giver": told.ask.actor.name, "reason": word.reason}
        yield from notify(delivery, place=place_json(direct_place(to)), facts=facts, now=now, to=to)


async def _announce(sources: Sources, facts: Mapping[str, Any], now: int) -> Notice:
    """What approvers see: the question while it is open, then what became of it."""
    approval, row = await _about(sources, facts)
    groups = [str(group) for group in facts.get("groups", ())]
    spender = Spender(workspace=approval.workspace, person=approval.person, groups=tuple(groups))
    if row is not None:
        spender = spender_of(row, groups=groups)
    room = await sources.database.view(headroom, spender=spender, now=now)
    if not approval.open_at(now):
        return Notice(card=wording.decided(approval, request_of(row), zone(room)))
    return Notice(card=question_card(approval, row, room))


async def _answer(sources: Sources, facts: Mapping[str, Any], now: int) -> Notice:
    """What the person is told who asked."""
    approval, row = await _about(sources, facts)
    spender = Spender(workspace=approval.workspace, person=approval.person)
    room = await sources.database.view(headroom, spender=spender, now=now)
    return Notice(card=wording.answer(approval, request_of(row), zone(room)))


async def _about(sources: Sources, facts: Mapping[str, Any]) -> tuple[Approval, Row | None]:
    """An approval and the ask that it is about, if it is about one. Raises NotFound."""
    approval = await sources.database.view(find_approval, str(facts.get("about", "")))
    if approval is None:
        raise NotFound("approval", str(facts.get("about", "")))
    row = await sources.database.view(asks.find_ask, approval.ask) if approval.ask else None
    return approval, row


async def _received(_sources: Sources, facts: Mapping[str, Any], _now: int) -> Notice:
    return Notice(card=wording.received(str(facts["giver"]), int(facts["credits"]), str(facts["reason"])))


DOING: Doing = {
    ("credits", "ask"): _ask_more,
    ("credits", "gift"): _gift,
    ("quota", "approve-over"): _approve_over,
    ("quota", "approve-own"): _approve_own,
}

ANNOUNCERS: Mapping[str, Announcer] = {QUESTION: _announce, ANSWER: _answer, _GIFT: _received}
