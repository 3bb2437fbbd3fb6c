"""A stored video as a place takes it: as it is, remuxed, or re-encoded once; kept for the next place."""

import logging
from typing import BinaryIO

from bot.errors import VideoBroken, VideoTooLarge
from bot.jobs.work import Work
from bot.media.videos import fit
from bot.store.blobs import Blob

log = logging.getLogger(__name__)


class _AsItIs(Exception):
    """It fits without a change: there is nothing to store."""


async def fitted(work: Work, video: str, limit: int, *, owner: str) -> Blob | None:
    """The video in at most `limit` bytes, playable everywhere; None where it can't be made that small.

    Nor where a frame in its middle is damaged: that passes the check, and ends a re-encoding.
    """

    def write(target: BinaryIO) -> None:
        with work.blobs.open(video) as source:
            if fit(source, target, limit) == "as_is":
                raise _AsItIs

    size = await work.blobs.size(video)
    if limit <= 0:
        return None
    try:
        async with work.media:
            return await work.blobs.put_file(write, owner=owner)
    except _AsItIs:
        return Blob(sha256=video, size=size)
    except (VideoTooLarge, VideoBroken) as error:
        log.warning("video %s goes without its file: %s", video, error)
        return None
