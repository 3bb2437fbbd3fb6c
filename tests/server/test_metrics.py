import asyncio

import pytest

from bot import __version__
from bot.server.metrics import Figures, Metrics, ReadFigures
from tests.support.clock import FakeClock

FIGURES = Figures(
    jobs={"running": 3, "done": 41},
    attempts={("fal", "done"): 40, ("wavespeed", "uncertain"): 1},
    deliveries={"posted": 80, "pending": 2},
    credits_held=135,
    month_microusd=9_250_000,
    ceiling_microusd=50_000_000,
)


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
    assert line in await lines(Metrics(FakeClock(), read))


async def test_figures_are_read_at_every_scrape() -> None:
    now = Figures(credits_held=1)

    async def changing() -> Figures:
        return now

    metrics = Metrics(FakeClock(), changing)
    assert "klingbot_credits_held 1.0" in await lines(metrics)
    now = Figures(credits_held=2)
    assert "klingbot_credits_held 2.0" in await lines(metrics)


@pytest.mark.parametrize("reader", [broken, stuck, None])
async def test_without_the_rows_the_rest_is_shown_and_says_so(reader: ReadFigures | None) -> None:
    shown = await lines(Metrics(FakeClock(), reader, read_seconds=0.01))
    assert "klingbot_figures_read 0.0" in shown
    assert any(line.startswith("klingbot_build_info{") and f'version="{__version__}"' in line for line in shown)
    assert not any(line.startswith("klingbot_jobs") for line in shown)


async def test_old_figures_are_not_shown_when_the_rows_can_not_be_read_any_more() -> None:
    works = True

    async def sometimes() -> Figures:
        return FIGURES if works else await broken()

    metrics = Metrics(FakeClock(), sometimes)
    await metrics.scrape()
    works = False
    assert "klingbot_credits_held 135.0" not in await lines(metrics)


async def test_the_event_loops_lag_is_measured() -> None:
    class Late(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds + 0.3)

    metrics = Metrics(Late(), read)
    task = asyncio.create_task(metrics.watch_loop())
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    shown = await lines(metrics)
    assert 'klingbot_event_loop_lag_seconds_bucket{le="0.25"} 0.0' in shown
    assert 'klingbot_event_loop_lag_seconds_bucket{le="0.5"} 0.0' not in shown
