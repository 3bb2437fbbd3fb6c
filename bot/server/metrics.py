"""Figures for Prometheus, read from the rows when they are asked for: right after a restart, alike for every worker."""

import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot import __version__

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the rows say now.

    `jobs` and `deliveries` count by state, `attempts` by provider and outcome; `credits_held` over all pools; the
    provider cost of this month, held and spent, and the operator's ceiling it counts against, in micro-dollars.
    """

    jobs: Mapping[str, int] = field(default_factory=dict)
    attempts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    deliveries: Mapping[str, int] = field(default_factory=dict)
    credits_held: int = 0
    month_microusd: int = 0
    ceiling_microusd: int = 0


ReadFigures = Callable[[], Awaitable[Figures]]


class Metrics:
    """One registry of ours: nothing global, so that two servers in one process don't mix."""

    def __init__(self, read: ReadFigures | None = None, *, read_seconds: float = 5.0) -> None:
        self._read = read
        self._read_seconds = read_seconds
        self._registry = CollectorRegistry()
        self._lag = Histogram(
            "klingbot_event_loop_lag_seconds",
            "How much later than asked a sleeping task woke up.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
            registry=self._registry,
        )
        self._rows = _Rows()
        self._registry.register(self._rows)

    async def scrape(self) -> bytes:
        """Everything in Prometheus' text format. Without the rows' figures (and saying so) where they can't be read."""
        self._rows.figures = await self._figures()
        return generate_latest(self._registry)

    async def watch_loop(self, every_seconds: float = 1.0) -> None:
        """Measure the event loop's lag by its own clock, until cancelled: work that blocks it shows here first."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every_seconds
            await asyncio.sleep(every_seconds)
            self._lag.observe(max(0.0, loop.time() - due))

    async def _figures(self) -> Figures | None:
        if self._read is None:
            return None
        try:
            async with asyncio.timeout(self._read_seconds):
                return await self._read()
        except Exception as error:
            _log.warning("figures can't be read: %s", type(error).__name__)
            return None


class _Rows(Collector):
    """Turns the figures of the last read into metric families."""

    def __init__(self) -> None:
        self.figures: Figures | None = None

    def collect(self) -> Iterator[Metric]:
        """Build information and whether the rows could be read; then what they say."""
        build = _family("build_info", "Which klingbot this is.", ("version", "python"))
        build.add_metric((__version__, platform.python_version()), 1)
        yield build
        yield _figure("figures_read", "1 where the rows could be read for this answer.", int(self.figures is not None))
        if self.figures is not None:
            yield from _families(self.figures)


def _families(figures: Figures) -> Iterator[Metric]:
    yield _counts("jobs", "Jobs by state.", "state", figures.jobs)
    attempts = _family("attempts", "Attempts by provider and outcome.", ("provider", "outcome"))
    for labels, count in sorted(figures.attempts.items()):
        attempts.add_metric(labels, count)
    yield attempts
    yield _counts("deliveries", "Deliveries by state.", "state", figures.deliveries)
    yield _figure("credits_held", "Credits set aside for open jobs.", figures.credits_held)
    yield _figure("month_microusd", "Provider cost of this month, held and spent.", figures.month_microusd)
    yield _figure("ceiling_microusd", "The operator's ceiling for a month.", figures.ceiling_microusd)


def _family(name: str, text: str, labels: tuple[str, ...]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"klingbot_{name}", text, labels=labels)


def _figure(name: str, text: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"klingbot_{name}", text, value=value)


def _counts(name: str, text: str, label: str, counts: Mapping[str, int]) -> GaugeMetricFamily:
    family = _family(name, text, (label,))
    for value, count in sorted(counts.items()):
        family.add_metric((value,), count)
    return family
