"""What is tidied now and then: asks that nobody goes on with, improvements left behind, files that nothing needs."""

import json
import logging

from bot.credits.approvals import find_approval, stale_approvals
from bot.jobs import asks
from bot.jobs.approving import expire
from bot.jobs.deliveries import Postman
from bot.jobs.enhancements import PATIENCE_MS, end_lost
from bot.jobs.work import Work
from bot.messaging import Card, MessageRef, Place
from bot.messaging.failures import MessengerError
from bot.store.ids import new_id
from bot.store.scripts import Row, Script

log = logging.getLogger(__name__)

_DAY_MS = 86_400_000
_VIDEOS = """
SELECT job.video AS video, job.poster AS poster FROM job JOIN delivery ON delivery.job = job.id
WHERE delivery.state IN ('pending', 'posting') AND job.video IS NOT NULL
"""
_PICTURES = """
SELECT pictures FROM ask WHERE state IN ('received', 'quoted', 'confirming', 'approving')
UNION ALL
SELECT ask.pictures FROM ask JOIN job ON job.ask = ask.id WHERE job.ended_at IS NULL
"""


async def sweep(work: Work, postman: Postman, *, keep_days: int) -> None:
    """Expire what waits too long for its person; remove files older than `keep_days` that nothing open needs."""
    timing = work.timing
    for row in await work.run(asks.stale_asks, work.at(-timing.unfinished), asked=work.at(-timing.ask_life)):
        await _expire(work, postman, row)
    for approval in await work.run(stale_approvals, work.now()):
        await _expire_approval(work, postman, approval)
    await end_lost(work, work.now() - PATIENCE_MS)
    swept = await work.blobs.sweep(_needed, keep_days * _DAY_MS)
    if swept.files:
        log.info("removed %d files older than %d days, %d bytes", swept.files, keep_days, swept.size)


async def _expire(work: Work, postman: Postman, ask: Row) -> None:
    """Close the ask; its status cards go, if any were posted."""
    place = Place(**json.loads(ask["place"]))
    messenger = postman.messengers.get(place.platform)
    if not await work.run(asks.end_ask, ask["id"], "expired") or messenger is None:
        return
    if not ask["status_ref"] and ask["state"] != "quoted":  # no card was due yet
        return
    refs: list[MessageRef | None] = [MessageRef(**ref) for ref in asks.status_refs(ask)]
    if len(refs) < asks.count_of(ask):  # a crash may have come between posting one more and noting that
        refs.append(None)
    for number, ref in enumerate(refs, start=1):
        try:
            await messenger.delete(ref or await messenger.post(place, Card(), key=asks.card_key(ask["id"], number)))
        except MessengerError as error:
            log.warning("a status card of ask %s stays: %s", ask["id"], error)


async def _expire_approval(work: Work, postman: Postman, name: str) -> None:
    """Nobody decided in time: the person is told, and status cards go that a crash left behind."""
    approval = await work.run(find_approval, name)
    if approval is None or not await work.run(expire, approval, delivery=new_id(work.clock), now=work.now()):
        return
    ask = await work.run(asks.find_ask, approval.ask) if approval.ask else None
    for ref in asks.status_refs(ask) if ask else []:
        messenger = postman.messengers.get(ref["platform"])
        try:
            if messenger is not None:
                await messenger.delete(MessageRef(**ref))
        except MessengerError as error:
            log.warning("a status card of ask %s stays: %s", approval.ask, error)


def _needed() -> Script[set[str]]:
    """Files of open asks and jobs, and of results that are not shown yet: kept whatever their age."""
    videos = yield _VIDEOS, {}
    pictures = yield _PICTURES, {}
    keep = {str(row[name]) for row in videos for name in ("video", "poster") if row[name]}
    return keep | {picture["sha256"] for row in pictures for picture in json.loads(row["pictures"])}
