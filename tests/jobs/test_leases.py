"""Claims by compare-and-set on the rows themselves."""

import pytest

from bot.jobs import leases, scripts
from bot.store.scripts import Row, Script, one
from tests.support.desk import Desk

LEASE = 20_000


async def claim(at: Desk, owner: str, *, limit: int = 10) -> list[str]:
    now = at.clock.now()
    rows = await at.work.run(leases.claim, "job", owner, now=now, until=now + LEASE, limit=limit)
    return [row["id"] for row in rows]


async def row_of(at: Desk, job: str) -> Row:
    return one(await at.work.database.read("SELECT * FROM job WHERE id = :id", {"id": job}))


async def test_a_row_is_claimed_once(at: Desk) -> None:
    job = await at.ask_for()
    assert await claim(at, "one") == [job]
    assert await claim(at, "two") == []


async def test_the_longest_due_come_first_and_no_more_than_are_wanted(at: Desk) -> None:
    jobs = []
    for _ in range(3):
        jobs.append(await at.ask_for())
        at.clock.advance(1)
    assert await claim(at, "one", limit=2) == jobs[:2]
    assert await claim(at, "one", limit=2) == jobs[2:]


async def test_a_row_that_is_not_due_is_left_alone(at: Desk) -> None:
    job = await at.ask_for()
    await claim(at, "one")
    now = at.clock.now()
    await at.work.run(scripts.sleep, job, "one", wake=now + 5_000, tries=0, progress={})
    assert await claim(at, "one") == []
    assert await at.work.run(leases.next_wake, "job") == now + 5_000
    at.clock.advance(5)
    assert await claim(at, "one") == [job]


async def test_a_lease_that_ran_out_is_another_s_to_take(at: Desk) -> None:
    job = await at.ask_for()
    await claim(at, "one")
    at.clock.advance(LEASE / 1000 - 0.001)
    assert await claim(at, "two") == []
    at.clock.advance(0.001)
    assert await claim(at, "two") == [job]


async def test_a_renewal_keeps_what_is_held_and_nothing_else(at: Desk) -> None:
    kept, dropped = await at.ask_for(), await at.ask_for()
    await claim(at, "one")
    at.clock.advance(15)
    await at.work.run(leases.renew, "job", {kept: "one", dropped: "somebody"}, until=at.clock.now() + LEASE)
    at.clock.advance(10)
    assert await claim(at, "two") == [dropped]


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("renewed", [False, True])
async def test_a_wish_that_comes_in_while_a_row_is_held_wakes_it_when_it_is_given_back(
    at: Desk, renewed: bool, broken: bool
) -> None:
    job = await at.ask_for()
    await claim(at, "one")
    assert await at.work.run(scripts.ask_cancel, job, now=at.clock.now())
    if renewed:
        await at.work.run(leases.renew, "job", {job: "one"}, until=at.clock.now() + 2 * LEASE)
    assert await claim(at, "two") == [], "not before"
    assert await at.work.run(leases.next_wake, "job") == at.clock.now() + LEASE * (2 if renewed else 1)
    await give_back(at, job, broken)
    assert await claim(at, "two") == [job]


async def give_back(at: Desk, job: str, broken: bool) -> None:
    later = at.clock.now() + 600_000
    if broken:
        await at.work.run(leases.put_aside, "job", job, "one", wake=later)
    else:
        await at.work.run(scripts.sleep, job, "one", wake=later, tries=0, progress={})


async def test_only_the_name_it_was_claimed_under_gives_a_row_back(at: Desk) -> None:
    job = await at.ask_for()
    await claim(at, "one")
    at.clock.advance(LEASE / 1000)
    await claim(at, "two")
    await at.work.run(leases.put_aside, "job", job, "one", wake=at.clock.now())
    await at.work.run(scripts.sleep, job, "one", wake=at.clock.now(), tries=7, progress={})
    row = await row_of(at, job)
    assert (row["lease_owner"], row["tries"]) == ("two", 0)
    await at.work.run(leases.put_aside, "job", job, "two", wake=at.clock.now() + 1)
    row = await row_of(at, job)
    assert (row["lease_owner"], row["lease_until"], row["wake_at"]) == (None, None, at.clock.now() + 1)


async def test_a_process_that_is_alone_frees_everything_that_is_held_and_wakes_nothing_else(at: Desk) -> None:
    held, asleep = await at.ask_for(), await at.ask_for()
    await claim(at, "dead")
    await at.work.run(scripts.sleep, asleep, "dead", wake=at.clock.now() + 5_000, tries=0, progress={})
    await at.work.run(leases.free_all, now=at.clock.now())
    assert await claim(at, "two") == [held]


async def test_nothing_is_due_where_there_is_nothing(at: Desk) -> None:
    assert await at.work.run(leases.next_wake, "job") is None


async def test_a_wake_of_all_ends_every_sleep_and_leaves_what_is_worked_on(at: Desk) -> None:
    asleep, held = await at.ask_for(), await at.ask_for()
    await claim(at, "one")
    now = at.clock.now()
    await at.work.run(scripts.sleep, asleep, "one", wake=now + 3_600_000, tries=0, progress={})
    await at.work.run(leases.wake_all, now=now)
    assert [(await row_of(at, job))["wake_at"] for job in (asleep, held)] == [now, now + LEASE]


async def test_a_job_is_claimed_with_its_newest_attempt(at: Desk) -> None:
    job = await at.ask_for()
    await claim(at, "one")
    for number in ("first", "second"):
        await at.work.run(
            scripts.intend, job, "one", attempt=number, provider="fake", offer="fake/text/standard", microusd=1,
            body={}, now=at.clock.now(),
        )  # fmt: skip
        await at.work.run(
            scripts.refused, job, attempt=number, reason="invalid", detail="", now=at.clock.now(), wake=at.clock.now()
        )
        [(row, attempt)], _ = await claim_and_next(at, limit=10)
        assert attempt is not None
        assert (row["id"], attempt["id"]) == (job, number)


async def test_a_job_without_attempts_is_claimed_by_itself(at: Desk) -> None:
    await at.ask_for()
    [(_, attempt)], wake = await claim_and_next(at, limit=10)
    assert attempt is None
    assert wake == at.clock.now() + LEASE


async def test_the_next_look_is_at_once_while_more_may_be_due(at: Desk) -> None:
    for _ in range(3):
        await at.ask_for()
    assert (await claim_and_next(at, limit=3))[1] == at.clock.now()
    assert (await claim_and_next(at, limit=3))[1] == at.clock.now() + LEASE


async def claim_and_next(at: Desk, *, limit: int) -> tuple[list[leases.Claimed[Row | None]], int | None]:
    def attempt(row: Row) -> Script[Row | None]:
        return scripts.last_attempt(row["id"])

    now = at.clock.now()
    return await at.work.run(leases.claim_and_next, "job", "one", attempt, now=now, until=now + LEASE, limit=limit)
