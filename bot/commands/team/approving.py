"""What needs an approver: asked for with a card where approvers read, decided once, then made or told why not.

Nothing is held while it waits. A yes is written down in the transaction that holds the credits and makes the jobs
(`asks.accept`), or, for more headroom without a job, in the one that gives it.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict

from bot.commands.admitting import Admission, spender_of
from bot.commands.asked import wish_of
from bot.commands.choosing import priced
from bot.commands.house import House, Who
from bot.commands.subwords.amounts import reason
from bot.commands.subwords.approvals import AskMore
from bot.commands.team.told import Told
from bot.commands.wording import approvals as wording
from bot.commands.wording.team import zone
from bot.credits.approvals import Approval, Why, Yes, find_approval
from bot.credits.people import accounts_of
from bot.credits.reports import Headroom
from bot.credits.rules import Rules, rules_of
from bot.errors import NeedsApproval, NotAllowed, NotFound, OverLimit, TooLate
from bot.jobs import approving, asks
from bot.jobs.approving import Copy, Question
from bot.jobs.asks import Decision, count_of, tag_of
from bot.jobs.notices import direct_place
from bot.jobs.work import place_json
from bot.kling.requests import Request, load_request
from bot.messaging import Actor, Card, Place, Press, Reply
from bot.providers.router import Quote
from bot.store.ids import new_id
from bot.store.scripts import Row

_DIGITS = 12


class Approving:
    """Asks approvers, and carries out what they say."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._admission = Admission(house)

    async def request(self, row: Row, who: Who, needs: NeedsApproval | OverLimit) -> Reply | None:
        """Let a quoted ask wait for approval, and show that to who asked. None where it is past being asked about."""
        why: Why = "price" if isinstance(needs, NeedsApproval) else "limit"
        total = Quote.model_validate_json(row["quote"]).credits * count_of(row)
        actor, place = Actor(**json.loads(row["actor"])), Place(**json.loads(row["place"]))
        question = Question(
            id=new_id(self._house.clock), workspace=row["workspace"], person=row["person"], ask=row["id"],
            actor=asdict(actor), place=place_json(place), message=row["message"], credits=total, why=why, reason="",
            groups=who.groups,
        )  # fmt: skip
        return await self._put(question, actor, who, place)

    async def request_more(self, told: Told, word: AskMore) -> Reply:
        """Ask for more headroom. A redelivery finds its own question, and so does who has one open."""
        await self._house.require_member(told.ask.actor)
        await self._house.require_place(told.ask.place)
        question = Question(
            id=_id_of(told.key), workspace=told.who.workspace, person=told.who.person, ask=None,
            actor=asdict(told.ask.actor), place=place_json(told.ask.place), message=told.ask.message,
            credits=word.credits, why="headroom", reason=word.reason, groups=told.who.groups,
        )  # fmt: skip
        reply = await self._put(question, told.ask.actor, told.who, told.ask.place)
        if reply is None:
            raise NotFound("ask", question.id)
        return reply

    async def waiting(self, row: Row, who: Who) -> Reply:
        """How an ask stands that waits for its approval."""
        found = await self._house.database.read(
            "SELECT id FROM approval WHERE ask = :ask AND state = 'open'", {"ask": row["id"]}
        )
        stands = await self._house.database.view(find_approval, found[0]["id"]) if found else None
        return Reply() if stands is None else await self._shown(stands, Actor(**stands.actor), who)

    async def approve(self, press: Press, argument: str, who: Who) -> Reply:
        """Yes: made, or given, and the person's own limits grow by as much."""
        return await self._approve(press, argument, who, "approved")

    async def approve_once(self, press: Press, argument: str, who: Who) -> Reply:
        """Yes to this job alone."""
        return await self._approve(press, argument, who, "once")

    async def deny(self, press: Press, argument: str, who: Who) -> Reply:
        """No, with a reason, which a form asks for."""
        approval = await self._to_decide(press, argument, who)
        if not approval.open_at(self._house.clock.now()):
            return Reply(card=await self._decided(approval))
        note = press.choices.get("reason", "").strip()
        if not note:
            return Reply(form=wording.denying(approval), card=wording.say_why(approval))
        if await self._house.database.run(
            approving.refuse, approval, by=who.person, note=reason(note), delivery=new_id(self._house.clock),
            now=self._house.clock.now(),
        ):  # fmt: skip
            await self._clear(approval)
        return Reply(card=await self._decided(approval))

    async def withdraw(self, press: Press, argument: str, who: Who) -> Reply:
        """Who asked doesn't want it any more."""
        approval = await self._find(argument, who)
        if approval.person != who.person:
            raise NotAllowed("withdraw", "owner")
        if not await self._house.database.run(approving.withdraw, approval, now=self._house.clock.now()):
            raise TooLate("withdraw", "")
        await self._clear(approval)
        self._house.ring()
        return Reply(card=wording.withdrawn(), replaces=True)

    async def may_decide(self, actor: Actor, who: Who, rules: Rules) -> bool:
        """Whether they are an approver here and now: named, or in a role that is; or an administrator."""
        if await self._house.is_admin(actor):
            return True
        named = any(who.spender().falls_under(scope) for scope in rules.approvers)
        return named and (await self._house.facts(actor)).active

    async def _put(self, question: Question, actor: Actor, who: Who, place: Place) -> Reply | None:
        copies = await self._copies(question, place)
        stands = await self._house.database.run(approving.ask_for, question, copies, now=self._house.clock.now())
        if stands is None:
            return None
        self._house.ring()
        return await self._shown(stands, actor, who, earlier=question.ask is None and stands.id != question.id)

    async def _shown(self, approval: Approval, actor: Actor, who: Who, *, earlier: bool = False) -> Reply:
        """To who asked: what waits, or what became of it."""
        if not approval.open_at(self._house.clock.now()):
            return Reply(card=await self._decided(approval))
        room = await self._house.headroom(who.spender(await self._house.heading(Place(**approval.place))))
        alone = not room.rules.own_approval and await self._house.is_admin(actor)
        return Reply(card=wording.waiting(approval, room, alone=alone, earlier=earlier))

    async def _copies(self, question: Question, place: Place) -> list[Copy]:
        """Where approvers read it: their channel, else the direct messages of those named, else where it was asked."""
        house = self._house
        rules = await house.database.view(rules_of, question.workspace)
        if rules.approvals_at is not None:
            return [Copy(delivery=new_id(house.clock), place=rules.approvals_at)]
        actors = await self._named(question, rules)
        if not actors:
            return [Copy(delivery=new_id(house.clock), place=place_json(place))]
        return [Copy(delivery=new_id(house.clock), place=place_json(direct_place(one)), to=one) for one in actors]

    async def _named(self, question: Question, rules: Rules) -> list[Actor]:
        """The approvers that are persons and active, each at one of their accounts."""
        found: list[Actor] = []
        for kind, _, person in (scope.partition(":") for scope in rules.approvers):
            if kind != "person" or (person == question.person and not rules.own_approval):
                continue
            accounts = await self._house.database.view(accounts_of, workspace=question.workspace, person=person)
            for platform, workspace, user, name in accounts:
                actor = Actor(platform=platform, workspace=workspace, user=user, name=name)
                if (await self._house.facts(actor)).active:
                    found.append(actor)
                    break
        return found

    async def _approve(self, press: Press, argument: str, who: Who, how: Yes) -> Reply:
        approval = await self._to_decide(press, argument, who)
        if not approval.open_at(self._house.clock.now()):
            return Reply(card=await self._decided(approval))
        shown = argument.partition(".")[2]
        if shown.isdecimal() and int(shown[:_DIGITS]) < approval.credits:
            return Reply(card=await self._anew(approval, int(shown[:_DIGITS])))
        if approval.ask is None:
            await self._house.require_member(Actor(**approval.actor))
            done = await self._house.database.run(
                approving.grant, approval, how, by=who.person, delivery=new_id(self._house.clock),
                now=self._house.clock.now(),
            )  # fmt: skip
            return await self._said(approval, mine=done)
        return await self._make(approval, approval.ask, Decision(approval=approval.id, how=how, by=who.person))

    async def _make(self, approval: Approval, ask: str, decision: Decision) -> Reply:
        """Price it again where that is too old, look, post the status card, and spend with the decision."""
        row = await self._house.database.view(asks.find_ask, ask)
        if row is None:
            raise NotFound("ask", ask)
        price = Quote.model_validate_json(row["quote"])
        if row["state"] == "approving" and price.expired(self._house.clock.now()):
            _, price = await priced(self._house, wish_of(row))
            total = price.credits * count_of(row)
            requoted = await self._house.database.run(
                approving.requote, approval, quote=price.model_dump_json(), credits=total,
                now=self._house.clock.now(),
            )  # fmt: skip
            self._house.ring()
            if requoted is None:
                return Reply(card=await self._decided(approval))
            if total > approval.credits:
                return Reply(card=await self._anew(await self._again(approval), approval.credits))
            row = requoted
        spender = await spender_of(self._house, row, waived=True)
        if row["state"] == "approving":
            await self._admission.look(spender, price, count_of(row))
        made = False
        with suppress(TooLate):  # decided by somebody else meanwhile; how, the card says
            made = await self._admission.admit(row, decision)
        return await self._said(approval, mine=made)

    async def _said(self, approval: Approval, *, mine: bool) -> Reply:
        """What came of a press: a word on what happens now, or who was first."""
        self._house.ring()
        after = await self._again(approval)
        if not mine and after.open_at(self._house.clock.now()):  # it costs more by now than was asked for
            raise TooLate("approve", "open")
        return Reply(card=wording.done(after) if mine else await self._decided(after))

    async def _to_decide(self, press: Press, argument: str, who: Who) -> Approval:
        """A question that they may decide. Raises NotFound and NotAllowed."""
        approval = await self._find(argument.partition(".")[0], who)
        rules = await self._house.database.view(rules_of, who.workspace)
        if not await self.may_decide(press.actor, who, rules):
            raise NotAllowed("approve", "approver")
        if approval.person == who.person and not rules.own_approval:
            raise NotAllowed("approve", "another")
        return approval

    async def _find(self, approval: str, who: Who) -> Approval:
        """One of this team's. Raises NotFound."""
        found = await self._house.database.view(find_approval, approval)
        if found is None or found.workspace != who.workspace:
            raise NotFound("ask", approval)
        return found

    async def _again(self, approval: Approval) -> Approval:
        return await self._house.database.view(find_approval, approval.id) or approval

    async def _clear(self, approval: Approval) -> None:
        """Status cards that a crash left behind go with an ask that comes to nothing."""
        row = await self._house.database.view(asks.find_ask, approval.ask) if approval.ask else None
        if row is not None:
            await self._admission.clear(row)
        self._house.ring()

    async def _decided(self, approval: Approval) -> Card:
        after = await self._again(approval)
        room = await self._house.headroom(Who(workspace=after.workspace, person=after.person).spender())
        row = await self._house.database.view(asks.find_ask, after.ask) if after.ask else None
        return wording.decided(after, request_of(row), zone(room))

    async def _anew(self, approval: Approval, before: int) -> Card:
        """The question at its new price, which nobody has said yes to."""
        row = await self._house.database.view(asks.find_ask, approval.ask) if approval.ask else None
        if row is None:
            return await self._decided(approval)
        room = await self._house.headroom(await spender_of(self._house, row))
        return wording.dearer(question_card(approval, row, room), before, approval.credits)


def question_card(approval: Approval, row: Row | None, room: Headroom) -> Card:
    """What approvers read of an open question; `row` is its ask, `room` the headroom of who asked."""
    if row is None:
        return wording.question(approval, None, room)
    return wording.question(approval, request_of(row), room, count=count_of(row), tag=tag_of(row))


def request_of(row: Row | None) -> Request | None:
    """What an ask wants to have made."""
    return load_request(row["request"]) if row is not None and row["request"] else None


def _id_of(key: str) -> str:
    """The id of a question that has no ask's: the same for each delivery of the same message."""
    return hashlib.sha256(key.encode()).hexdigest()[:20]
