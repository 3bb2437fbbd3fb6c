"""A workspace's rules, and what they leave at this moment."""

from dataclasses import dataclass

from bot.credits.accounts import ids_below, refill_account, topup_account
from bot.credits.periods import Period, PeriodKind, period_of
from bot.errors import NotFound
from bot.store.scripts import Script, first, one

POLICY = """
SELECT w.timezone, w.refill, w.refill_period, w.confirm_over, l.credits AS member_limit, l.period AS limit_period
FROM workspace AS w LEFT JOIN spending_limit AS l ON l.workspace = w.id AND l.scope = 'default'
WHERE w.id = :workspace
"""
STANDING = """
SELECT
    (SELECT balance FROM account WHERE id = :refill) AS refill,
    (SELECT balance FROM account WHERE id = :topup) AS topup,
    (
        SELECT coalesce(sum(CASE kind WHEN 'hold' THEN amount ELSE -amount END), 0) FROM entry
        WHERE person = :person AND workspace = :workspace AND held_at >= :start AND held_at < :end
    ) AS used,
    (SELECT used FROM usage WHERE scope = 'operator' AND period = :month) AS microusd,
    EXISTS (SELECT 1 FROM entry WHERE id > :low AND id < :high) AS known
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a team's credits are given out. Credits; `member_limit` is each member's ceiling, None for none.

    A job that costs more than `confirm_over` is asked about first.
    """

    timezone: str = "UTC"
    refill: int = 10_000
    refill_period: PeriodKind = "month"
    member_limit: int | None = 1_500
    limit_period: PeriodKind = "month"
    confirm_over: int = 100


ADMITTED = Policy()
"""For a workspace that the operator has named."""

NOT_ADMITTED = Policy(refill=0)
"""For any other: an empty pool until somebody fills it."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """What is there for a person now. `opened` is False while nobody has used this period's refill: then it is whole.

    `used` counts against the limit in `limit_period`: held and charged, less what came back. `microusd` is
    what the operator's `month` (UTC) has cost; `known` says that the job asked about has entries already.
    """

    policy: Policy
    refill_period: Period
    limit_period: Period
    opened: bool
    refill: int
    topup: int
    used: int
    month: Period
    microusd: int
    known: bool


def policy_of(workspace: str) -> Script[Policy]:
    """The rules of a workspace. Raises NotFound."""
    row = first((yield POLICY, {"workspace": workspace}))
    if row is None:
        raise NotFound(what="workspace", name=workspace)
    return Policy(
        timezone=row["timezone"],
        refill=row["refill"],
        refill_period=row["refill_period"],
        member_limit=row["member_limit"],
        limit_period=row["limit_period"] or "month",
        confirm_over=row["confirm_over"],
    )


def standing_of(workspace: str, person: str, now: int, job: str = "") -> Script[Standing]:
    """What is there for a person at `now` (ms). Raises NotFound for an unknown workspace."""
    policy = yield from policy_of(workspace)
    refill_period = period_of(now, policy.timezone, policy.refill_period)
    limit_period = period_of(now, policy.timezone, policy.limit_period)
    month = period_of(now, "UTC", "month")
    question = {
        "workspace": workspace,
        "person": person,
        **ids_below(job),
        "refill": refill_account(workspace, refill_period.name),
        "topup": topup_account(workspace),
        "start": limit_period.start_ms,
        "end": limit_period.end_ms,
        "month": month.name,
    }
    row = one((yield STANDING, question))
    opened = row["refill"] is not None
    return Standing(
        policy=policy,
        refill_period=refill_period,
        limit_period=limit_period,
        opened=opened,
        refill=row["refill"] if opened else policy.refill,
        topup=row["topup"],
        used=row["used"],
        month=month,
        microusd=row["microusd"] or 0,
        known=bool(row["known"]),
    )
