"""A process that holds and charges as fast as it can: `python -m tests.support.holder <database> <name> <jobs>`.

Every line it prints (`hold <job>`, `charge <job>`, `<refusal> <job>`) was acknowledged before; each second job is
charged.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.credits import ledger
from bot.errors import Refusal
from bot.store.database import Database
from tests.support.books import ANA, TEAM
from tests.support.clock import START

CALLERS = 8
CREDITS, MICROUSD = 10, 1_000


async def main(path: Path, name: str, count: int) -> None:
    jobs = (f"{name}{number:06}" for number in range(count))
    async with await Database.open(path, patience=60) as database:
        await asyncio.gather(*(_work(database, jobs) for _ in range(CALLERS)))


async def _work(database: Database, jobs: Iterator[str]) -> None:
    for job in jobs:
        try:
            await database.run(
                ledger.hold,
                job=job,
                workspace=TEAM,
                person=ANA,
                credits=CREDITS,
                microusd=MICROUSD,
                ceiling=10**9,
                now=START,
                actor=ANA,
            )
        except Refusal as refusal:
            _say(type(refusal).__name__, job)
            continue
        _say("hold", job)
        if int(job[-1]) % 2:
            await database.run(ledger.charge, job=job, credits=CREDITS, microusd=MICROUSD, now=START, actor="system")
            _say("charge", job)


def _say(what: str, job: str) -> None:
    os.write(1, f"{what} {job}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
