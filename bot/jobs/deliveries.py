"""What is shown where: status cards kept true, results posted once, alerts to the operators. Never touches money.

A post runs `pending → posting → posted`: `posting` is stored before the platform is called and the same key is used
every time, so that a crash in between posts the same message, not a second one.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from bot.credits.rules import rules_of
from bot.errors import BlobMissing, NotFound
from bot.jobs import delivery_scripts as scripts
from bot.jobs.fitting import fitted
from bot.jobs.notices import Announce, addressee, second_choice
from bot.jobs.polling import backoff
from bot.jobs.reads import JobRows, Reader
from bot.jobs.states import ENDED, DeliveryState
from bot.jobs.views import JobView
from bot.jobs.work import Work
from bot.messaging import Actor, Card, MessageRef, Messenger, OutFile, Place
from bot.messaging.failures import FileTooLarge, MessengerError, PlaceGone, TryLater
from bot.store.scripts import Row

log = logging.getLogger(__name__)

_LONGEST_WAIT = 600.0
_STEP_DOWN = 0.7


class Render(Protocol):
    """Turns a job into a card: what the composition root brings from `commands`."""

    def __call__(self, kind: str, view: JobView, facts: Mapping[str, Any], now: int) -> Card:
        """`kind` is the delivery's; `facts` are what else it is told; `now` in ms UTC."""
        ...


