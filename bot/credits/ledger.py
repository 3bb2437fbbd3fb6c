"""The life of a job's credits: held, then charged or released, once. Corrections come after, as entries of their own.

All of these are scripts, to be run alone or inside a script that changes the job's rows with them. Entries are
idempotent by id: `<job>:hold:refill`, `<job>:hold:topup`, and `<job>:end:1` for the first entry of whatever ending, so
that the table's key makes a second ending impossible.
"""

from collections.abc import Sequence

from bot.credits.accounts import SPENT, VARIANCE, Entry, entry, held_account, lock, post, refill_account, topup_account
from bot.credits.alerting import note_limits
from bot.credits.amounts import check_not_negative, check_positive
from bot.credits.holding import Holding, Move, holding_of
from bot.credits.limits import Spender, Used, over, tightest
from bot.credits.periods import period_of
from bot.credits.policy import Standing, standing_of
from bot.credits.pool import open_period
from bot.credits.rules import note
from bot.errors import BadValue, CeilingReached, NotFound, OverCap, Paused, PoolEmpty
from bot.store.scripts import Script

HOLD_MONEY = """
INSERT INTO usage (scope, period, used) VALUES ('operator', :period, :microusd)
ON CONFLICT (scope, period) DO UPDATE SET used = usage.used + excluded.used
"""
CHANGE_MONEY = "UPDATE usage SET used = used + :microusd WHERE scope = 'operator' AND period = :period"


def hold(
    *,
    job: str,
    workspace: str,
    person: str,
    credits: int,
    microusd: int,
    ceiling: int,
    now: int,
    actor: str,
    under: Spender | None = None,
    beside: tuple[int, int] = (0, 0),
) -> Script[bool]:
    """Set a job's credits aside, from the refill first and then from the top-up. All or nothing.

    `microusd` is what its provider will cost, `ceiling` what the whole installation may cost in a month (UTC); `under`
    says which groups, channel and tag they fall under; `beside` are credits and micro-dollars of others that have to
    fit as well, and are held next. Raises Paused, OverCap, PoolEmpty, OverLimit or CeilingReached. Answers False where
    the job's credits were held before, whatever came of it.
    """
    check_positive("credits", credits)
    check_not_negative("microusd", microusd)
    check_not_negative("ceiling", ceiling)
    spender = under or Spender(workspace=workspace, person=person)
    yield from lock(workspace)
    standing = yield from standing_of(spender, now, job)
    if standing.known:
        return False
    _check_rules(standing, credits)
    total = credits + beside[0]
    _check_pool(standing, total)
    _check_limits([one for one in standing.limits if not one.limit.personal], total, standing.policy.timezone)
    _check_ceiling(standing, microusd + beside[1], ceiling)
    if not spender.waived:
        _check_limits([one for one in standing.limits if one.limit.personal], total, standing.policy.timezone)
    if not standing.opened:
        yield from open_period(workspace, standing.policy, now)
    yield from post(_held(standing, spender, job, credits, microusd, actor, now))
    yield HOLD_MONEY, {"period": standing.month.name, "microusd": microusd}
    yield from note_limits(standing, spender, credits, now)
    return True


def _held(
    standing: Standing, spender: Spender, job: str, credits: int, microusd: int, actor: str, now: int
) -> list[Entry]:
    """One entry for what comes from the refill, one for what comes from the top-up."""
    workspace, period = spender.workspace, standing.refill_period.name
    from_refill = min(credits, standing.refill)
    entries = [
        entry(
            f"{job}:hold:{bucket}",
            "hold",
            amount,
            debit=account,
            credit=held_account(workspace),
            workspace=workspace,
            period=period,
            actor=actor,
            at=now,
            job=job,
            person=spender.person,
            tag=spender.tag,
            channel=spender.channel,
        )
        for bucket, account, amount in (
            ("refill", refill_account(workspace, period), from_refill),
            ("topup", topup_account(workspace), credits - from_refill),
        )
        if amount
    ]
    entries[0]["microusd"] = microusd
    return entries


def charge(*, job: str, credits: int, microusd: int, now: int, actor: str, provider: str = "") -> Script[bool]:
    """Take what a finished job costs out of its hold; what is over goes back. `microusd` is what the `provider` took.

    Never more than was held: what a provider takes beyond goes to `sys:variance`. Answers False, and changes nothing,
    where the job has ended before. Raises NotFound where nothing was held.
    """
    check_positive("credits", credits)
    check_not_negative("microusd", microusd)
    holding = yield from holding_of(job)
    charged = min(credits, holding.held)
    over = holding.held - charged
    refill = over * holding.refill // holding.held  # in the proportion they were taken
    moves = [
        Move("charge", charged, holding.account, SPENT),
        *holding.back("release", holding.account, refill, over - refill, now),
        *_lost(credits - charged),
    ]
    entries = holding.follow("end", moves, now=now, actor=actor, provider=provider)
    entries[0]["microusd"] = microusd - holding.microusd
    return (yield from _end(holding, entries))


