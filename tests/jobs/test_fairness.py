"""Fifty people, six providers, faults: who waits how long, how full providers get, and who gets the work."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, median

import pytest

from bot.jobs import slots
from bot.jobs.states import ENDED, JobState
from bot.jobs.steps import STEPS
from bot.jobs.views import JobView
from bot.store import database
from tests.support.crowd import Call, Crowd, Made, Moody, finish
from tests.support.desk import desk
from tests.support.providers import named, offer

PRICES = {"ash": 5_000, "birch": 5_000, "cedar": 5_500, "dogwood": 5_500, "elm": 6_000, "fir": 6_000}
LIMITS = {"ash": 1, "birch": 2, "cedar": 2, "dogwood": 1, "elm": 2, "fir": 1}
OFFERS = tuple(offer(name, microusd=price) for name, price in PRICES.items())
PEOPLE, EAGER, ARRIVING_MS = 50, 20, 200_000


def wishes(chance: random.Random, people: Sequence[str]) -> Iterator[tuple[int, str]]:
    """One person wants twenty videos at once; each of the others one to three, soon after."""
    yield from ((0, people[0]) for _ in range(EAGER))
    for person in people[1:]:
        yield from ((chance.randrange(ARRIVING_MS), person) for _ in range(chance.randint(1, 3)))


@pytest.fixture(params=[1])
async def lived(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Crowd, list[JobView]]:
    """What happened, and every job as it is in the end."""
    monkeypatch.setattr(database, "SETTINGS", ("PRAGMA synchronous=OFF", "PRAGMA temp_store=MEMORY"))
    monkeypatch.setitem(STEPS, JobState.FETCHING, finish)
    async with desk(tmp_path, offers=OFFERS) as at:
        crowd = Crowd(at, random.Random(request.param))
        at.providers.update({name: named(Moody, name)(crowd) for name in LIMITS})
        await at.work.run(slots.set_limits, LIMITS, now=at.clock.now())
        people = [await at.somebody(f"person {number}") for number in range(PEOPLE)]
        await crowd.live(list(wishes(crowd.chance, people)), tuple(one.id for one in OFFERS))
        ids = [row["id"] for row in await at.work.database.read("SELECT id FROM job")]
        return crowd, [await at.view(job) for job in ids]


async def test_a_crowd_is_served_fairly_within_limits_and_cheaply(lived: tuple[Crowd, list[JobView]]) -> None:
    crowd, jobs = lived
    waits = waits_of_people(jobs)
    usual, eager = median(waits.values()), waits[Counter(job.person for job in jobs).most_common(1)[0][0]]
    assert len(waits) == PEOPLE
    assert max(waits.values()) <= 3 * usual
    assert 60 < usual < eager, "who came first with twenty wishes is not served first with all of them"
    assert all(crowd.most[name] == limit for name, limit in LIMITS.items())
    assert all_is_settled(jobs)
    assert bought_once(crowd, jobs)
    assert [call for call in crowd.calls if passed_over(call, jobs)] == []
    assert any(PRICES[call.provider] > 5_000 for call in crowd.calls)


def waits_of_people(jobs: Sequence[JobView]) -> dict[str, float]:
    """Seconds from the order to the paid call that counted, the mean of each person."""
    waits = defaultdict(list)
    for job in jobs:
        waits[job.person].append((job.attempts[-1].intended_at - job.created_at) / 1000)
    return {person: fmean(of_person) for person, of_person in waits.items()}


def all_is_settled(jobs: Sequence[JobView]) -> bool:
    """Everything ended, but for lost answers that wait for an administrator."""
    return all(job.state in ENDED or job.attempts[-1].outcome == "uncertain" for job in jobs)


def bought_once(crowd: Crowd, jobs: Sequence[JobView]) -> bool:
    """No job has two tasks anywhere, and a lost answer was the last attempt of its job."""
    owner = {attempt.id: job.id for job in jobs for attempt in job.attempts}
    tasks = Counter(owner[made.attempt] for one in crowd.desk.providers.values() for made in tasks_at(one))
    last = all(attempt is job.attempts[-1] or attempt.outcome == "refused" for job in jobs for attempt in job.attempts)
    return last and max(tasks.values()) == 1


def tasks_at(provider: object) -> Sequence[Made]:
    assert isinstance(provider, Moody)
    return list(provider.made.values())


def passed_over(call: Call, jobs: Sequence[JobView]) -> bool:
    """Whether a cheaper provider would have taken it: one that was well, had room, and hadn't refused this job.

    Where cheaper ones were only full, the dearer call is right after two minutes of waiting for them.
    """
    job = next(one for one in jobs if any(attempt.id == call.attempt for attempt in one.attempts))
    before = [attempt for attempt in job.attempts if attempt.intended_at < call.at]
    refused = {attempt.provider for attempt in before if attempt.outcome == "refused"}
    since = max([job.created_at, *(attempt.ended_at or 0 for attempt in before)])
    cheaper = {name for name, price in PRICES.items() if price < PRICES[call.provider]}
    well = cheaper - refused - set(call.ill)
    return bool(well - set(call.full)) or (bool(well) and call.at - since < 120_000)
