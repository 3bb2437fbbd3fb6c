"""Transaction scripts about jobs: moved from state to state, ended once.

Every change of state goes through `move`, a compare-and-set on the state before: whoever races, one wins. What belongs
to a change (the attempt's row, the ledger, the deliveries it wakes) happens in the same transaction.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.credits.ledger import charge, release, write_off
from bot.jobs import slots, waiting
from bot.jobs.schedule import KEPT
from bot.jobs.states import FOLLOWS, JobState
from bot.providers import health
from bot.store.scripts import Row, Script

Json = dict[str, Any]

_SLEEP = """
UPDATE job SET lease_owner = NULL, lease_until = NULL, tries = :tries, progress = :progress,
    wake_at = CASE WHEN wake_at = lease_until THEN :wake ELSE wake_at END
WHERE id = :id AND lease_owner = :owner
"""
_MOVE = """
UPDATE job SET state = :new, tries = 0, waits = '', ended_at = :ended, error = COALESCE(:error, error),
    wake_at = CASE WHEN :keep THEN lease_until WHEN cancel_asked = 1 AND :ended IS NULL THEN :now ELSE :wake END,
    lease_owner = CASE WHEN :keep THEN lease_owner END, lease_until = CASE WHEN :keep THEN lease_until END
WHERE id = :id AND state = :old RETURNING *
"""
_SHOW = "UPDATE delivery SET wake_at = :now WHERE job = :job AND kind = 'status' AND state = 'posted'"
_ATTEMPT = """
INSERT INTO attempt (id, job, number, provider, offer, microusd, body, outcome, intended_at)
VALUES (:id, :job, (SELECT COUNT(*) + 1 FROM attempt WHERE job = :job), :provider, :offer, :microusd, :body,
    'intended', :now)
"""
_ACCEPTED = """
UPDATE attempt SET outcome = 'accepted', task = :task, task_id = :task_id, accepted_at = :now
WHERE id = :id AND outcome IN ('intended', 'uncertain')
"""
_OUTCOME = """
UPDATE attempt SET outcome = :outcome, error = COALESCE(:error, error), ended_at = :now, cost = COALESCE(:cost, cost)
WHERE id = :id
"""
_READY = "UPDATE attempt SET video_url = :url, cost = :cost, logs = :logs WHERE id = :id"
_TOOK = """
INSERT INTO duration (offer, length, at, attempt, ms) SELECT offer, :length, :now, id, :took FROM attempt WHERE id = :id
RETURNING offer
"""
_FORGET = """
DELETE FROM duration WHERE offer = :offer AND length = :length AND at < (
    SELECT at FROM duration WHERE offer = :offer AND length = :length ORDER BY at DESC LIMIT 1 OFFSET :before_last
)
"""
_VIDEO = "UPDATE job SET video = :video, poster = :poster WHERE id = :id"
_FLAGGED = "UPDATE job SET flagged = :flagged WHERE id = :id"
_RESULT = """
INSERT INTO delivery (id, job, kind, place, state, wake_at, created_at)
SELECT :id, id, 'result', place, 'pending', :now, :now FROM job WHERE id = :job
ON CONFLICT (job, kind) DO NOTHING
"""
_ALERT = """
INSERT INTO delivery (id, job, kind, place, state, facts, wake_at, created_at)
VALUES (:id, :job, 'alert', :place, 'pending', :facts, :now, :now)
ON CONFLICT (job, kind) DO UPDATE SET facts = excluded.facts, wake_at = excluded.wake_at WHERE delivery.state <> 'gone'
"""
_ASK_CANCEL = """
UPDATE job SET cancel_asked = 1, wake_at = :now
WHERE id = :id AND cancel_asked = 0 AND state IN ('queued', 'submitting', 'running') RETURNING *
"""
_CANCEL_REFUSED = "UPDATE job SET cancel_asked = 2 WHERE id = :id AND cancel_asked = 1"
_WARNED = "UPDATE job SET warned_at = :now WHERE id = :id AND warned_at IS NULL RETURNING id"
_LAST_ATTEMPT = "SELECT * FROM attempt WHERE job = :job ORDER BY number DESC LIMIT 1"
_ATTEMPTS = "SELECT * FROM attempt WHERE job = :job ORDER BY number"
_TAKEN = "SELECT id FROM attempt WHERE provider = :provider AND task_id = :task"
_RIVAL = """
SELECT rival.id FROM attempt AS rival JOIN attempt AS mine ON mine.id = :attempt
WHERE rival.offer = mine.offer AND rival.outcome IN ('intended', 'uncertain', 'settled') AND rival.task_id IS NULL
    AND rival.id <> mine.id AND ABS(rival.intended_at - mine.intended_at) < :apart LIMIT 1
