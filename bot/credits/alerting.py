"""Alerts: which levels of a ceiling are reached, each noted once for its scope and period.

A limit's levels are noted in the transaction of the hold that reaches them, so that none is missed and none is there
twice; a worker's next look makes notices of them (`jobs/watching.py`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.credits.accounts import ids_below, refill_account, topup_account
from bot.credits.limits import Spender, Used
from bot.credits.periods import Period, period_of
from bot.credits.policy import Standing
from bot.credits.pool import GRANTED
from bot.credits.rules import AS_INSTALLED, Rules, load_rules
from bot.credits.spending import spent_between
from bot.store.scripts import Row, Script, first, one

Facts = Mapping[str, Any]

NEVER = 10**18
"""No ceiling is ever raised by so much."""

OPERATOR = "operator"
"""The scope of what the whole installation may cost in a month."""

_LATCH = """
INSERT INTO alerted (scope, period, level, ceiling, facts, told, at)
VALUES (:scope, :period, :level, :ceiling, :facts, :told, :now)
ON CONFLICT (scope, period, level) DO UPDATE
SET ceiling = excluded.ceiling, facts = excluded.facts, told = excluded.told, at = excluded.at
WHERE excluded.ceiling >= alerted.ceiling + :more RETURNING scope
"""
_UNLATCH = """
DELETE FROM alerted WHERE scope = :scope AND period = '' AND told = 1 AND ceiling <= :reached RETURNING scope
"""
_UNTOLD = "SELECT * FROM alerted WHERE told = 0 ORDER BY scope, period, level LIMIT 100"
_TOLD = "UPDATE alerted SET told = 1 WHERE scope = :scope AND period = :period AND level <= :level AND told = 0"
_POOLS = """
SELECT w.id, w.timezone, w.refill_period, w.rules,
    (SELECT balance FROM account WHERE id = w.id || ':held') AS held,
    (SELECT balance FROM account WHERE id = w.id || ':topup') AS topup
