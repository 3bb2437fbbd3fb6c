"""How many jobs are made at once, and pauses: a queued job waits, says so, and goes on by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.credits import pausing
from bot.credits.rules import change_rules
from bot.errors import SubmitRefused
from bot.jobs import leases, scripts, slots, waiting
from bot.jobs.states import JobState
from bot.jobs.steps import STEPS
from bot.jobs.work import Turn, Work
from bot.providers.base import Body, Failure, Order, TaskStatus
from bot.store.database import Database
from bot.store.ids import new_id
from tests.support.desk import Desk, desk

RUNNING = TaskStatus(state="running")
FAILED = TaskStatus(state="failed", error=Failure(reason="provider"))
QUEUED = JobState.QUEUED


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


async def rules(at: Desk, **changes: Any) -> None:
    await at.work.run(
        change_rules, workspace=at.workspace, changes=changes, actor="ada", action="test", detail="",
        now=at.clock.now(), audit=new_id(at.clock),
    )  # fmt: skip
    await at.work.run(waiting.wake_team, at.workspace, now=at.clock.now())


async def ordered(at: Desk, count: int, person: str = "") -> list[str]:
    jobs = []
    for _ in range(count):
        jobs.append(await at.ask_for(person=person))
        at.clock.advance(0.001)
    return jobs


async def turns(at: Desk) -> None:
    """Everything that is due now."""
    while await at.turn(deliveries=False):
        pass


async def states(at: Desk, jobs: list[str]) -> list[tuple[JobState, str]]:
    views = [await at.view(job) for job in jobs]
    return [(view.state, view.waits) for view in views]


def made(at: Desk) -> int:
    return len(at.providers["fake"].bodies)


async def test_one_person_has_so_many_made_at_once_and_others_do_not_wait(at: Desk) -> None:
    """Removed: the look in `_outlook` (the third was bought)."""
    await rules(at, together=2)
    mine, other = await ordered(at, 4), await ordered(at, 1, await at.somebody("cat"))
    await turns(at)
    busy, waits = (JobState.RUNNING, ""), (QUEUED, "person")
    assert await states(at, mine + other) == [busy, busy, waits, waits, busy]


async def test_the_team_has_so_many_made_at_once(at: Desk) -> None:
    await rules(at, together_team=2)
    jobs = [*await ordered(at, 1), *await ordered(at, 1, await at.somebody("cat")), *await ordered(at, 1)]
    await turns(at)
    assert [waits for _, waits in await states(at, jobs)] == ["", "", "team"]


async def test_a_place_that_comes_free_is_taken_at_once_by_the_oldest(at: Desk) -> None:
    """Removed: `wake_next` in `scripts.move` (it was taken at the next look, a minute later)."""
    await rules(at, together=1)
    at.providers["fake"].statuses = [FAILED, RUNNING]
    jobs = await ordered(at, 3)
    await turns(at)
    await at.until_state(jobs[0], JobState.FAILED, deliveries=False)
    now = at.clock.now()
    await at.until_state(jobs[1], JobState.RUNNING, deliveries=False)
    assert (at.clock.now(), await states(at, jobs[2:])) == (now, [(QUEUED, "person")])


async def test_whoever_has_the_fewest_at_work_is_next(at: Desk) -> None:
    await rules(at, together_team=2)
    at.providers["fake"].statuses = [FAILED, RUNNING]
    mine, theirs = await ordered(at, 4), await ordered(at, 1, await at.somebody("cat"))
    await turns(at)
    await at.until_state(mine[0], JobState.FAILED, deliveries=False)
    await turns(at)
    assert [state for state, _ in await states(at, [*theirs, mine[2]])] == [JobState.RUNNING, QUEUED]


async def test_a_job_that_waits_keeps_no_providers_slot_from_others(at: Desk) -> None:
    """Removed: `slots.leave` in `_hold_back`."""
    await rules(at, together=1)
    await at.work.run(slots.set_limits, {"fake": 2}, now=at.clock.now())
    (first,) = await ordered(at, 1)
    await turns(at)
    (second,) = await ordered(at, 1)
    await at.work.run(slots.occupy, second, "fake", now=at.clock.now())
    (theirs,) = await ordered(at, 1, await at.somebody("cat"))
    await turns(at)
    assert [state for state, _ in await states(at, [first, second, theirs])] == [
        JobState.RUNNING, QUEUED, JobState.RUNNING,
    ]  # fmt: skip


async def test_a_job_that_waits_can_be_stopped(at: Desk) -> None:
    await rules(at, together=1)
    _, waits = await ordered(at, 2)
    await turns(at)
    await at.work.run(scripts.ask_cancel, waits, now=at.clock.now())
    await turns(at)
    assert await states(at, [waits]) == [(JobState.CANCELLED, "")]


async def test_two_workers_do_not_pass_the_limit_together(
    at: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removed: the count in `intend` (all six had looked before one of them was bought)."""
    await rules(at, together=2)
    jobs = await ordered(at, 6)
    async with await Database.open(tmp_path / "test.db") as second:
        other = Work(**{**vars(at.work), "database": second, "owner": "other"})
        gate = asyncio.Barrier(6)
        provider = at.providers["fake"]
        whole = provider.prepare

        async def prepare(order: Order) -> Body:
            await gate.wait()  # everybody has looked, nobody has bought
            return await whole(order)

        monkeypatch.setattr(provider, "prepare", prepare)
        await asyncio.gather(*(_step(work) for work in (at.work, other) * 3))
    assert made(at) == 2
    assert sorted(state for state, _ in await states(at, jobs)) == [QUEUED] * 4 + [JobState.RUNNING] * 2


