"""What keeps a queued job from being bought now: a pause, or as many jobs at work as are to be at once.

Jobs at work (`submitting`, `running`) are counted in the transaction that moves one more to `submitting`, so that two
workers don't pass the limit together. Whoever has to wait is marked, and woken when a job leaves its place: the person
with the fewest at work, of several such the oldest job.
"""

from typing import Literal

from bot.credits.accounts import lock
from bot.credits.pausing import stopped
from bot.credits.rules import load_rules
from bot.store.scripts import Script, first, one

Reason = Literal["person", "team", "paused", "everything"]
"""As many of the person's or the team's jobs are at work as may be; the team, or everything, is paused."""

_JOB = """
SELECT job.workspace, job.person, job.waits, workspace.rules
FROM job JOIN workspace ON workspace.id = job.workspace WHERE job.id = :job
"""
_COUNT = """
SELECT COUNT(*) AS team, COALESCE(SUM(CASE WHEN person = :person THEN 1 ELSE 0 END), 0) AS person
FROM job WHERE state IN ('submitting', 'running') AND ended_at IS NULL AND workspace = :workspace
"""
_MARK = "UPDATE job SET waits = :waits WHERE id = :job AND state = 'queued'"
_NEXT = """
SELECT MIN(held.id) AS job, (
    SELECT COUNT(*) FROM job
    WHERE state IN ('submitting', 'running') AND ended_at IS NULL AND workspace = held.workspace
        AND person = held.person
) AS has
FROM job AS held WHERE held.workspace = :workspace AND held.waits IN ('person', 'team') AND held.wake_at > :now
GROUP BY held.workspace, held.person ORDER BY has, job LIMIT 1
"""
_WAKE = "UPDATE job SET wake_at = :now WHERE id = :job"
_WAKE_TEAM = "UPDATE job SET wake_at = :now WHERE workspace = :workspace AND waits <> ''"
_WAKE_ALL = "UPDATE job SET wake_at = :now WHERE waits <> ''"


def in_the_way(job: str, *, deciding: bool = False) -> Script[Reason | None]:
    """Why a job may not be bought now; None where nothing keeps it. Before `deciding`, others are kept out."""
    if (yield from stopped()) is not None:
        return "everything"
    row = one((yield _JOB, {"job": job}))
    rules = load_rules(row["rules"])
    if rules.paused is not None:
        return "paused"
    if rules.together is None and rules.together_team is None:
        return None
    if deciding:
        yield from lock(row["workspace"])
    at_work = one((yield _COUNT, {"workspace": row["workspace"], "person": row["person"]}))
    if rules.together is not None and at_work["person"] >= rules.together:
        return "person"
    if rules.together_team is not None and at_work["team"] >= rules.together_team:
        return "team"
    return None


def mark(job: str, before: str) -> Script[Reason | None]:
    """Look, and write down what was found where that is new: `before` is what stands there."""
    found = yield from in_the_way(job)
    if (found or "") != before:
        yield _MARK, {"job": job, "waits": found or ""}
    return found


def wake_next(workspace: str, *, now: int) -> Script[None]:
    """A job has left its place: the next of its team looks whether it may go."""
    row = first((yield _NEXT, {"workspace": workspace, "now": now}))
    if row is not None:
        yield _WAKE, {"job": row["job"], "now": now}


def wake_team(workspace: str, *, now: int) -> Script[None]:
    """The team's rules are others now: all who wait there look again."""
    yield _WAKE_TEAM, {"workspace": workspace, "now": now}


def wake_everybody(*, now: int) -> Script[None]:
    """The same in every team."""
    yield _WAKE_ALL, {"now": now}
