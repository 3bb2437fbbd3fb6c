"""Does the ledger add up? Everything cached is worked out again from the entries. A script that only reads."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.credits.accounts import EXPIRED, ISSUED, SPENT, VARIANCE, held_account
from bot.credits.periods import period_of
from bot.errors import LedgerBroken
from bot.store.scripts import Script

Difference = tuple[str, int, int]
DAY = 86_400_000

BALANCES = """
SELECT id, sum(change) AS balance FROM (
    SELECT credit AS id, amount AS change FROM entry UNION ALL SELECT debit, -amount FROM entry
) AS sides GROUP BY id
"""
CACHED = "SELECT id, balance FROM account"
HELD = "SELECT workspace, sum(amount) AS held FROM open_hold GROUP BY workspace"
MONEY = "SELECT held_at / 86400000 AS day, sum(microusd) AS used FROM entry GROUP BY held_at / 86400000"
CACHED_MONEY = "SELECT period, used FROM usage WHERE scope = 'operator'"
UNEVEN = """
SELECT job, held, ended FROM (
    SELECT job,
        sum(CASE WHEN kind = 'hold' THEN amount ELSE 0 END) AS held,
        sum(CASE WHEN kind IN ('charge', 'release') THEN amount ELSE 0 END) AS ended,
        sum(CASE kind WHEN 'charge' THEN amount WHEN 'correction' THEN -amount ELSE 0 END) AS kept
    FROM entry WHERE job IS NOT NULL GROUP BY job
) AS jobs WHERE (ended <> 0 AND ended <> held) OR kept < 0
"""
STRANDED = """
SELECT h.job AS job, sum(h.amount) AS held FROM open_hold AS h JOIN (
    SELECT id FROM job WHERE ended_at IS NOT NULL UNION ALL SELECT id FROM enhancement WHERE ended_at IS NOT NULL
) AS ended ON ended.id = h.job GROUP BY h.job
"""
UNPAID = """
SELECT id, credits, held, charged FROM (
    SELECT e.id AS id, e.credits AS credits, e.state AS state,
        (
            SELECT coalesce(sum(amount), 0) FROM entry WHERE entry.id > e.id || ':hold:' AND entry.id < e.id || ':hold;'
        ) AS held,
        (SELECT coalesce(sum(amount), 0) FROM entry WHERE entry.id = e.id || ':end:1' AND kind = 'charge') AS charged
    FROM enhancement AS e
) AS paid WHERE held <> credits OR (state = 'done') <> (charged > 0)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Where all credits are. `issued` came in; it equals pools, held, spent and expired, less the variance."""

    issued: int
    in_pools: int
    held: int
    spent: int
    expired: int
    variance: int


def check() -> Script[Totals]:
    """Recompute balances, holds, the operator's months, and what each job and each improved prompt came to.

    Raises LedgerBroken with every difference.
    """
    balances = {row["id"]: row["balance"] for row in (yield BALANCES, {})}
    cached = {row["id"]: row["balance"] for row in (yield CACHED, {})}
    open_holds = {held_account(row["workspace"]): row["held"] for row in (yield HELD, {})}
    days = {row["day"]: row["used"] for row in (yield MONEY, {})}
    months = {f"operator:{row['period']}": row["used"] for row in (yield CACHED_MONEY, {})}
    uneven = [(f"job:{row['job']}", row["held"], row["ended"]) for row in (yield UNEVEN, {})]
    stranded = [(f"job:{row['job']}", row["held"], 0) for row in (yield STRANDED, {})]
    unpaid = [(f"enhancement:{row['id']}", row["held"], row["credits"]) for row in (yield UNPAID, {})]
    teams = {account: balance for account, balance in balances.items() if not account.startswith("sys:")}
    held = {account: balance for account, balance in teams.items() if account.endswith(":held")}
    differences = [
        *_compare(cached, teams),
        *_compare(held, open_holds),
        *_compare(months, _by_month(days)),
        *uneven,
        *stranded,
        *unpaid,
    ]
    if differences:
        raise LedgerBroken(differences=tuple(differences))
    return Totals(
        issued=-balances.get(ISSUED, 0),
        in_pools=sum(teams.values()) - sum(held.values()),
        held=sum(held.values()),
        spent=balances.get(SPENT, 0),
        expired=balances.get(EXPIRED, 0),
        variance=-balances.get(VARIANCE, 0),
    )


def _compare(found: Mapping[str, int], right: Mapping[str, int]) -> Iterator[Difference]:
    for name in sorted({*found, *right}):
        if found.get(name, 0) != right.get(name, 0):
            yield name, found.get(name, 0), right.get(name, 0)


def _by_month(days: Mapping[int, int]) -> Mapping[str, int]:
    months: Counter[str] = Counter()
    for day, used in days.items():
        months[f"operator:{period_of(day * DAY, 'UTC', 'month').name}"] += used
    return months
