"""Pairs of hold and charge as transaction scripts, and two ways to run them: plain sqlite3, and our database."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.credits.ledger import charge, hold
from bot.credits.people import ensure_person, ensure_workspace
from bot.credits.policy import Policy
from bot.credits.pool import top_up
from bot.store.database import SETTINGS, STATEMENTS_KEPT, Database
from bot.store.ids import new_id
from bot.store.migrate import migrate
from bot.store.scripts import Script
from tests.bench.figures import Spent, spending
from tests.support.books import limited

Make = Callable[[], Script[Any]]
PLENTY = 10**9
_CLOCK = SystemClock()


@dataclass(frozen=True)
class Team:
    """A workspace with credits enough, and its persons."""

    workspace: str = field(default_factory=partial(new_id, _CLOCK))
    persons: tuple[str, ...] = ()

    @classmethod
    def of(cls, count: int) -> "Team":
        return cls(persons=tuple(new_id(_CLOCK) for _ in range(count)))

    def scripts(self) -> Iterator[Make]:
        """What makes it."""
        now = _CLOCK.now()
        policy = Policy(limits=limited(PLENTY))
        known = {"platform": "bench", "platform_workspace": "team"}
        yield partial(ensure_workspace, **known, name="team", policy=policy, now=now, new_id=self.workspace)
        yield partial(top_up, workspace=self.workspace, credits=PLENTY, now=now, actor="bench", reason="", key="bench")
        for person in self.persons:
            yield partial(ensure_person, **known, platform_user=person, name=person, now=now, new_id=person)

    def pairs(self, count: int) -> Iterator[tuple[Make, Make]]:
        """A job each: what holds its credits, and what charges them; the persons take turns."""
        for number in range(count):
            job, person, now = new_id(_CLOCK), self.persons[number % len(self.persons)], _CLOCK.now()
            yield (
                partial(
                    hold, job=job, workspace=self.workspace, person=person, credits=50, microusd=250_000,
                    ceiling=10**12,
                    now=now, actor=person,
                ),
                partial(charge, job=job, credits=50, microusd=250_000, now=now, actor="system"),
            )  # fmt: skip


@dataclass(frozen=True)
class Done:
    """What it took, and each operation's seconds from the call to durable."""

    spent: Spent
    waits: list[float]


def plain(path: Path, team: Team, count: int) -> Done:
    """One connection, one thread, a transaction and a commit for every operation."""
    migrate(path)
    waits: list[float] = []
    with closing(sqlite3.connect(path, isolation_level=None, cached_statements=STATEMENTS_KEPT)) as connection:
        connection.row_factory = sqlite3.Row
        for setting in SETTINGS:
            connection.execute(setting)
        for script in team.scripts():
            _commit(connection, script)
        with spending() as spent:
            for pair in team.pairs(count):
                for script in pair:
                    start = time.perf_counter()
                    _commit(connection, script)
                    waits.append(time.perf_counter() - start)
    return Done(spent, waits)


def _commit(connection: sqlite3.Connection, make: Make) -> None:
    connection.execute("BEGIN IMMEDIATE")
    script = make()
    try:
        statement = next(script)
        while True:
            statement = script.send(connection.execute(*statement).fetchall())
    except StopIteration:
        connection.execute("COMMIT")


def through_database(path: Path, team: Team, count: int, *, callers: int) -> Done:
    """The house's database, its callers each going on when their operation is durable."""
    return asyncio.run(_call(path, team, count, callers))


async def _call(path: Path, team: Team, count: int, callers: int) -> Done:
    waits: list[float] = []
    pairs = team.pairs(count)
    async with await Database.open(path) as database:

        async def caller() -> None:
            for pair in pairs:
                for script in pair:
                    start = time.perf_counter()
                    await database.run(script)
                    waits.append(time.perf_counter() - start)

        await asyncio.gather(*map(database.run, team.scripts()))
        with spending() as spent:
            await asyncio.gather(*(caller() for _ in range(callers)))
    return Done(spent, waits)
