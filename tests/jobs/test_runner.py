"""The background worker: what is due runs once at a time, whatever breaks, dies or stops."""

import asyncio
import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from bot.credits.limits import set_limit
from bot.jobs import leases, scripts
from bot.jobs.runner import Runner
from bot.jobs.states import JobState
from bot.jobs.steps import STEPS, Step
from bot.jobs.timing import Timing
from bot.jobs.work import Turn, Work
from bot.messaging import Card, MessageRef, Place, PlaceFacts, Row
from bot.providers.base import TaskStatus
from tests.support.desk import OPERATORS, Desk, desk
from tests.support.runners import end, running
from tests.support.slow import SlowProvider
from tests.support.still import StillClock

LEASE = Timing().lease
StepSetter = Callable[[Step], None]


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def at(tmp_path: Path, clock: StillClock) -> AsyncIterator[Desk]:
    async with desk(tmp_path, clock=clock) as made:
        yield made


@pytest.fixture
def queued_step(monkeypatch: pytest.MonkeyPatch) -> StepSetter:
    """Puts another step in the place of the one of `queued`."""
    return lambda step: monkeypatch.setitem(STEPS, JobState.QUEUED, step)


class Held:
    """A step that is held back until it is let go; counts how often it was begun and how many run at a time."""

    def __init__(self, then: Step = end) -> None:
        self.begun, self.now, self.most = 0, 0, 0
        self.go = asyncio.Event()
        self._then = then

    async def __call__(self, work: Work, turn: Turn) -> None:
        self.begun += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await self.go.wait()
        self.now -= 1
        await self._then(work, turn)


