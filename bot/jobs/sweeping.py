"""What is tidied now and then: asks that nobody goes on with, improvements left behind, files that nothing needs."""

import json
import logging

from bot.jobs import asks
from bot.jobs.deliveries import Postman
from bot.jobs.enhancements import PATIENCE_MS, end_lost
from bot.jobs.work import Work
from bot.messaging import Card, MessageRef, Messenger, Place
from bot.messaging.failures import MessengerError
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
    await end_lost(work, work.now() - PATIENCE_MS)
    swept = await work.blobs.sweep(_needed, keep_days * _DAY_MS)
    if swept.files:
        log.info("removed %d files older than %d days, %d bytes", swept.files, keep_days, swept.size)


async def _expire(work: Work, postman: Postman, ask: Row) -> None:
    """Close the ask; its status card goes, if one was posted."""
    place = Place(**json.loads(ask["place"]))
    messenger = postman.messengers.get(place.platform)
    if not await work.run(asks.end_ask, ask["id"], "expired") or messenger is None:
        return
    if not ask["status_ref"] and ask["state"] != "quoted":  # no card was due yet
        return
    try:
        await messenger.delete(await _status_card(messenger, place, ask))
    except MessengerError as error:
        log.warning("the status card of ask %s stays: %s", ask["id"], error)


async def _status_card(messenger: Messenger, place: Place, ask: Row) -> MessageRef:
    """Where the card is. A crash may have come between posting it and noting that: its key finds it again."""
    if ask["status_ref"]:
        return MessageRef(**json.loads(ask["status_ref"]))
    return await messenger.post(place, Card(), key=ask["id"])


def _needed() -> Script[set[str]]:
    """Files of open asks and jobs, and of results that are not shown yet: kept whatever their age."""
    videos = yield _VIDEOS, {}
    pictures = yield _PICTURES, {}
    keep = {str(row[name]) for row in videos for name in ("video", "poster") if row[name]}
    return keep | {picture["sha256"] for row in pictures for picture in json.loads(row["pictures"])}
