"""Thousands of jobs that wait in one process, about seven looks each, against the same requests with bare httpx."""

import json
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from tests.bench.bare import Bare, bare
from tests.bench.figures import Lag, Spent, share, table, verdict
from tests.bench.service import WARM, Lived, live
from tests.bench.stand_in import elsewhere

_AIM_CPU_MS, _AIM_MEMORY_KB = 4.0, 10.0

T = TypeVar("T")


def run(folder: Path | None, *, jobs: int, slow: float) -> None:
    """Measure and print. The service's clock goes `slow` times slower than the wall's."""
    with tempfile.TemporaryDirectory(prefix="klingbot-bench-", dir=folder) as place, elsewhere() as base:
        plain = _alone(bare, base, jobs)
        urlopen(Request(f"{base}/forget", method="POST")).close()
        lived = _alone(live, base, Path(place), jobs, slow)
        with urlopen(f"{base}/log") as answer:
            sold = json.load(answer)
    looks = sum(sold["looks"].values()) / len(sold["looks"])
    print(f"Waiting: {jobs:,} jobs in one process, {looks:.1f} looks each, the clock {slow:g} times slower than the wall's")
    _print(plain, lived, jobs)
    wrong = list(_wrong(lived, sold, jobs + WARM))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    beyond = 1000 * (lived.living.cpu - plain.spent.cpu) / jobs
    without = beyond - 1000 * lived.media
    ...


def _alone(function: Callable[..., T], *args: Any) -> T:
    """Its answer, from a fresh process: nobody else's CPU and memory are counted."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(function, *args).result()


def _print(plain: Bare, lived: Lived, jobs: int) -> None:
    def row(name: str, spent: Spent, lag: Lag | None = None) -> list[str]:
        cpu, wall = f"{1000 * spent.cpu / jobs:.2f}", f"{spent.wall:.0f}"
        late = [f"{1000 * share(lag.late, part):.1f}" for part in (0.5, 0.99)] if lag else ["", ""]
        return [name, cpu, wall, *late]

    table(
        ("", "CPU ms/job", "wall s", "loop lag p50 ms", "p99 ms"),
        (
            row(f"bare httpx, {plain.requests / jobs:.1f} requests a job", plain.spent, plain.lag),
            row("asked for (grammar, price, hold, status card)", lived.asking),
            row("from there to the last message", lived.living, lived.lag),
            row("  of that the video itself (checked, fitted, still)", Spent(0, lived.media * jobs)),
        ),
    )
