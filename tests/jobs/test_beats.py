"""Signs of life of the background worker: one part for each lane, so that health shows which of them hangs."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.jobs.runner import PARTS, Runner
from tests.support.desk import desk
from tests.support.still import StillClock


@pytest.mark.parametrize(("hung", "well"), [("jobs", "deliveries"), ("deliveries", "jobs")])
async def test_a_lane_that_hangs_goes_silent_while_the_other_beats_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hung: str, well: str
) -> None:
    async def hang(_: float) -> None:
        await asyncio.Event().wait()

    clock, beats = StillClock(), Counter[str]()
    async with desk(tmp_path, clock=clock) as at:
        runner = Runner(at.work, at.postman)
        task = asyncio.create_task(runner.run(lambda part: beats.update([part]), alone=True))
        await clock.let_pass(3)
        assert set(beats) == set(PARTS)
        monkeypatch.setattr(getattr(runner, hung).alarm, "sleep", hang)
        await clock.let_pass(2)
        beats.clear()
        await clock.let_pass(10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (beats[hung], beats[well] >= 5) == (0, True)