async def test_a_broken_step_is_tried_again_ever_more_seldom_and_the_others_go_on(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    broken, fine = await at.ask_for(), await at.ask_for()
    times: list[int] = []

    async def step(work: Work, turn: Turn) -> None:
        if turn.job == fine:
            return await end(work, turn)
        times.append(clock.now())
        raise ZeroDivisionError

    queued_step(step)
    async with running(at):
        await clock.let_pass(400)
        assert (await at.view(fine)).state is JobState.CANCELLED
        later = await at.ask_for()
        fine = later
        await clock.let_pass(10)
        assert (await at.view(later)).state is JobState.CANCELLED
    gaps = [round((after - before) / 1000) for before, after in pairwise(times)]
    assert gaps == [5, 10, 20, 40, 80, 160]
    assert (await at.view(broken)).state is JobState.QUEUED


async def test_the_operators_are_told_once_of_a_step_that_breaks_again_and_again(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    breaks = 0

    async def step(work: Work, turn: Turn) -> None:
        nonlocal breaks
        breaks += 1
        raise ZeroDivisionError

    queued_step(step)
    await at.ask_for()
    async with running(at):
        while breaks < 3:
            await clock.let_pass(1)
        assert told(at) == []
        await clock.let_pass(700)
    async with running(at):  # a restart forgets how often it broke, not that they were told
        await clock.let_pass(700)
    assert breaks > 9
    assert told(at) == [(Row(name="kind", value="stuck"), Row(name="error", value="ZeroDivisionError"))]


async def test_the_operators_are_told_of_a_message_that_breaks_again_and_again(
    at: Desk, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(place: Place) -> PlaceFacts:
        if place != OPERATORS:
            raise ZeroDivisionError
        return PlaceFacts(can_post=True, can_attach=True, upload_limit=10_000_000)

    await at.ask_for()
    at.providers["fake"].statuses = [TaskStatus(state="done", video_url="https://cdn.example/a.mp4")]
    monkeypatch.setattr(at.messenger, "place", broken)
    async with running(at):
        await clock.let_pass(600)
    assert told(at) == [(Row(name="kind", value="stuck"), Row(name="error", value="ZeroDivisionError"))]


def told(at: Desk) -> list[tuple[Row, ...]]:
    """What each message to the operators says."""
    return [shown.card.rows for shown in at.messenger.messages.values() if shown.place == OPERATORS]


async def test_a_step_that_works_again_is_tried_again_soon_when_it_breaks_anew(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    times: list[int] = []

    async def step(work: Work, turn: Turn) -> None:
        times.append(clock.now())
        if len(times) in (3, 5):
            return await turn.sleep(1)
        raise ZeroDivisionError

    queued_step(step)
    await at.ask_for()
    async with running(at):
        await clock.let_pass(40)
    gaps = [round((after - before) / 1000) for before, after in pairwise(times)]
    assert gaps[:6] == [5, 10, 1, 5, 1, 5]


async def test_a_step_that_broke_often_has_not_used_up_its_tries(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    """A disk that was full for hours must not make the first cut download afterwards the last one."""
    tries: list[int] = []

    async def step(work: Work, turn: Turn) -> None:
        tries.append(turn.tries)
        if len(tries) == 1:
            return await turn.sleep(1, tries=1)
        if len(tries) < 8:
            raise ZeroDivisionError
        return await end(work, turn)

    queued_step(step)
    await at.ask_for()
    async with running(at):
        await clock.let_pass(1_000)
    assert tries == [0] + [1] * 7


async def test_a_job_that_changes_while_its_card_is_drawn_has_it_drawn_anew(
    at: Desk, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card is made of what was read when the message was claimed."""
    edit, job = at.messenger.edit, await at.ask_for()

    async def overtaken(ref: MessageRef, card: Card) -> None:
        if card.title == "status:running":
            await at.work.run(
                scripts.give_up, job, JobState.RUNNING, attempt=None, outcome="", error={"ending": "provider"},
                reason="provider", now=clock.now(),
            )  # fmt: skip
        await edit(ref, card)

    monkeypatch.setattr(at.messenger, "edit", overtaken)
    async with running(at):
        await clock.let_pass(3)
    assert [card.title for _, card in at.messenger.edits][-2:] == ["status:running", "status:failed"]


async def test_a_slow_step_keeps_its_job_from_another_worker(
    at: Desk, clock: StillClock, queued_step: StepSetter, tmp_path: Path
) -> None:
    held = Held()
    queued_step(held)
    job = await at.ask_for()
    async with desk(tmp_path, clock=clock) as other, running(at), running(other):
        await clock.let_pass(10 * LEASE)
        assert held.begun == 1
        held.go.set()
        await clock.let_pass(1)
    assert (await at.view(job)).state is JobState.CANCELLED


async def test_what_a_dead_worker_held_is_taken_over_when_its_lease_ends_and_not_before(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    queued_step(end)
    job = await at.ask_for()
    await at.work.run(leases.claim, "job", "dead", now=clock.now(), until=at.work.at(LEASE), limit=1)
    async with running(at):
        await clock.let_pass(LEASE - 0.1)
        assert (await at.view(job)).state is JobState.QUEUED
        await clock.let_pass(0.2)
        assert (await at.view(job)).state is JobState.CANCELLED


async def test_a_worker_that_is_alone_takes_over_at_once(at: Desk, clock: StillClock, queued_step: StepSetter) -> None:
    queued_step(end)
    job = await at.ask_for()
    await at.work.run(leases.claim, "job", "dead", now=clock.now(), until=at.work.at(LEASE), limit=1)
    async with running(at, alone=True):
        await clock.quiet()
        assert (await at.view(job)).state is JobState.CANCELLED


async def test_a_job_that_died_during_its_paid_call_is_not_bought_again(at: Desk, clock: StillClock) -> None:
    job = await at.ask_for()
    await at.work.run(leases.claim, "job", "dead", now=clock.now(), until=at.work.at(LEASE), limit=1)
    assert await at.work.run(
        scripts.intend, job, "dead", attempt=at.work.new_id(), provider="fake", offer="fake/text/standard",
        microusd=1, body={"path": "/make"}, now=clock.now(),
    )  # fmt: skip
    async with running(at, alone=True):
        await clock.let_pass(60)
    assert (await at.view(job)).state is JobState.UNCERTAIN
    assert at.providers["fake"].bodies == []


async def test_a_ring_wakes_what_naps(tmp_path: Path, clock: StillClock, queued_step: StepSetter) -> None:
    queued_step(end)
    async with desk(tmp_path, clock=clock, timing=Timing(sweep=1_000)) as at, running(at) as runner:
        await clock.let_pass(2)
        job = await at.ask_for()
        await clock.quiet()
        assert (await at.view(job)).state is JobState.QUEUED, "nobody looks before the nap is over"
        runner.ring()
        await clock.quiet()
        assert (await at.view(job)).state is JobState.CANCELLED


async def test_what_no_ring_told_is_found_by_the_next_look(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    queued_step(end)
    async with running(at):
        await clock.let_pass(2)
        job = await at.ask_for()
        await clock.let_pass(at.work.timing.sweep)
        assert (await at.view(job)).state is JobState.CANCELLED


async def test_a_stop_lets_a_paid_call_finish(at: Desk, clock: StillClock) -> None:
    answered = asyncio.Event()
    at.providers["fake"] = fake = SlowProvider()
    fake.while_submitting = answered.wait
    job = await at.ask_for()
    runner = Runner(at.work, at.postman)
    task = asyncio.create_task(runner.run(lambda _: None, alone=True))
    await clock.quiet()
    assert (await at.view(job)).state is JobState.SUBMITTING
    task.cancel()
    await clock.quiet()
    answered.set()
    await asyncio.gather(task, return_exceptions=True)
    assert (await at.view(job)).state is JobState.RUNNING


async def test_a_stop_does_not_wait_for_ever(
    at: Desk, clock: StillClock, queued_step: StepSetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.runner._GRACE", 0.0)
    held = Held()
    queued_step(held)
    job = await at.ask_for()
    async with running(at):
        await clock.quiet()
        assert held.begun == 1
    queued_step(end)
    async with running(at, alone=True):
        await clock.quiet()
    assert (await at.view(job)).state is JobState.CANCELLED, "the next start goes on with it"


async def test_a_wish_for_a_job_that_is_worked_on_does_not_keep_the_lane_running_in_circles(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    held = Held()
    queued_step(held)
    job = await at.ask_for()
    rounds: Counter[int] = Counter()

    def beat(_: str) -> None:
        rounds[clock.now()] += 1
        if rounds[clock.now()] > 50:
            raise RecursionError("it would never end")

    async with running(at, beat=beat):
        await clock.let_pass(0.5)
        assert await at.work.run(scripts.ask_cancel, job, now=clock.now())
        await clock.let_pass(10)
        held.go.set()
    assert max(rounds.values()) <= 8, "two lanes, each a look or two at a time"


async def test_a_step_that_forgets_its_job_is_taken_up_again(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    times: list[int] = []

    async def forgets(work: Work, turn: Turn) -> None:
        times.append(clock.now())

    queued_step(forgets)
    await at.ask_for()
    async with running(at):
        await clock.let_pass(2.5 * LEASE)
    gaps = [(after - before) / 1000 for before, after in pairwise(times)]
    assert gaps == pytest.approx([LEASE, LEASE], abs=at.work.timing.sweep)


async def test_a_step_whose_lease_ran_out_under_it_is_not_run_a_second_time_beside_it(
    at: Desk, clock: StillClock, queued_step: StepSetter
) -> None:
    held = Held()
    queued_step(held)
    job = await at.ask_for()
    async with running(at):
        await clock.quiet()
        expire(at)
        await clock.let_pass(2)
        assert (held.begun, held.most) == (1, 1)
        held.go.set()
        await clock.let_pass(LEASE)
    assert held.most == 1
    assert (await at.view(job)).state is JobState.CANCELLED


def expire(at: Desk) -> None:
    """What storage that was away for longer than a lease looks like afterwards."""
    with contextlib.closing(sqlite3.connect(at.work.database.path, isolation_level=None)) as connection:
        connection.execute("UPDATE job SET lease_until = 1, wake_at = 1")


async def test_two_workers_on_one_database_never_run_a_job_at_the_same_time(
    at: Desk, clock: StillClock, queued_step: StepSetter, tmp_path: Path
) -> None:
    jobs = 200
    under_way: Counter[str] = Counter()
    most = 0
    steps: Counter[str] = Counter()
    workers: Counter[str] = Counter()

    async def step(work: Work, turn: Turn) -> None:
        nonlocal most
        under_way[turn.job] += 1
        most = max(most, under_way[turn.job])
        await work.clock.sleep(work.clock.uniform(0, 2))
        under_way[turn.job] -= 1
        steps[turn.job] += 1
        workers[turn.owner.partition(".")[0]] += 1
        await (turn.sleep(work.clock.uniform(0, 3)) if steps[turn.job] < 4 else end(work, turn))

    queued_step(step)
    await at.work.run(set_limit, workspace=at.workspace, scope="default", credits=50 * jobs, period="month")
    names = [await at.ask_for() for _ in range(jobs)]
    async with desk(tmp_path, clock=clock) as other, running(at, width=8), running(other, width=8):
        await clock.let_pass(300)
    assert most == 1
    assert steps == Counter(dict.fromkeys(names, 4))
    assert min(workers.values()) > jobs, "both had their share"
    assert {(await at.view(name)).state for name in names} == {JobState.CANCELLED}
