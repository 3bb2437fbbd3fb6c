"""A stored video as a place takes it: as it is, remuxed, or re-encoded once; kept for the next place."""

import asyncio
import logging
import os
from typing import BinaryIO

from bot.errors import VideoBroken, VideoTooLarge
from bot.jobs.work import Work
from bot.media.videos import fit, fits
from bot.store.blobs import Blob

log = logging.getLogger(__name__)


async def fitted(work: Work, video: str, limit: int, *, owner: str) -> Blob | None:
    """The video in at most `limit` bytes, playable everywhere; None where it can't be made that small.

    Nor where a frame in its middle is damaged: that passes the check, and ends a re-encoding.
    """

    def as_it_is() -> Blob | None:
        with work.blobs.open(video) as source:
            return Blob(sha256=video, size=source.seek(0, os.SEEK_END)) if limit > 0 and fits(source, limit) else None

    def write(target: BinaryIO) -> None:
        with work.blobs.open(video) as source:
            fit(source, target, limit)

    try:
        async with work.media:
            blob = await asyncio.to_thread(as_it_is)
            if blob is None and limit > 0:
                blob = await work.blobs.put_file(write, owner=owner)
            return blob
    except (VideoTooLarge, VideoBroken) as error:
        log.warning("video %s goes without its file: %s", video, error)
        return None
