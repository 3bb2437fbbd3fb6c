"""A provider's slots: never more than there are, free again at every end, and given to who has the fewest."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.jobs import scripts, slots
from bot.jobs.states import JobState
from bot.providers.base import Failure, Task, TaskStatus
from bot.store.scripts import one
from tests.support.desk import Desk, desk
from tests.support.providers import offer

RUNNING = TaskStatus(state="running")
FAILED = TaskStatus(state="failed", error=Failure(reason="provider"))
DONE = TaskStatus(state="done", video_url="https://example.org/video.mp4")
CHEAP, SAME, DEAR = offer("cheap"), offer("same"), offer("dear", microusd=260_000)
ALL = (CHEAP.id, SAME.id, DEAR.id)


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, offers=(CHEAP, SAME, DEAR)) as made:
        yield made


async def limited(at: Desk, **limits: int | None) -> None:
    await at.work.run(slots.set_limits, limits, now=at.clock.now())


async def taken(at: Desk, provider: str = "cheap") -> int:
    """How many slots are taken, by the count and by the rows, which agree."""
    name = {"name": provider}
    room = one(await at.work.database.read("SELECT taken FROM provider_limit WHERE provider = :name", name))
    rows = one(await at.work.database.read("SELECT COUNT(*) AS count FROM slot WHERE provider = :name", name))
    assert room["taken"] == rows["count"]
    return int(room["taken"])


async def in_line(at: Desk) -> int:
    return int(one(await at.work.database.read("SELECT COUNT(DISTINCT job) AS count FROM waiting"))["count"])


async def state(at: Desk, job: str) -> JobState:
    return (await at.view(job)).state


async def turns(at: Desk) -> None:
    """Everything that is due now."""
    while await at.turn(deliveries=False):
        pass


async def bought(at: Desk, count: int, *, person: str = "", offers: tuple[str, ...] = (CHEAP.id,)) -> list[str]:
    """So many jobs, each after the other, and what comes of them at once."""
    jobs = []
    for _ in range(count):
        jobs.append(await at.ask_for(offers=offers, person=person))
        at.clock.advance(0.001)
    await turns(at)
    return jobs


async def test_no_more_than_the_limit_are_made_at_once_and_the_others_wait_unbought(at: Desk) -> None:
    await limited(at, cheap=2)
    jobs = await bought(at, 5)
    assert [await state(at, job) for job in jobs] == [JobState.RUNNING] * 2 + [JobState.QUEUED] * 3
    assert (await taken(at), await in_line(at), len(at.providers["cheap"].bodies)) == (2, 3, 2)


async def test_a_task_that_never_ends_does_not_keep_its_slot_for_ever(at: Desk) -> None:
    await limited(at, cheap=1)
    stuck, waits = await bought(at, 2)
    end = at.work.at(at.work.timing.overdue + 1_000)
    await at.run_until(lambda: at.clock.now() > end)
    assert (await state(at, stuck), await state(at, waits)) == (JobState.RUNNING, JobState.RUNNING)
    assert await taken(at) == 1
    at.providers["cheap"].statuses = [FAILED]
    await at.until_state(stuck, JobState.FAILED)
    await at.until_state(waits, JobState.FAILED)
    assert await taken(at) == 0


async def test_without_a_limit_nobody_waits(at: Desk) -> None:
    await limited(at, cheap=None)
    jobs = await bought(at, 5)
    assert [await state(at, job) for job in jobs] == [JobState.RUNNING] * 5


@pytest.mark.parametrize("ending", [DONE, FAILED])
async def test_a_slot_is_handed_on_in_the_moment_its_task_ends(at: Desk, ending: TaskStatus) -> None:
    await limited(at, cheap=1)
    first, second = await bought(at, 2)
    at.providers["cheap"].statuses = [ending, RUNNING]
    await at.until_state(first, JobState.FETCHING, JobState.FAILED, deliveries=False)
    now = at.clock.now()
    await at.until_state(second, JobState.RUNNING, deliveries=False)
    assert (at.clock.now(), await taken(at), await in_line(at)) == (now, 1, 0)


async def test_a_job_stopped_in_line_leaves_it(at: Desk) -> None:
    await limited(at, cheap=1)
    _, second, third = await bought(at, 3)
    await at.work.run(scripts.ask_cancel, second, now=at.clock.now())
    await turns(at)
    assert await in_line(at) == 1
    await at.until_state(third, JobState.QUEUED)


async def test_a_job_that_ended_meanwhile_does_not_line_up(at: Desk) -> None:
    """It would be handed a slot that nobody gives back."""
    await limited(at, cheap=1)
    job = await at.ask_for(offers=(CHEAP.id,))
    await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    await turns(at)
    assert await state(at, job) is JobState.CANCELLED
    await at.work.run(slots.join, job, ["cheap"], now=at.clock.now())
    assert (await in_line(at), await taken(at)) == (0, 0)


async def test_a_refused_call_gives_its_slot_back(at: Desk) -> None:
    await limited(at, cheap=1)
    at.providers["cheap"].outcomes = [SubmitRefused("cheap", "invalid", "no")]
    first, second = await bought(at, 2)
    assert [await state(at, job) for job in (first, second)] == [JobState.FAILED, JobState.RUNNING]


async def test_a_lost_call_keeps_its_slot_until_its_task_would_be_over(at: Desk) -> None:
    await limited(at, cheap=1)
    at.providers["cheap"].outcomes = [SubmitUncertain("cheap", "unknown", "cut")]
    first, second = await bought(at, 2)
    assert (await state(at, first), await taken(at)) == (JobState.UNCERTAIN, 1)
    began = at.clock.now()
    await at.until_state(second, JobState.RUNNING)
    assert at.clock.now() - began > 600_000
    assert await state(at, first) is JobState.UNCERTAIN


async def test_a_task_that_is_found_after_all_counts_again_whatever_the_limit(at: Desk) -> None:
    await limited(at, cheap=1)
    fake = at.providers["cheap"]
    fake.outcomes = [SubmitUncertain("cheap", "unknown", "cut")]
    first, second = await bought(at, 2)
    await at.until_state(second, JobState.RUNNING)
    attempt = (await at.view(first)).attempts[0].id
    assert await at.work.run(
        scripts.accepted, first, JobState.UNCERTAIN, attempt=attempt, task_id="found", task={"id": "found"},
        now=at.clock.now(), wake=at.clock.now(),
    )  # fmt: skip
    assert await taken(at) == 2


async def test_a_job_whose_hand_over_fails_for_now_keeps_its_turn(at: Desk) -> None:
    await limited(at, cheap=1)
    first, second = await bought(at, 2)
    fake = at.providers["cheap"]
    fake.prepare_errors = [CheckFailed("cheap", "unavailable", "503")]
    fake.statuses = [DONE, RUNNING]
    await at.until_state(first, JobState.DONE)
    late = await at.ask_for(offers=(CHEAP.id,))
    await at.until_state(second, JobState.RUNNING)
    assert await state(at, late) is JobState.QUEUED


async def test_one_person_s_many_jobs_do_not_hold_up_another_s_only_one(at: Desk) -> None:
    await limited(at, cheap=1)
    first, *rest = await bought(at, 4)
    (only,) = await bought(at, 1, person=await at.somebody("ana"))
    at.providers["cheap"].statuses = [DONE, RUNNING]
    await at.until_state(first, JobState.DONE)
    await turns(at)
    assert [await state(at, job) for job in (only, *rest)] == [JobState.RUNNING] + [JobState.QUEUED] * 3


async def test_who_was_served_last_comes_last_however_old_their_jobs(at: Desk) -> None:
    """With a single slot nobody has one when it is handed on."""
    await limited(at, cheap=1)
    await bought(at, 3)
    await bought(at, 2, person=await at.somebody("ana"))
    at.providers["cheap"].statuses = [DONE]
    await at.run_until(lambda: len(at.providers["cheap"].bodies) == 5, deliveries=False)
    await at.settle()
    rows = await at.work.database.read(
        "SELECT person FROM job JOIN attempt ON attempt.job = job.id ORDER BY intended_at"
    )
    mine = [row["person"] == at.person for row in rows]
    assert mine == [True, False, True, False, True]


async def test_who_waits_longest_is_next_among_those_with_as_many(at: Desk) -> None:
    await limited(at, cheap=1)
    (first,) = await bought(at, 1)
    (bea,) = await bought(at, 1, person=await at.somebody("bea"))
    (ana,) = await bought(at, 1, person=await at.somebody("ana"))
    at.providers["cheap"].statuses = [DONE, RUNNING]
    await at.until_state(first, JobState.DONE)
    await turns(at)
    assert (await state(at, bea), await state(at, ana)) == (JobState.RUNNING, JobState.QUEUED)


async def test_who_has_something_made_elsewhere_comes_after_who_has_nothing(at: Desk) -> None:
    await limited(at, cheap=1, same=1)
    ana, bea = await at.somebody("ana"), await at.somebody("bea")
    (first,) = await bought(at, 1)
    await bought(at, 1, person=ana, offers=(SAME.id,))
    (second_of_ana,) = await bought(at, 1, person=ana)
    (only_of_bea,) = await bought(at, 1, person=bea)
    at.providers["cheap"].statuses = [DONE, RUNNING]
    await at.until_state(first, JobState.DONE)
    await turns(at)
    assert (await state(at, only_of_bea), await state(at, second_of_ana)) == (JobState.RUNNING, JobState.QUEUED)


async def test_who_comes_later_does_not_take_what_others_wait_for(at: Desk) -> None:
    """A slot that is free though there is a line, as after a provider was closed, goes to who is next."""
    await limited(at, cheap=1)
    at.providers["cheap"].outcomes = [SubmitRefused("cheap", "busy", "later", 429, 30.0)]
    await bought(at, 1)
    (waiting,) = await bought(at, 1, person=await at.somebody("ana"))
    at.clock.advance(30)
    late = await at.ask_for(offers=(CHEAP.id,), person=await at.somebody("bea"))
    await turns(at)
    assert (await state(at, waiting), await state(at, late)) == (JobState.RUNNING, JobState.QUEUED)


async def test_a_busy_provider_is_left_alone_by_everybody_for_as_long_as_it_says(at: Desk) -> None:
    await limited(at, cheap=5)
    fake = at.providers["cheap"]
    fake.outcomes = [SubmitRefused("cheap", "busy", "later", 429, 45.0)]
    began = at.clock.now()
    jobs = await bought(at, 4)
    assert len(fake.bodies) == 1
    for job in jobs:
        await at.until_state(job, JobState.RUNNING, deliveries=False)
        assert at.clock.now() - began >= 45_000
    assert len(fake.bodies) == 5


async def test_nobody_calls_a_busy_provider_before_the_time_it_named_to_one_of_them(at: Desk) -> None:
    await limited(at, cheap=5)
    fake, calls = at.providers["cheap"], list[int]()
    fake.outcomes = [SubmitRefused("cheap", "busy", "later", 429, 45.0)]
    fake.before_submit = lambda: calls.append(at.clock.now())
    await bought(at, 4)
    await at.run_until(lambda: len(calls) == 5, deliveries=False)
    assert all(later - calls[0] >= 45_000 for later in calls[1:])


async def test_a_shorter_word_does_not_open_what_a_longer_one_closed(at: Desk) -> None:
    """Of two calls under way at the same time, either may be answered first."""
    await limited(at, cheap=5)
    first, second = [(await at.view(job)).attempts[0].id for job in await bought(at, 2)]
    now = at.clock.now()
    await at.work.run(slots.close, first, said=60_000, now=now)
    await at.work.run(slots.close, second, said=5_000, now=now)
    room = one(await at.work.database.read("SELECT closed_until FROM provider_limit WHERE provider = 'cheap'"))
    assert room["closed_until"] == now + 60_000


async def test_who_lines_up_elsewhere_gives_back_the_slot_it_was_handed(at: Desk) -> None:
    await limited(at, cheap=1, same=1)
    await bought(at, 1, offers=(SAME.id,))
    job = await at.ask_for(offers=ALL)
    assert await at.work.run(slots.take, job, "cheap", now=at.clock.now())
    await at.work.run(slots.join, job, ["same"], now=at.clock.now())
    assert (await taken(at, "cheap"), await taken(at, "same"), await in_line(at)) == (0, 1, 1)


async def test_a_provider_that_does_not_say_how_long_is_left_alone_for_ever_longer(at: Desk) -> None:
    await limited(at, cheap=1)
    fake = at.providers["cheap"]
    fake.outcomes = [SubmitRefused("cheap", "busy", "later", 429) for _ in range(4)]
    calls: list[int] = []
    fake.before_submit = lambda: calls.append(at.clock.now())
    (job,) = await bought(at, 1)
    await at.until_state(job, JobState.RUNNING)
    pauses = [later - before for before, later in pairwise(calls)]
    assert pauses == [pytest.approx(ms, abs=2_500) for ms in (5_000, 10_000, 20_000, 40_000)]


async def test_what_costs_no_more_takes_over_at_once_where_the_best_is_full(at: Desk) -> None:
    await limited(at, cheap=1, same=1, dear=1)
    jobs = await bought(at, 3, offers=ALL)
    assert [(await at.view(job)).provider for job in jobs[:2]] == ["cheap", "same"]
    assert await state(at, jobs[2]) is JobState.QUEUED


async def test_what_costs_more_takes_over_after_a_while(at: Desk) -> None:
    await limited(at, cheap=1, same=1, dear=1)
    began = at.clock.now()
    last = (await bought(at, 3, offers=ALL))[2]
    view = await at.until_state(last, JobState.RUNNING)
    assert (view.provider, len(view.attempts)) == ("dear", 1)
    assert at.clock.now() - began == pytest.approx(at.work.timing.line_patience * 1000, abs=3_000)


async def test_after_a_while_the_first_of_all_that_comes_free_is_taken(at: Desk) -> None:
    await limited(at, cheap=1, dear=1)
    at.providers["cheap"].statuses = [RUNNING]
    offers = (CHEAP.id, DEAR.id)
    await bought(at, 1, offers=(DEAR.id,))
    last = (await bought(at, 2, offers=offers))[1]
    end = at.work.at(200)
    await at.run_until(lambda: at.clock.now() > end, deliveries=False)
    at.providers["dear"].statuses = [DONE]
    assert (await at.until_state(last, JobState.RUNNING)).provider == "dear"


async def test_limits_are_read_anew_at_a_start_and_slots_counted_from_the_jobs(at: Desk) -> None:
    jobs = await bought(at, 3)  # before there was a limit
    await limited(at, cheap=2)
    assert await taken(at) == 3
    (fourth,) = await bought(at, 1)
    assert await state(at, fourth) is JobState.QUEUED
    await limited(at, cheap=4)
    await turns(at)
    assert await state(at, fourth) is JobState.RUNNING
    at.providers["cheap"].statuses = [DONE]
    for job in (*jobs, fourth):
        await at.until_state(job, JobState.FETCHING, JobState.DONE, deliveries=False)
    assert await taken(at) == 0


async def test_a_crash_in_the_middle_gives_no_slot_twice(at: Desk) -> None:
    """Found as lost after a restart, it still has the one slot."""
    await limited(at, cheap=1)

    async def dies(*_: object) -> Task:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(at.providers["cheap"], "submit", dies)
        job = await at.ask_for(offers=(CHEAP.id,))
        with pytest.raises(KeyboardInterrupt):
            await at.turn()
    await limited(at, cheap=1)
    assert await taken(at) == 1
    at.clock.advance(at.work.timing.lease)
    await at.until_state(job, JobState.UNCERTAIN)
    assert await taken(at) == 1
