"""A workspace's rules, and what they leave at this moment."""

from dataclasses import dataclass

from bot.credits.accounts import ids_below, refill_account, topup_account
from bot.credits.limits import DEFAULT, Limit, Spender, Sums, Used, limit_of, used_of
from bot.credits.pausing import STOP, why_stopped
from bot.credits.periods import Period, PeriodKind, period_of
from bot.credits.rules import AS_INSTALLED, Rules, load_rules
from bot.errors import NotFound
from bot.store.scripts import Script, one

POLICY = """
SELECT w.timezone, w.refill, w.refill_period, w.confirm_over, w.rules, l.scope, l.credits, l.period, l.label
FROM workspace AS w LEFT JOIN spending_limit AS l ON l.workspace = w.id AND (
    l.scope IN ('default', :me, :channel, :tag) OR l.scope > 'role:' AND l.scope < 'role;'
)
WHERE w.id = :workspace
"""
STANDING = """
SELECT
    (SELECT balance FROM account WHERE id = :refill) AS refill,
    (SELECT balance FROM account WHERE id = :topup) AS topup,
    (SELECT used FROM usage WHERE scope = 'operator' AND period = :month) AS microusd,
    EXISTS (SELECT 1 FROM entry WHERE id > :low AND id < :high) AS known,
    (SELECT value FROM memory WHERE key = :stop) AS stopped
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a team's credits are given out. Credits; `limits` are those that are asked about.

    A job that costs more than `confirm_over` is asked about first.
    """

    timezone: str = "UTC"
    refill: int = 10_000
    refill_period: PeriodKind = "month"
    confirm_over: int = 100
    limits: tuple[Limit, ...] = (Limit(scope=DEFAULT, credits=1_500, period="month"),)
    rules: Rules = AS_INSTALLED


ADMITTED = Policy()
"""For a workspace that the operator has named."""

NOT_ADMITTED = Policy(refill=0)
"""For any other: an empty pool until somebody fills it."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """What is there for a person now. `opened` is False while nobody has used this period's refill: then it is whole.

    `limits` are those that the person falls under, with what is used of each; `microusd` is what the operator's `month`
    (UTC) has cost; `known` says that the job asked about has entries already; `stopped` is why the operator stopped
    everything, None where they didn't.
    """

    policy: Policy
    refill_period: Period
    opened: bool
    refill: int
    topup: int
    limits: tuple[Used, ...]
    month: Period
    microusd: int
    known: bool
    stopped: str | None


def policy_of(workspace: str, spender: Spender | None = None) -> Script[Policy]:
    """The rules of a workspace, with the limits that somebody falls under (nobody = each member). Raises NotFound."""
    spender = spender or Spender(workspace=workspace, person="")
    scopes = {"me": f"person:{spender.person}", "channel": f"channel:{spender.channel}", "tag": f"tag:{spender.tag}"}
    rows = yield POLICY, {"workspace": workspace, **scopes}
    if not rows:
        raise NotFound(what="workspace", name=workspace)
    row = rows[0]
    return Policy(
        timezone=row["timezone"],
        refill=row["refill"],
        refill_period=row["refill_period"],
        confirm_over=row["confirm_over"],
        limits=tuple(limit_of(one) for one in rows if one["scope"] and spender.falls_under(one["scope"])),
        rules=load_rules(row["rules"]),
    )


def standing_of(spender: Spender, now: int, job: str = "") -> Script[Standing]:
    """What is there for a person at `now` (ms). Raises NotFound for an unknown workspace."""
    workspace = spender.workspace
    policy = yield from policy_of(workspace, spender)
    refill_period = period_of(now, policy.timezone, policy.refill_period)
    month = period_of(now, "UTC", "month")
    question = {
        **ids_below(job),
        "stop": STOP,
        "refill": refill_account(workspace, refill_period.name),
        "topup": topup_account(workspace),
        "month": month.name,
    }
    row = one((yield STANDING, question))
    sums: Sums = {}
    limits: list[Used] = []
    for limit in policy.limits:
        used = yield from used_of(limit, spender, policy.timezone, now, sums)
        limits.append(used)
    opened = row["refill"] is not None
    return Standing(
        policy=policy,
        refill_period=refill_period,
        opened=opened,
        refill=row["refill"] if opened else policy.refill,
        topup=row["topup"],
        limits=tuple(limits),
        month=month,
        microusd=row["microusd"] or 0,
        known=bool(row["known"]),
        stopped=why_stopped(row["stopped"]),
    )
