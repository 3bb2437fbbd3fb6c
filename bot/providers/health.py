"""How providers are: a row for each that something is wrong with, written by the outcomes of jobs.

A refused key, an empty account, no answer and a lost one open a cool-down at once, failed tasks after three in a row.
It grows from opening to opening. When it is over exactly one job goes there; its success ends it, its failure opens
the next. What a person typed, and what a provider's content rules don't allow, says nothing about the provider. The
scripts here belong into those of the jobs, so that an outcome and what it says of the provider are one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bot.providers.router import Health
from bot.store.scripts import Row, Script, first

Ailment = Literal["auth", "balance", "unavailable", "uncertain", "failed"]
"""What is wrong: our key, our account, no answer, a lost answer to a paid call, tasks that fail."""

FAILURES = 3
"""Failed tasks in a row that open a cool-down: one may be the request's own fault."""

LONGEST_MS = 1_800_000
PROBE_MS = 1_800_000
"""How long others wait for the one that tries, should nothing be heard of it."""

_FIRST_MS: Mapping[Ailment, int] = {
    "auth": 30_000, "balance": 30_000, "unavailable": 10_000, "uncertain": 10_000, "failed": 30_000,
}  # fmt: skip
_AT_THE_DOOR = frozenset(get_args(Ailment)) - {"failed"}

_OF_ATTEMPT = """
SELECT attempt.job, attempt.provider, health.reason, health.failures, health.openings, health.until, health.probe
FROM attempt LEFT JOIN provider_health AS health ON health.provider = attempt.provider WHERE attempt.id = :attempt
"""
_PUT = """
INSERT INTO provider_health (provider, reason, detail, failures, openings, failed_at, until, probe, probe_until)
VALUES (:provider, :reason, :detail, :failures, :openings, :now, :until, NULL, NULL)
ON CONFLICT (provider) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, failures = excluded.failures,
    openings = excluded.openings, failed_at = excluded.failed_at, until = excluded.until, probe = NULL,
    probe_until = NULL
"""
_CLAIM = """
UPDATE provider_health SET probe = :job, probe_until = :lease
WHERE provider = :provider AND until <= :now AND (probe IS NULL OR probe = :job OR probe_until <= :now)
RETURNING provider
"""
_END_COOL_DOWNS = """
UPDATE provider_health SET until = CASE WHEN until = 0 THEN 0 ELSE :now END, probe = NULL, probe_until = NULL
WHERE until > :now OR probe_until > :now
"""
_WELL = """
DELETE FROM provider_health WHERE provider = (SELECT provider FROM attempt WHERE id = :attempt)
    AND CASE WHEN reason = 'failed' THEN 1 ELSE 0 END = :whole
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailing:
    """A provider that something is wrong with, since its last failure. Times in ms UTC."""

    provider: str
    reason: Ailment
    detail: str
    failures: int
    openings: int
    failed_at: int
    until: int
    probe: str | None
    probe_until: int | None

    def health(self, now: int) -> Health:
        """Down while it cools down or is being tried; shaky with failures that don't open a cool-down, or after it."""
        return "down" if now < self.until or self._tried(now) else "shaky"

    def takes(self, job: str, now: int) -> bool:
        """Whether a job may go there now: as the one that tries, where there was a cool-down."""
        return now >= self.until and (not self._tried(now) or self.probe == job)

    def _tried(self, now: int) -> bool:
        return self.probe is not None and self.probe_until is not None and now < self.probe_until


def ailing() -> Script[dict[str, Ailing]]:
    """Every provider that something is wrong with, by name."""
    rows = yield "SELECT * FROM provider_health", {}
    return {row["provider"]: Ailing(**{name: row[name] for name in Ailing.__slots__}) for row in rows}


def may_go(provider: str, job: str, *, now: int) -> Script[bool]:
    """Whether a job may be bought there. After a cool-down the first that asks tries, by compare-and-set."""
    row = first((yield "SELECT until FROM provider_health WHERE provider = :provider", {"provider": provider}))
    if row is None or row["until"] == 0:
        return True
    return bool((yield _CLAIM, {"provider": provider, "job": job, "lease": now + PROBE_MS, "now": now}))


def ailed(attempt: str, reason: Ailment, detail: str, *, now: int) -> Script[None]:
    """An attempt went wrong, and the provider is to blame.

    What was under way already when the cool-down began, or before another job tries, makes it no longer.
    """
    row = first((yield _OF_ATTEMPT, {"attempt": attempt}))
    if row is None or _old_news(row, reason, now):
        return
    failures = (row["failures"] or 0) + (reason == "failed")
    before = row["openings"] or 0
    opens = reason in _AT_THE_DOOR or before > 0 or failures >= FAILURES
    values: dict[str, Any] = {
        "provider": row["provider"], "reason": reason, "detail": detail, "failures": failures, "now": now,
        "openings": before + opens, "until": now + cool_down(reason, before + 1) if opens else 0,
    }  # fmt: skip
    yield _PUT, values


def passed(job: str) -> Script[None]:
    """A job went by without saying anything about a provider: if it was the one to try, the next one is."""
    yield "UPDATE provider_health SET probe = NULL, probe_until = NULL WHERE probe = :job", {"job": job}


def end_cool_downs(*, now: int) -> Script[None]:
    """The next job tries, wherever one is waited for: for a clock that was set back, which would take far too long."""
    yield _END_COOL_DOWNS, {"now": now}


def let_in(attempt: str) -> Script[None]:
    """The provider took a paid call: key, account and connection are well."""
    yield _WELL, {"attempt": attempt, "whole": 0}


def delivered(attempt: str) -> Script[None]:
    """The provider's video is here whole: its tasks don't all fail."""
    yield _WELL, {"attempt": attempt, "whole": 1}


def cool_down(reason: Ailment, opening: int) -> int:
    """Milliseconds of the cool-down that opens for the n-th time in a row: doubling, up to half an hour."""
    return min(LONGEST_MS, _FIRST_MS[reason] << min(opening - 1, 20))


def _old_news(row: Row, reason: Ailment, now: int) -> bool:
    if row["reason"] is None or row["until"] == 0:
        return False
    from_before = reason == "failed" and row["reason"] in _AT_THE_DOOR  # a task taken since would have ended it
    return from_before or now < row["until"] or row["probe"] not in (None, row["job"])
