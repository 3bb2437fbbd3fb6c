"""500 requests at once against every kind of limit, from one process or two: each answered as if they came in a row.

Taken out by hand, each found here: `lock` together with `IMMEDIATE` of `BEGIN`, the check of any of the limits,
`beside` in the total of any of the checks, the order of cap, pool, shared limits, ceiling and personal limits.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.credits import check, limits, people, policy, pool
from bot.credits.limits import Limit
from bot.credits.periods import PeriodKind
from bot.credits.policy import Policy
from bot.credits.rules import Rules
from bot.store.database import Database
from tests.support import rush
from tests.support.books import TEAM
from tests.support.clock import START
from tests.support.rush import CEILING, Request, given_back
from tests.support.tree import ROOT

CAP, REFILL, TOPUP = 30, 2_000, 300
LIMITS: dict[str, tuple[int, PeriodKind]] = {
    "default": (80, "month"), "role:chat:design": (50, "day"), "person:person00000000000003": (20, "week"),
    "person:person00000000000007": (12, "week"), "channel:chat:ads": (700, "month"), "tag:acme": (700, "week"),
}  # fmt: skip
RANKS = ("month", "week", "day")  # of equally tight ones, the one that resets last


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    team = {"platform": "chat", "platform_workspace": "T1", "name": "team"}
    default = Limit(scope="default", credits=80, period="month")
    at_first = Policy(refill=REFILL, limits=(default,), rules=Rules(job_cap=CAP))
    async with await Database.open(tmp_path / "klingbot.db") as opened:
        await opened.run(people.ensure_workspace, **team, policy=at_first, now=START, new_id=TEAM)
        for scope, (credits, period) in LIMITS.items():
            await opened.run(limits.set_limit, workspace=TEAM, scope=scope, credits=credits, period=period)
        await opened.run(pool.top_up, workspace=TEAM, credits=TOPUP, now=START, actor="a", reason="", key="k")
        await opened.run(rush.keep_log)
        yield opened


def replay(log: list[tuple[Request, str]]) -> Iterator[str]:
    """What each must have been answered, in the order of the commits."""
    used: Counter[tuple[str, str]] = Counter()
    left, money = REFILL + TOPUP, 0
    for request, answer in log:
        under, total, cost = request.under, request.total, request.cost * len(request.prices)
        own = ["default", f"person:{under.person}", *(f"role:{group}" for group in under.groups)]
        tight = {}
        for kind, scopes in (("own", own), ("shared", [f"channel:{under.channel}", f"tag:{under.tag}"])):
            rooms = [
                (LIMITS[one][0] - used[one, under.person if kind == "own" else ""], RANKS.index(LIMITS[one][1]), one)
                for one in scopes if one in LIMITS
            ]  # fmt: skip
            tight[kind] = min(rooms, default=(total, 0, ""))
        back = given_back(request)
        if answer in ("charged", "released"):
            total, result = -back, "charged" if back < request.prices[0] else "released"
            cost = 0 if result == "charged" else -request.cost
        elif request.prices[0] > CAP or total > left:
            result = "OverCap" if request.prices[0] > CAP else "PoolEmpty"
        elif total > tight["shared"][0] or money + cost > CEILING:
            result = tight["shared"][2] if total > tight["shared"][0] else "CeilingReached"
        else:
            result = tight["own"][2] if total > tight["own"][0] else "held"
        if result in ("held", "charged", "released"):
            left, money = left - total, money + cost
            used.update({(one, under.person): total for one in own})
            used.update({(one, ""): total for one in (f"channel:{under.channel}", f"tag:{under.tag}")})
        yield result


async def judge(database: Database) -> Counter[str]:
    """Nothing was passed, and every answer is the model's; how often there was which."""
    wanted = {request.job: request for request in rush.requests()}
    rows = await database.read("SELECT job, answer FROM rush ORDER BY number")
    log = [(wanted[row["job"]], str(row["answer"])) for row in rows]
    assert list(replay(log)) == [answer for _, answer in log]
    for request in wanted.values():
        standing = await database.view(policy.standing_of, request.under, START)
        assert all(one.used <= one.ceiling for one in standing.limits)
        assert standing.microusd <= CEILING
    totals = await database.view(check.check)
    assert totals.in_pools + totals.held + totals.spent == REFILL + TOPUP
    return Counter(answer for _, answer in log)


async def test_500_at_once_are_answered_as_if_one_came_after_the_other(database: Database) -> None:
    await rush.run(database, rush.requests())
    answers = await judge(database)
    assert set(answers) == {*LIMITS, "held", "charged", "released", "OverCap", "PoolEmpty", "CeilingReached"}
    assert answers.total() - answers["charged"] - answers["released"] == 500


def start(path: Path, half: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.rush", str(path), half]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def hear(program: subprocess.Popen[bytes]) -> None:
    assert program.stdout is not None
    assert program.stdout.readline() in (b"ready\n", b"done\n")


def tell(program: subprocess.Popen[bytes]) -> None:
    assert program.stdin is not None
    program.stdin.write(b"go\n")
    program.stdin.flush()


async def test_and_so_they_are_from_two_processes(database: Database) -> None:
    programs = [start(database.path, half) for half in ("0", "1")]
    for _ in range(0, 250, rush.ROUND):
        for act in (hear, tell):
            for program in programs:
                act(program)
    for program in programs:
        hear(program)
        program.communicate(timeout=60)
    assert [program.returncode for program in programs] == [0, 0]
    answers = await judge(database)
    assert answers.total() - answers["charged"] - answers["released"] == 500
    assert answers["held"] > 50