"""

_APART_MS = 900_000
"""Calls to the same offer that lie closer together can't be told apart by the time at which a provider made a task."""

_BRIEF = frozenset((JobState.SUBMITTING, JobState.FETCHING))
"""States of a few seconds: an edit for one would keep the next, which matters, waiting for the platform's beat."""

_AT_PROVIDER = frozenset((JobState.SUBMITTING, JobState.RUNNING, JobState.UNCERTAIN))
"""States in which a job may have a task at a provider, and takes a slot there."""

_AT_WORK = frozenset((JobState.SUBMITTING, JobState.RUNNING))
"""States that count against how many jobs are made at once."""

_AILMENTS: Mapping[str, health.Ailment] = {"auth": "auth", "balance": "balance", "unavailable": "unavailable"}
"""Refusals that are the provider's state; a policy, our input or a moment's load are not."""

_THEIR_ENDINGS = frozenset(("provider", "no_video"))
"""Endings without a video that a provider is to blame for."""

CANCEL_NO, CANCEL_ASKED, CANCEL_REFUSED = 0, 1, 2
"""Values of `job.cancel_asked`."""


def _outcome(
    attempt: str, outcome: str, *, reason: str = "", detail: str = "", now: int | None = None, cost: int | None = None
) -> Json:
    error = json.dumps({"reason": reason, "detail": detail}) if reason else None
    return {"id": attempt, "outcome": outcome, "error": error, "now": now, "cost": cost}


def sleep(job: str, owner: str, *, wake: int, tries: int, progress: Json, show: int | None = None) -> Script[None]:
    """Give the job back until `wake`. A wish that came in meanwhile (`wake_at` isn't the lease's end) is kept."""
    yield _SLEEP, {"id": job, "owner": owner, "wake": wake, "tries": tries, "progress": json.dumps(progress)}
    if show is not None:
        yield _SHOW, {"job": job, "now": show}


def move(
    job: str,
    old: JobState,
    new: JobState,
    *,
    now: int,
    wake: int | None = None,
    error: Json | None = None,
    keep: bool = False,
) -> Script[Row | None]:
    """Change a job's state if it still is `old`; wakes its status card unless the new state is brief.

    The job is free for the next claim at `wake` (now, where not said or where somebody waits for it to be stopped),
    never if it ended; with `keep` the owner keeps its lease. None when somebody else was first.
    """
    if new not in FOLLOWS[old]:
        raise ValueError(f"{old} is never followed by {new}")
    ended = now if not FOLLOWS[new] else None
    values = {
        "id": job, "old": old, "new": new, "ended": ended, "wake": None if ended else now if wake is None else wake,
        "error": json.dumps(error) if error else None, "keep": int(keep), "now": now,
    }  # fmt: skip
    rows = yield _MOVE, values
    if not rows:
        return None
    if old is JobState.QUEUED:
        yield from slots.out_of_line(job)
    if new not in _AT_PROVIDER and old is not JobState.FETCHING:
        yield from slots.leave(job, now=now)
    if new not in _AT_WORK:
        yield from waiting.wake_next(rows[0]["workspace"], now=now)
    if new not in _BRIEF:
        yield _SHOW, {"job": job, "now": now}
    return rows[0]


def intend(
    job: str, owner: str, *, attempt: str, provider: str, offer: str, microusd: int, body: Json, now: int
) -> Script[bool]:
    """Store the attempt and its intent before the paid call.

    False when the job was stopped, taken over or paused meanwhile, enough others are at work, or nobody is to go to
    the provider now, or it is full.
    """
    rows = yield "SELECT cancel_asked, lease_owner FROM job WHERE id = :id", {"id": job}
    if not rows or rows[0]["cancel_asked"] != CANCEL_NO or rows[0]["lease_owner"] != owner:
        return False
    if (yield from waiting.in_the_way(job, deciding=True)) is not None:
        return False
    if not (yield from health.may_go(provider, job, now=now)):
        return False
    if not (yield from slots.take(job, provider, now=now)):
        yield from health.passed(job)
        return False
    if (yield from move(job, JobState.QUEUED, JobState.SUBMITTING, now=now, keep=True)) is None:
        return False
    yield (
        _ATTEMPT,
        {
            "id": attempt, "job": job, "provider": provider, "offer": offer, "microusd": microusd,
            "body": json.dumps(body),
            "now": now,
        },
    )  # fmt: skip
    return True


