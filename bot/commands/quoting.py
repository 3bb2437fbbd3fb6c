"""From a draft to an ask's row with its price, and from there to the question, the ways out, or the job."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bot.commands import wording
from bot.commands.admitting import Admission, spender_of
from bot.commands.asked import (
    Alternative,
    Proposal,
    key_of,
    new_row,
    options,
    proposal_of,
    total_of,
    wish_of,
    with_proposal,
)
from bot.commands.build import Wish
from bot.commands.choosing import priced
from bot.commands.drafting import Draft
from bot.commands.enhancers import improvement, prompt_of
from bot.commands.house import House, Who
from bot.commands.pictures import keep
from bot.commands.team.approving import Approving
from bot.commands.wording.approvals import needing
from bot.errors import NeedsApproval, NotAllowed, NotFound, OverLimit, Refusal, TooLate
from bot.jobs import asks
from bot.jobs.asks import count_of, tag_of
from bot.kling.requests import Effect, ImageToVideo, Request, dump_request
from bot.messaging import Ask, Place, Reply
from bot.providers.router import Quote
from bot.store.ids import new_id
from bot.store.scripts import Row, first, one

_DIGITS = 12
"""More than any price has."""


class Quoting:
    """Prices drafts and keeps them as asks, until somebody says yes or no."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._admission = Admission(house)
        self._approving = Approving(house)

    async def go(self, ask: Ask, draft: Draft, who: Who, *, asking: bool = False) -> Reply:
        """Price it; then the price card, the question, or the job. Nothing is stored before every look has passed.

        `asking` puts the question whatever it costs.
        """
        want = draft.want
        await self._house.require_allowed(who.workspace, want.request)
        choice, price = await priced(self._house, want)
        if want.dry:
            room = await self._house.headroom(who.spender(await self._house.heading(ask.place), want.tag))
            card = wording.prices(
                choice, price, want.request, room, want.notes, credit_microusd=self._house.policy.credit_microusd,
                count=want.count, tag=want.tag,
            )  # fmt: skip
            return Reply(card=wording.pictured(card, want.request, stored=[], imagined=True))
        try:
            await self._house.require_place(ask.place)
            await self._house.require_member(ask.actor)
            spender = who.spender(await self._house.heading(ask.place), want.tag)
            needs = await self._admission.obstacle(spender, price, want.count)
        except Refusal:
            if await self.earlier(ask) is None:
                raise
            return Reply()  # the same ask, delivered at the same moment, took what this one misses
        row = await self._received(ask, draft, who)
        if row["state"] == "received":
            confirming = asking or (
                not want.yes and (bool(needs) or want.guessed or await self._is_dear(who, price.credits * want.count))
            )
            row = await self._quoted(row, want, confirming=confirming)
        return await self.go_on(row, who)

    async def propose(self, ask: Ask, error: Refusal, ways: Sequence[tuple[str, Draft]], who: Who) -> Reply | None:
        """Ways out of a refusal, each at its price behind a button; None where none of them can be had."""
        found: list[tuple[Alternative, Draft]] = []
        for label, draft in ways:
            with suppress(Refusal):
                await self._house.require_allowed(who.workspace, draft.want.request)
                _, price = await priced(self._house, draft.want)
                found.append((Alternative(label, draft.want, price), draft))
        if not found:
            return None
        said = wording.refusal(error)
        rows = [(row.name, row.value) for row in said.rows]
        proposal = Proposal(said.title, said.text, [way for way, _ in found], rows=rows)
        if found[0][1].want.dry:
            return Reply(card=wording.proposed_prices(proposal))
        await self._house.require_place(ask.place)
        pictures = {picture.sha256: picture for _, draft in found for picture in draft.taken}
        first_draft = replace(found[0][1], taken=list(pictures.values()))
        row = await self._received(ask, first_draft, who)
        if row["state"] == "received":
            row = await self._write(
                row, found[0][0].want, found[0][0].price, confirming=True, proposal=proposal
            )  # fmt: skip
        return await self.go_on(row, who)

    async def offer(self, row: Row, proposal: Proposal, who: Who) -> Reply:
        """Ask a standing question anew, with several ways to answer it."""
        way = proposal.ways[0]
        return await self.go_on(await self._write(row, way.want, way.price, confirming=True, proposal=proposal), who)

    async def earlier(self, ask: Ask) -> Row | None:
        """The ask as an earlier delivery of it left it; None where none came as far as a quote."""
        row = first(await self._house.database.read("SELECT * FROM ask WHERE key = :key", {"key": key_of(ask)}))
        return None if row is None or row["state"] == "received" else row

    async def go_on(self, row: Row, who: Who) -> Reply:
        """From the quote on: the question, or the job. Again it changes nothing, and goes on where a crash was.

        Where that was so long ago that the price has run out, it is made anew and asked about.
        """
        if row["state"] == "quoted" and self._has_expired(row):
            await self._house.database.run(asks.question_ask, row["id"])
            row = await self._quoted(row, wish_of(row), confirming=True)
        if row["state"] == "confirming":
            return await self._question(row, who)
        if row["state"] == "approving":
            return await self._approving.waiting(row, who)
        if row["state"] == "quoted" and (needs := await self._needs(row, who)):
            return await self._approving.request(row, who, needs) or Reply()
        if row["state"] == "quoted":
            with suppress(TooLate):  # refused in an equal delivery meanwhile, which has said why
                await self._admission.admit(row)
        return Reply()

    async def confirm(self, argument: str, who: Who) -> Reply:
        """Yes to a quote: one job, however often it is pressed. An expired quote is made anew and asked again.

        So is one that isn't what the button showed: dearer by now, or one of several ways of which none was chosen.
        """
        ask, _, shown = argument.partition(".")
        row = await self.open(ask, who, "confirm")
        if _was_not_shown(row, shown):
            return replace(await self._question(row, who), replaces=True)
        return await self._confirm(row, who)

    async def pick(self, argument: str, who: Who) -> Reply:
        """Yes to one of several ways out, at the price that its button showed."""
        ask, _, number = argument.partition(".")
        row = await self.open(ask, who, "confirm")
        proposal = proposal_of(row)
        if proposal is None or not number.isdecimal() or int(number) >= len(proposal.ways):
            raise NotFound("ask", ask)
        way = proposal.ways[int(number)]
        chosen = replace(proposal, chosen=int(number))
        row = await self._write(row, way.want, way.price, confirming=True, proposal=chosen)
        self._check_open(row)
        return await self._confirm(row, who)

    async def swap(self, ask: str, who: Who) -> Reply:
        """The two pictures of a question the other way round, asked anew."""
        row = await self.open(ask, who, "swap")
        want = wish_of(row)
        turned = swapped(want.request)
        if turned is None:
            raise NotFound("ask", ask)
        row = await self._quoted(row, replace(want, request=turned), confirming=True)
        self._check_open(row)
        return replace(await self._question(row, who), replaces=True)

    async def drop(self, ask: str, who: Who) -> Reply:
        """No to a quote."""
        await self._own(ask, who, "drop")
        if not await self._house.database.run(asks.end_ask, ask, "refused"):
            raise TooLate("drop", (await self._own(ask, who, "drop"))["state"])
        return Reply(card=wording.dropped(), replaces=True)

    async def _confirm(self, row: Row, who: Who) -> Reply:
        price = Quote.model_validate_json(row["quote"])
        if self._has_expired(row):
            row = await self._quoted(row, wish_of(row), confirming=True)
            self._check_open(row)
            return replace(await self._question(row, who), replaces=True)
        await self._house.require_allowed(who.workspace, wish_of(row).request)
        try:
            spender = await spender_of(self._house, row)
            needs = await self._admission.obstacle(spender, price, count_of(row))
        except Refusal:
            await self.open(row["id"], who, "confirm")  # the same yes may have taken what this one misses
            raise
        if needs is not None:
            reply = await self._approving.request(row, who, needs)
            if reply is None:  # the same again
                raise TooLate("confirm", (await self._own(row["id"], who, "confirm"))["state"])
            return replace(reply, replaces=True)
        await self._admission.admit(row)
        return Reply(card=wording.confirmed(), replaces=True)

    async def _received(self, ask: Ask, draft: Draft, who: Who) -> Row:
        """The ask's row, made now or by an earlier delivery; its pictures are stored before it."""
        await keep(self._house, draft.taken, owner=who.person)
        new = new_row(new_id(self._house.clock), ask, who, draft)
        return await self._house.database.run(asks.receive, new, now=self._house.clock.now())

    async def _quoted(self, row: Row, want: Wish, *, confirming: bool) -> Row:
        """The ask with a fresh quote; as it stands where somebody else was first."""
        _, price = await priced(self._house, want)
        proposal = proposal_of(row) if row["state"] == "confirming" else None
        return await self._write(row, want, price, confirming=confirming, proposal=proposal)

    async def _write(
        self, row: Row, want: Wish, price: Quote, *, confirming: bool, proposal: Proposal | None = None
    ) -> Row:
        quoted = await self._house.database.run(
            asks.quote_ask,
            row["id"],
            request=dump_request(want.request),
            options=with_proposal(want, proposal) if proposal else options(want),
            quote=price.model_dump_json(),
            confirming=confirming,
            now=self._house.clock.now(),
        )
        if quoted is not None:
            return quoted
        return one(await self._house.database.read("SELECT * FROM ask WHERE id = :id", {"id": row["id"]}))

    async def _question(self, row: Row, who: Who) -> Reply:
        proposal = proposal_of(row)
        if proposal is not None and proposal.chosen is None:
            return Reply(card=wording.proposed(row["id"], proposal))
        want = wish_of(row)
        choice, _ = await priced(self._house, want)
        channel = await self._house.heading(Place(**json.loads(row["place"])))
        room = await self._house.headroom(who.spender(channel, want.tag))
        card = wording.question(
            row["id"], choice, Quote.model_validate_json(row["quote"]), want.request, room, want.notes,
            credit_microusd=self._house.policy.credit_microusd, count=want.count, tag=want.tag,
        )  # fmt: skip
        if needs := await self._needs(row, who):
            card = needing(card, needs, room.rules)
        how = improvement(self._house)
        if how is not None and proposal is None and prompt_of(want.request):
            card = wording.improvable(card, row["id"], how.credits)
        swap = row["id"] if swapped(want.request) is not None else ""
        return Reply(card=wording.pictured(card, want.request, stored=wording.changes(row["pictures"]), swap=swap))

    async def _needs(self, row: Row, who: Who) -> NeedsApproval | OverLimit | None:
        """What an approver could lift; None where nothing stands in the way, or something that nobody lifts here."""
        spender = who.spender(await self._house.heading(Place(**json.loads(row["place"]))), tag_of(row))
        with suppress(Refusal):  # what holds says so when it counts
            return await self._admission.obstacle(spender, Quote.model_validate_json(row["quote"]), count_of(row))
        return None

    async def _is_dear(self, who: Who, credits: int) -> bool:
        """Whether the team wants to be asked before that much is spent."""
        row = one(
            await self._house.database.read("SELECT confirm_over FROM workspace WHERE id = :id", {"id": who.workspace})
        )
        return credits > int(row["confirm_over"])

    def _has_expired(self, row: Row) -> bool:
        """Whether the price of an ask is too old to be paid."""
        return Quote.model_validate_json(row["quote"]).expired(self._house.clock.now())

    def _check_open(self, row: Row) -> None:
        """Raise TooLate unless the question still waits for its answer."""
        if row["state"] != "confirming":
            raise TooLate("confirm", row["state"])

    async def open(self, ask: str, who: Who, action: str) -> Row:
        """The question of this very person that waits for its answer. Raises NotFound, NotAllowed and TooLate."""
        row = await self._own(ask, who, action)
        self._check_open(row)
        return row

    async def _own(self, ask: str, who: Who, action: str) -> Row:
        """An ask of this very person; raises NotFound and NotAllowed."""
        row = await self._house.database.view(asks.find_ask, ask)
        if row is None or row["workspace"] != who.workspace:
            raise NotFound("ask", ask)
        if row["person"] != who.person:
            raise NotAllowed(action, "owner")
        return row


def _was_not_shown(row: Row, credits: str) -> bool:
    """Whether a question is another than the one that was answered; its button says for how many credits it stood.

    A yes pressed twice comes back to a question that the first press has asked anew, at a price that nobody has read.
    """
    proposal = proposal_of(row)
    if proposal is not None and proposal.chosen is None:
        return True
    return credits.isdecimal() and int(credits[:_DIGITS]) < total_of(row)


def swapped(request: Request) -> Request | None:
    """The request with its two pictures the other way round; None where there aren't two that can change places."""
    if isinstance(request, ImageToVideo) and request.start and request.end:
        return request.model_copy(update={"start": request.end, "end": request.start})
    if isinstance(request, Effect) and len(request.people) == 2:
        return request.model_copy(update={"people": request.people[::-1]})
    return None
