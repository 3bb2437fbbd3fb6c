"""Random histories against a model in plain Python, with a crash before any statement of any script.

Bugs worth putting in by hand, to see this machine find them: leave `_check_pool` out of `ledger.hold` (no guard), let
`Holding.ended` answer False (no compare-and-set), leave `ROLLBACK TO` out of `bot.store.batch` (statements that stand
by themselves), let nothing expire in `Holding.back`. Each is found within 100 histories.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.credits import ledger, pool
from bot.credits.periods import KINDS, PeriodKind
from bot.credits.policy import Policy
from bot.errors import BadValue, CeilingReached, KlingbotError, NotFound, OverLimit, PoolEmpty
from bot.store.batch import run_batch
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, TEAM, Books, limited
from tests.support.crashing import CrashError, crash_before

ZONE = ZoneInfo("Europe/Berlin")
SPRING = int(datetime(2026, 3, 27, 20, tzinfo=UTC).timestamp() * 1000)  # clocks go forward within two days
HOUR = 3_600_000
CEILING = 1_500


@dataclass
class ModelJob:
    """What a job did to the credits, as anybody would write it down."""

    person: str
    at: int
    refill: int
    topup: int
    cost: int
    ended: bool = False
    released: int = 0
    released_refill: int = 0
    charged: int = 0
    corrected: int = 0
    keys: set[str] = field(default_factory=set)

    @property
    def used(self) -> int:
        return self.refill + self.topup - self.released - self.corrected

    def share(self, corrected: int) -> int:
        return corrected * (self.refill - self.released_refill) // self.charged


@dataclass
class Model:
    """A team's credits. Raises the type of error that a refusal must have."""

    refill: int = 200
    limit: int = 400
    limit_kind: PeriodKind = "month"
    topup: int = 0
    refills: Counter[str] = field(default_factory=Counter)
    granted: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, ModelJob] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    money: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def hold(self, now: int, job: str, person: str, credits: int, cost: int) -> bool:
        if job in self.jobs:
            return False
        there = self.refills[month(now)] if month(now) in self.granted else self.refill
        if credits > there + self.topup:
            raise PoolEmpty(0, 0, None)
        if self.money[utc_month(now)] + cost > CEILING:
            raise CeilingReached(0, 0, 0, 0)
        if self.used(now, person) + credits > self.limit:
            raise OverLimit("", 0, 0, 0, 0, "")
        self.open(now)
        part = min(credits, there)
        self.refills[month(now)] -= part
        self.topup -= credits - part
        self.money[utc_month(now)] += cost
        self.jobs[job] = ModelJob(person, now, part, credits - part, cost)
        return True

    def charge(self, now: int, job: str, credits: int, cost: int) -> bool:
        held = self.open_job(job)
        if held is None:
            return False
        total = held.refill + held.topup
        held.charged, held.ended = min(credits, total), True
        self.lost["variance"] += credits - held.charged
        self.give_back(now, held, total - held.charged, (total - held.charged) * held.refill // total)
        self.money[utc_month(held.at)] += cost - held.cost
        return True

    def release(self, now: int, job: str) -> bool:
        held = self.open_job(job)
        if held is None:
            return False
        held.ended = True
        self.give_back(now, held, held.refill + held.topup, held.refill)
        self.money[utc_month(held.at)] -= held.cost
        return True

    def write_off(self, now: int, job: str, credits: int, cost: int) -> bool:
        done = self.release(now, job)
        if done:
            self.money[utc_month(self.jobs[job].at)] += cost
            self.lost["variance"] += credits
        return done

    def correct(self, now: int, job: str, credits: int, key: str) -> bool:
        if job not in self.jobs or not self.jobs[job].charged:
            raise NotFound("", "")
        held = self.jobs[job]
        if key in held.keys:
            return False
        if credits > held.charged - held.corrected:
            raise BadValue("", "")
        part = held.share(held.corrected + credits) - held.share(held.corrected)
        held.keys.add(key)
        held.corrected += credits
        self.put(now, held, part, credits - part)
        return True

    def top_up(self, now: int, credits: int, key: str) -> bool:
        if key in self.keys:
            return False
        self.keys.add(key)
        self.topup += credits
        return True

    def set_refill(self, now: int, credits: int) -> None:
        self.open(now)
        self.refill = credits
        self.grant(now)

    def open(self, now: int) -> None:
        if month(now) not in self.granted:
            self.lost["expired"] += self.refills.total()
            self.refills.clear()
            self.granted[month(now)] = 0
            self.grant(now)

    def grant(self, now: int) -> None:
        more = max(0, self.refill - self.granted[month(now)])
        self.granted[month(now)] += more
        self.refills[month(now)] += more

    def open_job(self, job: str) -> ModelJob | None:
        if job not in self.jobs:
            raise NotFound("", "")
        return None if self.jobs[job].ended else self.jobs[job]

    def give_back(self, now: int, held: ModelJob, credits: int, part: int) -> None:
        held.released += credits
        held.released_refill += part
        self.put(now, held, part, credits - part)

    def put(self, now: int, held: ModelJob, refill: int, topup: int) -> None:
        if month(now) == month(held.at):
            self.refills[month(now)] += refill
        else:
            self.lost["expired"] += refill
        self.topup += topup

    def used(self, now: int, person: str) -> int:
        same = [job for job in self.jobs.values() if job.person == person and self.together(job.at, now)]
        return sum(job.used for job in same)

    def together(self, one: int, other: int) -> bool:
        """Whether two moments lie in one period of the limit."""
        forms = {"day": "%Y-%m-%d", "week": "%G-%V", "month": "%Y-%m"}
        return f"{local(one):{forms[self.limit_kind]}}" == f"{local(other):{forms[self.limit_kind]}}"

    def held(self) -> int:
        return sum(job.refill + job.topup for job in self.jobs.values() if not job.ended)

    def balances(self) -> dict[str, int]:
        accounts = {f"refill:{name}": left for name, left in self.refills.items()}
        return {name: left for name, left in {**accounts, "topup": self.topup, "held": self.held()}.items() if left}


def local(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, ZONE).date()


def month(at: int) -> str:
    return local(at).isoformat()[:7]


def utc_month(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()[:7]


JOBS = st.sampled_from([f"j{number}" for number in range(12)])
PEOPLE = st.sampled_from([ANA, BEN])
CREDITS = st.integers(1, 150)
COSTS = st.integers(0, 900)
KEYS = st.sampled_from("abcd")
CRASHES = st.none() | st.integers(0, 12)


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books = Books(Policy(timezone="Europe/Berlin", refill=200, limits=limited(400)))
        self.model = Model()
        self.now = SPRING

    def teardown(self) -> None:
        self.books.connection.close()

    def do(self, crash: int | None, model: Callable[[], object], make: Callable[[], Script[Any]]) -> None:
        """Run a script, perhaps first into a crash in the same batch, and compare how it ended."""
        crashing = [] if crash is None else [partial(crash_before, crash, make)]
        *broken, outcome = run_batch(self.books.connection, [*crashing, make])
        if broken and not isinstance(broken[0].error, CrashError):  # it ended before the crash: then again is no news
            repeated, outcome = outcome, broken[0]
            assert repeated.value in (False, None)
        try:
            expected, refused = model(), None
        except KlingbotError as error:
            expected, refused = None, type(error)
        assert (outcome.value, type(outcome.error) if outcome.error else None) == (expected, refused)

    @rule(job=JOBS, person=PEOPLE, credits=CREDITS, cost=COSTS, crash=CRASHES)
    def hold(self, job: str, person: str, credits: int, cost: int, crash: int | None) -> None:
        script = partial(
            ledger.hold,
            job=job,
            workspace=TEAM,
            person=person,
            credits=credits,
            microusd=cost,
            ceiling=CEILING,
            now=self.now,
            actor=person,
        )
        self.do(crash, lambda: self.model.hold(self.now, job, person, credits, cost), script)

    @rule(job=JOBS, credits=CREDITS, cost=COSTS, crash=CRASHES)
    def charge(self, job: str, credits: int, cost: int, crash: int | None) -> None:
        script = partial(ledger.charge, job=job, credits=credits, microusd=cost, now=self.now, actor="system")
        self.do(crash, lambda: self.model.charge(self.now, job, credits, cost), script)

    @rule(job=JOBS, crash=CRASHES)
    def release(self, job: str, crash: int | None) -> None:
        script = partial(ledger.release, job=job, now=self.now, actor="system", reason="failed")
        self.do(crash, lambda: self.model.release(self.now, job), script)

    @rule(job=JOBS, credits=CREDITS, cost=COSTS, crash=CRASHES)
    def write_off(self, job: str, credits: int, cost: int, crash: int | None) -> None:
        script = partial(
            ledger.write_off, job=job, credits=credits, microusd=cost, now=self.now, actor="system", reason=""
        )
        self.do(crash, lambda: self.model.write_off(self.now, job, credits, cost), script)

    @rule(job=JOBS, credits=st.integers(1, 40), key=KEYS, crash=CRASHES)
    def correct(self, job: str, credits: int, key: str, crash: int | None) -> None:
        script = partial(
            ledger.correct, workspace=TEAM, job=job, credits=credits, now=self.now, actor="a", reason="", key=key
        )
        self.do(crash, lambda: self.model.correct(self.now, job, credits, key), script)

    @rule(credits=CREDITS, key=KEYS, crash=CRASHES)
    def top_up(self, credits: int, key: str, crash: int | None) -> None:
        script = partial(pool.top_up, workspace=TEAM, credits=credits, now=self.now, actor="a", reason="", key=key)
        self.do(crash, lambda: self.model.top_up(self.now, credits, key), script)

    @rule(credits=st.integers(0, 300), crash=CRASHES)
    def set_refill(self, credits: int, crash: int | None) -> None:
        script = partial(pool.set_refill, workspace=TEAM, credits=credits, period="month", now=self.now, actor="a")
        self.do(crash, lambda: self.model.set_refill(self.now, credits), script)

    @rule(credits=st.integers(0, 800), kind=st.sampled_from(KINDS))
    def set_limit(self, credits: int, kind: PeriodKind) -> None:
        self.books.set_limit(credits, kind)
        self.model.limit, self.model.limit_kind = credits, kind

    @rule(hours=st.sampled_from([1, 5, 24, 200, 800]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        assert self.books.balances() == self.model.balances()
        assert {name: used for name, used in self.books.spent_by_operator().items() if used} == +self.model.money
        totals = self.books.check()
        assert (totals.expired, totals.variance) == (self.model.lost["expired"], self.model.lost["variance"])
        self.books.now = self.now
        for person in (ANA, BEN):
            assert self.books.used(person) == self.model.used(self.now, person)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(stateful_step_count=40)
