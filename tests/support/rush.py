"""500 requests of 50 people of one team, all at once: `python -m tests.support.rush <database> <half>` makes half.

The program makes `ROUND` of them for every line that it reads, and writes one when they are answered.

Each is a script that writes what came of it into the table `rush`, in its own transaction: so the table has the order
of the commits. Every third one that was held is charged less than that, or released, as soon as it is answered.
"""

import asyncio
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.credits import ledger
from bot.credits.limits import Spender
from bot.errors import OverLimit, Refusal
from bot.store.database import Database
from bot.store.scripts import Script
from tests.support.books import TEAM
from tests.support.clock import START

CEILING = 1_297_000
ROUND = 10
_LOG = "CREATE TABLE rush (number INTEGER PRIMARY KEY, job TEXT NOT NULL, answer TEXT NOT NULL)"
_WRITE = "INSERT INTO rush (job, answer) VALUES (:job, :answer)"


@dataclass(frozen=True)
class Request:
    """`prices` are those of its jobs, which are held together or not at all."""

    job: str
    under: Spender
    prices: tuple[int, ...]
    cost: int

    @property
    def total(self) -> int:
        return sum(self.prices)


def requests() -> list[Request]:
    """The same in every process."""
    chance = random.Random(7)
    return [_request(number, chance) for number in range(500)]


def _request(number: int, chance: random.Random) -> Request:
    person = chance.randrange(50)
    under = Spender(
        workspace=TEAM, person=f"person{person:014}", groups=("chat:design",) if person % 3 == 0 else (),
        channel=chance.choice(["chat:ads", "chat:lab", "chat:all"]), tag=chance.choice(["", "", "acme"]),
    )  # fmt: skip
    price = chance.choice([1, 5, 9, 14, 20, 31])
    return Request(f"r{number:03}", under, (price,) * chance.choice([1, 1, 2, 3]), chance.randrange(9_000))


def given_back(request: Request) -> int:
    """What of its first job comes back as soon as it is held."""
    number = int(request.job[1:])
    return 0 if number % 3 else request.prices[0] - number % 2


def keep_log() -> Script[None]:
    yield _LOG, {}


async def run(database: Database, wanted: Iterable[Request]) -> None:
    await asyncio.gather(*(_make(database, request) for request in wanted))


async def _make(database: Database, request: Request) -> None:
    if await database.run(_hold, request) == "held" and given_back(request):
        await database.run(_end, request)


def _hold(request: Request) -> Script[str]:
    answer = "held"
    try:
        for number, price in enumerate(request.prices):
            rest = request.prices[number + 1 :]
            yield from ledger.hold(
                job=f"{request.job}.{number}", workspace=TEAM, person=request.under.person, credits=price,
                microusd=request.cost, ceiling=CEILING, now=START, actor=request.under.person, under=request.under,
                beside=(sum(rest), request.cost * len(rest)),
            )  # fmt: skip
    except Refusal as refusal:
        answer = refusal.scope if isinstance(refusal, OverLimit) else type(refusal).__name__
    yield _WRITE, {"job": request.job, "answer": answer}
    return answer


def _end(request: Request) -> Script[None]:
    job, left = f"{request.job}.0", request.prices[0] - given_back(request)
    if left:
        yield from ledger.charge(job=job, credits=left, microusd=request.cost, now=START, actor="s", provider="p")
    else:
        yield from ledger.release(job=job, now=START, actor="s", reason="failed")
    yield _WRITE, {"job": request.job, "answer": "charged" if left else "released"}


async def _half(path: Path, half: int) -> None:
    async with await Database.open(path, patience=60) as database:
        print("ready", flush=True)
        mine = requests()[half::2]
        for start in range(0, len(mine), ROUND):
            sys.stdin.readline()
            await run(database, mine[start : start + ROUND])
            print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(_half(Path(sys.argv[1]), int(sys.argv[2])))
