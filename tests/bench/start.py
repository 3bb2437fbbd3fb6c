"""From the start of `python -m bot run` to its first healthy answer, against importing the platforms' libraries."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from tests.bench.figures import Spent, middle, table
from tests.support.tree import ROOT

_LOOK = 0.002


def run(folder: Path | None, *, rounds: int) -> None:
    """Measure and print. Both take turns; a first round of each only fills the caches."""
    imports, starts = [], []
    for _ in range(rounds + 1):
        imports.append(_importing())
        starts.append(_starting(folder))
    print(f"Start: median (least…most) of {rounds} rounds")
    rows = [_row("import discord, slack_bolt", imports[1:]), _row("klingbot run, until /health says 200", starts[1:])]
    table(("", "wall ms", "CPU ms"), rows)
    ratios = [ours.wall / theirs.wall for ours, theirs in zip(starts[1:], imports[1:], strict=True)]
    print(
        f"{median(ratios):.2f} × the time of those imports alone; "
        "its CPU includes the stop; only the page is switched on"
    )


def _row(name: str, spent: list[Spent]) -> list[str]:
    return [name, middle([1000 * one.wall for one in spent]), middle([1000 * one.cpu for one in spent])]


def _importing() -> Spent:
    start, cpu = time.perf_counter(), _ended_children()
    subprocess.run([sys.executable, "-c", "import discord, slack_bolt"], check=True)
    return Spent(time.perf_counter() - start, _ended_children() - cpu)


def _starting(folder: Path | None) -> Spent:
    """Start it in an empty folder, without anybody's .env and keys, wait for the answer, stop it."""
    with tempfile.TemporaryDirectory(prefix="klingbot-bench-", dir=folder) as place:
        environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "KLINGBOT_DATA": f"{place}/data", "KLINGBOT_PORT": "0"}
        start, cpu = time.perf_counter(), _ended_children()
        command = [sys.executable, "-m", "bot", "run"]
        with subprocess.Popen(command, cwd=place, env=environ, stdout=subprocess.PIPE, text=True) as running:
            try:
                assert running.stdout is not None
                _until_healthy(running.stdout.readline().split()[-1])
                wall = time.perf_counter() - start
            finally:
                running.terminate()
    return Spent(wall, _ended_children() - cpu)


def _until_healthy(address: str) -> None:
    netloc = urlsplit(address).netloc
    while True:
        connection = HTTPConnection(netloc, timeout=10)
        connection.request("GET", "/health")
        status = connection.getresponse().status
        connection.close()
        if status == 200:
            return
        time.sleep(_LOOK)


def _ended_children() -> float:
    """CPU seconds of every child that has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
