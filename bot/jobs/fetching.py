"""The step of `fetching`: download the video, check it whole, store it, then charge."""

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import BinaryIO

from bot.credits.amounts import credits_for
from bot.errors import BlobTooLarge, CheckFailed, NetError, VideoBroken
from bot.jobs import scripts
from bot.jobs.extending import Span, lengths
from bot.jobs.polling import backoff
from bot.jobs.running import wait_for_provider
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work
from bot.kling.requests import Duration
from bot.media.videos import TOLERANCE, check, probe
from bot.media.videos import poster as poster_of
from bot.providers.base import Task
from bot.providers.router import seconds
from bot.store.scripts import Row

log = logging.getLogger(__name__)

VIDEO_LIMIT = 1_000_000_000
"""Bytes of a finished video that are taken at most: ten times what Kling makes."""
_LONGEST_WAIT = 300.0


async def fetch(work: Work, turn: Turn) -> None:
    """Bring the finished video home. It is charged when it is stored and checked, not before."""
    attempt = await turn.last_attempt()
    if attempt["provider"] not in work.providers:
        await wait_for_provider(work, turn, attempt["provider"])
        return
    try:
        await _bring_home(work, turn, attempt)
    except (NetError, CheckFailed, VideoBroken, BlobTooLarge) as error:
        log.warning("job %s: the video could not be fetched: %s", turn.job, error)
        await _again_or_lost(work, turn, attempt, str(error))


async def _bring_home(work: Work, turn: Turn, attempt: Row) -> None:
    url = await _address(work, turn, attempt)
    chunks = work.download(attempt["provider"], url)
    video = await work.blobs.put(chunks, owner=turn.row["person"], limit=VIDEO_LIMIT)
    spans = await lengths(work, turn)
    try:
        with work.blobs.open(video.sha256) as file:
            async with work.media:
                picture = await asyncio.to_thread(_checked, file, spans)
    except VideoBroken:
        await work.blobs.delete(video.sha256)
        raise
    poster = await work.blobs.put_bytes(picture, owner=turn.row["person"])
    cost = int(attempt["cost"]) if attempt["cost"] is not None else _expected(work, attempt, seconds(turn.request()))
    await work.run(
        scripts.finish, turn.job, attempt=attempt["id"], video=video.sha256, poster=poster.sha256,
        credits=max(1, credits_for(cost, work.credit_microusd)), microusd=cost, provider=attempt["provider"],
        result=work.new_id(), now=work.now(),
    )  # fmt: skip


def _checked(file: BinaryIO, spans: Sequence[Span]) -> bytes:
    """A still of the video, if it is whole and its length within one of these. Raises VideoBroken."""
    found = probe(file).seconds
    low, high = min(spans, key=lambda span: max(span[0] - found, found - span[1]))
    check(file, (low + high) / 2, tolerance=TOLERANCE + (high - low) / 2)
    return poster_of(file)


def _expected(work: Work, attempt: Row, length: Duration) -> int:
    """What the attempt cost where the provider doesn't say: its price, micro-dollars."""
    offer = work.offers.get(attempt["offer"])
    return int(attempt["microusd"]) if offer is None else offer.price.expected(length)


async def _address(work: Work, turn: Turn, attempt: Row) -> str:
    """Where the video is: as it was told first, asked for anew after a failure (links expire)."""
    if turn.tries == 0:
        return str(attempt["video_url"])
    status = await work.providers[attempt["provider"]].check(Task(**json.loads(attempt["task"])))
    if status.state == "done" and status.video_url:
        await work.run(scripts.new_address, attempt["id"], status.video_url)
        return status.video_url
    return str(attempt["video_url"])


async def _again_or_lost(work: Work, turn: Turn, attempt: Row, detail: str) -> None:
    """Try again for a while; then released for the person, the cost goes to variance, and the operators are told."""
    if turn.tries + 1 < work.timing.fetch_tries:
        wait = backoff(turn.tries, first=work.timing.fetch_wait, longest=_LONGEST_WAIT)
        await turn.sleep(wait, tries=turn.tries + 1)
        return
    kept = int(attempt["cost"]) if attempt["cost"] is not None else int(attempt["microusd"])
    error = {"ending": "no_video", "provider": attempt["provider"], "detail": detail, "billed": True}
    given_up = await work.run(
        scripts.give_up, turn.job, JobState.FETCHING, attempt=attempt["id"], outcome="failed", error=error,
        reason="no_video",
        kept=kept, loss=max(1, credits_for(kept, work.credit_microusd)), now=work.now(),
    )  # fmt: skip
    if given_up:
        await work.tell_operators(turn.job, "no_video", provider=attempt["provider"], detail=detail)
