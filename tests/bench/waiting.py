"""Thousands of jobs that wait in one process, about seven looks each, against the same requests with bare httpx."""

import json
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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
    print(f"Waiting: {jobs:,} jobs in one process, {looks:.1f} looks each, clock {slow:g} times slower than the wall's")
    _print(plain, lived, jobs)
    _judge(plain, lived, jobs)
    wrong = list(_wrong(lived, sold, jobs + WARM))
    verdict(f"{len(wrong)} jobs lost, doubled or told wrong {wrong[:3] or ''}", "none", met=not wrong)


def _alone(function: Callable[..., T], *args: Any) -> T:
    """Its answer, from a fresh process: nobody else's CPU and memory are counted."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(function, *args).result()


def _print(plain: Bare, lived: Lived, jobs: int) -> None:
    def row(name: str, spent: Spent, lag: Lag | None = None) -> list[str]:
        late = [f"{1000 * share(lag.late, part):.1f}" for part in (0.5, 0.99)] if lag else ["", ""]
        return [name, f"{1000 * spent.cpu / jobs:.2f}", f"{spent.wall:.0f}" if spent.wall else "", *late]

    table(
        ("", "CPU ms/job", "wall s", "loop lag p50 ms", "p99 ms"),
        (
            row(f"bare httpx, {plain.requests / jobs:.1f} requests a job", plain.spent, plain.lag),
            row("asked for: grammar, price, hold, status card", lived.asking),
            row("then all of its life: paid call, looks, video, messages", lived.living, lived.lag),
            row("  of that the clip: checked, fitted, still (by itself)", Spent(0, lived.media * jobs)),
        ),
    )
    print(f"{lived.edits / jobs:.1f} edits of its status card a job; the stand-in's CPU is not counted")


def _judge(plain: Bare, lived: Lived, jobs: int) -> None:
    beyond = 1000 * (lived.living.cpu - plain.spent.cpu) / jobs
    clip = 1000 * lived.media
    memory = lived.memory / jobs / 1000
    verdict(
        f"{beyond - clip:.1f} ms CPU a job beyond those requests, without its clip ({beyond:.1f} with it)",
        f"at most {_AIM_CPU_MS:g} ms", met=beyond - clip <= _AIM_CPU_MS,
    )  # fmt: skip
    verdict(
        f"{memory:.1f} KB a job: growth of the peak of memory",
        f"at most {_AIM_MEMORY_KB:g} KB",
        met=memory <= _AIM_MEMORY_KB,
    )


def _wrong(lived: Lived, sold: Mapping[str, Any], jobs: int) -> Iterator[str]:
    """What doesn't fit between what was asked for, what the stand-in sold, and what the rows say."""
    calls = Counter(sold["prompts"].values())
    told = Counter(one.prompt for one in lived.bought)
    for number in range(jobs):
        prompt = f"a red fox, number {number}"
        if (calls[prompt], told[prompt]) != (1, 1):
            yield f"{prompt}: sold {calls[prompt]}, known {told[prompt]}"
    for one in lived.bought:
        found = (one.state, one.charges, one.posted, sold["prompts"].get(one.task))
        if found != ("done", 1, 1, one.prompt):
            yield f"{one.prompt}: {found}"
    if lived.files != jobs:
        yield f"{lived.files} videos shown for {jobs} jobs"
