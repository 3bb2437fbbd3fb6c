"""From a quote to held credits and a job: look, post the status card, then spend in one transaction."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import NoReturn, TypeGuard

from bot.commands import wording
from bot.commands.house import House
from bot.commands.people import groups_of
from bot.credits.ledger import hold
from bot.credits.limits import Spender, is_personal
from bot.errors import CannotPost, KlingbotError, NeedsApproval, OverLimit, Refusal, TooLate
from bot.jobs import asks
from bot.jobs.asks import Decision, NewJob
from bot.jobs.reads import planned
from bot.messaging import Actor, MessageRef, Place
from bot.messaging.failures import MessengerError
from bot.providers.router import Quote
from bot.store.ids import new_id
from bot.store.scripts import Row, Script

log = logging.getLogger(__name__)


class _Enough(Exception):
    """Ends a script that only looks, so that nothing of it stays."""


def _try_hold(spender: Spender, price: Quote, count: int, *, ceiling: int, now: int) -> Script[NoReturn]:
    others = count - 1
    yield from hold(
        job="a-look",
        workspace=spender.workspace,
        person=spender.person,
        credits=price.credits,
        microusd=price.hold_microusd,
        ceiling=ceiling,
        now=now,
        actor=spender.person,
        under=spender,
        beside=(price.credits * others, price.hold_microusd * others),
    )
    if not spender.waived:
        yield from asks.check_threshold(spender.workspace, price.credits * count)
    raise _Enough


def can_be_approved(error: Refusal) -> TypeGuard[NeedsApproval | OverLimit]:
    """Whether an approver can lift what stands in the way: a team's threshold, or the person's own limit alone."""
    return isinstance(error, NeedsApproval) or (isinstance(error, OverLimit) and is_personal(error.scope))


async def spender_of(house: House, row: Row, *, waived: bool = False) -> Spender:
    """Who pays for an ask, in the groups that its platform names them in now. Raises NotMember."""
    actor = Actor(**json.loads(row["actor"]))
    await house.require_member(actor)
    channel = await house.heading(Place(**json.loads(row["place"])))
    groups = await groups_of(house, row["workspace"], row["person"], actor)
    return asks.spender_of(row, groups=groups, channel=channel, waived=waived)


class Admission:
    """Takes quoted asks in."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def look(self, spender: Spender, price: Quote, count: int = 1) -> None:
        """Whether the credits for so many are there now: no promise yet. Raises NeedsApproval and what `hold` does."""
        house = self._house
        try:
            await house.database.run(
                _try_hold, spender, price, count, ceiling=house.policy.ceiling_microusd, now=house.clock.now()
            )
        except _Enough:
            return

    async def obstacle(self, spender: Spender, price: Quote, count: int = 1) -> NeedsApproval | OverLimit | None:
        """The same look: what an approver could lift, None where nothing stands in the way. Raises what nobody can."""
        try:
            await self.look(spender, price, count)
        except Refusal as error:
            if not can_be_approved(error):
                raise
            return error
        return None

    async def admit(self, row: Row, decision: Decision | None = None) -> bool:
        """Post the status cards, one for each job, then hold and insert the jobs together.

        What waits for approval needs a `decision`, which is written down with them or not at all. False where the same
        yes was faster. Refused after all: the cards go, and so does the ask, unless its question stands and can be
        answered again.
        """
        refs: list[MessageRef] = []
        try:
            spender = await spender_of(self._house, row)
            await self._post_cards(row, refs)
            accepted = await self._accept(row, refs, spender, decision)
        except KlingbotError as error:
            if isinstance(error, Refusal):
                await self._end(row)
            if not (isinstance(error, CannotPost) and await self._state(row) == "accepted"):
                await self._take_back(refs)  # they would be those of an equal delivery that was faster
            raise
        if accepted:
            self._house.ring()
        else:
            await self._check_accepted(row, refs)
        return accepted

    async def _post_cards(self, row: Row, refs: list[MessageRef]) -> None:
        """The cards, each noted as soon as it is there. Their keys are the ask's: a repeat is the same message."""
        place = Place(**json.loads(row["place"]))
        card = wording.status(planned(row, self._house.offers, self._house.reader.durations), self._house.clock.now())
        messenger = self._house.messenger(place.platform)
        for number in range(1, asks.count_of(row) + 1):
            key = asks.card_key(row["id"], number)
            try:
                refs.append(await messenger.post(place, card, key=key, reply_to=row["message"]))
            except MessengerError as error:
                raise CannotPost(error.why) from error
            await self._house.database.run(asks.remember_status, row["id"], *map(asdict, refs))

    async def _accept(self, row: Row, refs: Sequence[MessageRef], spender: Spender, decision: Decision | None) -> bool:
        house, price = self._house, Quote.model_validate_json(row["quote"])
        jobs = [
            NewJob(
                id=new_id(house.clock),
                request=row["request"],
                offers=price.offers,
                credits=price.credits,
                microusd=price.hold_microusd,
                status_delivery=new_id(house.clock),
                status_ref=asdict(ref),
            )
            for ref in refs
        ]
        return await house.database.run(
            asks.accept,
            row["id"],
            jobs,
            status_ref=asdict(refs[0]),
            ceiling=house.policy.ceiling_microusd,
            actor=row["person"],
            now=house.clock.now(),
            under=spender,
            decision=decision,
        )

    async def _check_accepted(self, row: Row, refs: Sequence[MessageRef]) -> None:
        """Somebody was faster: fine where that was the same yes; a no takes the cards with it, and raises TooLate."""
        state = await self._state(row)
        if state != "accepted":
            await self._take_back(refs)
            raise TooLate("confirm", state)

    async def _state(self, row: Row) -> str:
        stands = await self._house.database.view(asks.find_ask, row["id"])
        return str(stands["state"]) if stands else "expired"

    async def _end(self, row: Row) -> None:
        """Close an ask that nobody was asked about: its person is told to ask again."""
        if row["state"] == "quoted":
            await self._house.database.run(asks.end_ask, row["id"], "refused")

    async def clear(self, row: Row) -> None:
        """Take the status cards away that a crash left behind; the ask comes to nothing."""
        await self._take_back([MessageRef(**ref) for ref in asks.status_refs(row)])

    async def _take_back(self, refs: Sequence[MessageRef]) -> None:
        for ref in refs:
            try:
                await self._house.messenger(ref.platform).delete(ref)
            except MessengerError as error:
                log.warning("a status card stays though nothing is made: %s", error)
