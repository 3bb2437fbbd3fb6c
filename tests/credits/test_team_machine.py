"""Random histories of a whole team against a model in plain Python, with a crash before any statement of any script.

People with roles, channels and tags; limits on all of them; fan-outs, gifts, refunds, approvals; periods that end, time
zones that change, clocks that are put forward. `test_machine.py` does the same for one job's credits in more depth.

Taken out by hand, each found by this machine in its first hundred histories: the check of channels' and tags' limits,
of the person's own, of the job cap, or of a pause in `ledger.hold`, `beside` in its total, `waived`; the limits in
`allowances.gift`; `expires_at` in `approvals._DECIDE`, what tells `once` from `approved`; the threshold in
`asks.accept`; `kind <> 'charge'` in `limits._PERSON`; what expires, and when, in `pool`; `ROLLBACK TO` in `run_batch`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.credits import allowances, approvals, ledger, limits, pausing, policy, pool, rules
from bot.credits.approvals import Yes
from bot.credits.limits import Spender
from bot.credits.periods import KINDS, PeriodKind
from bot.credits.policy import Policy
from bot.errors import OverLimit
from bot.jobs import asks
from bot.jobs.asks import Decision, NewAsk, NewJob
from bot.kling.requests import TextToVideo, dump_request
from bot.store.batch import run_batch
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, TEAM, Books
from tests.support.crashing import CrashError, crash_before
from tests.support.team_model import ModelJob, RefusedError, TeamModel, personal

SPRING = int(datetime(2026, 3, 28, 23, 30, tzinfo=UTC).timestamp() * 1000)  # Europe's clocks go forward at one
HOUR = 3_600_000
CEILING = 9_000
FOX = dump_request(TextToVideo(prompt="a red fox"))
EVERYBODY = (ANA, BEN, "cleo0000000000000000")
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Pacific/Honolulu")

PEOPLE = st.sampled_from(EVERYBODY)
GROUPS = st.sampled_from([(), ("chat:design",), ("chat:design", "chat:leads")])
CHANNELS, TAGS = st.sampled_from(["chat:ads", "chat:lab"]), st.sampled_from(["", "acme"])
SCOPES = st.sampled_from(
    ["default", "role:chat:design", "role:chat:leads", f"person:{ANA}", "channel:chat:ads", "tag:acme"]
)
CREDITS, COSTS = st.integers(1, 120), st.integers(0, 600)
PRICES = st.lists(st.tuples(st.integers(1, 60), COSTS), min_size=1, max_size=4)
PICK = st.integers(0, 30)
KEYS = st.sampled_from("abcdef")
HOW = st.sampled_from(["approved", "once"])
CRASHES = st.none() | st.integers(0, 40)


class TeamMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books = Books(Policy(timezone=ZONES[0], refill=300, refill_period="day", limits=()))
        self.model = TeamModel(ZONES[0], CEILING)
        self.now = SPRING
        self.spenders: dict[str, Spender] = {}
        self.numbers = 0

    @initialize()
    def begin(self) -> None:
        at_first = {"default": 120, "role:chat:design": 100, "channel:chat:ads": 200, "tag:acme": 150}
        for scope, credits in at_first.items():
            self.limit(scope, credits, "week", None)
        self.top_up(150, "start", None)
        self.change_rules(None, 100)

    def teardown(self) -> None:
        self.books.connection.close()

    def new(self, kind: str) -> str:
        self.numbers += 1
        return f"{kind}{self.numbers}"

    def do(self, crash: int | None, model: Callable[[], object], make: Callable[[], Script[Any]]) -> bool:
        """Run a script, perhaps first into a crash in the same batch, and compare; whether it was carried out."""
        crashing = [] if crash is None else [partial(crash_before, crash, make)]
        *broken, outcome = run_batch(self.books.connection, [*crashing, make])
        if broken and not isinstance(broken[0].error, CrashError):  # it ended before the crash: then again is no news
            repeated, outcome = outcome, broken[0]
            assert not repeated.value or repeated.value == outcome.value
        expected, refused = None, None
        try:
            expected = model()
        except RefusedError as error:
            refused = error
        assert (outcome.value, type(outcome.error)) == (expected, refused.kind if refused else type(None)), outcome
        if refused and isinstance(outcome.error, OverLimit):
            assert outcome.error.scope in refused.scopes
        return bool(outcome.value)

    @rule(scope=SCOPES, credits=st.integers(0, 300), kind=st.sampled_from(KINDS), crash=CRASHES)
    def limit(self, scope: str, credits: int, kind: PeriodKind, crash: int | None) -> None:
        def limited() -> None:
            self.model.limits[scope] = (credits, kind)

        script = partial(
            limits.set_limit, workspace=TEAM, scope=scope, credits=credits, period=kind, actor="a", now=self.now,
            audit=self.new("audit"),
        )  # fmt: skip
        self.do(crash, limited, script)

    @precondition(lambda self: self.model.limits)
    @rule(pick=PICK)
    def clear(self, pick: int) -> None:
        scope = sorted(self.model.limits)[pick % len(self.model.limits)]
        self.books.run(
            limits.clear_limit, workspace=TEAM, scope=scope, actor="a", now=self.now, audit=self.new("audit")
        )
        del self.model.limits[scope]

    @rule(cap=st.none() | st.integers(20, 80), over=st.none() | st.integers(40, 200))
    def change_rules(self, cap: int | None, over: int | None) -> None:
        self.change(job_cap=cap, approve_over=over)
        self.model.cap, self.model.approve_over = cap, over

    def change(self, **changes: object) -> None:
        self.books.run(
            rules.change_rules, workspace=TEAM, changes=changes, actor="a", action="quota set", detail="",
            now=self.now, audit=self.new("audit"),
        )  # fmt: skip

    @rule(person=PEOPLE, everywhere=st.booleans())
    def try_while_paused(self, person: str, everywhere: bool) -> None:
        ask = self.quoted(Spender(workspace=TEAM, person=person), True)
        if everywhere:
            self.books.run(pausing.stop_everything, reason="fire", actor="a", now=self.now)
        else:
            self.change(paused="budget")
        self.model.paused = True
        self.accept(ask, [(1, 0)], None)
        self.books.run(pausing.go_on)
        self.change(paused=None)
        self.model.paused = False

    @rule(person=PEOPLE, groups=GROUPS, channel=CHANNELS, tag=TAGS, confirming=st.booleans())
    def ask(self, person: str, groups: tuple[str, ...], channel: str, tag: str, confirming: bool) -> None:
        self.quoted(Spender(workspace=TEAM, person=person, groups=groups, channel=channel, tag=tag), confirming)

    def quoted(self, under: Spender, confirming: bool) -> str:
        ask = self.new("ask")
        new = NewAsk(
            id=ask, key=ask, workspace=TEAM, person=under.person, actor={}, message=None, text="a fox", pictures=[],
            place={"platform": "chat", "channel": under.channel.removeprefix("chat:")},
        )  # fmt: skip
        self.books.run(asks.receive, new, now=self.now)
        self.books.run(
            asks.quote_ask,
            ask,
            request=FOX,
            options={"tag": under.tag},
            quote="{}",
            confirming=confirming,
            now=self.now,
        )
        self.model.asks[ask] = "confirming" if confirming else "quoted"
        self.spenders[ask] = under
        return ask

    def accept(
        self, ask: str, prices: list[tuple[int, int]], crash: int | None, decided: tuple[str, Yes] | None = None
    ) -> None:
        """Confirm an ask with a job for each price; or, `decided`, with the approval it waited for."""
        jobs = {f"{ask}x{number}": price for number, price in enumerate(prices)}
        under = self.spenders[ask]
        script = partial(
            asks.accept, ask, [new_job(job, *price) for job, price in jobs.items()], status_ref={}, ceiling=CEILING,
            actor=under.person, now=self.now, under=under,
            decision=Decision(approval=decided[0], how=decided[1], by=BEN) if decided else None,
        )  # fmt: skip
        waived = replace(under, waived=decided is not None)
        confirm = partial(self.model.confirm, ask, jobs, under, self.now)
        approve = partial(self.model.approve, *decided, jobs, waived, self.now) if decided else None
        if self.do(crash, approve or confirm, script):
            self.nothing_was_passed(waived)

    def nothing_was_passed(self, spender: Spender) -> None:
        """As the books have it, after something was held for somebody."""
        for one in self.books.run(policy.standing_of, spender, self.now).limits:
            assert one.used <= one.ceiling or (spender.waived and personal(one.limit.scope)), one

    @precondition(lambda self: self.model.asks)
    @rule(pick=PICK, prices=PRICES, crash=CRASHES)
    def confirm(self, pick: int, prices: list[tuple[int, int]], crash: int | None) -> None:
        self.accept(list(self.model.asks)[-1 - pick % len(self.model.asks)], prices, crash)

    @rule(person=PEOPLE, groups=GROUPS, channel=CHANNELS, tag=TAGS, prices=PRICES, crash=CRASHES)
    def ask_and_confirm(
        self, person: str, groups: tuple[str, ...], channel: str, tag: str, prices: list[tuple[int, int]],
        crash: int | None,
    ) -> None:  # fmt: skip
        under = Spender(workspace=TEAM, person=person, groups=groups, channel=channel, tag=tag)
        self.accept(self.quoted(under, False), prices, crash)

    @precondition(lambda self: self.model.asks)
    @rule(pick=PICK, prices=PRICES, crash=CRASHES)
    def request(self, pick: int, prices: list[tuple[int, int]], crash: int | None) -> None:
        ask = list(self.model.asks)[-1 - pick % len(self.model.asks)]
        self.question(self.spenders[ask].person, ask, sum(price for price, _ in prices), crash)

    @rule(person=PEOPLE, credits=CREDITS, crash=CRASHES)
    def request_headroom(self, person: str, credits: int, crash: int | None) -> None:
        self.question(person, None, credits, crash)

    def question(self, person: str, ask: str | None, credits: int, crash: int | None) -> None:
        name = self.new("approval")
        script = partial(
            approvals.request_approval, new_id=name, workspace=TEAM, person=person, ask=ask, actor={}, place={},
            message=None, credits=credits, why="limit" if ask else "headroom", reason="", now=self.now,
        )  # fmt: skip
        self.do(crash, lambda: self.model.request(name, person, ask, credits, self.now), script)

    @precondition(lambda self: self.model.approvals)
    @rule(pick=PICK, how=HOW, prices=PRICES, crash=CRASHES)
    def approve(self, pick: int, how: Yes, prices: list[tuple[int, int]], crash: int | None) -> None:
        name = self.approval(pick)
        ask = self.model.approvals[name].ask
        if ask is not None:
            self.accept(ask, prices, crash, (name, how))
            return
        nobody = Spender(workspace=TEAM, person="")
        script = partial(approvals.approve, name, how, by=BEN, now=self.now)
        self.do(crash, lambda: self.model.approve(name, how, {}, nobody, self.now), script)

    @rule(person=PEOPLE, groups=GROUPS, channel=CHANNELS, tag=TAGS, prices=PRICES, how=HOW, crash=CRASHES)
    def ask_and_have_it_approved(
        self, person: str, groups: tuple[str, ...], channel: str, tag: str, prices: list[tuple[int, int]], how: Yes,
        crash: int | None,
    ) -> None:  # fmt: skip
        ask = self.quoted(Spender(workspace=TEAM, person=person, groups=groups, channel=channel, tag=tag), True)
        self.question(person, ask, sum(price for price, _ in prices), crash)
        self.accept(ask, prices, crash, (self.approval(0), how))

    @precondition(lambda self: self.model.approvals)
    @rule(pick=PICK, state=st.sampled_from(["denied", "withdrawn"]), crash=CRASHES)
    def close(self, pick: int, state: Literal["denied", "withdrawn"], crash: int | None) -> None:
        name = self.approval(pick)
        denied = partial(approvals.deny, name, by=BEN, note="no", now=self.now)
        withdrawn = partial(approvals.close_approval, name, "withdrawn", now=self.now)
        self.do(crash, lambda: self.model.close(name, state, self.now), denied if state == "denied" else withdrawn)

    @rule(crash=CRASHES)
    def expire(self, crash: int | None) -> None:
        stale = self.books.run(approvals.stale_approvals, self.now)
        late = {name for name, one in self.model.approvals.items() if one.state == "open" and one.expires <= self.now}
        assert set(stale) == late
        for name in stale:
            script = partial(approvals.close_approval, name, "expired", now=self.now)
            self.do(crash, partial(self.model.close, name, "expired", self.now), script)

    @rule(person=PEOPLE, credits=CREDITS)
    def decide_too_late(self, person: str, credits: int) -> None:
        self.question(person, None, credits, None)
        self.now += 24 * HOUR
        self.approve(0, "once", [(1, 0)], None)

    def approval(self, pick: int) -> str:
        return list(self.model.approvals)[-1 - pick % len(self.model.approvals)]

    @rule(giver=PEOPLE, groups=GROUPS, receiver=PEOPLE, credits=CREDITS, key=KEYS, crash=CRASHES)
    def gift(
        self, giver: str, groups: tuple[str, ...], receiver: str, credits: int, key: str, crash: int | None
    ) -> None:
        spender = Spender(workspace=TEAM, person=giver, groups=groups)
        script = partial(
            allowances.gift, giver=spender, receiver=receiver, credits=credits, reason="", key=key, now=self.now
        )
        self.do(crash, lambda: self.model.gift(spender, receiver, credits, key, self.now), script)

    @precondition(lambda self: self.model.jobs)
    @rule(pick=PICK, credits=CREDITS, cost=COSTS, crash=CRASHES)
    def charge(self, pick: int, credits: int, cost: int, crash: int | None) -> None:
        job = self.job(pick)
        script = partial(ledger.charge, job=job, credits=credits, microusd=cost, now=self.now, actor="s", provider="p")
        self.do(crash, lambda: self.model.charge(job, credits, cost, self.now), script)

    @precondition(lambda self: self.model.jobs)
    @rule(pick=PICK, crash=CRASHES)
    def release(self, pick: int, crash: int | None) -> None:
        job = self.job(pick)
        script = partial(ledger.release, job=job, now=self.now, actor="system", reason="failed")
        self.do(crash, lambda: self.model.release(job, self.now), script)

    @precondition(lambda self: self.model.jobs)
    @rule(pick=PICK, key=KEYS, crash=CRASHES)
    def refund(self, pick: int, key: str, crash: int | None) -> None:
        job = self.job(pick)
        script = partial(
            ledger.refund, workspace=TEAM, job=job, now=self.now, actor="a", reason="blurred", key=key,
            audit=self.new("audit"),
        )  # fmt: skip
        self.do(crash, lambda: self.model.refund(job, key, self.now), script)

    def job(self, pick: int) -> str:
        return list(self.model.jobs)[-1 - pick % len(self.model.jobs)]

    @rule(credits=CREDITS, key=KEYS, crash=CRASHES)
    def top_up(self, credits: int, key: str, crash: int | None) -> None:
        def topped() -> bool:
            if (name := f"topup {key}") in self.model.keys:
                return False
            self.model.keys.add(name)
            self.model.topup += credits
            return True

        script = partial(pool.top_up, workspace=TEAM, credits=credits, now=self.now, actor="a", reason="", key=key)
        self.do(crash, topped, script)

    @rule(credits=st.integers(0, 400), kind=st.sampled_from(KINDS), crash=CRASHES)
    def set_refill(self, credits: int, kind: PeriodKind, crash: int | None) -> None:
        script = partial(pool.set_refill, workspace=TEAM, credits=credits, period=kind, now=self.now, actor="a")
        self.do(crash, lambda: self.model.set_refill(credits, kind, self.now), script)

    @rule(zone=st.sampled_from(ZONES), crash=CRASHES)
    def move(self, zone: str, crash: int | None) -> None:
        script = partial(pool.set_timezone, workspace=TEAM, timezone=zone, now=self.now)
        self.do(crash, lambda: self.model.set_timezone(zone, self.now), script)

    @rule(hours=st.sampled_from([1, 4, 23, 24, 170, 700]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        totals = self.books.check()
        assert totals.issued + totals.variance == totals.in_pools + totals.held + totals.spent + totals.expired
        assert self.books.balances() == self.model.balances()
        assert all(balance > 0 for balance in self.model.balances().values())
        assert (totals.expired, totals.variance) == (self.model.lost["expired"], self.model.lost["variance"])
        assert totals.spent == sum(booked(job) for job in self.model.jobs.values()) + totals.variance
        assert {name: used for name, used in self.books.spent_by_operator().items() if used} == +self.model.money

    @invariant()
    def everybody_has_used_what_the_model_says(self) -> None:
        for person in EVERYBODY:
            spender = Spender(workspace=TEAM, person=person, groups=("chat:design", "chat:leads"), channel="chat:ads",
                              tag="acme")  # fmt: skip
            found = self.books.run(policy.standing_of, spender, self.now)
            assert {one.limit.scope: (one.used, one.ceiling) for one in found.limits} == {
                scope: (self.model.used(scope, spender, self.now), self.model.most(scope, spender, self.now))
                for scope in self.model.matching(spender)
            }
            assert found.refill + found.topup == self.model.there(self.now)

    @invariant()
    def every_question_is_where_the_model_has_it(self) -> None:
        assert dict(self.books.rows("SELECT id, state FROM ask")) == self.model.asks
        states = {name: one.state for name, one in self.model.approvals.items()}
        assert dict(self.books.rows("SELECT id, state FROM approval")) == states


def new_job(job: str, credits: int, cost: int) -> NewJob:
    return NewJob(id=job, request=FOX, offers=("p/x",), credits=credits, microusd=cost, status_delivery=f"d{job}")


def booked(job: ModelJob) -> int:
    return job.charged - job.corrected


TestTeam = TeamMachine.TestCase
TestTeam.settings = settings(stateful_step_count=30)
