"""Hold and charge, each durable: the house's database against plain sqlite3 that commits every operation.

Both run the very same transaction scripts on the same schema, with a write-ahead log and `synchronous=FULL`. They take
turns on fresh files, and each rate is compared with the plain one of its own round: disks have moods.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench.figures import middle, share, table, verdict
from tests.bench.pairs import Done, Team, plain, through_database

_AIM_MANY, _AIM_ONE = 6.0, 0.5
_CALLERS, _CROWD = 64, 1_000
_MORE = 8  # times as many pairs for the ways that are about that much faster


@dataclass
class Way:
    """One way to make `count` pairs, and what its rounds came to."""

    name: str
    count: int
    make: Callable[[Path, Team, int], Done]
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def go(self, folder: Path | None) -> None:
        """One round on a file of its own."""
        with tempfile.TemporaryDirectory(prefix="klingbot-bench-", dir=folder) as place:
            done = self.make(Path(place) / "bench.db", Team.of(_CROWD), self.count)
        self.rates.append(self.count / done.spent.wall)
        self.cpu.append(1_000_000 * done.spent.cpu / self.count)
        self.waits += done.waits

    def ratios(self, baseline: "Way") -> list[float]:
        """Each round's rate by the baseline's of the same round."""
        return [ours / theirs for ours, theirs in zip(self.rates, baseline.rates, strict=True)]

    def row(self, baseline: "Way") -> list[str]:
        """A line of the table."""
        p50, p99 = (f"{1000 * share(self.waits, part):.2f}" for part in (0.5, 0.99))
        return [self.name, middle(self.rates), middle(self.ratios(baseline), ".2f"), middle(self.cpu), p50, p99]


def run(folder: Path | None, *, rounds: int, pairs: int) -> None:
    """Measure and print; `pairs` are those of a plain round."""
    ways = (
        Way("plain sqlite3, a commit for each", pairs, plain),
        Way("Database, 1 caller", pairs, partial(through_database, callers=1)),
        Way(f"Database, {_CALLERS} callers", _MORE * pairs, partial(through_database, callers=_CALLERS)),
    )
    for _ in range(rounds):
        for way in ways:
            way.go(folder)
    baseline, one, many = ways
    print(
        f"Ledger: pairs of hold and charge, synchronous=FULL, {_CROWD:,} persons; "
        f"median (least…most) of {rounds} rounds"
    )
    table(("", "pairs/s", "× plain", "CPU µs/pair", "p50 ms", "p99 ms"), [way.row(baseline) for way in ways])
    print("p50 and p99: a single operation, from the call to durable")
    for way, aim in ((many, _AIM_MANY), (one, _AIM_ONE)):
        ratio = median(way.ratios(baseline))
        verdict(f"{way.name}: {ratio:.2f} × plain", f"{aim:g} ×", met=ratio >= aim)
