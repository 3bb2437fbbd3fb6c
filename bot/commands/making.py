"""Verbs that make videos: from words and pictures to a quote, from a quote to held credits and a job.

Everything that refuses does so before anything is stored or held. Spending happens in one transaction (`asks.accept`),
after the status card is posted, so that a place where the bot can't answer is found out first.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bot.commands import wording
from bot.commands.admitting import Admission
from bot.commands.asked import key_of, new_row, options, wish_of
from bot.commands.build import PictureSlot, Wish, build, wish
from bot.commands.grammar import Typed
from bot.commands.house import House, Who
from bot.commands.pictures import Taken, keep, take
from bot.commands.words import PICTURES_MAX
from bot.errors import BadValue, BlobMissing, NotAllowed, NotFound, Refusal, TooLate
from bot.jobs import asks
from bot.jobs.views import JobView
from bot.kling.requests import dump_request
from bot.messaging import Ask, Press, Reply
from bot.providers.router import Choice, Quote, choose, keep_to_budget, quote
from bot.store.ids import new_id
from bot.store.scripts import Row, first, one


class Making:
    """`video`, `animate`, `cost`, `again`, and the buttons of a quote."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._admission = Admission(house)

    async def order(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """A video from what was typed and attached; with `cost` or `--dry` its price only."""
        if (row := await self._earlier(ask)) is not None:
            return await self._go_on(row, who)
        given = len(ask.attachments) + len(typed.addresses)
        if given > PICTURES_MAX:
            raise BadValue("pictures", str(given), (str(PICTURES_MAX),))
        taken = await take(self._house, ask.attachments, typed.addresses)
        attached = len(ask.attachments)
        slots = [
            PictureSlot(ref=picture.ref, address=typed.addresses[number - attached] if number >= attached else None)
            for number, picture in enumerate(taken)
        ]
        return await self._go(ask, build(typed, slots), taken, who)

    async def again(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """The same request once more, as a new job with a new price."""
        if (row := await self._earlier(ask)) is not None:
            return await self._go_on(row, who)
        view = await self._house.named_job(typed.job or ask.about or "1", who)
        return await self._go(ask, wish(typed, view.request), await self._stored(view), who, parent=view)

    async def press_again(self, press: Press, job: str, who: Who) -> Reply:
        """The button of the same name."""
        ask = Ask(key=press.key, actor=press.actor, place=press.place, text="again")
        if (row := await self._earlier(ask)) is not None:
            return await self._go_on(row, who)
        view = await self._house.job(job, who.workspace)
        return await self._go(ask, Wish(request=view.request), await self._stored(view), who, parent=view)

    async def confirm(self, press: Press, ask: str, who: Who) -> Reply:
        """Yes to a quote: one job, however often it is pressed. An expired quote is made anew and asked again."""
        row = await self._own(ask, who, "confirm")
        self._check_open(row)
        price = Quote.model_validate_json(row["quote"])
        if price.expired(self._house.clock.now()):
            row = await self._quoted(row, wish_of(row), confirming=True)
            self._check_open(row)
            return replace(await self._question(row, who), replaces=True)
        try:
            await self._admission.look(who, price)
        except Refusal:
            self._check_open(await self._own(ask, who, "confirm"))  # the same yes may have taken what this one misses
            raise
        await self._admission.admit(row)
        return Reply(card=wording.confirmed(), replaces=True)

    async def drop(self, press: Press, ask: str, who: Who) -> Reply:
        """No to a quote."""
        await self._own(ask, who, "drop")
        if not await self._house.database.run(asks.end_ask, ask, "refused"):
            raise TooLate("drop", (await self._own(ask, who, "drop"))["state"])
        return Reply(card=wording.dropped(), replaces=True)

    async def _go(self, ask: Ask, want: Wish, taken: Sequence[Taken], who: Who, parent: JobView | None = None) -> Reply:
        """Price it; then the price card, the question, or the job. Nothing is stored before every look has passed."""
        choice, price = self._price(want)
        if want.dry:
            room = await self._house.headroom(who.person, who.workspace)
            return Reply(card=wording.prices(choice, price, want.request, room, want.notes))
        try:
            await self._house.require_place(ask.place)
            await self._admission.look(who, price)
        except Refusal:
            if await self._earlier(ask) is None:
                raise
            return Reply()  # the same ask, delivered at the same moment, took what this one misses
        await keep(self._house, taken, owner=who.person)
        new = new_row(new_id(self._house.clock), ask, who, parent, taken)
        row = await self._house.database.run(asks.receive, new, now=self._house.clock.now())
        if row["state"] == "received":
            row = await self._quoted(row, want, confirming=not want.yes and await self._is_dear(who, price))
        return await self._go_on(row, who)

    async def _earlier(self, ask: Ask) -> Row | None:
        """The ask as an earlier delivery of it left it; None where none came as far as a quote."""
        row = first(await self._house.database.read("SELECT * FROM ask WHERE key = :key", {"key": key_of(ask)}))
        return None if row is None or row["state"] == "received" else row

    async def _go_on(self, row: Row, who: Who) -> Reply:
        """From the quote on: the question, or the job. Again it changes nothing, and goes on where a crash was."""
        if row["state"] == "confirming":
            return await self._question(row, who)
        if row["state"] == "quoted":
            with suppress(TooLate):  # refused in an equal delivery meanwhile, which has said why
                await self._admission.admit(row)
        return Reply()

    async def _quoted(self, row: Row, want: Wish, *, confirming: bool) -> Row:
        """The ask with a fresh quote; as it stands where somebody else was first."""
        _, price = self._price(want)
        quoted = await self._house.database.run(
            asks.quote_ask,
            row["id"],
            request=dump_request(want.request),
            options=options(want),
            quote=price.model_dump_json(),
            confirming=confirming,
            now=self._house.clock.now(),
        )
        if quoted is not None:
            return quoted
        return one(await self._house.database.read("SELECT * FROM ask WHERE id = :id", {"id": row["id"]}))

    async def _question(self, row: Row, who: Who) -> Reply:
        want = wish_of(row)
        choice, _ = self._price(want)
        room = await self._house.headroom(who.person, who.workspace)
        return Reply(
            card=wording.question(
                row["id"], choice, Quote.model_validate_json(row["quote"]), want.request, room, want.notes
            )
        )

    def _price(self, want: Wish) -> tuple[Choice, Quote]:
        """What it costs, at whom; raises NoOffer and OverBudget."""
        policy = self._house.policy
        choice = choose(want.request, self._house.offers.values(), on=self._house.providers, via=want.via or None)
        price = quote(choice, credit_microusd=policy.credit_microusd, now=self._house.clock.now())
        budget = want.max_credits
        if want.max_microusd is not None:
            budget = want.max_microusd // policy.credit_microusd
        keep_to_budget(price, budget)
        return choice, price

    async def _is_dear(self, who: Who, price: Quote) -> bool:
        """Whether the team wants to be asked before that much is spent."""
        row = one(
            await self._house.database.read("SELECT confirm_over FROM workspace WHERE id = :id", {"id": who.workspace})
        )
        return price.credits > int(row["confirm_over"])

    async def _stored(self, view: JobView) -> list[Taken]:
        """The pictures of an earlier job; raises NotFound when they are no longer stored."""
        row = one(await self._house.database.read("SELECT pictures FROM ask WHERE id = :id", {"id": view.ask}))
        try:
            return [
                Taken(data=await self._house.blobs.read(facts["sha256"]), changes=(), **facts)
                for facts in json.loads(row["pictures"])
            ]
        except BlobMissing:
            raise NotFound("picture", view.id) from None

    def _check_open(self, row: Row) -> None:
        """Raise TooLate unless the question still waits for its answer."""
        if row["state"] != "confirming":
            raise TooLate("confirm", row["state"])

    async def _own(self, ask: str, who: Who, action: str) -> Row:
        """An ask of this very person; raises NotFound and NotAllowed."""
        row = await self._house.database.view(asks.find_ask, ask)
        if row is None or row["workspace"] != who.workspace:
            raise NotFound("ask", ask)
        if row["person"] != who.person:
            raise NotAllowed(action, "owner")
        return row
