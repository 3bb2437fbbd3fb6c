"""What is tidied, and what is kept although it is old."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import pytest

from bot.errors import BlobMissing
from bot.jobs import asks
from bot.jobs.asks import NewAsk
from bot.jobs.states import JobState
from bot.jobs.sweeping import sweep
from bot.messaging import Card
from bot.messaging.failures import TryLater
from bot.providers.base import TaskStatus
from bot.store.ids import new_id
from bot.store.scripts import Script
from tests.support.desk import HERE, Desk, desk

DAY = 86_400.0
DONE = TaskStatus(state="done", video_url="https://example.org/video.mp4")


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        made.providers["fake"].statuses = [DONE]
        yield made


async def tidy(at: Desk) -> None:
    await sweep(at.work, at.postman, keep_days=30)


async def is_kept(at: Desk, sha256: str | None) -> bool:
    assert sha256 is not None
    try:
        await at.work.blobs.size(sha256)
    except BlobMissing:
        return False
    return True


async def picture(at: Desk, data: bytes = b"a picture") -> dict[str, object]:
    blob = await at.work.blobs.put_bytes(data, owner=at.person)
    return {"sha256": blob.sha256, "mime": "image/png", "width": 300, "height": 300}


async def open_ask(at: Desk, *pictures: dict[str, object], posted: bool = False, confirming: bool = True) -> str:
    """An ask that waits for its person; with `posted` its status card is there already."""
    ask = new_id(at.clock)
    new = NewAsk(
        id=ask, key=ask, workspace=at.workspace, person=at.person, actor={}, place=asdict(HERE), message=None,
        text="a red fox", pictures=pictures,
    )  # fmt: skip
    await at.work.run(asks.receive, new, now=at.clock.now())
    await at.work.run(
        asks.quote_ask, ask, request="{}", options={}, quote=json.dumps({}), confirming=confirming, now=at.clock.now()
    )
    if posted:
        ref = await at.messenger.post(HERE, Card(title="status"), key=ask)
        await at.work.run(asks.remember_status, ask, asdict(ref))
    return ask


def _give_pictures(job: str, pictures: str) -> Script[None]:
    yield (
        "UPDATE ask SET pictures = :pictures WHERE id = (SELECT ask FROM job WHERE id = :job)",
        {"job": job, "pictures": pictures},
    )


async def state(at: Desk, ask: str) -> str:
    row = await at.work.run(asks.find_ask, ask)
    assert row is not None
    return str(row["state"])


async def test_what_was_shown_goes_after_its_days_and_not_before(at: Desk) -> None:
    view = await at.until_state(await at.ask_for(), JobState.DONE)
    await at.settle()
    at.clock.advance(29 * DAY)
    await tidy(at)
    assert await is_kept(at, view.video)
    at.clock.advance(1.1 * DAY)
    await tidy(at)
    assert not await is_kept(at, view.video)
    assert not await is_kept(at, view.poster)


async def test_a_video_that_is_not_shown_yet_is_kept_however_old_it_is(at: Desk) -> None:
    job = await at.ask_for()
    view = await at.until_state(job, JobState.DONE, deliveries=False)
    at.clock.advance(90 * DAY)
    await tidy(at)
    assert await is_kept(at, view.video)
    assert await is_kept(at, view.poster)
    await at.settle()
    assert len(at.messenger.results()) == 1
    at.clock.advance(31 * DAY)
    await tidy(at)
    assert not await is_kept(at, view.video)


async def test_a_video_that_can_be_shown_nowhere_goes_with_its_days(at: Desk) -> None:
    job = await at.ask_for()
    view = await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.can_post = False
    await at.settle()
    at.clock.advance(31 * DAY)
    await tidy(at)
    assert not await is_kept(at, view.video)


async def test_a_picture_is_kept_while_its_job_is_open_and_goes_afterwards(at: Desk) -> None:
    facts = await picture(at)
    unseen = await at.until_state(await at.ask_for(), JobState.DONE, deliveries=False)
    at.providers["fake"].statuses = [TaskStatus(state="running")]
    job = await at.ask_for()
    await at.work.run(_give_pictures, job, json.dumps([facts]))
    await at.until_state(job, JobState.RUNNING, deliveries=False)
    at.clock.advance(90 * DAY)
    await tidy(at)
    assert await is_kept(at, str(facts["sha256"]))
    assert await is_kept(at, unseen.video), "one need does not hide another"
    at.providers["fake"].statuses = [DONE]
    await at.until_state(job, JobState.DONE)
    await tidy(at)
    assert not await is_kept(at, str(facts["sha256"]))


async def test_a_picture_that_its_person_is_still_asked_about_is_kept(at: Desk) -> None:
    """The sweep that finds the ask too old closes it first: what is left of that is for the next one."""
    facts = await picture(at)
    at.clock.advance(90 * DAY)
    ask = await open_ask(at, facts)
    await tidy(at)
    assert (await is_kept(at, str(facts["sha256"])), await state(at, ask)) == (True, "confirming")
    at.clock.advance(at.work.timing.ask_life + 1)
    await tidy(at)
    assert (await is_kept(at, str(facts["sha256"])), await state(at, ask)) == (False, "expired")


async def test_what_nobody_asked_for_goes_too(at: Desk) -> None:
    facts = await picture(at, b"kept before its ask was stored, which never happened")
    at.clock.advance(31 * DAY)
    await tidy(at)
    assert not await is_kept(at, str(facts["sha256"]))


async def test_an_ask_that_nobody_answers_expires_and_its_status_card_goes(at: Desk) -> None:
    ask, other = await open_ask(at, posted=True), await open_ask(at)
    at.clock.advance(at.work.timing.ask_life - 1)
    await tidy(at)
    assert (await state(at, ask), len(at.messenger.messages)) == ("confirming", 1)
    at.clock.advance(2)
    await tidy(at)
    assert [await state(at, one) for one in (ask, other)] == ["expired", "expired"]
    assert at.messenger.messages == {}


async def test_the_card_of_an_accepted_ask_stays(at: Desk) -> None:
    await at.ask_for()
    at.clock.advance(10 * at.work.timing.ask_life)
    await tidy(at)
    assert len(at.messenger.messages) == 1


async def test_a_card_that_can_not_be_taken_away_does_not_keep_the_others_from_expiring(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(ref: object) -> None:
        raise TryLater("503")

    monkeypatch.setattr(at.messenger, "delete", fails)
    names = [await open_ask(at, posted=True) for _ in range(3)]
    at.clock.advance(at.work.timing.ask_life + 1)
    await tidy(at)
    assert [await state(at, name) for name in names] == ["expired"] * 3


async def test_a_card_whose_ref_a_crash_swallowed_goes_too(at: Desk) -> None:
    ask = await open_ask(at, confirming=False)
    await at.messenger.post(HERE, Card(title="Getting ready"), key=ask)
    at.clock.advance(at.work.timing.ask_life + 1)
    await tidy(at)
    assert (await state(at, ask), at.messenger.messages) == ("expired", {})


async def test_a_question_that_nobody_answered_leaves_no_trace_of_a_card(at: Desk) -> None:
    await open_ask(at)
    at.clock.advance(at.work.timing.ask_life + 1)
    await tidy(at)
    assert at.messenger.posts == 0