FROM workspace AS w ORDER BY w.id
"""
_BALANCE = "SELECT balance FROM account WHERE id = :id"
_ISSUED = "SELECT coalesce(sum(amount), 0) AS amount FROM entry WHERE id > :low AND id < :high AND kind = 'topup'"
_MONTH = "SELECT used FROM usage WHERE scope = 'operator' AND period = :period"


class Seen(NamedTuple):
    """A pool as it was seen: if nothing of this changed, neither did what it has reached."""

    period: str
    left: int
    held: int
    levels: tuple[int, ...]


class Pool(NamedTuple):
    """A pool in a period: credits `used` (spent or held) and `left`, and all that was ever `issued` for it."""

    workspace: str
    period: Period
    used: int
    left: int
    issued: int
    levels: tuple[int, ...]


def latch(
    scope: str,
    period: str,
    level: int,
    *,
    ceiling: int,
    facts: Facts,
    now: int,
    more: int = 1,
    told: bool = False,
) -> Script[bool]:
    """Note an alert. False where it is noted already, unless its ceiling was raised by at least `more` since."""
    values = {
        "scope": scope, "period": period, "level": level, "ceiling": ceiling, "facts": json.dumps(facts),
        "told": int(told), "now": now, "more": more,
    }  # fmt: skip
    return bool((yield _LATCH, values))


def unlatch(scope: str, *, reached: int) -> Script[bool]:
    """Forget an alert without a period that was told, if its ceiling is reached: the next one counts again."""
    return bool((yield _UNLATCH, {"scope": scope, "reached": reached}))


def untold() -> Script[list[Row]]:
    """Alerts that nobody was told of yet; of one scope and period only the highest level."""
    highest = {(row["scope"], row["period"]): row for row in (yield _UNTOLD, {})}
    return list(highest.values())


def told(alert: Row) -> Script[None]:
    """Somebody was: of this level, and of those below it."""
    yield _TOLD, {"scope": alert["scope"], "period": alert["period"], "level": alert["level"]}


def note_levels(
    scope: str, period: str, *, used: int, capacity: int, ceiling: int, levels: Sequence[int], facts: Facts, now: int
) -> Script[None]:
    """Note the highest level (percent) of `capacity` that is reached, and those below it with it.

    `ceiling` is what an administrator set: only where that was raised does a level count again.
    """
    reached = sorted(level for level in levels if capacity > 0 and used * 100 >= level * capacity)
    if not reached:
        return
    top = reached.pop()
    told = {**facts, "used": used, "ceiling": capacity, "level": top}
    if (yield from latch(scope, period, top, ceiling=ceiling, facts=told, now=now)):
        for level in reached:
            yield from latch(scope, period, level, ceiling=ceiling, facts=told, now=now, told=True)


def note_limits(standing: Standing, spender: Spender, credits: int, now: int) -> Script[None]:
    """Note the levels of all limits that a hold of `credits` has just reached; `standing` is as it was before."""
    levels = standing.policy.rules.alert_levels
    for one_of in standing.limits:
        used = one_of.used + credits
        facts = {
            "kind": "level", "what": "limit", "workspace": spender.workspace, "scope": one_of.limit.scope,
            "label": one_of.limit.label, "person": spender.person if one_of.limit.personal else "",
            "channel": spender.channel, "each": one_of.limit.period, "resets_at": one_of.period.end_ms,
        }  # fmt: skip
        yield from note_levels(
            _scope(spender, one_of), one_of.period.name, used=used, capacity=one_of.ceiling, ceiling=one_of.ceiling,
            levels=levels, facts=facts, now=now,
        )  # fmt: skip


def _scope(spender: Spender, one_of: Used) -> str:
    """Each person has alerts of their own where a limit counts each by themselves."""
    scope = f"{spender.workspace}:{one_of.limit.scope}"
    return f"{scope}:{spender.person}" if one_of.limit.personal else scope


def pools(known: Mapping[str, Seen], now: int) -> Script[tuple[list[Pool], dict[str, Seen]]]:
    """The pools whose first level is reached, and every pool as it was seen. Only reads.

    Those that are as they are `known` from the last look are left out: no news, no sums.
    """
    found, seen = [], {}
    for row in (yield _POOLS, {}):
        levels = load_rules(row["rules"]).alert_levels
        period = period_of(now, row["timezone"], row["refill_period"])
        account = refill_account(row["id"], period.name)
        opened = first((yield _BALANCE, {"id": account}))
        if opened is None or not levels:
            continue
        left = opened["balance"] + row["topup"]
        seen[row["id"]] = Seen(period.name, left, row["held"], levels)
        if known.get(row["id"]) == seen[row["id"]]:
            continue
        used = row["held"] + (
            yield from spent_between(workspace=row["id"], start=period.start_ms, end=period.end_ms)
        )  # fmt: skip
        if used * 100 < min(levels) * (used + left):
            continue
        granted = one((yield GRANTED, {"account": account, **ids_below(account)}))["amount"]
        issued = one((yield _ISSUED, ids_below(topup_account(row["id"]))))["amount"]
        found.append(Pool(row["id"], period, used, left, granted + issued, levels))
    return found, seen


def note_pool(pool: Pool, now: int) -> Script[None]:
    """Note the levels that a pool has reached. Of what it had in its period; more than that is a refill or a top-up."""
    facts = {"kind": "level", "what": "pool", "workspace": pool.workspace, "resets_at": pool.period.end_ms}
    yield from note_levels(
        f"{pool.workspace}:pool", pool.period.name, used=pool.used, capacity=pool.used + pool.left,
        ceiling=pool.issued, levels=pool.levels, facts=facts, now=now,
    )  # fmt: skip


def note_operator(ceiling: int, now: int) -> Script[None]:
    """Note the levels of the operator's month (micro-dollars) that are reached."""
    month = period_of(now, "UTC", "month")
    row = first((yield _MONTH, {"period": month.name}))
    facts = {"kind": "level", "what": "operator", "resets_at": month.end_ms}
    yield from note_levels(
        OPERATOR, month.name, used=row["used"] if row else 0, capacity=ceiling, ceiling=ceiling,
        levels=AS_INSTALLED.alert_levels, facts=facts, now=now,
    )  # fmt: skip


def rules_of_alert(workspace: str) -> Script[Rules]:
    """The rules of a workspace; those at install where there is none (any more)."""
    row = first((yield "SELECT rules FROM workspace WHERE id = :id", {"id": workspace}))
    return load_rules(row["rules"]) if row else AS_INSTALLED