def release(*, job: str, now: int, actor: str, reason: str) -> Script[bool]:
    """Give everything back to where it came from; the part of a refill whose period is over expires.

    Answers False, and changes nothing, where the job has ended before. Raises NotFound where nothing was held.
    """
    holding = yield from holding_of(job)
    moves = holding.back("release", holding.account, holding.refill, holding.topup, now)
    entries = holding.follow("end", moves, now=now, actor=actor, reason=reason)
    entries[0]["microusd"] = -holding.microusd
    return (yield from _end(holding, entries))


def write_off(*, job: str, credits: int, microusd: int, now: int, actor: str, reason: str) -> Script[bool]:
    """Release a job that its provider billed but whose video nobody can get: the person gets all back, the cost stays.

    The loss is an entry of its own, `credits` from `sys:variance` to `sys:spent`: bought, and paid from nobody's pool.
    So `sys:spent` is everything that was bought, `sys:variance` what of it no team paid for, and all accounts together
    stay zero. `microusd`, the real cost, stays counted in the operator's month.
    """
    check_positive("credits", credits)
    check_not_negative("microusd", microusd)
    holding = yield from holding_of(job)
    moves = holding.back("release", holding.account, holding.refill, holding.topup, now) + _lost(credits)
    entries = holding.follow("end", moves, now=now, actor=actor, reason=reason)
    entries[0]["microusd"] = -holding.microusd
    entries[-1]["microusd"] = microusd
    return (yield from _end(holding, entries))


def correct(*, workspace: str, job: str, credits: int, now: int, actor: str, reason: str, key: str) -> Script[bool]:
    """Give back some of what a job was charged, at most all of it, to where it came from, like a release.

    The provider's cost stays as it was. The same `key` again gives nothing and answers False. Raises NotFound where
    that workspace has no such charge, BadValue above what is left of it.
    """
    check_positive("credits", credits)
    holding = yield from holding_of(job)
    charged, corrected = holding.total("charge"), holding.total("correction")
    if holding.workspace != workspace or not charged:
        raise NotFound(what="charge", name=job)
    if any(row["id"] == f"{job}:correct:{key}:1" for row in holding.entries):
        return False
    left = charged - corrected
    if credits > left:
        raise BadValue(field="credits", value=str(credits), allowed=(f"1…{left}",) if left else ())
    from_refill = holding.refill - holding.returned("release")
    before, after = (total * from_refill // charged for total in (corrected, corrected + credits))
    refill = after - before  # so that many small corrections add up to what one would give
    moves = holding.back("correction", SPENT, refill, credits - refill, now)
    entries = holding.follow(
        f"correct:{key}", moves, now=now, actor=actor, reason=reason, provider=holding.provider
    )  # fmt: skip
    yield from post(entries)
    return True


def refund(*, workspace: str, job: str, now: int, actor: str, reason: str, key: str, audit: str) -> Script[int]:
    """Correct all that is left of what a job was charged, and note who did; answers with how much that was.

    0 for the same `key` again. Raises NotFound where that workspace has no such charge, or all of it came back before.
    """
    holding = yield from holding_of(job)
    left = holding.total("charge") - holding.total("correction")
    if any(row["id"] == f"{job}:correct:{key}:1" for row in holding.entries):
        return 0
    if holding.workspace != workspace or left <= 0:
        raise NotFound(what="charge", name=job)
    yield from correct(workspace=workspace, job=job, credits=left, now=now, actor=actor, reason=reason, key=key)
    yield from note(
        workspace=workspace, actor=actor, action="quota refund", subject=f"person:{holding.facts['person']}",
        detail=f"{left} {job} {reason}".strip(), now=now, audit=audit,
    )  # fmt: skip
    return left


def _check_pool(standing: Standing, credits: int) -> None:
    left = standing.refill + standing.topup
    if credits > left:
        resets_at = standing.refill_period.end_ms if standing.policy.refill else None
        raise PoolEmpty(left=left, price=credits, resets_at=resets_at, timezone=standing.policy.timezone)


def _check_rules(standing: Standing, credits: int) -> None:
    rules = standing.policy.rules
    if standing.stopped is not None:
        raise Paused(reason=standing.stopped, everywhere=True)
    if rules.paused is not None:
        raise Paused(reason=rules.paused)
    if rules.job_cap is not None and credits > rules.job_cap:
        raise OverCap(price=credits, cap=rules.job_cap)


def _check_limits(limits: Sequence[Used], credits: int, timezone: str) -> None:
    """Raise OverLimit for the tightest of those that don't allow it."""
    found = tightest(limits)
    if found is not None and credits > found.left:
        raise over(found, credits, timezone)


def _check_ceiling(standing: Standing, microusd: int, ceiling: int) -> None:
    if standing.microusd + microusd > ceiling:
        raise CeilingReached(ceiling=ceiling, used=standing.microusd, price=microusd, resets_at=standing.month.end_ms)


def _lost(credits: int) -> list[Move]:
    return [Move("variance", credits, VARIANCE, SPENT)] if credits else []


def _end(holding: Holding, entries: list[Entry]) -> Script[bool]:
    if holding.ended:
        return False
    yield from post(entries)
    microusd = sum(entry["microusd"] for entry in entries)
    if microusd:
        month = period_of(holding.held_at, "UTC", "month").name
        yield CHANGE_MONEY, {"period": month, "microusd": microusd}
    return True
