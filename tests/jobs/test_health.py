"""A provider's health: what opens a cool-down, who tries it afterwards, what ends it, and what says nothing of it."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.errors import CheckFailed, ProviderReason, SubmitRefused, SubmitUncertain
from bot.jobs import scripts, slots
from bot.jobs.states import JobState
from bot.providers.base import Failure, Task, TaskStatus
from bot.providers.health import FAILURES, LONGEST_MS, PROBE_MS, Ailing, Ailment, ailed, ailing, cool_down, may_go
from bot.store.database import Database
from bot.store.scripts import Script
from tests.support.desk import Desk, desk
from tests.support.providers import offer

DONE = TaskStatus(state="done", video_url="https://example.org/video.mp4")
FAILED = TaskStatus(state="failed", error=Failure(reason="provider", detail="no media"))
BOTH = ("fake/text/standard", "other/text/standard")


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, offers=(offer("fake"), offer("other"))) as made:
        yield made


async def health(at: Desk) -> dict[str, Ailing]:
    return await at.work.database.view(ailing)


async def fails(at: Desk) -> None:
    """A job is taken, and its task fails."""
    at.providers["fake"].statuses = [FAILED]
    await at.until_state(await at.ask_for(), JobState.FAILED)


def refused(reason: ProviderReason) -> SubmitRefused:
    return SubmitRefused("fake", reason, f"{reason}, it says")


@pytest.mark.parametrize(
    ("outcome", "ailment", "ms"),
    [
        (refused("auth"), "auth", 30_000),
        (refused("balance"), "balance", 30_000),
        (refused("unavailable"), "unavailable", 10_000),
        (SubmitUncertain("fake", "unknown", "cut"), "uncertain", 10_000),
    ],
)
async def test_what_goes_wrong_at_the_door_opens_a_cool_down_at_once(
    at: Desk, outcome: Exception, ailment: Ailment, ms: int
) -> None:
    at.providers["fake"].outcomes = [outcome]
    await at.ask_for()
    await at.turn()
    found = (await health(at))["fake"]
    assert (found.reason, found.openings, found.until - at.clock.now()) == (ailment, 1, ms)
    assert found.health(at.clock.now()) == "down"
    assert found.health(found.until) == "shaky", "it is over, and somebody has to try"


@pytest.mark.parametrize("reason", ["policy", "invalid", "busy", "not_found", "unknown"])
async def test_what_was_asked_for_and_a_busy_moment_say_nothing_of_health(at: Desk, reason: ProviderReason) -> None:
    at.providers["fake"].outcomes = [refused(reason)]
    await at.ask_for()
    await at.turn()
    assert await health(at) == {}


@pytest.mark.parametrize("reason", ["policy", "invalid", "cancelled"])
async def test_tasks_that_end_for_a_person_s_reason_say_nothing_of_health(at: Desk, reason: Any) -> None:
    at.providers["fake"].statuses = [TaskStatus(state="failed", error=Failure(reason=reason))]
    for _ in range(FAILURES):
        await at.until_state(await at.ask_for(), JobState.FAILED)
    assert await health(at) == {}


async def test_an_upload_that_never_works_is_the_provider_s_state(at: Desk) -> None:
    tries = at.work.timing.prepare_tries
    at.providers["fake"].prepare_errors = [CheckFailed("fake", "unavailable", "down") for _ in range(tries)]
    await at.ask_for()
    for _ in range(tries):
        await at.turn()
        at.clock.advance(31)
    assert (await health(at))["fake"].reason == "unavailable"


async def test_failed_tasks_open_a_cool_down_when_they_are_several_in_a_row(at: Desk) -> None:
    for number in range(1, FAILURES):
        await fails(at)
        found = (await health(at))["fake"]
        assert (found.failures, found.until, found.health(at.clock.now())) == (number, 0, "shaky")
    await fails(at)
    found = (await health(at))["fake"]
    assert (found.failures, found.openings, found.health(at.clock.now())) == (FAILURES, 1, "down")


async def test_a_video_between_them_begins_the_count_anew(at: Desk) -> None:
    for _ in range(FAILURES - 1):
        await fails(at)
    at.providers["fake"].statuses = [DONE]
    await at.until_state(await at.ask_for(), JobState.DONE)
    assert await health(at) == {}
    await fails(at)
    assert (await health(at))["fake"].failures == 1


async def test_after_the_cool_down_exactly_one_job_tries_and_the_others_wait_for_it(at: Desk) -> None:
    fake = at.providers["fake"]
    fake.outcomes = [refused("auth")]
    await at.until_state(await at.ask_for(), JobState.FAILED)
    waiting = [await at.ask_for() for _ in range(5)]
    await at.turn()
    assert len(fake.bodies) == 1, "nobody goes there while it cools down"
    tries: list[int] = []
    fake.before_submit = lambda: tries.append(at.clock.now())
    fake.statuses = [TaskStatus(state="running")]
    opened = (await health(at))["fake"].until
    await at.run_until(lambda: bool(tries))
    assert tries[0] >= opened
    assert await health(at) == {}, "a call that is taken ends it"
    for job in waiting:
        await at.until_state(job, JobState.RUNNING)
    assert len(fake.bodies) == 6


async def test_a_provider_whose_videos_failed_is_well_when_one_is_there_not_when_a_call_is_taken(at: Desk) -> None:
    for _ in range(FAILURES):
        await fails(at)
    fake, bought = at.providers["fake"], FAILURES
    fake.statuses = [TaskStatus(state="running")]
    jobs = [await at.ask_for() for _ in range(3)]
    await at.run_until(lambda: len(fake.bodies) > bought)
    (found,) = (await health(at)).values()
    assert found.probe in jobs
    at.clock.advance(60)
    await at.turn()
    assert len(fake.bodies) == bought + 1, "the others still wait for it"
    fake.statuses = [DONE]
    for job in jobs:
        await at.until_state(job, JobState.DONE)
    assert await health(at) == {}


async def test_a_try_that_fails_opens_a_longer_cool_down(at: Desk) -> None:
    fake, waits = at.providers["fake"], list[int]()
    fake.outcomes = [refused("balance") for _ in range(4)]
    for _ in range(4):
        await at.ask_for()
        await at.run_until(lambda: len(fake.bodies) > len(waits))
        waits.append((await health(at))["fake"].until - at.clock.now())
    assert waits == [30_000, 60_000, 120_000, 240_000]


def test_a_cool_down_has_an_end() -> None:
    assert cool_down("failed", 3) == 120_000
    assert cool_down("uncertain", 60) == LONGEST_MS


async def test_what_was_under_way_before_makes_a_cool_down_no_longer(at: Desk) -> None:
    """Ten calls that are lost with one cable are one trouble, not ten."""
    fake = at.providers["fake"]
    jobs = [await at.ask_for() for _ in range(3)]
    attempts = []
    for job in jobs:
        attempts.append(at.work.new_id())
        await _intend(at, job, attempts[-1])
    for job, attempt in zip(jobs, attempts, strict=True):
        await at.work.run(
            scripts.uncertain, job, attempt=attempt, detail="cut", now=at.clock.now(), wake=at.clock.now()
        )  # fmt: skip
    found = (await health(at))["fake"]
    assert (found.openings, found.until - at.clock.now(), fake.bodies) == (1, 10_000, [])


async def test_a_video_that_was_ordered_before_does_not_fill_an_empty_account(at: Desk) -> None:
    fake = at.providers["fake"]
    running = await at.ask_for()
    await at.until_state(running, JobState.RUNNING)
    fake.outcomes, fake.statuses = [refused("balance")], [DONE]
    await at.until_state(await at.ask_for(), JobState.FAILED)
    await at.until_state(running, JobState.DONE)
    assert (await health(at))["fake"].reason == "balance"


async def test_the_next_offer_takes_over_while_one_rests(two: Desk) -> None:
    two.providers["fake"].outcomes = [refused("auth")]
    first = await two.until_state(await two.ask_for(offers=BOTH), JobState.RUNNING)
    second = await two.until_state(await two.ask_for(offers=BOTH), JobState.RUNNING)
    assert [first.provider, second.provider] == ["other", "other"]
    assert len(two.providers["fake"].bodies) == 1
    assert two.clock.now() - second.created_at < 10_000, "without waiting"


async def test_the_first_job_after_the_cool_down_tries_although_another_offer_would_do(two: Desk) -> None:
    two.providers["fake"].outcomes = [refused("unavailable")]
    await two.until_state(await two.ask_for(offers=BOTH), JobState.RUNNING)
    two.clock.advance(11)
    view = await two.until_state(await two.ask_for(offers=BOTH), JobState.RUNNING)
    assert view.provider == "fake"
    assert await health(two) == {}


async def test_a_job_does_not_wait_for_ever(at: Desk) -> None:
    at.providers["fake"].outcomes = [refused("auth") for _ in range(50)]
    await at.until_state(await at.ask_for(), JobState.FAILED)
    jobs = [await at.ask_for() for _ in range(8)]
    start = at.clock.now()
    views = [await at.until_state(job, JobState.FAILED) for job in jobs]
    assert {(view.charged, view.error.ending if view.error else "") for view in views} == {(0, "refused")}
    assert at.clock.now() - start < (at.work.timing.rest_patience + 5) * 1000
    assert len(at.providers["fake"].bodies) < 8, "a few tried, the others were spared"
    assert any(view.error and view.error.detail == "auth, it says" and not view.attempts for view in views)


async def test_lining_up_for_a_slot_does_not_begin_its_patience_anew(at: Desk) -> None:
    """A provider that is ill and well by turns, and full whenever it is well."""
    await at.work.run(slots.set_limits, {"fake": 1}, now=at.clock.now())
    await at.until_state(await at.ask_for(), JobState.RUNNING)
    job = await at.ask_for()
    for ill, passes in ((250_000, 300_000), (500_000, 600_000), (500_000, 600_000)):
        await at.work.run(_cools, at.clock.now(), at.clock.now() + ill)
        await at.run_until(partial(_reached, at, at.clock.now() + passes))
    view = await at.view(job)
    assert (view.state, view.error and view.error.ending) == (JobState.FAILED, "refused")


@pytest.mark.parametrize("reason", ["policy", "invalid"])
async def test_a_try_that_says_nothing_leaves_it_to_the_next_job(at: Desk, reason: ProviderReason) -> None:
    fake = at.providers["fake"]
    fake.outcomes = [refused("auth"), refused(reason)]
    for _ in range(2):
        await at.until_state(await at.ask_for(), JobState.FAILED)
    found = (await health(at))["fake"]
    assert (found.reason, found.openings, found.probe) == ("auth", 1, None)
    await at.until_state(await at.ask_for(), JobState.RUNNING)
    assert await health(at) == {}


async def test_our_own_crash_is_not_the_provider_s_fault(at: Desk) -> None:
    job = await at.ask_for()
    await _intend(at, job, at.work.new_id())
    at.clock.advance(at.work.timing.lease + 1)
    await at.until_state(job, JobState.UNCERTAIN)
    assert await health(at) == {}


async def test_a_crash_of_the_one_that_tries_leaves_it_to_another(at: Desk) -> None:
    at.providers["fake"].outcomes = [refused("unavailable")]
    await at.ask_for()
    await at.turn()
    at.clock.advance(11)
    job = await at.ask_for()
    await _intend(at, job, at.work.new_id())
    assert (await health(at))["fake"].probe == job
    at.clock.advance(at.work.timing.lease + 1)
    await at.until_state(job, JobState.UNCERTAIN)
    assert (await health(at))["fake"].probe is None


async def test_one_that_tries_and_is_never_heard_of_is_not_waited_for_for_ever(at: Desk) -> None:
    found = await _resting(at)
    first, second = await at.ask_for(), await at.ask_for()
    at.clock.time = found.until
    assert await at.work.run(may_go, "fake", first, now=at.clock.now())
    assert not await at.work.run(may_go, "fake", second, now=at.clock.now() + PROBE_MS - 1)
    assert await at.work.run(may_go, "fake", second, now=at.clock.now() + PROBE_MS)


async def test_one_that_may_try_but_finds_no_slot_leaves_it_to_another(at: Desk) -> None:
    await at.work.run(slots.set_limits, {"fake": 1}, now=at.clock.now())
    running = await at.ask_for()
    await at.until_state(running, JobState.RUNNING)
    found = await _resting(at, running=running)
    at.clock.time = found.until
    job = await at.ask_for()
    await at.work.run(_claim, job, "worker", at.work.at(20))
    assert not await at.work.run(
        scripts.intend, job, "worker", attempt=at.work.new_id(), provider="fake", offer="fake/text/standard",
        microusd=250_000, body={}, now=at.clock.now(),
    )  # fmt: skip
    assert (await health(at))["fake"].probe is None


async def test_health_survives_a_restart(tmp_path: Path) -> None:
    async with desk(tmp_path) as before:
        found = await _resting(before)
        clock = before.clock
    async with desk(tmp_path, clock=clock) as after:
        assert await health(after) == {"fake": found}
        job = await after.ask_for()
        await after.until_state(job, JobState.RUNNING)
        assert clock.now() >= found.until
        assert await health(after) == {}


async def test_of_two_processes_that_race_to_try_one_wins(at: Desk) -> None:
    found = await _resting(at)
    jobs = [await at.ask_for() for _ in range(20)]
    async with await Database.open(at.work.database.path) as other:
        for database in (at.work.database, other):
            assert not any([await database.run(may_go, "fake", job, now=found.until - 1) for job in jobs])
        answers = await asyncio.gather(
            *((at.work.database if number % 2 else other).run(may_go, "fake", job, now=found.until)
              for number, job in enumerate(jobs))
        )  # fmt: skip
        assert answers.count(True) == 1
        winner = jobs[answers.index(True)]
        assert await other.run(may_go, "fake", winner, now=found.until + 1), "again, the same one may"


async def test_a_lost_answer_that_is_found_after_all_ends_the_cool_down(at: Desk) -> None:
    fake = at.providers["fake"]
    fake.outcomes = [SubmitUncertain("fake", "unknown", "cut")]
    fake.candidates = (Task(id="t-1"),)
    await at.until_state(await at.ask_for(), JobState.RUNNING)
    assert await health(at) == {}


async def _resting(at: Desk, *, running: str = "") -> Ailing:
    """A provider that has just begun to cool down, by a refused call or by what became of a `running` job."""
    if running:
        (attempt,) = (await at.view(running)).attempts
        await at.work.run(_blame, attempt.id, at.clock.now())
    else:
        at.providers["fake"].outcomes = [refused("auth")]
        await at.until_state(await at.ask_for(), JobState.FAILED)
    return (await health(at))["fake"]


def _blame(attempt: str, now: int) -> Script[None]:
    yield from ailed(attempt, "unavailable", "made up", now=now)


def _reached(at: Desk, moment: int) -> bool:
    return at.clock.now() >= moment


def _cools(now: int, until: int) -> Script[None]:
    columns = "provider, reason, detail, failures, openings, failed_at, until, probe, probe_until"
    sql = f"INSERT INTO provider_health ({columns}) VALUES ('fake', 'auth', 'x', 1, 1, :now, :until, NULL, NULL)"
    yield f"{sql} ON CONFLICT (provider) DO UPDATE SET until = excluded.until", {"now": now, "until": until}


async def _intend(at: Desk, job: str, attempt: str) -> None:
    """The intent of a paid call is stored, by a worker that is heard of no more."""
    owner, until = at.work.new_id(), at.work.at(at.work.timing.lease)
    await at.work.run(_claim, job, owner, until)
    assert await at.work.run(
        scripts.intend, job, owner, attempt=attempt, provider="fake", offer="fake/text/standard", microusd=250_000,
        body={"json": {}}, now=at.clock.now(),
    )  # fmt: skip


def _claim(job: str, owner: str, until: int) -> Any:
    sql = "UPDATE job SET lease_owner = :owner, lease_until = :until, wake_at = :until WHERE id = :job"
    yield sql, {"owner": owner, "job": job, "until": until}
