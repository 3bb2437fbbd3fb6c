"""The step of `uncertain`: the answer to the paid call was lost. Look the task up; never buy again."""

import json
import logging

from bot.errors import CheckFailed
from bot.jobs import scripts
from bot.jobs.polling import FIRST_MS
from bot.jobs.work import Turn, Work
from bot.providers.base import Lost, Task
from bot.store.scripts import Row

log = logging.getLogger(__name__)

_DAY = 86_400.0


async def look_up(work: Work, turn: Turn) -> None:
    """Adopt the task when exactly one at the provider could be ours and nobody else's; else wait, else ask."""
    attempt = await work.run(scripts.last_attempt, turn.job)
    if attempt is None:
        raise LookupError(f"job {turn.job} is uncertain without an attempt")
    try:
        candidates = await _free_candidates(work, turn, attempt)
    except CheckFailed as error:
        log.warning("job %s: looking for its task failed: %s", turn.job, error)
        candidates = []
    if len(candidates) != 1 or not await _adopt(work, turn, attempt, candidates[0]):
        await _wait_or_tell(work, turn, attempt, len(candidates))


async def _adopt(work: Work, turn: Turn, attempt: Row, task: Task) -> bool:
    return await work.run(
        scripts.adopt, turn.job, attempt=attempt["id"], provider=attempt["provider"], task_id=task.id,
        task={"id": task.id, "extra": task.extra}, now=work.now(), wake=work.now() + FIRST_MS,
    )  # fmt: skip


async def _free_candidates(work: Work, turn: Turn, attempt: Row) -> list[Task]:
    provider = work.providers.get(attempt["provider"])
    offer = work.offers.get(attempt["offer"])
    if provider is None or offer is None:
        return []
    body = json.loads(attempt["body"])
    found = await provider.find(
        Lost(
            attempt=attempt["id"], offer=offer, request=turn.request(), body=body.get("json", {}),
            submitted_at=int(attempt["intended_at"]),
        )
    )  # fmt: skip
    return [task for task in found if not await work.run(scripts.is_taken, provider.name, task.id)]


async def _wait_or_tell(work: Work, turn: Turn, attempt: Row, candidates: int) -> None:
    """The next look after a while; after the last one an administrator is told and it is looked for once a day."""
    looks = work.timing.look_again
    if turn.tries + 1 < len(looks):
        await turn.sleep(looks[turn.tries + 1], tries=turn.tries + 1)
        return
    if turn.tries + 1 == len(looks):
        await work.tell_operators(turn.job, "uncertain", provider=attempt["provider"], candidates=candidates)
    await turn.sleep(_DAY, tries=turn.tries + 1)
