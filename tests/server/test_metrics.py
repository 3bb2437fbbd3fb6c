import asyncio
import time

import pytest

from bot import __version__
from bot.server.metrics import Figures, Metrics, ReadFigures

FIGURES = Figures(
    jobs={"running": 3, "done": 41},
    attempts={("fal", "done"): 40, ("wavespeed", "uncertain"): 1},
    deliveries={"posted": 80, "pending": 2},
    credits_held=135,
    month_microusd=9_250_000,
    ceiling_microusd=50_000_000,
)

COUNT = "klingbot_event_loop_lag_seconds_count"


async def read() -> Figures:
    return FIGURES


async def broken() -> Figures:
    raise OSError("no database")


async def stuck() -> Figures:
    await asyncio.Event().wait()
    return FIGURES


async def lines(metrics: Metrics) -> list[str]:
    return (await metrics.scrape()).decode().splitlines()


@pytest.mark.parametrize(
    "line",
    [
        'klingbot_jobs{state="running"} 3.0',
        'klingbot_jobs{state="done"} 41.0',
        'klingbot_attempts{outcome="uncertain",provider="wavespeed"} 1.0',
        'klingbot_deliveries{state="pending"} 2.0',
        "klingbot_credits_held 135.0",
        "klingbot_month_microusd 9.25e+06",
        "klingbot_ceiling_microusd 5e+07",
        "klingbot_figures_read 1.0",
    ],
)
async def test_the_rows_figures_are_shown(line: str) -> None:
    assert line in await lines(Metrics(read))


async def test_figures_are_read_at_every_scrape() -> None:
    now = Figures(credits_held=1)

    async def changing() -> Figures:
        return now

    metrics = Metrics(changing)
    assert "klingbot_credits_held 1.0" in await lines(metrics)
    now = Figures(credits_held=2)
    assert "klingbot_credits_held 2.0" in await lines(metrics)


@pytest.mark.parametrize("reader", [broken, stuck, None])
async def test_without_the_rows_the_rest_is_shown_and_says_so(reader: ReadFigures | None) -> None:
    shown = await lines(Metrics(reader, read_seconds=0.01))
    assert "klingbot_figures_read 0.0" in shown
    assert any(line.startswith("klingbot_build_info{") and f'version="{__version__}"' in line for line in shown)
    assert not any(line.startswith("klingbot_jobs") for line in shown)


async def test_old_figures_are_not_shown_when_the_rows_can_not_be_read_any_more() -> None:
    works = True

    async def sometimes() -> Figures:
        return FIGURES if works else await broken()

    metrics = Metrics(sometimes)
    await metrics.scrape()
    works = False
    assert "klingbot_credits_held 135.0" not in await lines(metrics)


def hold_up(seconds: float) -> None:
    """What must not happen in the house: nothing else gets its turn."""
    time.sleep(seconds)


async def test_the_event_loops_lag_is_measured() -> None:
    metrics = Metrics(read)
    task = asyncio.create_task(metrics.watch_loop(0.001))
    await asyncio.sleep(0)
    hold_up(0.06)
    await asyncio.sleep(0.002)
    task.cancel()
    shown = dict(line.rsplit(" ", 1) for line in await lines(metrics) if not line.startswith("#"))
    assert float(shown['klingbot_event_loop_lag_seconds_bucket{le="0.05"}']) < float(shown[COUNT])
