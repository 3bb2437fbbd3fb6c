"""The step of `running`: pass on a wish to cancel, ask the provider, go on to fetching or to the end."""

import json
import logging
from typing import Any

from bot.credits.amounts import credits_for
from bot.errors import CheckFailed
from bot.jobs import scripts, slots
from bot.jobs.durations import stated
from bot.jobs.polling import FIRST_MS, backoff
from bot.jobs.schedule import interval, taken
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work
from bot.providers.base import Failure, Provider, Task, TaskStatus
from bot.providers.router import seconds
from bot.store.scripts import Row

log = logging.getLogger(__name__)

_MISSED_MS = 60_000
"""How late a look or an acceptance may be for what it tells to count as a duration."""


async def poll(work: Work, turn: Turn) -> None:
    """One look at the provider's task."""
    attempt = await turn.last_attempt()
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
        await _check_failed(work, turn, attempt, error)
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
        length, took = seconds(turn.request()), _took(attempt, turn.progress, work.now())
        await work.run(
            scripts.ready, turn.job, attempt=attempt["id"], url=status.video_url, cost=status.cost, logs=status.logs,
            flagged=status.flagged, length=length, took=took, now=work.now(),
        )  # fmt: skip
        work.durations.added(attempt["offer"], length)
    elif status.state in ("failed", "cancelled"):
        await _failed(work, turn, attempt, status)
    else:
        await _still_running(work, turn, attempt, status)


def _took(attempt: Row, progress: dict[str, Any], now: int) -> int | None:
    """Milliseconds from accepted to done, as well as looks tell.

    None where nobody looked when it was due, as after a restart, and where the call itself was found again later.
    """
    accepted = int(attempt["accepted_at"])
    looked, due = int(progress.get("looked", accepted)), int(progress.get("due", accepted + FIRST_MS))
    if now - due > _MISSED_MS or accepted - int(attempt["intended_at"]) > _MISSED_MS:
        return None
    return max(0, round(taken(looked - accepted, now - accepted)))


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
    await work.durations.refresh()
    age = await _watch_deadlines(work, turn, attempt)
    wait = _until_next_look(work, turn, attempt, status, age) if age < work.timing.overdue else work.timing.overdue_poll
    told: dict[str, Any] = {"progress": status.progress, "queue_position": status.queue_position}
    show = any(turn.progress.get(name) != value for name, value in told.items())
    looked = {"looked": work.now(), "due": work.at(wait)}
    await turn.sleep(wait, tries=0, progress=told | looked, show=show)


def _until_next_look(work: Work, turn: Turn, attempt: Row, status: TaskStatus, age: float) -> float:
    curve = work.durations.curve(attempt["offer"], seconds(turn.request()))
    stretch = work.durations.stretch(work.providers[attempt["provider"]], curve)
    return interval(curve, age, status, stretch=stretch, jitter=work.clock.uniform(-1.0, 1.0))


async def _check_failed(work: Work, turn: Turn, attempt: Row, error: CheckFailed) -> None:
    """A look that failed changes nothing: the task goes on, we look again later."""
    log.warning("job %s: %s", turn.job, error)
    if error.reason == "auth" and turn.tries == 0:
        await work.tell_operators(turn.job, "auth", provider=error.provider, detail=error.detail)
    await _watch_deadlines(work, turn, attempt)
    wait = backoff(turn.tries, first=5.0, longest=60.0)
    if error.retry_after is not None:
        wait = max(wait, min(error.retry_after, 300.0))
    await turn.sleep(wait, tries=turn.tries + 1)


async def wait_for_provider(work: Work, turn: Turn, provider: str) -> None:
    """The provider was switched off while it works for us: the job is kept, with its tries, until it is back."""
    if not await work.run(scripts.has_alert, turn.job, "provider_off"):
        await work.tell_operators(turn.job, "provider_off", provider=provider)
    await turn.sleep(60.0)


async def _watch_deadlines(work: Work, turn: Turn, attempt: Row) -> float:
    """The task's age in seconds. Late: the person's card says so. Overdue: the administrators are told, once.

    The job is kept either way; one that is overdue takes no slot from others any more.
    """
    age = (work.now() - int(attempt["accepted_at"])) / 1000
    name, length = str(attempt["offer"]), seconds(turn.request())
    _, longest = work.durations.usual(name, length) or stated(work.offers.get(name), length)
    if age > max(work.timing.late_at_least, work.timing.late_factor * longest) and turn.row["warned_at"] is None:
        await work.run(scripts.warn_late, turn.job, now=work.now())
    if age > work.timing.overdue:
        await work.run(slots.leave, turn.job, now=work.now())
        if turn.row["warned_at"] is not None and not await work.run(scripts.has_alert, turn.job, "overdue"):
            await work.tell_operators(turn.job, "overdue", seconds=round(age))
    return age
