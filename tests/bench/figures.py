"""What every measurement needs: time and CPU of this process, how late the event loop is, and plain tables."""

import asyncio
import contextlib
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

_TICK = 0.01


@dataclass
class Spent:
    """Seconds by the wall clock and of CPU, all threads of this process."""

    wall: float = 0.0
    cpu: float = 0.0


@contextlib.contextmanager
def spending() -> Iterator[Spent]:
    """What the block takes; filled in at its end."""
    spent, wall, cpu = Spent(), time.perf_counter(), time.process_time()
    try:
        yield spent
    finally:
        spent.wall, spent.cpu = time.perf_counter() - wall, time.process_time() - cpu


def peak_memory() -> int:
    """The most bytes of memory this process had at once, so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@dataclass
class Lag:
    """How much later than asked for the event loop came back, in seconds."""

    late: list[float] = field(default_factory=list)


@contextlib.asynccontextmanager
async def lagging() -> AsyncIterator[Lag]:
    """Ask the loop every 10 ms, while the block runs."""
    lag, loop = Lag(), asyncio.get_running_loop()

    async def ask() -> None:
        while True:
            due = loop.time() + _TICK
            await asyncio.sleep(_TICK)
            lag.late.append(loop.time() - due)

    asking = asyncio.create_task(ask())
    try:
        yield lag
    finally:
        asking.cancel()


def share(values: Sequence[float], part: float) -> float:
    """The value that `part` (0 to 1) of all don't exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def middle(values: Sequence[float], form: str = ",.0f") -> str:
    """The median, with the least and the most."""
    return f"{median(values):{form}} ({min(values):{form}}…{max(values):{form}})"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their heads, the first column to the left."""
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells))


def verdict(what: str, aim: str, *, met: bool) -> None:
    """Print an aim and whether it was met."""
    print(f"{'met ' if met else 'MISS'}  {what}; aim: {aim}")