@dataclass(frozen=True, kw_only=True)
class Postman:
    """Brings deliveries to their places. `messengers` are the platforms that are switched on, by name."""

    work: Work
    reader: Reader
    messengers: Mapping[str, Messenger]
    render: Render
    announce: Announce

    async def deliver(self, row: Row, job: JobRows = ()) -> None:
        """One try at one delivery; whatever the platform says leads to the right next thing.

        `job` is what was read of its job when it was claimed, which is fresh enough for an edit: a change since then
        has the message drawn anew.
        """
        place = Place(**json.loads(row["place"]))
        messenger = self.messengers.get(place.platform)
        if messenger is None:
            await self._sleep(row, 60.0)
            return
        try:
            try:
                if row["job"] is None:
                    await self._notify(row, messenger, place)
                elif row["ref"] is None:
                    await self._post(row, messenger, place)
                else:
                    await self._edit(row, messenger, job)
            except PlaceGone as error:
                if not await self._moved(row, messenger, error):
                    raise
        except TryLater as error:
            wait = max(
                error.after, backoff(int(row["tries"]), first=self.work.timing.delivery_wait, longest=_LONGEST_WAIT)
            )
            await self._sleep(row, wait, error=error.why, tries=int(row["tries"]) + 1)
        except FileTooLarge as error:
            await self._smaller(row, messenger, place, error)
        except NotFound as error:
            log.warning("delivery %s: what it is about is gone: %s", row["id"], error)
            await self.work.run(scripts.gone, row["id"], error="gone")
        except PlaceGone as error:
            log.warning("delivery %s: its place is gone: %s", row["id"], error.why)
            await self.work.run(scripts.gone, row["id"], error=error.why)

    async def _moved(self, row: Row, messenger: Messenger, error: PlaceGone) -> bool:
        """A result whose place is gone goes once to whoever asked for it, where they read alone. False where it can't.

        A notice goes to where its facts say. Told with the place as facts on its row, so that a crash on the way
        changes nothing. Raises TryLater.
        """
        told = json.loads(row["facts"])
        if row["ref"] is not None or "moved" in told:
            return False
        second = await self._second_choice(row, told)
        try:
            place = await messenger.direct(second) if isinstance(second, Actor) else second
        except PlaceGone:
            return False
        if place is None:
            return False
        log.info("delivery %s: moves to another place: %s", row["id"], error.why)
        left = {name: fact for name, fact in told.items() if name not in ("to", "reply_to")}
        await self.work.run(
            scripts.moved, row["id"], row["lease_owner"], place=asdict(place), facts=left | {"moved": error.why},
            error=error.why, wake=self.work.now(),
        )  # fmt: skip
        return True

    async def _second_choice(self, row: Row, told: Mapping[str, Any]) -> Actor | Place | None:
        if row["job"] is None:
            return second_choice(told)
        if row["kind"] != "result":
            return None
        return Actor(**json.loads((await self.work.run(scripts.origin, row["job"]))["actor"]))

    async def _edit(self, row: Row, messenger: Messenger, job: JobRows) -> None:
        """Bring a message that is there up to date, not faster than the platform's beat; the latest wins."""
        now = self.work.now()
        shown = json.loads(row["shown"]) if row["shown"] else {}
        since = (now - int(shown.get("at", 0))) / 1000
        if 0 <= since < messenger.beat:  # below zero where the clock was set back
            await self._sleep(row, messenger.beat - since)
            return
        view = await (self.reader.seen(row["job"], job) if job else self.reader.view(row["job"]))
        card = self.render(row["kind"], view, json.loads(row["facts"]), now)
        digest = _digest(card)
        if digest != shown.get("digest"):
            await messenger.edit(MessageRef(**json.loads(row["ref"])), card)
            shown = {"digest": digest, "at": now}
        wait = None if view.state in ENDED or row["kind"] != "status" else self._refresh(view, now)
        await self.work.run(
            scripts.shown, row["id"], row["lease_owner"], shown=shown, wake=None if wait is None else self.work.at(wait)
        )  # fmt: skip

    def _refresh(self, view: JobView, now: int) -> float:
        age = (now - view.created_at) / 1000
        return max(self.work.timing.refresh, age / 8)

    async def _post(self, row: Row, messenger: Messenger, place: Place) -> None:
        facts = await messenger.place(place)
        if not facts.can_post:
            raise PlaceGone(facts.why)
        view = await self.reader.view(row["job"])
        told = json.loads(row["facts"])
        files: tuple[OutFile, ...] = ()
        if row["kind"] == "result" and (kept_back := await self._kept_back(view)):
            told["kept_back"] = kept_back
        elif row["kind"] == "result" and view.video:
            limit = min(facts.upload_limit, told.get("limit", facts.upload_limit)) if facts.can_attach else 0
            files = await self._files(row, view, limit)
            told["fits"] = bool(files)
        now = self.work.now()
        card = self.render(row["kind"], view, told, now)
        files = tuple(replace(file, alt=card.alt) for file in files)
        if not await self.work.run(scripts.posting, row["id"], row["lease_owner"], facts=told):
            return
        reply_to = await self._answers(row) if row["kind"] == "result" and "moved" not in told else None
        ref = await messenger.post(place, card, files, key=row["id"], reply_to=reply_to)
        if row["state"] == DeliveryState.POSTING:  # it may be there since an earlier try, with the card of that time
            shown, wake = {"digest": "", "at": now}, self.work.at(messenger.beat)
        else:
            shown, wake = {"digest": _digest(card), "at": now}, None
        await self.work.run(scripts.posted, row["id"], ref=asdict(ref), shown=shown, wake=wake)

    async def _notify(self, row: Row, messenger: Messenger, place: Place) -> None:
        """Show a notice, or bring it up to date."""
        now = self.work.now()
        notice = await self.announce(json.loads(row["facts"]), now)
        shown = {"digest": _digest(notice.card), "at": now}
        if row["ref"] is not None:
            before = json.loads(row["shown"]) if row["shown"] else {}
            if before.get("digest") != shown["digest"]:
                await messenger.edit(MessageRef(**json.loads(row["ref"])), notice.card)
            await self.work.run(scripts.shown, row["id"], row["lease_owner"], shown=shown, wake=None)
            return
        where, only_for = await _where(messenger, place, row)
        facts = await messenger.place(where)
        if not facts.can_post:
            raise PlaceGone(facts.why)
        card, files = notice.card, tuple(notice.files)
        if notice.video is not None and notice.video.video:
            told = json.loads(row["facts"])
            limit = min(facts.upload_limit, told.get("limit", facts.upload_limit)) if facts.can_attach else 0
            made = await self._files(row, notice.video, limit)
            files += tuple(replace(file, flagged=False, alt=card.title) for file in made)
            card = card if made else notice.without or card
        if not await self.work.run(scripts.posting, row["id"], row["lease_owner"], facts={}):
            return
        reply_to = json.loads(row["facts"]).get("reply_to")
        ref = await messenger.post(where, card, files, key=row["id"], only_for=only_for, reply_to=reply_to)
        wake = None
        if row["state"] == DeliveryState.POSTING:  # it may be there since an earlier try, with the card of that time
            shown, wake = {"digest": "", "at": now}, self.work.at(messenger.beat)
        await self.work.run(scripts.posted, row["id"], ref=asdict(ref), shown=shown, wake=wake)

    async def _kept_back(self, view: JobView) -> str:
        """How a flagged video is shown where that isn't with the card; else empty."""
        how = (await self.work.database.view(rules_of, view.workspace)).flagged if view.flagged else "spoiler"
        return "" if how == "spoiler" else how

    async def _answers(self, row: Row) -> str | None:
        """The message that a result answers: the one that asked for it, else the status card."""
        origin = await self.work.run(scripts.origin, row["job"])
        status = json.loads(origin["ref"]) if origin["ref"] else {}
        return origin["message"] or status.get("message")

    async def _files(self, row: Row, view: JobView, limit: int) -> tuple[OutFile, ...]:
        """The video as this place takes it; nothing where it can't be made small enough or is no longer stored."""
        try:
            blob = await fitted(self.work, str(view.video), limit, owner=view.person)
        except BlobMissing:
            log.error("delivery %s: the video is no longer stored", row["id"])
            return ()
        if blob is None:
            return ()
        return (
            OutFile(
                name=f"kling-{view.id}.mp4", mime="video/mp4", size=blob.size, sha256=blob.sha256, alt="",
                read=lambda: self.work.blobs.stream(blob.sha256), poster=view.poster, flagged=view.flagged,
            ),
        )  # fmt: skip

    async def _smaller(self, row: Row, messenger: Messenger, place: Place, error: MessengerError) -> None:
        """The platform takes less than it said: remember a limit below what it got, and try again at once."""
        told = json.loads(row["facts"])
        if row["job"] is None and told["kind"] != "video":
            await self.work.run(scripts.gone, row["id"], error=error.why)
            return
        view = await self.reader.view(row["job"] or told["about"])
        size = await self.work.blobs.size(view.video) if view.video else 0
        said = (await messenger.place(place)).upload_limit
        told["limit"] = int(min(size, said, told.get("limit", size)) * _STEP_DOWN)
        await self.work.run(
            scripts.smaller, row["id"], row["lease_owner"], facts=told, error=error.why, wake=self.work.now()
        )

    async def _sleep(self, row: Row, seconds: float, *, error: str | None = None, tries: int | None = None) -> None:
        await self.work.run(
            scripts.sleep, row["id"], row["lease_owner"], wake=self.work.at(seconds), error=error,
            tries=int(row["tries"]) if tries is None else tries,
        )  # fmt: skip


async def _where(messenger: Messenger, place: Place, row: Row) -> tuple[Place, Actor | None]:
    """Where a notice goes, and who alone sees it there where that isn't the place's nature. Raises PlaceGone."""
    to = addressee(row)
    if to is None:
        return place, None
    try:
        return await messenger.direct(to), None
    except PlaceGone:
        if not place.channel or second_choice(json.loads(row["facts"])) is not None:
            raise
        return place, to


def _digest(card: Card) -> str:
    """What tells two cards apart, short."""
    return hashlib.sha256(repr(card).encode()).hexdigest()[:16]
