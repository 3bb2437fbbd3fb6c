"""What is tidied now and then: asks that nobody goes on with, files that nothing needs."""

import json
import logging

from bot.jobs import asks
from bot.jobs.deliveries import Postman
from bot.jobs.work import Work
from bot.messaging import MessageRef
from bot.messaging.failures import MessengerError
from bot.store.scripts import Script

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
    for row in await work.run(asks.stale_asks, work.at(-work.timing.ask_life)):
        await _expire(work, postman, row["id"], row["status_ref"])
    swept = await work.blobs.sweep(_needed, keep_days * _DAY_MS)
    if swept.files:
        log.info("removed %d files older than %d days, %d bytes", swept.files, keep_days, swept.size)


async def _expire(work: Work, postman: Postman, ask: str, status_ref: str | None) -> None:
    if not await work.run(asks.end_ask, ask, "expired") or status_ref is None:
        return
    ref = MessageRef(**json.loads(status_ref))
    messenger = postman.messengers.get(ref.platform)
    if messenger is None:
        return
    try:
        await messenger.delete(ref)
    except MessengerError as error:
        log.warning("the status card of ask %s stays: %s", ask, error)


def _needed() -> Script[set[str]]:
    """Files of open asks and jobs, and of results that are not shown yet: kept whatever their age."""
    videos = yield _VIDEOS, {}
    pictures = yield _PICTURES, {}
    keep = {str(row[name]) for row in videos for name in ("video", "poster") if row[name]}
    return keep | {picture["sha256"] for row in pictures for picture in json.loads(row["pictures"])}