async def _step(work: Work) -> None:
    until = work.at(work.timing.lease)
    (row,) = await work.run(leases.claim, "job", new_id(work.clock), now=work.now(), until=until, limit=1)
    await STEPS[JobState.QUEUED](work, Turn(row=row, work=work))


async def pause_team(at: Desk) -> None:
    await rules(at, paused="audit")


async def resume_team(at: Desk) -> None:
    await rules(at, paused=None)


async def pause_all(at: Desk) -> None:
    await at.work.run(pausing.stop_everything, reason="audit", actor="ada", now=at.clock.now())


async def resume_all(at: Desk) -> None:
    await at.work.run(pausing.go_on)
    await at.work.run(waiting.wake_everybody, now=at.clock.now())


SWITCHES: Mapping[str, tuple[Callable[[Desk], Any], Callable[[Desk], Any]]] = {
    "paused": (pause_team, resume_team),
    "everything": (pause_all, resume_all),
}


@pytest.mark.parametrize("why", SWITCHES)
async def test_a_pause_keeps_what_is_queued_and_finishes_what_runs(at: Desk, why: str) -> None:
    """Removed: the look in `_outlook` and in `intend` (the second was bought)."""
    pause, resume = SWITCHES[why]
    (runs,) = await ordered(at, 1)
    await turns(at)
    (waits,) = await ordered(at, 1)
    await pause(at)
    await turns(at)
    at.providers["fake"].statuses = [TaskStatus(state="done", video_url="https://made.up/x.mp4")]
    await at.until_state(runs, JobState.DONE)
    await at.settle()
    assert len(at.messenger.results()) == 1, "what ran is shown"
    at.clock.advance(8 * 3600)
    await turns(at)
    assert (await states(at, [waits]), made(at)) == ([(QUEUED, why)], 1)
    now = at.clock.now()
    await resume(at)
    await at.until_state(waits, JobState.RUNNING, deliveries=False)
    assert at.clock.now() == now


async def test_after_a_long_pause_a_busy_provider_is_asked_again(at: Desk) -> None:
    """Removed: patience with busy providers from the first call on (it ended at the first no after the pause)."""
    (job,) = await ordered(at, 1)
    await rules(at, paused="")
    await turns(at)
    at.clock.advance(2 * at.work.timing.busy_patience)
    await rules(at, paused=None)
    at.providers["fake"].outcomes = [SubmitRefused("fake", "busy", "later")]
    await at.until_state(job, JobState.RUNNING, deliveries=False)
    assert made(at) == 2
