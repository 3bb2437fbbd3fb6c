"""What fills a team's pool, the refill of each period and top-ups that don't expire, and the limit on its members."""

from dataclasses import replace

from bot.credits.accounts import (
    EXPIRED,
    ISSUED,
    entry,
    ids_below,
    lock,
    open_account,
    post,
    refill_account,
    topup_account,
)
from bot.credits.amounts import check_not_negative, check_positive
from bot.credits.periods import KINDS, PeriodKind, period_of
from bot.credits.policy import Policy, policy_of
from bot.errors import BadValue, NotFound
from bot.store.scripts import Script, one

SYSTEM = "system"
SCOPES = ("default",)
"""What a limit can be for: every member alike."""

STALE = """
SELECT id, balance FROM account
WHERE id > :low AND id < :high AND id <> :current AND balance > 0
AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = account.id AND entry.at > :now)
ORDER BY id
"""
ADDED = "SELECT id FROM entry WHERE id = :id"
EXPIRED_BEFORE = "SELECT count(*) AS times FROM entry WHERE id > :low AND id < :high"
GRANTED = """
SELECT coalesce(sum(amount), 0) AS amount FROM entry
WHERE (id = :account OR (id > :low AND id < :high)) AND kind = 'refill'
"""
SET_REFILL = "UPDATE workspace SET refill = :refill, refill_period = :period WHERE id = :workspace"
SET_LIMIT = """
INSERT INTO spending_limit (workspace, scope, credits, period)
SELECT id, :scope, :credits, :period FROM workspace WHERE id = :workspace
ON CONFLICT (workspace, scope) DO UPDATE SET credits = excluded.credits, period = excluded.period
RETURNING scope
"""


def open_period(workspace: str, policy: Policy, now: int) -> Script[None]:
    """Begin the period that `now` lies in: its refill comes, what is left of others expires. Again it changes nothing.

    Whoever needs the refill first calls this, so that there is no moment to miss. The workspace must be locked.
    """
    period = period_of(now, policy.timezone, policy.refill_period).name
    account = refill_account(workspace, period)
    if (yield from open_account(account, workspace)):
        yield from _expire_others(workspace, period, now)
        yield from _grant(workspace, period, policy.refill, now, SYSTEM)


def top_up(*, workspace: str, credits: int, now: int, actor: str, reason: str, key: str) -> Script[bool]:
    """Add credits that don't expire. The same `key` again adds nothing and answers False."""
    check_positive("credits", credits)
    yield from lock(workspace)
    policy = yield from policy_of(workspace)
    period = period_of(now, policy.timezone, policy.refill_period).name
    account = topup_account(workspace)
    name = f"{account}:{key}"
    if (yield ADDED, {"id": name}):
        return False
    added = entry(
        name,
        "topup",
        credits,
        debit=ISSUED,
        credit=account,
        workspace=workspace,
        period=period,
        actor=actor,
        at=now,
        reason=reason,
    )
    yield from post([added])
    return True


def set_refill(*, workspace: str, credits: int, period: PeriodKind, now: int, actor: str) -> Script[None]:
    """Change how much comes, and how often, from now on.

    More comes at once, as the difference to what this period has brought already; less begins with the next period.
    Another kind of period begins now, with all of its refill, and what is left of the old one expires. Going back and
    forth never brings more than the greatest refill of each period.
    """
    check_not_negative("credits", credits)
    yield from lock(workspace)
    before = yield from policy_of(workspace)
    yield from open_period(workspace, before, now)  # the team had this much, whether or not anybody looked
    after = replace(before, refill=credits, refill_period=period)
    current = period_of(now, after.timezone, period).name
    yield SET_REFILL, {"workspace": workspace, "refill": credits, "period": period}
    yield from open_period(workspace, after, now)
    yield from _expire_others(workspace, current, now)
    yield from _grant(workspace, current, credits, now, actor)


def set_limit(*, workspace: str, scope: str, credits: int, period: PeriodKind) -> Script[None]:
    """Set the ceiling for a scope; it holds from the next hold on. 0 lets nobody spend."""
    check_not_negative("credits", credits)
    for field, value, allowed in (("scope", scope, SCOPES), ("period", period, KINDS)):
        if value not in allowed:
            raise BadValue(field=field, value=value, allowed=allowed)
    question = {"workspace": workspace, "scope": scope, "credits": credits, "period": period}
    if not (yield SET_LIMIT, question):
        raise NotFound(what="workspace", name=workspace)


def _grant(workspace: str, period: str, total: int, now: int, actor: str) -> Script[None]:
    """Bring the refill of a period up to `total`; what was granted is not taken back."""
    account = refill_account(workspace, period)
    granted = one((yield GRANTED, {"account": account, **ids_below(account)}))["amount"]
    if total > granted:
        more = entry(
            f"{account}:{total}" if granted else account,
            "refill",
            total - granted,
            debit=ISSUED,
            credit=account,
            workspace=workspace,
            period=period,
            actor=actor,
            at=now,
        )
        yield from post([more])


def _expire_others(workspace: str, period: str, now: int) -> Script[None]:
    """What is left of other periods' refills goes, except of one that a faster clock than ours has begun."""
    others = {"current": refill_account(workspace, period), "now": now, **ids_below(f"{workspace}:refill")}
    for account in (yield STALE, others):
        times = one((yield EXPIRED_BEFORE, ids_below(f"{account['id']}:expire")))["times"]
        gone = entry(
            f"{account['id']}:expire:{times + 1}",
            "expire",
            account["balance"],
            debit=account["id"],
            credit=EXPIRED,
            workspace=workspace,
            period=period,
            actor=SYSTEM,
            at=now,
        )
        yield from post([gone])
