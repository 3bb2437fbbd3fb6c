"""A ledger in memory with one workspace and two persons, and the short way to run its scripts."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any, ParamSpec, TypeVar

from bot.credits import check, ledger, limits, people, pool, reports, rules
from bot.credits.check import Totals
from bot.credits.limits import DEFAULT, Limit, Spender
from bot.credits.periods import PeriodKind
from bot.credits.policy import Policy
from bot.credits.reports import Headroom
from bot.credits.rules import AS_INSTALLED, Rules
from bot.store.batch import run_batch
from bot.store.migrate import read_migrations, statements
from bot.store.scripts import Script
from tests.support.clock import START

P = ParamSpec("P")
T = TypeVar("T")

TEAM, ANA, BEN = "team0000000000000000", "ana00000000000000000", "ben00000000000000000"
CEILING = 10**9
NOVEMBER = "refill:2025-11"  # the month of START
DECEMBER = int(datetime(2025, 12, 1, tzinfo=UTC).timestamp() * 1000)


def limited(credits: int, period: PeriodKind = "month") -> tuple[Limit, ...]:
    """A limit for each member, and no other."""
    return (Limit(scope=DEFAULT, credits=credits, period=period),)


class Books:
    """Everything happens at `now` (ms), which a test moves on as it likes. One job may cost anything here."""

    def __init__(self, policy: Policy) -> None:
        if policy.rules == AS_INSTALLED:
            policy = replace(policy, rules=Rules(job_cap=None))
        self.now = START
        self.audits = 0
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        for script in read_migrations(files("bot.store") / "migrations").values():
            for statement in statements(script):
                self.connection.execute(statement)
        team = {"platform": "chat", "platform_workspace": "T1"}
        self.run(people.ensure_workspace, **team, name="team", policy=policy, now=self.now, new_id=TEAM)
        for person, user in ((ANA, "U1"), (BEN, "U2")):
            self.run(people.ensure_person, **team, platform_user=user, name=user, now=self.now, new_id=person)

    def run(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one script in a transaction of its own."""
        (outcome,) = run_batch(self.connection, [partial(script, *args, **kwargs)])
        if outcome.error is not None:
            raise outcome.error
        value: T = outcome.value
        return value

    def hold(
        self, job: str, credits: int, person: str = ANA, *, microusd: int | None = None, ceiling: int = CEILING
    ) -> bool:
        cost = 5_000 * credits if microusd is None else microusd
        return self.run(
            ledger.hold,
            job=job,
            workspace=TEAM,
            person=person,
            credits=credits,
            microusd=cost,
            ceiling=ceiling,
            now=self.now,
            actor=person,
        )

    def charge(self, job: str, credits: int, microusd: int | None = None) -> bool:
        cost = 5_000 * credits if microusd is None else microusd
        return self.run(ledger.charge, job=job, credits=credits, microusd=cost, now=self.now, actor="system")

    def release(self, job: str) -> bool:
        return self.run(ledger.release, job=job, now=self.now, actor="system", reason="failed")

    def write_off(self, job: str, credits: int, microusd: int) -> bool:
        return self.run(
            ledger.write_off,
            job=job,
            credits=credits,
            microusd=microusd,
            now=self.now,
            actor="system",
            reason="no video",
        )

    def correct(self, job: str, credits: int, key: str = "k", workspace: str = TEAM) -> bool:
        return self.run(
            ledger.correct,
            workspace=workspace,
            job=job,
            credits=credits,
            now=self.now,
            actor="admin",
            reason="blurred",
            key=key,
        )

    def top_up(self, credits: int, key: str = "k") -> bool:
        return self.run(
            pool.top_up, workspace=TEAM, credits=credits, now=self.now, actor="admin", reason="PO 881", key=key
        )

    def set_refill(self, credits: int, period: PeriodKind = "month") -> None:
        self.run(pool.set_refill, workspace=TEAM, credits=credits, period=period, now=self.now, actor="admin")

    def set_limit(self, credits: int, period: PeriodKind = "month") -> None:
        self.run(limits.set_limit, workspace=TEAM, scope="default", credits=credits, period=period)

    def set_rules(self, **changes: Any) -> None:
        self.audits += 1
        self.run(
            rules.change_rules, workspace=TEAM, changes=changes, actor="admin", action="set", detail="", now=self.now,
            audit=f"audit-{self.audits}",
        )  # fmt: skip

    def headroom(self, person: str = ANA) -> Headroom:
        return self.run(reports.headroom, spender=Spender(workspace=TEAM, person=person), now=self.now)

    def used(self, person: str = ANA) -> int:
        """What counts against the person's own limit."""
        return self.headroom(person).used

    def check(self) -> Totals:
        return self.run(check.check)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.execute(sql)]

    def entries(self, job: str) -> list[tuple[str, ...]]:
        """Id, debit, credit, amount and kind of a job's entries, its holds first, accounts as in `balances`."""
        rows = self.rows(
            f"SELECT id, debit, credit, amount, kind FROM entry WHERE job = '{job}' ORDER BY kind <> 'hold', id"
        )
        return [tuple(str(field).removeprefix(f"{TEAM}:") for field in row) for row in rows]

    def balances(self) -> dict[str, int]:
        """Accounts that hold something, without the workspace before their names."""
        rows = self.rows("SELECT id, balance FROM account WHERE balance > 0")
        return {account.removeprefix(f"{TEAM}:"): balance for account, balance in rows}

    def spent_by_operator(self) -> dict[str, int]:
        """Micro-dollars by month."""
        return dict(self.rows("SELECT period, used FROM usage WHERE scope = 'operator'"))