def accepted(job: str, old: JobState, *, attempt: str, task_id: str, task: Json, now: int, wake: int) -> Script[bool]:
    """The provider has a task: from `submitting`, or from `uncertain` when it was found after all."""
    if (yield from move(job, old, JobState.RUNNING, now=now, wake=wake)) is None:
        return False
    yield _ACCEPTED, {"id": attempt, "task_id": task_id, "task": json.dumps(task), "now": now}
    if old is JobState.UNCERTAIN:
        rows = yield "SELECT provider FROM attempt WHERE id = :id", {"id": attempt}
        yield from slots.occupy(job, rows[0]["provider"], now=now)
    yield from health.let_in(attempt)
    return True


def refused(
    job: str, *, attempt: str, reason: str, detail: str, now: int, wake: int, theirs: bool = True,
    retry_after: float | None = None,
) -> Script[bool]:  # fmt: skip
    """The paid call was certainly not accepted: back to `queued`, for the next offer or a later time.

    `theirs` says that it was the provider's word, and not our own end in the middle of it. One that is too busy is
    closed for everybody, for the seconds of its `retry_after` where it gave one.
    """
    if reason == "busy" and theirs:
        yield from slots.close(attempt, said=None if retry_after is None else round(retry_after * 1000), now=now)
    if (yield from move(job, JobState.SUBMITTING, JobState.QUEUED, now=now, wake=wake)) is None:
        return False
    yield _OUTCOME, _outcome(attempt, "refused", reason=reason, detail=detail, now=now, cost=0)
    yield from _judge(job, attempt, _AILMENTS.get(reason) if theirs else None, detail, now)
    return True


def uncertain(job: str, *, attempt: str, detail: str, now: int, wake: int, theirs: bool = True) -> Script[bool]:
    """Nobody can tell whether the paid call was accepted; the hold stays. `theirs` as for `refused`."""
    if (yield from move(job, JobState.SUBMITTING, JobState.UNCERTAIN, now=now, wake=wake)) is None:
        return False
    yield _OUTCOME, _outcome(attempt, "uncertain", reason="lost", detail=detail)
    yield from _judge(job, attempt, "uncertain" if theirs else None, detail, now)
    return True


def _judge(job: str, attempt: str | None, ailment: health.Ailment | None, detail: str, now: int) -> Script[None]:
    """What an outcome says of the provider's health: something is wrong there, or nothing at all."""
    if attempt is None or ailment is None:
        yield from health.passed(job)
    else:
        yield from health.ailed(attempt, ailment, detail, now=now)


def ready(
    job: str, *, attempt: str, url: str, cost: int | None, logs: Sequence[str], flagged: bool, length: int,
    took: int | None, now: int,
) -> Script[bool]:  # fmt: skip
    """The provider says done: its video, of `length` seconds, is to be fetched. It `took` so many ms, if known."""
    if (yield from move(job, JobState.RUNNING, JobState.FETCHING, now=now)) is None:
        return False
    yield _READY, {"id": attempt, "url": url, "cost": cost, "logs": json.dumps(list(logs))}
    yield _FLAGGED, {"id": job, "flagged": int(flagged)}
    if took is not None:
        rows = yield _TOOK, {"id": attempt, "length": length, "took": took, "now": now}
        yield _FORGET, {"offer": rows[0]["offer"], "length": length, "before_last": KEPT - 1}
    return True


def new_address(attempt: str, url: str) -> Script[None]:
    """The video moved (an expired link): remember where it is now."""
    yield "UPDATE attempt SET video_url = :url WHERE id = :id", {"id": attempt, "url": url}


def finish(
    job: str, *, attempt: str, video: str, poster: str | None, credits: int, microusd: int, provider: str, result: str,
    now: int,
) -> Script[bool]:  # fmt: skip
    """The video is stored and checked: charge, and the delivery of the result begins. One transaction, once.

    `credits` is what it came to: the ledger takes no more than was held and puts the rest down as variance.
    """
    if (yield from move(job, JobState.FETCHING, JobState.DONE, now=now)) is None:
        return False
    yield _VIDEO, {"id": job, "video": video, "poster": poster}
    yield _OUTCOME, _outcome(attempt, "done", now=now, cost=microusd)
    yield from charge(job=job, credits=credits, microusd=microusd, now=now, actor="system", provider=provider)
    yield from health.delivered(attempt)
    yield _RESULT, {"id": result, "job": job, "now": now}
    return True


