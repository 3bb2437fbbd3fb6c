"""What is left for a person, and what became of their jobs. Scripts that only read."""

from dataclasses import dataclass
from typing import Literal

from bot.credits.accounts import held_account
from bot.credits.periods import PeriodKind
from bot.credits.policy import standing_of
from bot.store.scripts import Script, one

HELD = """
SELECT
    (SELECT balance FROM account WHERE id = :held) AS pool_held,
    (
        SELECT coalesce(sum(amount), 0) FROM open_hold
        WHERE person = :person AND workspace = :workspace AND held_at >= :start AND held_at < :end
    ) AS held
"""
RECENT = """
SELECT job.id, job.held_at,
    sum(CASE kind WHEN 'hold' THEN amount ELSE 0 END) AS held,
    sum(CASE kind WHEN 'charge' THEN amount ELSE 0 END) AS charged,
    sum(CASE kind WHEN 'release' THEN amount ELSE 0 END) AS released,
    sum(CASE kind WHEN 'correction' THEN amount ELSE 0 END) AS corrected
FROM (
    SELECT DISTINCT job AS id, held_at FROM entry
    WHERE person = :person AND workspace = :workspace AND kind = 'hold'
    ORDER BY held_at DESC, job DESC LIMIT :count
) AS job JOIN entry ON entry.id > job.id || ':' AND entry.id < job.id || ';'
GROUP BY job.id, job.held_at ORDER BY job.held_at DESC, job.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """What is left for a person now, in credits; times in ms.

    `left` is the smaller of what the pool has and what the limit leaves, and `binds` says which it is. `used` is what
    counts against the limit until `resets_at`, and `held` the part of it whose jobs run still. `limit` is None where
    there is none, `pool_resets_at` where no refill comes.
    """

    pool_refill: int
    pool_topup: int
    pool_held: int
    pool_resets_at: int | None
    limit: int | None
    limit_period: PeriodKind
    used: int
    held: int
    resets_at: int
    confirm_over: int

    @property
    def pool_left(self) -> int:
        """What the team may still hold."""
        return self.pool_refill + self.pool_topup

    @property
    def limit_left(self) -> int | None:
        """What the limit leaves; None without one. A limit that was lowered below what is used leaves nothing."""
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def left(self) -> int:
        """What the person may still hold."""
        return self.pool_left if self.limit_left is None else min(self.pool_left, self.limit_left)

    @property
    def binds(self) -> Literal["pool", "limit"]:
        """Which of the two is the smaller."""
        return "pool" if self.limit_left is None or self.pool_left < self.limit_left else "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCredits:
    """What one job did to the credits. Neither charged nor released: still held."""

    job: str
    held_at: int
    held: int
    charged: int
    released: int
    corrected: int


def headroom(*, workspace: str, person: str, now: int) -> Script[Headroom]:
    """What a person may spend now, and why not more. Raises NotFound for an unknown workspace."""
    standing = yield from standing_of(workspace, person, now)
    limit_period, policy = standing.limit_period, standing.policy
    question = {
        "workspace": workspace,
        "person": person,
        "held": held_account(workspace),
        "start": limit_period.start_ms,
        "end": limit_period.end_ms,
    }
    row = one((yield HELD, question))
    return Headroom(
        pool_refill=standing.refill,
        pool_topup=standing.topup,
        pool_held=row["pool_held"],
        pool_resets_at=standing.refill_period.end_ms if policy.refill else None,
        limit=policy.member_limit,
        limit_period=policy.limit_period,
        used=standing.used,
        held=row["held"],
        resets_at=limit_period.end_ms,
        confirm_over=policy.confirm_over,
    )


def recent(*, workspace: str, person: str, count: int = 5) -> Script[list[JobCredits]]:
    """A person's latest jobs in a workspace, newest first."""
    rows = yield RECENT, {"workspace": workspace, "person": person, "count": count}
    return [
        JobCredits(
            job=row["id"],
            held_at=row["held_at"],
            held=row["held"],
            charged=row["charged"],
            released=row["released"],
            corrected=row["corrected"],
        )
        for row in rows
    ]
