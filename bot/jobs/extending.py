"""Extensions: the task whose video is gone on from, and how long the whole may be."""

import json
from collections.abc import Sequence

from bot.jobs.work import Turn, Work
from bot.kling.requests import Extend, load_request
from bot.providers.base import Task
from bot.providers.fitting import seconds
from bot.store.scripts import Row, Script

ADDED = (4.0, 5.0)
"""Seconds that an extension adds, at least and at most."""

LONGEST = 180.0
"""Seconds that a video has at most, however often it is extended; also what bounds the way back to its beginning."""

LIFE_MS = 30 * 86_400_000
"""How long after its end a video can be gone on from: providers keep it for 30 days."""

_MADE = """
SELECT job.request, job.ended_at, attempt.task FROM job JOIN attempt ON attempt.job = job.id
WHERE job.id = :job AND job.workspace = :workspace AND job.state = 'done' AND attempt.outcome = 'done'
    AND attempt.provider = :provider AND attempt.task IS NOT NULL
"""
_REQUEST = "SELECT request FROM job WHERE id = :job"

Span = tuple[float, float]
"""Seconds, at least and at most."""


async def parent_task(work: Work, turn: Turn, request: Extend, provider: str) -> Task | None:
    """The task that made the video to go on from.

    None where there is none that may be: it has to be done, of the same workspace, provider and tier, at most 30 days
    old, and short enough that something can be added.
    """
    values = {"job": request.job, "workspace": turn.row["workspace"], "provider": provider}
    rows = await work.database.read(_MADE, values)
    if not rows or load_request(rows[0]["request"]).tier != request.tier:
        return None
    before = await work.database.view(_length, request.job)
    if work.now() - int(rows[0]["ended_at"]) > LIFE_MS or before[0] + ADDED[0] > LONGEST:
        return None
    return Task(**json.loads(rows[0]["task"]))


async def lengths(work: Work, turn: Turn) -> Sequence[Span]:
    """How long the finished video may be.

    Of an extension nobody says for certain whether it comes with what was there before: both will do.
    """
    request = turn.request()
    if not isinstance(request, Extend):
        length = float(seconds(request))
        return [(length, length)]
    low, high = await work.database.view(_length, request.job)
    return [(low + ADDED[0], high + ADDED[1]), ADDED]


def _length(job: str) -> Script[Span]:
    """How long a job's video is with all that went before it, from what was asked for."""
    low = high = 0.0
    while low <= LONGEST:
        rows: Sequence[Row] = yield _REQUEST, {"job": job}
        request = load_request(rows[0]["request"])
        if not isinstance(request, Extend):
            return low + seconds(request), high + seconds(request)
        low, high, job = low + ADDED[0], high + ADDED[1], request.job
    return low, high
