"""What a workspace spent between two times, by whom and for what, and how long its pool lasts. Scripts that only read.

Spent is what was charged less what was corrected, in the period of its hold. It is summed a day at a time: that costs
less than one large GROUP BY, and days are the team's own whatever its clocks do.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.credits.accounts import held_account
from bot.credits.limits import Spender
from bot.credits.periods import Period, period_of
from bot.credits.policy import standing_of
from bot.store.scripts import Script, first, one

DAY_MS = 86_400_000

WITHIN = """
FROM entry WHERE workspace = :workspace AND held_at >= :start AND held_at < :end
    AND (kind = 'charge' OR kind = 'correction')
"""
"""The last condition is to the letter that of the index `entry_spent`, which answers all of these."""
_NET = "sum(CASE kind WHEN 'charge' THEN amount ELSE -amount END)"
SHARES = " UNION ALL ".join(
    f"SELECT '{part}' AS part, coalesce({part}, '') AS name, {_NET} AS credits {WITHIN} GROUP BY {part}"
    for part in ("person", "tag", "provider")
)
"""Each part by itself: grouped by all three at once there would be nearly as many groups as entries."""
TOTAL = f"SELECT coalesce({_NET}, 0) AS credits {WITHIN}"
FIRST = """
SELECT held_at FROM entry WHERE workspace = :workspace AND (kind = 'charge' OR kind = 'correction')
ORDER BY held_at LIMIT 1
"""
_NAME = "SELECT name FROM person WHERE id = :id"
_HELD = "SELECT balance FROM account WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Share:
    """Credits that one person, tag or provider used: `key` is its id, empty where there is none; `name` for people."""

    key: str
    name: str
    credits: int


@dataclass(frozen=True, slots=True)
class DayShare:
    """Credits of one day of the team's time zone, `2026-11-20`, which began at `start_ms`."""

    day: str
    start_ms: int
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent between two times (ms), the greatest share of each kind first, every day in its order."""

    start_ms: int
    end_ms: int
    total: int
    people: tuple[Share, ...]
    tags: tuple[Share, ...]
    providers: tuple[Share, ...]
    days: tuple[DayShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burndown:
    """A pool in its period at `now` (ms), in credits: `spent` so far, `held` for open jobs, `left` to be held."""

    period: Period
    now: int
    spent: int
    held: int
    left: int
    refills: bool

    @property
    def per_day(self) -> int:
        """Credits a day at the rate so far, rounded up; a period younger than a day counts as one."""
        return -(-(self.spent + self.held) * DAY_MS // self._elapsed)

    @property
    def exhausted_at(self) -> int | None:
        """When the pool is empty at that rate; None where the next refill comes before, or nothing is spent."""
        used = self.spent + self.held
        if not used:
            return None
        at = self.now + self.left * self._elapsed // used
        return None if self.refills and at >= self.period.end_ms else at

    @property
    def _elapsed(self) -> int:
        return max(DAY_MS, self.now - self.period.start_ms)


def spending(*, workspace: str, start: int, end: int, timezone: str) -> Script[Spending]:
    """Everything that was spent from `start` to just before `end` (ms)."""
    found: dict[str, Counter[str]] = {"person": Counter(), "tag": Counter(), "provider": Counter()}
    people, tags, providers = found.values()
    days = []
    for period in days_of(start, end, timezone):
        before = people.total()
        within = {"start": max(start, period.start_ms), "end": min(end, period.end_ms)}
        for row in (yield SHARES, {"workspace": workspace, **within}):
            found[row["part"]][row["name"]] += row["credits"]
        days.append(DayShare(period.name, period.start_ms, people.total() - before))
    names = {}
    for person in people:
        row_of = first((yield _NAME, {"id": person}))
        names[person] = str(row_of["name"]) if row_of else ""
    return Spending(
        start_ms=start,
        end_ms=end,
        total=sum(day.credits for day in days),
        people=_ranked(people, names),
        tags=_ranked(tags),
        providers=_ranked(providers),
        days=tuple(days),
    )


def spent_between(*, workspace: str, start: int, end: int) -> Script[int]:
    """The total alone."""
    return int(one((yield TOTAL, {"workspace": workspace, "start": start, "end": end}))["credits"])


def first_spent(workspace: str) -> Script[int | None]:
    """When something was spent first (ms); None where nothing ever was."""
    row = first((yield FIRST, {"workspace": workspace}))
    return None if row is None else int(row["held_at"])


def held_now(workspace: str) -> Script[int]:
    """Credits that wait for the end of their job. Raises LookupError for an unknown workspace."""
    return int(one((yield _HELD, {"id": held_account(workspace)}))["balance"])


def burndown(*, workspace: str, now: int) -> Script[Burndown]:
    """How the pool does in the period that `now` (ms) lies in. Raises NotFound for an unknown workspace."""
    standing = yield from standing_of(Spender(workspace=workspace, person=""), now)
    period = standing.refill_period
    return Burndown(
        period=period,
        now=now,
        spent=(yield from spent_between(workspace=workspace, start=period.start_ms, end=period.end_ms)),
        held=(yield from held_now(workspace)),
        left=standing.refill + standing.topup,
        refills=standing.policy.refill > 0,
    )


def days_of(start: int, end: int, timezone: str) -> Iterator[Period]:
    """The days of a time zone that lie between two times (ms), also in part."""
    while start < end:
        period = period_of(start, timezone, "day")
        yield period
        start = period.end_ms


def _ranked(shares: Counter[str], names: dict[str, str] | None = None) -> tuple[Share, ...]:
    """The greatest first, of equal ones by name; what came back whole is left out."""
    named = (Share(key, (names or {}).get(key, key), credits) for key, credits in shares.items() if credits > 0)
    return tuple(sorted(named, key=lambda share: (-share.credits, share.name, share.key)))
