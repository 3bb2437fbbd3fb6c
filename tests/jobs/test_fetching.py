"""A finished video on its way home: where its provider is gone, and where it cost more than was held."""

from bot.errors import AnswerLost
from bot.jobs import leases
from bot.jobs.fetching import fetch
from bot.jobs.states import JobState
from bot.jobs.work import Turn
from bot.providers.base import TaskStatus
from bot.store.scripts import Script, one
from tests.support.desk import Desk


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


async def test_a_cost_of_nothing_is_believed_and_a_video_is_still_a_credit(at: Desk) -> None:
    job = await at.ask_for()
    at.providers["fake"].statuses = [done(cost=0)]
    view = await at.until_state(job, JobState.DONE)
    assert (view.charged, view.attempts[0].cost) == (1, 0)


async def test_a_video_that_never_comes_is_written_off_at_what_the_provider_took(at: Desk) -> None:
    job = await at.ask_for()
    at.providers["fake"].statuses = [done(cost=180_000)]
    at.downloads += [AnswerLost("cdn.example", "cut")] * at.work.timing.fetch_tries
    view = await at.until_state(job, JobState.FAILED)
    assert (view.charged, view.attempts[0].cost) == (0, 180_000)
    question = "SELECT used FROM usage WHERE scope = 'operator'"
    assert one(await at.work.database.read(question, {}))["used"] == 180_000


def _tried(job: str, tries: int) -> Script[None]:
    yield "UPDATE job SET tries = :tries WHERE id = :job", {"job": job, "tries": tries}


async def test_a_worker_that_was_overtaken_gives_no_video_up_and_tells_nobody(at: Desk) -> None:
    """Its last try fails after another worker has brought the video home."""
    job, work = await at.ask_for(), at.work
    at.providers["fake"].statuses = [done()]
    await at.until_state(job, JobState.FETCHING)
    await work.run(_tried, job, work.timing.fetch_tries - 1)
    [row] = await work.run(leases.claim, "job", work.owner, now=work.now(), until=work.at(20), limit=10)
    turn = Turn(row=row, work=work)
    await fetch(work, turn)
    at.downloads.append(AnswerLost("cdn.example", "cut"))
    await fetch(work, turn)
    view = await at.view(job)
    assert (view.state, view.charged, at.downloads) == (JobState.DONE, 50, [])
    assert await work.database.read("SELECT id FROM delivery WHERE kind = 'alert'", {}) == []
