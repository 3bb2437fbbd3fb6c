"""The step of `running`: pass on a wish to cancel, ask the provider, go on to fetching or to the end."""

import json
import logging
from typing import Any

from bot.credits.amounts import credits_for
from bot.errors import CheckFailed
from bot.jobs import scripts
from bot.jobs.polling import backoff, poll_interval
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work
from bot.providers.base import Failure, Provider, Task, TaskStatus
from bot.store.scripts import Row

log = logging.getLogger(__name__)


async def poll(work: Work, turn: Turn) -> None:
    """One look at the provider's task."""
    attempt = await work.run(scripts.last_attempt, turn.job)
    if attempt is None:
        raise LookupError(f"job {turn.job} is running without an attempt")
    provider = work.providers.get(attempt["provider"])
    if provider is None:
        await wait_for_provider(work, turn, attempt["provider"])
        return
    task = Task(**json.loads(attempt["task"]))
    if turn.row["cancel_asked"] == scripts.CANCEL_ASKED and await _cancelled(work, turn, provider, task, attempt):
        return
    try:
        status = await provider.check(task)
    except CheckFailed as error:
        await _check_failed(work, turn, error)
        return
    await _follow(work, turn, attempt, status)


async def _cancelled(work: Work, turn: Turn, provider: Provider, task: Task, attempt: Row) -> bool:
    """Ask the provider to stop; only its confirmation ends the job. True when this turn is over."""
    try:
        answer = await provider.cancel(task)
    except CheckFailed as error:
        if turn.tries + 1 < work.timing.cancel_tries:
            log.warning("job %s: it could not be asked to stop: %s", turn.job, error)
            await turn.sleep(backoff(turn.tries, first=2.0, longest=30.0), tries=turn.tries + 1)
            return True
        answer = "unknown"
    if answer != "confirmed":
        await work.run(scripts.cancel_refused, turn.job, now=work.now())
        return False
    ended = {"ending": "cancelled", "provider": provider.name}
    return await work.run(
        scripts.give_up, turn.job, JobState.RUNNING, new=JobState.CANCELLED, attempt=attempt["id"], outcome="cancelled",
        error=ended, reason="cancelled", now=work.now(),
    )  # fmt: skip


async def _follow(work: Work, turn: Turn, attempt: Row, status: TaskStatus) -> None:
    if status.state == "done" and status.video_url:
        await work.run(
            scripts.ready, turn.job, attempt=attempt["id"], url=status.video_url, cost=status.cost, logs=status.logs,
            flagged=status.flagged, now=work.now(),
        )  # fmt: skip
    elif status.state in ("failed", "cancelled"):
        await _failed(work, turn, attempt, status)
    else:
        await _still_running(work, turn, attempt, status)


async def _failed(work: Work, turn: Turn, attempt: Row, status: TaskStatus) -> None:
    failure = status.error or Failure(reason="cancelled" if status.state == "cancelled" else "provider")
    kept = (status.cost if status.cost is not None else int(attempt["microusd"])) if failure.billed else 0
    loss = max(1, credits_for(kept, work.credit_microusd)) if failure.billed else 0
    error = {
        "ending": failure.reason, "provider": attempt["provider"], "detail": failure.detail, "billed": failure.billed,
    }  # fmt: skip
    if status.logs:
        await work.run(scripts.keep_logs, attempt["id"], status.logs)
    stopped = status.state == "cancelled" and turn.row["cancel_asked"] != scripts.CANCEL_NO and not failure.billed
    await work.run(
        scripts.give_up, turn.job, JobState.RUNNING, new=JobState.CANCELLED if stopped else JobState.FAILED,
        attempt=attempt["id"], outcome="cancelled" if stopped else "failed", error=error, reason=failure.reason,
        kept=kept,
        loss=loss, now=work.now(),
    )  # fmt: skip


async def _still_running(work: Work, turn: Turn, attempt: Row, status: TaskStatus) -> None:
    age = (work.now() - int(attempt["accepted_at"])) / 1000
    await _watch_deadlines(work, turn, age)
    progress: dict[str, Any] = {"progress": status.progress, "queue_position": status.queue_position}
    interval = poll_interval(age, status) if age < work.timing.overdue else work.timing.overdue_poll
    before = {"progress": None, "queue_position": None} | turn.progress
    await turn.sleep(interval, tries=0, progress=progress, show=progress != before)


async def _check_failed(work: Work, turn: Turn, error: CheckFailed) -> None:
    """A look that failed changes nothing: the task goes on, we look again later."""
    log.warning("job %s: %s", turn.job, error)
    if error.reason == "auth" and turn.tries == 0:
        await work.tell_operators(turn.job, "auth", provider=error.provider, detail=error.detail)
    age = (work.now() - int(turn.row["created_at"])) / 1000
    await _watch_deadlines(work, turn, age)
    wait = backoff(turn.tries, first=5.0, longest=60.0)
    if error.retry_after is not None:
        wait = max(wait, min(error.retry_after, 300.0))
    await turn.sleep(wait, tries=turn.tries + 1)


async def wait_for_provider(work: Work, turn: Turn, provider: str) -> None:
    """The provider was switched off while it works for us: the job is kept, with its tries, until it is back."""
    if not await work.run(scripts.has_alert, turn.job, "provider_off"):
        await work.tell_operators(turn.job, "provider_off", provider=provider)
    await turn.sleep(60.0)


async def _watch_deadlines(work: Work, turn: Turn, age: float) -> None:
    """Late: the person's card says so. Overdue: the administrators are told, once. The job is kept either way."""
    offer = work.offers.get(turn.offer_ids()[0])
    usual = offer.usual[1] if offer else 0
    if age > max(work.timing.late_at_least, work.timing.late_factor * usual) and turn.row["warned_at"] is None:
        await work.run(scripts.warn_late, turn.job, now=work.now())
    if (
        age > work.timing.overdue
        and turn.row["warned_at"] is not None
        and not await work.run(scripts.has_alert, turn.job, "overdue")
    ):
        await work.tell_operators(turn.job, "overdue", seconds=round(age))
