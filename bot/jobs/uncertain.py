"""The step of `uncertain`: the answer to the paid call was lost. Look the task up; never buy again."""

import json
import logging
from collections.abc import Sequence

from bot.errors import CheckFailed
from bot.jobs import scripts, slots
from bot.jobs.polling import FIRST_MS
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work
from bot.providers.base import Lost, Provider, Task
from bot.store.scripts import Row

log = logging.getLogger(__name__)

_DAY = 86_400.0


async def look_up(work: Work, turn: Turn) -> None:
    """Adopt the task when exactly one at the provider could be ours and nobody else's; else wait, else ask.

    Where tasks carry our attempt's id there is nothing to guess, and a look that finds none long after the call tells
    as much: nothing was bought, and the hold is released. Even then nothing is bought again.
    """
    attempt = await turn.last_attempt()
    provider = work.providers.get(attempt["provider"])
    try:
        found = await _found(work, turn, attempt, provider)
    except CheckFailed as error:
        log.warning("job %s: looking for its task failed: %s", turn.job, error)
        found = None
    free = [task for task in found or () if not await work.run(scripts.is_taken, attempt["provider"], task.id)]
    by_name = provider is not None and provider.knows_attempts
    if len(free) == 1 and await _adopt(work, turn, attempt, free[0], by_name=by_name):
        return
    age = (work.now() - int(attempt["intended_at"])) / 1000
    if found is not None and not found and by_name and age >= work.timing.surely_none:
        await _not_bought(work, turn, attempt)
        return
    await _wait_or_tell(work, turn, attempt, len(free))


async def _adopt(work: Work, turn: Turn, attempt: Row, task: Task, *, by_name: bool) -> bool:
    return await work.run(
        scripts.adopt, turn.job, attempt=attempt["id"], provider=attempt["provider"], task_id=task.id,
        task={"id": task.id, "extra": task.extra}, by_name=by_name, now=work.now(), wake=work.now() + FIRST_MS,
    )  # fmt: skip


async def _not_bought(work: Work, turn: Turn, attempt: Row) -> None:
    error = {"ending": "refused", "provider": attempt["provider"], "detail": "no such task"}
    log.info("job %s: %s knows no task of it: nothing was bought", turn.job, attempt["provider"])
    await work.run(
        scripts.give_up, turn.job, JobState.UNCERTAIN, attempt=attempt["id"], outcome="refused", error=error,
        reason="refused", now=work.now(),
    )  # fmt: skip


async def _found(work: Work, turn: Turn, attempt: Row, provider: Provider | None) -> Sequence[Task] | None:
    """What the provider says could be the attempt's task; None where it can't be asked."""
    offer = work.offers.get(attempt["offer"])
    if provider is None or offer is None:
        return None
    body = json.loads(attempt["body"])
    return await provider.find(
        Lost(
            attempt=attempt["id"], offer=offer, request=turn.request(), body=body.get("json", {}),
            submitted_at=int(attempt["intended_at"]),
        )
    )  # fmt: skip


async def _wait_or_tell(work: Work, turn: Turn, attempt: Row, candidates: int) -> None:
    """The next look after a while; after the last one an administrator is told and it is looked for once a day."""
    looks = work.timing.look_again
    if turn.tries + 1 < len(looks):
        await turn.sleep(looks[turn.tries + 1], tries=turn.tries + 1)
        return
    if turn.tries + 1 == len(looks):
        await work.run(slots.leave, turn.job, now=work.now())  # by now a task of it would be over
        await work.tell_operators(turn.job, "uncertain", provider=attempt["provider"], candidates=candidates)
    await turn.sleep(_DAY, tries=turn.tries + 1)
