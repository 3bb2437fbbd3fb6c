"""A finished video on its way home: where its provider is gone, and where it cost more than was held."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import AnswerLost
from bot.jobs.states import JobState
from bot.providers.base import TaskStatus
from bot.store.scripts import one
from tests.support.desk import Desk, desk


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


def done(cost: int | None = None) -> TaskStatus:
    return TaskStatus(state="done", video_url="https://example.org/v.mp4", cost=cost)


async def test_a_video_waits_for_its_provider_to_be_switched_on_again(at: Desk) -> None:
    """Its door is closed and its links expire meanwhile: tries made then would end the job for nothing."""
    job = await at.ask_for()
    fake = at.providers["fake"]
    fake.statuses = [done()]
    await at.until_state(job, JobState.FETCHING)
    del at.providers["fake"]
    at.downloads += [AnswerLost("cdn.example", "closed")] * at.work.timing.fetch_tries
    end = at.work.at(6 * 3_600)
    await at.run_until(lambda: at.clock.now() > end)
    alerts = [one.place.channel for one in at.messenger.messages.values() if one.card.title.startswith("alert:")]
    assert ((await at.view(job)).state, alerts) == (JobState.FETCHING, ["operators"])
    at.downloads[:] = [AnswerLost("cdn.example", "expired")]
    at.providers["fake"] = fake
    assert (await at.until_state(job, JobState.DONE, JobState.FAILED)).charged == 50


async def test_what_a_provider_takes_beyond_the_hold_is_nobody_s_but_can_be_seen(at: Desk) -> None:
    job = await at.ask_for()
    at.providers["fake"].statuses = [done(cost=900_000)]
    assert (await at.until_state(job, JobState.DONE)).charged == 50
    question = "SELECT amount FROM entry WHERE job = :job AND kind = 'variance'"
    assert one(await at.work.database.read(question, {"job": job}))["amount"] == 130, "180 credits less 50"
