"""A stored video as a place takes it: as it is, remuxed, or re-encoded once; kept for the next place."""

import asyncio
from typing import BinaryIO

from bot.errors import VideoTooLarge
from bot.jobs.work import Work
from bot.media.videos import fit
from bot.store.blobs import Blob


async def fitted(work: Work, video: str, limit: int, *, owner: str) -> Blob | None:
    """The video in at most `limit` bytes, playable everywhere; None where it can't be made that small."""
    outcome: list[str] = []

    def write(target: BinaryIO) -> None:
        with work.blobs.open(video) as source:
            outcome.append(fit(source, target, limit))

    size = await work.blobs.size(video)
    if limit <= 0:
        return None
    try:
        async with work.media:
            blob = await work.blobs.put_file(write, owner=owner)
    except VideoTooLarge:
        return None
    if outcome == ["as_is"]:
        await asyncio.shield(work.blobs.delete(blob.sha256))
        return Blob(sha256=video, size=size)
    return blob
