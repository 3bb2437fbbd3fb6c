"""From a quote to held credits and a job: look, post the status card, then spend in one transaction."""

import json
import logging
from dataclasses import asdict
from typing import NoReturn

from bot.commands import wording
from bot.commands.house import House, Who
from bot.credits.ledger import hold
from bot.errors import CannotPost, KlingbotError, Refusal, TooLate
from bot.jobs import asks
from bot.jobs.asks import NewJob
from bot.jobs.reads import planned
from bot.messaging import MessageRef, Place
from bot.messaging.failures import MessengerError
from bot.providers.router import Quote
from bot.store.ids import new_id
from bot.store.scripts import Row, Script

log = logging.getLogger(__name__)


class _Enough(Exception):
    """Ends a script that only looks, so that nothing of it stays."""


def _try_hold(*, workspace: str, person: str, price: Quote, ceiling: int, now: int) -> Script[NoReturn]:
    yield from hold(
        job="a-look",
        workspace=workspace,
        person=person,
        credits=price.credits,
        microusd=price.hold_microusd,
        ceiling=ceiling,
        now=now,
        actor=person,
    )
    raise _Enough


class Admission:
    """Takes quoted asks in."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def look(self, who: Who, price: Quote) -> None:
        """Whether the credits are there now: no promise yet. Raises OverLimit, PoolEmpty or CeilingReached."""
        house = self._house
        try:
            await house.database.run(
                _try_hold,
                workspace=who.workspace,
                person=who.person,
                price=price,
                ceiling=house.policy.ceiling_microusd,
                now=house.clock.now(),
            )
        except _Enough:
            return

    async def admit(self, row: Row) -> None:
        """Post the status card, then hold and insert the job together.

        Refused after all: the card goes, and so does the ask, unless its question stands and can be answered again.
        """
        ref = await self._post_status(row)
        try:
            await self._house.database.run(asks.remember_status, row["id"], asdict(ref))
            accepted = await self._accept(row, ref)
        except KlingbotError as error:
            if isinstance(error, Refusal):
                await self._end(row)
            await self._take_back(ref)
            raise
        if accepted:
            self._house.ring()
        else:
            await self._check_accepted(row, ref)

    async def _post_status(self, row: Row) -> MessageRef:
        """The card, with the ask's id as its key: posted again after a crash it is the same message."""
        place = Place(**json.loads(row["place"]))
        card = wording.status(planned(row, self._house.offers, self._house.reader.durations), self._house.clock.now())
        try:
            return await self._house.messenger(place.platform).post(place, card, key=row["id"], reply_to=row["message"])
        except MessengerError as error:
            await self._end(row)
            raise CannotPost(error.why) from error

    async def _accept(self, row: Row, ref: MessageRef) -> bool:
        house, price = self._house, Quote.model_validate_json(row["quote"])
        job = NewJob(
            id=new_id(house.clock),
            request=row["request"],
            offers=price.offers,
            credits=price.credits,
            microusd=price.hold_microusd,
            status_delivery=new_id(house.clock),
        )
        return await house.database.run(
            asks.accept,
            row["id"],
            [job],
            status_ref=asdict(ref),
            ceiling=house.policy.ceiling_microusd,
            actor=row["person"],
            now=house.clock.now(),
        )

    async def _check_accepted(self, row: Row, ref: MessageRef) -> None:
        """Somebody was faster: fine where that was the same yes; a no takes the card with it, and raises TooLate."""
        stands = await self._house.database.view(asks.find_ask, row["id"])
        state = stands["state"] if stands else "expired"
        if state != "accepted":
            await self._take_back(ref)
            raise TooLate("confirm", state)

    async def _end(self, row: Row) -> None:
        """Close an ask that nobody was asked about: its person is told to ask again."""
        if row["state"] == "quoted":
            await self._house.database.run(asks.end_ask, row["id"], "refused")

    async def _take_back(self, ref: MessageRef) -> None:
        try:
            await self._house.messenger(ref.platform).delete(ref)
        except MessengerError as error:
            log.warning("a status card stays though nothing is made: %s", error)
