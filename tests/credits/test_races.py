"""Many at once, over one file: callers in one process, two processes, and a process that is killed."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.credits import check, ledger, limits, people, pool
from bot.credits.policy import Policy
from bot.errors import CeilingReached, OverLimit, PoolEmpty, Refusal
from bot.store.database import Database
from bot.store.scripts import Script
from tests.support.books import ANA, TEAM, limited
from tests.support.clock import START
from tests.support.tree import ROOT

REFILL, TOPUP = 300, 200


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A pool of 500 credits: 300 of the refill, 200 of the top-up."""
    policy = Policy(refill=REFILL, limits=limited(10**9))
    team = {"platform": "chat", "platform_workspace": "T1", "name": "team"}
    async with await Database.open(tmp_path / "klingbot.db") as opened:
        await opened.run(people.ensure_workspace, **team, policy=policy, now=START, new_id=TEAM)
        await top_up(opened, TOPUP)
        yield opened


async def top_up(database: Database, credits: int) -> None:
    await database.run(
        pool.top_up, workspace=TEAM, credits=credits, now=START, actor="admin", reason="", key=str(credits)
    )


async def hold(database: Database, job: str, ceiling: int = 10**9) -> str:
    """How it went: `held`, `again`, or the name of the refusal."""
    try:
        done = await database.run(
            ledger.hold,
            job=job,
            workspace=TEAM,
            person=ANA,
            credits=10,
            microusd=1_000,
            ceiling=ceiling,
            now=START,
            actor=ANA,
        )
    except Refusal as refusal:
        return type(refusal).__name__
    return "held" if done else "again"


async def test_200_confirms_at_once_never_overdraw_the_pool(database: Database) -> None:
    answers = Counter(await asyncio.gather(*(hold(database, f"j{number}") for number in range(200))))
    assert answers == {"held": 50, PoolEmpty.__name__: 150}
    assert (await database.view(check.check)).held == 500


async def test_200_confirms_at_once_never_pass_the_limit(database: Database) -> None:
    await database.run(limits.set_limit, workspace=TEAM, scope="default", credits=305, period="month")
    answers = Counter(await asyncio.gather(*(hold(database, f"j{number}") for number in range(200))))
    assert answers == {"held": 30, OverLimit.__name__: 170}


async def test_200_confirms_at_once_never_pass_the_ceiling(database: Database) -> None:
    answers = Counter(await asyncio.gather(*(hold(database, f"j{number}", ceiling=20_999) for number in range(200))))
    assert answers == {"held": 20, CeilingReached.__name__: 180}


async def test_one_job_confirmed_200_times_is_held_once(database: Database) -> None:
    answers = Counter(await asyncio.gather(*(hold(database, "j") for _ in range(200))))
    assert answers == {"held": 1, "again": 199}


async def test_of_charge_release_and_write_off_the_first_wins(database: Database) -> None:
    def endings(number: int) -> list[Callable[[], Script[bool]]]:
        by = {"job": f"j{number}", "actor": "system"}
        three: list[Callable[[], Script[bool]]] = [
            partial(ledger.charge, **by, credits=10, microusd=1_000, now=START),
            partial(ledger.release, **by, reason="", now=START),
            partial(ledger.write_off, **by, credits=10, microusd=1_000, reason="", now=START),
        ]
        return three[number % 3 :] + three[: number % 3]

    await asyncio.gather(*(hold(database, f"j{number}") for number in range(30)))
    answers = await asyncio.gather(*(database.run(ending) for number in range(30) for ending in endings(number)))
    assert answers == [True, False, False] * 30
    totals = await database.view(check.check)
    assert (totals.spent, totals.variance, totals.held, totals.in_pools) == (200, 100, 0, 400)


def start(path: Path, name: str, jobs: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.holder", str(path), name, str(jobs)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


async def test_two_processes_never_overdraw_the_pool_together(database: Database) -> None:
    programs = [start(database.path, name, 100) for name in ("a", "b")]
    outputs = [program.communicate(timeout=60)[0].decode().split() for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    answers = Counter(word for output in outputs for word in output[::2])
    assert answers["hold"] == (REFILL + TOPUP) // 10
    assert answers[PoolEmpty.__name__] == 200 - answers["hold"]
    totals = await database.view(check.check)
    assert totals.spent == 10 * answers["charge"]
    assert (totals.held, totals.in_pools) == (500 - totals.spent, 0)


async def test_what_a_killed_process_had_acknowledged_is_there(database: Database) -> None:
    await top_up(database, 10**9)
    for name in ("a", "b"):
        program = start(database.path, name, 10**6)
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(400)]
        program.kill()
        lines += program.stdout.read().splitlines(keepends=True)
        program.wait()
        program.stdout.close()
        said = {line.decode().strip() for line in lines if line.endswith(b"\n")}
        kept = await database.read("SELECT kind || ' ' || job AS done FROM entry WHERE job IS NOT NULL")
        assert said - {row["done"] for row in kept} == set()
        assert len(said) >= 400
        totals = await database.view(check.check)
        assert totals.issued == totals.in_pools + totals.held + totals.spent
        assert [row["integrity_check"] for row in await database.read("PRAGMA integrity_check")] == ["ok"]
