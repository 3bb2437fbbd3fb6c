"""A team's credits in plain Python: what may be spent, by whom, under which headings, and who has to be asked.

It knows nothing of the books: no entries, no SQL, no periods but the names of days, weeks and months.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.credits.limits import Spender
from bot.credits.periods import PeriodKind
from bot.errors import (
    BadValue,
    CeilingReached,
    KlingbotError,
    NeedsApproval,
    NotFound,
    OverCap,
    OverLimit,
    Paused,
    PoolEmpty,
    TooLate,
)

FORMS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
DAY_MS = 86_400_000


class RefusedError(Exception):
    """What a refusal must be: its type, and of a limit the scopes it may name (of equally tight ones any)."""

    def __init__(self, kind: type[KlingbotError], *scopes: str) -> None:
        super().__init__(kind.__name__, scopes)
        self.kind, self.scopes = kind, scopes


@dataclass
class ModelJob:
    """A job's credits: where they came from, under what they are booked, and what came back."""

    under: Spender
    at: int
    period: str
    refill: int
    topup: int
    cost: int
    ended: bool = False
    released: int = 0
    charged: int = 0
    corrected: int = 0
    keys: set[str] = field(default_factory=set)

    @property
    def held(self) -> int:
        return self.refill + self.topup


@dataclass
class ModelApproval:
    """A question; `ask` is None for more headroom."""

    person: str
    ask: str | None
    credits: int
    expires: int
    state: str = "open"