def give_up(
    job: str, old: JobState, *, new: JobState = JobState.FAILED, attempt: str | None, outcome: str, error: Json,
    reason: str,
    kept: int = 0, loss: int = 0, actor: str = "system", now: int,
) -> Script[bool]:  # fmt: skip
    """End without a video: released for the person. `kept` micro-dollars were billed all the same: `loss` credits."""
    if (yield from move(job, old, new, now=now, error=error)) is None:
        return False
    ending, detail = str(error["ending"]), str(error.get("detail", ""))
    if attempt is not None:
        yield _OUTCOME, _outcome(attempt, outcome, reason=ending, detail=detail, now=now, cost=kept)
    yield from _judge(job, attempt, "failed" if ending in _THEIR_ENDINGS else None, detail, now)
    if loss:
        yield from write_off(job=job, credits=loss, microusd=kept, now=now, actor=actor, reason=reason)
    else:
        yield from release(job=job, now=now, actor=actor, reason=reason)
    return True


def keep_logs(attempt: str, logs: Sequence[str]) -> Script[None]:
    """What the provider wrote while it worked, beside the attempt."""
    yield "UPDATE attempt SET logs = :logs WHERE id = :id", {"id": attempt, "logs": json.dumps(list(logs))}


def settle_charged(
    job: str, old: JobState, *, attempt: str, credits: int, microusd: int, provider: str, error: Json, actor: str,
    now: int,
) -> Script[bool]:  # fmt: skip
    """An administrator's word on a lost answer: it was bought, and is charged though no video came."""
    if (yield from move(job, old, JobState.FAILED, now=now, error=error)) is None:
        return False
    yield _OUTCOME, _outcome(attempt, "settled", now=now, cost=microusd)
    yield from charge(job=job, credits=credits, microusd=microusd, now=now, actor=actor, provider=provider)
    return True


def ask_cancel(job: str, *, now: int) -> Script[bool]:
    """Note that the person wants it stopped, and wake the job."""
    rows = yield _ASK_CANCEL, {"id": job, "now": now}
    if rows:
        yield _SHOW, {"job": job, "now": now}
    return bool(rows)


def cancel_refused(job: str, *, now: int) -> Script[None]:
    """The provider can't stop it: the video still comes and is charged."""
    yield _CANCEL_REFUSED, {"id": job}
    yield _SHOW, {"job": job, "now": now}


def warn_late(job: str, *, now: int) -> Script[bool]:
    """Note once that the job takes longer than usual; its card says so from now on."""
    rows = yield _WARNED, {"id": job, "now": now}
    if rows:
        yield _SHOW, {"job": job, "now": now}
    return bool(rows)


def alert(job: str, *, delivery: str, place: Json, facts: Json, now: int) -> Script[None]:
    """Tell the operators about a job; a later alert about the same job takes the place of the earlier one."""
    yield _ALERT, {"id": delivery, "job": job, "place": json.dumps(place), "facts": json.dumps(facts), "now": now}


def last_attempt(job: str) -> Script[Row | None]:
    """The newest attempt of a job."""
    rows = yield _LAST_ATTEMPT, {"job": job}
    return rows[0] if rows else None


def attempts_of(job: str) -> Script[list[Row]]:
    """Every attempt of a job, oldest first."""
    return list((yield _ATTEMPTS, {"job": job}))


def is_taken(provider: str, task: str) -> Script[bool]:
    """Whether a task belongs to one of our attempts already."""
    return bool((yield _TAKEN, {"provider": provider, "task": task}))


def has_rival(attempt: str) -> Script[bool]:
    """Whether a task found for an attempt could be another's: of a call under way, or lost at about the same time.

    Also of one that an administrator settled since: what they decided doesn't tell whose the task is.
    """
    return bool((yield _RIVAL, {"attempt": attempt, "apart": _APART_MS}))


def adopt(
    job: str, *, attempt: str, provider: str, task_id: str, task: Json, by_name: bool = False, now: int, wake: int
) -> Script[bool]:
    """Go on with a task that was found for a lost call, unless it is another's by now, or could be.

    One that was found `by_name` carries the attempt's own id, so it could be nobody else's.
    """
    if (yield from is_taken(provider, task_id)) or (not by_name and (yield from has_rival(attempt))):
        return False
    return (
        yield from accepted(job, JobState.UNCERTAIN, attempt=attempt, task_id=task_id, task=task, now=now, wake=wake)
    )


def has_alert(job: str, kind: str) -> Script[bool]:
    """Whether that is what the operators were told about this job last."""
    rows = yield "SELECT facts FROM delivery WHERE job = :job AND kind = 'alert'", {"job": job}
    return any(json.loads(row["facts"]).get("kind") == kind for row in rows)
