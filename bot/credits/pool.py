"""What fills a team's pool: the refill of each period, and top-ups that don't expire."""

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
from bot.credits.periods import PeriodKind, period_of, zone_of
from bot.credits.policy import Policy, policy_of
from bot.store.scripts import Script, one

SYSTEM = "system"

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
SET_TIMEZONE = "UPDATE workspace SET timezone = :timezone WHERE id = :workspace"


def open_period(workspace: str, policy: Policy, now: int) -> Script[None]:
    """Begin the period that `now` lies in: its refill comes, what is left of others expires. Again it changes nothing.

    Whoever needs the refill first calls this, so that there is no moment to miss. The workspace must be locked.
    """
    period = period_of(now, policy.timezone, policy.refill_period).name
    account = refill_account(workspace, period)
    if (yield from open_account(account, workspace)):
        yield from _expire(workspace, period, now)
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
    if period != before.refill_period:
        yield from _expire(workspace, current, now, all_others=True)
    yield from _grant(workspace, current, credits, now, actor)


def set_timezone(*, workspace: str, timezone: str, now: int) -> Script[None]:
    """Where the team's days, weeks and months begin from now on. Raises BadValue for a zone that there isn't.

    Where another period runs there by now, it begins as if it had come by itself; one name brings one refill. Where it
    is an earlier one, what is left of the later waits for its time.
    """
    zone_of(timezone)
    yield from lock(workspace)
    before = yield from policy_of(workspace)
    yield from open_period(workspace, before, now)
    yield SET_TIMEZONE, {"workspace": workspace, "timezone": timezone}
    yield from open_period(workspace, replace(before, timezone=timezone), now)


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


def _expire(workspace: str, period: str, now: int, *, all_others: bool = False) -> Script[None]:
    """What is left of earlier periods goes, or of all others, except of one that a faster clock than ours has begun."""
    current = refill_account(workspace, period)
    others = {"current": current, "now": now, **ids_below(f"{workspace}:refill")}
    if not all_others:
        others["high"] = current
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