@dataclass
class TeamModel:
    """A team that starts with a refill of 300 credits a day. Raises `RefusedError`."""

    zone: str
    ceiling: int
    refill: int = 300
    kind: PeriodKind = "day"
    topup: int = 0
    cap: int | None = None
    approve_over: int | None = 200
    paused: bool = False
    refills: Counter[str] = field(default_factory=Counter)
    granted: dict[str, int] = field(default_factory=dict)
    limits: dict[str, tuple[int, PeriodKind]] = field(default_factory=dict)
    jobs: dict[str, ModelJob] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    approvals: dict[str, ModelApproval] = field(default_factory=dict)
    allowances: list[tuple[str, int, int]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    money: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def name(self, at: int, kind: PeriodKind) -> str:
        return f"{self.day(at):{FORMS[kind]}}"

    def day(self, at: int) -> date:
        return datetime.fromtimestamp(at / 1000, ZoneInfo(self.zone)).date()

    def last_day(self, now: int, kind: PeriodKind) -> date:
        day = self.day(now)
        while f"{day + timedelta(days=1):{FORMS[kind]}}" == self.name(now, kind):
            day += timedelta(days=1)
        return day

    def used(self, scope: str, under: Spender, now: int) -> int:
        """What counts against a limit now: a heading's counts everybody's, any other the person's own."""
        kind = self.limits[scope][1]
        heading, _, name = scope.partition(":")
        field, value = ("person", under.person) if personal(scope) else (heading, name)
        same = [
            job for job in self.jobs.values()
            if getattr(job.under, field) == value and self.name(job.at, kind) == self.name(now, kind)
        ]  # fmt: skip
        return sum(job.held - job.released - job.corrected for job in same)

    def most(self, scope: str, under: Spender, now: int) -> int:
        """The limit with headroom that was given or taken in its period."""
        credits, kind = self.limits[scope]
        if not personal(scope):
            return credits
        period = self.name(now, kind)
        extra = sum(
            more for who, more, at in self.allowances if who == under.person and self.name(at, kind) == period
        )  # fmt: skip
        return max(0, credits + extra)

    def matching(self, under: Spender) -> list[str]:
        mine = {"default", f"person:{under.person}", f"channel:{under.channel}", f"tag:{under.tag}"}
        return [scope for scope in self.limits if scope in mine | {f"role:{group}" for group in under.groups}]

    def left(self, scope: str, under: Spender, now: int) -> int:
        return max(0, self.most(scope, under, now) - self.used(scope, under, now))

    def check_limits(self, scopes: list[str], under: Spender, credits: int, now: int) -> None:
        if not any(credits > self.left(scope, under, now) for scope in scopes):
            return
        ranks = {
            scope: (self.left(scope, under, now), -self.last_day(now, self.limits[scope][1]).toordinal())
            for scope in scopes
        }
        raise RefusedError(OverLimit, *(scope for scope in scopes if ranks[scope] == min(ranks.values())))

    def there(self, now: int) -> int:
        period = self.name(now, self.kind)
        return self.topup + (self.refills[period] if period in self.granted else self.refill)

    def confirm(self, ask: str, jobs: dict[str, tuple[int, int]], under: Spender, now: int) -> bool:
        """Accept an ask: all of its jobs (credits, cost), or none."""
        if self.asks.get(ask) not in ("quoted", "confirming"):
            return False
        self.check(jobs, under, now)
        if self.approve_over is not None and sum(credits for credits, _ in jobs.values()) > self.approve_over:
            raise RefusedError(NeedsApproval)
        self.book(jobs, under, now)
        self.asks[ask] = "accepted"
        return True

    def check(self, jobs: dict[str, tuple[int, int]], under: Spender, now: int) -> None:
        """Whether all jobs may be held: the cap looks at each, everything else at all of them together."""
        credits, cost = (sum(part) for part in zip(*jobs.values(), strict=True))
        above = [self.cap is not None and price > self.cap for price, _ in jobs.values()]
        scopes = self.matching(under)
        if self.paused:
            raise RefusedError(Paused)
        if above[0]:
            raise RefusedError(OverCap)
        if credits > self.there(now):
            raise RefusedError(PoolEmpty)
        self.check_limits([scope for scope in scopes if not personal(scope)], under, credits, now)
        if self.money[utc_month(now)] + cost > self.ceiling:
            raise RefusedError(CeilingReached)
        if not under.waived:
            self.check_limits([scope for scope in scopes if personal(scope)], under, credits, now)
        if any(above):
            raise RefusedError(OverCap)

    def book(self, jobs: dict[str, tuple[int, int]], under: Spender, now: int) -> None:
        """Hold for all of them."""
        self.open(now)
        period = self.name(now, self.kind)
        for job, (price, money) in jobs.items():
            part = min(price, self.refills[period])
            self.refills[period] -= part
            self.topup -= price - part
            self.money[utc_month(now)] += money
            self.jobs[job] = ModelJob(under, now, period, part, price - part, money)

    def approve(self, name: str, how: str, jobs: dict[str, tuple[int, int]], under: Spender, now: int) -> bool:
        question = self.approvals[name]
        if question.state != "open" or now >= question.expires:
            return False
        if question.ask is not None and sum(credits for credits, _ in jobs.values()) > question.credits:
            raise RefusedError(TooLate)
        if question.ask is not None:
            self.check(jobs, under, now)
            self.book(jobs, under, now)
            self.asks[question.ask] = "accepted"
        if how == "approved" or question.ask is None:
            self.allowances.append((question.person, question.credits, now))
        question.state = how
        return True

    def request(self, name: str, person: str, ask: str | None, credits: int, now: int) -> str | None:
        for known, one in self.approvals.items():
            same = one.ask == ask if ask else one.ask is None and one.person == person and now < one.expires
            if one.state == "open" and same:
                return known
        if ask is not None:
            if self.asks[ask] not in ("quoted", "confirming"):
                return None
            self.asks[ask] = "approving"
        self.approvals[name] = ModelApproval(person, ask, credits, now + DAY_MS)
        return name

    def close(self, name: str, state: str, now: int) -> bool:
        """Denied (only in time), withdrawn or expired: its ask ends with it."""
        question = self.approvals[name]
        if question.state != "open" or (state == "denied" and now >= question.expires):
            return False
        question.state = state
        if question.ask is not None:
            self.asks[question.ask] = "expired" if state == "expired" else "refused"
        return True

    def gift(self, giver: Spender, receiver: str, credits: int, key: str, now: int) -> bool:
        if giver.person == receiver:
            raise RefusedError(BadValue)
        if key in self.keys:
            return False
        if credits > self.there(now):
            raise RefusedError(PoolEmpty)
        own = [scope for scope in self.matching(giver) if personal(scope)]
        tight = [scope for scope in own if credits > self.left(scope, giver, now)]
        if tight:
            raise RefusedError(OverLimit, *tight)
        self.keys.add(key)
        self.allowances += [(giver.person, -credits, now), (receiver, credits, now)]
        return True

    def charge(self, job: str, credits: int, cost: int, now: int) -> bool:
        held = self.job(job)
        if held.ended:
            return False
        held.charged, held.ended = min(credits, held.held), True
        self.lost["variance"] += credits - held.charged
        self.give_back(held, held.held - held.charged, now)
        self.money[utc_month(held.at)] += cost - held.cost
        return True

    def release(self, job: str, now: int) -> bool:
        held = self.job(job)
        if held.ended:
            return False
        held.ended = True
        self.give_back(held, held.held, now)
        self.money[utc_month(held.at)] -= held.cost
        return True

    def refund(self, job: str, key: str, now: int) -> int:
        held = self.job(job)
        if key in held.keys:
            return 0
        if not held.charged or held.corrected:
            raise RefusedError(NotFound)
        held.keys.add(key)
        held.corrected = held.charged
        self.put(held, held.refill - held.released * held.refill // held.held, held.charged, now)
        return held.charged

    def job(self, job: str) -> ModelJob:
        if job not in self.jobs:
            raise RefusedError(NotFound)
        return self.jobs[job]

    def give_back(self, held: ModelJob, credits: int, now: int) -> None:
        held.released = credits
        self.put(held, credits * held.refill // held.held, credits, now)

    def put(self, held: ModelJob, refill: int, credits: int, now: int) -> None:
        """Back to where it came from; what came from a refill that doesn't run now is gone."""
        if self.name(now, self.kind) == held.period:
            self.refills[held.period] += refill
        else:
            self.lost["expired"] += refill
        self.topup += credits - refill

    def set_refill(self, credits: int, kind: PeriodKind, now: int) -> None:
        self.open(now)
        if kind != self.kind:
            self.expire(now, [name for name in self.refills if name != self.name(now, kind)])
        self.refill, self.kind = credits, kind
        self.granted.setdefault(self.name(now, kind), 0)
        self.grant(now)

    def set_timezone(self, zone: str, now: int) -> None:
        self.open(now)
        self.zone = zone
        self.open(now)

    def open(self, now: int) -> None:
        """What is left of earlier periods goes; one that a zone further east had begun stays for its time."""
        period = self.name(now, self.kind)
        if period not in self.granted:
            self.expire(now, [name for name in self.refills if name < period])
            self.granted[period] = 0
            self.grant(now)

    def expire(self, now: int, names: list[str]) -> None:
        self.lost["expired"] += sum(self.refills.pop(name) for name in names)

    def grant(self, now: int) -> None:
        period = self.name(now, self.kind)
        more = max(0, self.refill - self.granted[period])
        self.granted[period] += more
        self.refills[period] += more

    def balances(self) -> dict[str, int]:
        accounts = {f"refill:{name}": left for name, left in self.refills.items()}
        held = sum(job.held for job in self.jobs.values() if not job.ended)
        return {name: left for name, left in {**accounts, "topup": self.topup, "held": held}.items() if left}


def personal(scope: str) -> bool:
    return scope.startswith(("default", "role:", "person:"))


def utc_month(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()[:7]
