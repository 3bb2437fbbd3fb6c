"""Reports and balances on a large ledger: what the house asks, beside plain sums over the same rows.

The ledger is one team's year, written straight into the tables: three entries a job (held, charged, the rest released)
of 200 people under 30 tags in 24 channels at six providers. Filling isn't measured, so nothing is flushed meanwhile.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bot.credits.accounts import SPENT, WRITE, Entry, entry, held_account, topup_account
from bot.credits.limits import Spender, set_limit
from bot.credits.periods import Period, period_of
from bot.credits.records import held_within, history
from bot.credits.reports import headroom
from bot.credits.spending import burndown, spending
from bot.store.batch import run_batch
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.bench.figures import middle, table, verdict
from tests.bench.pairs import Team

_AIM_REPORT, _AIM_BALANCE = 0.2, 0.005
_PEOPLE, _TAGS, _CHANNELS = 200, 30, 24
_PROVIDERS = ("aimlapi", "fal", "gmi", "kling", "vidgo", "wavespeed")
_HELD, _CHARGED, _MICROUSD = 56, 50, 250_000
_A_JOB = 3
_YEAR_MS = 365 * 86_400_000
_END = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp() * 1000)
_ZONE = "Europe/Lisbon"
_NOW = _END - 86_400_000


@dataclass
class Question:
    """One thing that is asked, and the seconds that each answer took."""

    name: str
    ask: Callable[[], Awaitable[object]]
    took: list[float] = field(default_factory=list)

    async def go(self) -> None:
        """Ask once."""
        begun = time.perf_counter()
        await self.ask()
        self.took.append(time.perf_counter() - begun)

    def row(self, baseline: "Question") -> list[str]:
        """A line of the table."""
        ratios = [ours / theirs for ours, theirs in zip(self.took, baseline.took, strict=True)]
        return [self.name, middle([1000 * one for one in self.took], ",.2f"), middle(ratios, ".3f")]


def run(folder: Path | None, *, rounds: int, entries: int) -> None:
    """Fill a ledger with about so many entries, ask, and print."""
    with tempfile.TemporaryDirectory(prefix="klingbot-bench-", dir=folder) as place:
        path, team = Path(place) / "bench.db", Team.of(_PEOPLE)
        begun = time.perf_counter()
        count = _fill(path, team, entries // _A_JOB)
        size = path.stat().st_size / 1_000_000
        print(f"Reports: {count:,} entries of one team's year, {_PEOPLE} people, {size:,.0f} MB, filled in "
              f"{time.perf_counter() - begun:.0f} s; ms, median (least…most) of {rounds} rounds")  # fmt: skip
        asyncio.run(_measure(path, team, rounds))


async def _measure(path: Path, team: Team, rounds: int) -> None:
    async with await Database.open(path) as database:
        questions = _questions(database, team)
        for one in questions:
            await one.go()
            one.took.clear()
        for _ in range(rounds):
            for one in questions:
                await one.go()
    whole, _, report, balance, *_ = questions
    table(("", "ms", "× whole sum"), [one.row(whole) for one in questions])
    for question, aim in ((report, _AIM_REPORT), (balance, _AIM_BALANCE)):
        took = median(question.took)
        verdict(f"{question.name}: {1000 * took:.2f} ms", f"{1000 * aim:g} ms", met=took <= aim)


def _questions(database: Database, team: Team) -> list[Question]:
    """Plain sums of everything and of a month first; then what people ask."""
    month = period_of(_NOW, _ZONE, "month")
    within = {"workspace": team.workspace, "start": month.start_ms, "end": month.end_ms}
    person = team.persons[0]
    spender = Spender(workspace=team.workspace, person=person, groups=("bench:all",), channel="bench:c1", tag="tag-1")
    view: Callable[..., Callable[[], Awaitable[Any]]] = partial(partial, database.view)
    plain = "SELECT sum(amount) FROM entry"
    of_month = f"{plain} WHERE workspace = :workspace AND held_at >= :start AND held_at < :end"
    return [
        Question("plain SELECT sum(amount) of everything", partial(database.read, plain)),
        Question("plain SELECT sum(amount) of the month", partial(database.read, of_month, within)),
        Question("report of a month by person, tag, provider, day", view(spending, timezone=_ZONE, **within)),
        Question("balances: a person's headroom under 5 limits", view(headroom, spender=spender, now=_NOW)),
        Question("burn-down of the pool", view(burndown, workspace=team.workspace, now=_NOW)),
        Question("credits history", view(history, workspace=team.workspace, person=person, count=15)),
        Question("quota export of a month, before it is a file", view(held_within, **within)),
    ]


def _fill(path: Path, team: Team, jobs: int) -> int:
    """Make the database with that many jobs' entries; answers with how many entries there are."""
    migrate(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        _once(connection, *team.scripts(), *_limits(team))
        connection.execute("BEGIN")
        connection.executemany(WRITE, _entries(team, jobs))
        spent = {"id": topup_account(team.workspace), "spent": _CHARGED * jobs}
        connection.execute("UPDATE account SET balance = balance - :spent WHERE id = :id", spent)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])


def _once(connection: sqlite3.Connection, *scripts: Callable[[], Any]) -> None:
    for outcome in run_batch(connection, list(scripts)):
        if outcome.error is not None:
            raise outcome.error


def _limits(team: Team) -> Iterator[Callable[[], Any]]:
    """One of each kind beside everybody's own."""
    for scope in ("role:bench:all", f"person:{team.persons[0]}", "channel:bench:c1", "tag:tag-1"):
        yield partial(set_limit, workspace=team.workspace, scope=scope, credits=10**8, period="month")


def _entries(team: Team, jobs: int) -> Iterator[Entry]:
    """Held, charged and released, job after job through the year; ids as ours are: sorted by time."""
    chance, held, topup = random.Random(7), held_account(team.workspace), topup_account(team.workspace)
    months: dict[int, Period] = {}
    for number in range(jobs):
        at = _END - _YEAR_MS + number * _YEAR_MS // jobs
        month = months.setdefault(at // 86_400_000, period_of(at, _ZONE, "month"))
        job = f"{number:020d}"
        make = partial(
            entry, workspace=team.workspace, period=month.name, actor="bench", at=at, job=job,
            person=chance.choice(team.persons), tag=chance.choice(("", f"tag-{chance.randrange(_TAGS)}")),
            channel=f"bench:c{chance.randrange(_CHANNELS)}",
        )  # fmt: skip
        provider = chance.choice(_PROVIDERS)
        yield make(f"{job}:end:1", "charge", _CHARGED, debit=held, credit=SPENT, provider=provider)
        yield make(f"{job}:end:2", "release", _HELD - _CHARGED, debit=held, credit=topup)
        yield make(f"{job}:hold:topup", "hold", _HELD, debit=topup, credit=held, microusd=_MICROUSD)
