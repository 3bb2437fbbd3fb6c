"""What is shown where: once, late rather than never, and never at the price of the job."""

import io
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from bot.jobs.states import JobState
from bot.messaging import Actor, Card, MessageRef, Place
from bot.messaging.failures import FileTooLarge, PlaceGone, TryLater
from bot.providers.base import TaskStatus
from bot.store.scripts import Script
from tests.support.clips import clip
from tests.support.desk import HERE, Desk, desk
from tests.support.media import film

DONE = TaskStatus(state="done", video_url="https://example.org/video.mp4")


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        made.providers["fake"].statuses = [DONE]
        yield made


async def _delivery(at: Desk, job: str) -> tuple[str, int]:
    rows = await at.work.database.read(
        "SELECT state, tries FROM delivery WHERE job = :job AND kind = 'result'", {"job": job}
    )
    return rows[0]["state"], rows[0]["tries"]


async def _large_video(at: Desk) -> int:
    """A finished video that hasn't been shown yet; its bytes."""
    at.downloads.append(clip(5, noise=200))
    job = await at.ask_for()
    await at.until_state(job, JobState.DONE, deliveries=False)
    video = (await at.view(job)).video
    assert video is not None
    return await at.work.blobs.size(video)


async def _until_shown(at: Desk) -> None:
    await at.run_until(lambda: at.messenger.results())


async def test_a_platform_that_is_away_gets_the_same_message_later(at: Desk) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.FETCHING)
    at.messenger.failures = [TryLater("503") for _ in range(4)]
    await _until_shown(at)
    await at.settle()
    assert len(at.messenger.results()) == 1
    assert (await at.view(job)).state is JobState.DONE


async def test_an_answer_lost_after_posting_makes_no_second_message(at: Desk) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.fail_after_posting = [TryLater("cut")]
    await _until_shown(at)
    before = at.messenger.posts
    await at.settle()
    assert (await _delivery(at, job))[0] == "posted"
    assert at.messenger.posts == before + 1, "asked again with the same key"
    assert len(at.messenger.results()) == 1


async def test_a_message_whose_answer_was_lost_shows_what_is_true_when_it_is_found_again(at: Desk) -> None:
    """The platform keeps the card that the first try posted."""
    at.providers["fake"].statuses = [TaskStatus(state="running"), DONE]
    job = await at.ask_for()
    await at.until_state(job, JobState.RUNNING, deliveries=False)
    await at.work.tell_operators(job, "overdue", seconds=1)
    at.messenger.fail_after_posting = [TryLater("cut")]
    await at.turn()
    assert [shown.card.title for shown in at.messenger.messages.values()][1:] == ["alert:running"]
    await at.until_state(job, JobState.DONE, deliveries=False)
    await at.settle()
    cards = {shown.card.title for shown in at.messenger.messages.values()}
    assert cards == {"status:done", "result:done", "alert:done"}


async def test_a_result_found_again_still_says_that_it_goes_without_its_file(at: Desk) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.limit = 200
    at.messenger.fail_after_posting = [TryLater("cut")]
    await at.settle()
    card = next(shown.card for shown in at.messenger.messages.values() if shown.card.title == "result:done")
    assert ("fits", "False") in [(row.name, row.value) for row in card.rows]
    assert (await _delivery(at, job))[0] == "posted"


async def test_a_place_that_is_gone_ends_the_delivery_not_the_job(at: Desk) -> None:
    job = await at.ask_for()
    at.messenger.can_post = False
    view = await at.until_state(job, JobState.DONE)
    await at.settle()
    assert (await _delivery(at, job))[0] == "gone"
    assert view.charged == 50, "a failed post never refunds"


async def test_a_result_that_is_deleted_before_it_is_drawn_anew_is_gone_and_does_not_move(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was shown, and somebody took it away: the same video in direct messages is not what they want."""
    job, edit = await at.ask_for(), at.messenger.edit

    async def deleted(ref: MessageRef, card: Card) -> None:
        if card.title.startswith("result:"):
            raise PlaceGone("unknown message")
        await edit(ref, card)

    monkeypatch.setattr(at.messenger, "edit", deleted)
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.takes_direct = True
    at.messenger.fail_after_posting = [TryLater("cut")]
    await _until_shown(at)
    await at.settle()
    assert (await _delivery(at, job))[0] == "gone"
    assert [shown.place for shown in at.messenger.results()] == [HERE]


async def test_a_status_card_that_was_deleted_stops_being_edited(at: Desk) -> None:
    at.providers["fake"].statuses = [TaskStatus(state="queued", queue_position=2), DONE]
    job = await at.ask_for()
    at.messenger.failures = [PlaceGone("deleted")]
    await at.until_state(job, JobState.DONE)
    await at.settle()
    rows = await at.work.database.read("SELECT state FROM delivery WHERE kind = 'status'")
    assert rows[0]["state"] == "gone"
    assert len(at.messenger.results()) == 1


async def test_edits_keep_to_the_platform_s_beat_and_the_latest_wins(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at.messenger.beat = 12.0
    at.providers["fake"].statuses = [
        *(TaskStatus(state="running", progress=step / 100) for step in range(0, 100, 5)),
        DONE,
    ]
    times: list[int] = []
    edit = at.messenger.edit

    async def timed(ref: MessageRef, card: Card) -> None:
        times.append(at.clock.now())
        await edit(ref, card)

    monkeypatch.setattr(at.messenger, "edit", timed)
    job = await at.ask_for()
    await at.until_state(job, JobState.DONE)
    await at.settle()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps
    assert min(gaps) >= 12_000
    assert at.messenger.edits[-1][1].title == "status:done"


async def test_a_video_too_large_for_the_place_is_shrunk_to_its_limit(at: Desk) -> None:
    at.messenger.limit = await _large_video(at) // 2
    await _until_shown(at)
    assert len(at.messenger.results()[0].files[0][1]) <= at.messenger.limit


async def test_a_platform_that_takes_less_than_it_said_gets_less(at: Desk) -> None:
    size = await _large_video(at)
    at.messenger.post_failures = [FileTooLarge("413")]
    await _until_shown(at)
    assert len(at.messenger.results()[0].files[0][1]) <= size * 0.7


async def test_a_video_that_can_not_be_made_small_enough_is_told_without_it(at: Desk) -> None:
    job = await at.ask_for()
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.limit = 200
    await at.settle()
    card = next(shown.card for shown in at.messenger.messages.values() if shown.card.title == "result:done")
    assert ("fits", "False") in [(row.name, row.value) for row in card.rows]
    assert (await _delivery(at, job))[0] == "posted"


async def test_what_a_platform_refused_at_its_own_limit_is_not_sent_again_at_that_size(at: Desk) -> None:
    """A step down from the size of the stored video would be the same file many times over."""
    at.messenger.limit = await _large_video(at) // 2
    at.messenger.post_failures = [FileTooLarge("413")]
    await _until_shown(at)
    assert len(at.messenger.results()[0].files[0][1]) <= at.messenger.limit * 0.7


def _damaged() -> bytes:
    """A video with a frame in its middle that can't be decoded."""
    whole = film(5, size=(320, 200), faststart=True)
    with av.open(io.BytesIO(whole)) as container:
        frame = container.streams.video[0].index_entries[12]
        return whole[: frame.pos] + bytes(frame.size) + whole[frame.pos + frame.size :]


async def test_a_video_that_breaks_when_it_is_shrunk_is_told_without_it(at: Desk) -> None:
    """It is stored and charged: its person hears of it, wherever it can be seen."""
    at.downloads.append(_damaged())
    job = await at.ask_for()
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.limit = len(_damaged()) // 3
    await at.settle()
    assert (await _delivery(at, job))[0] == "posted"


# what a result answers, and where it goes when its place is gone


async def test_a_result_answers_the_message_that_asked_else_the_status_card(at: Desk) -> None:
    job = await at.ask_for()
    await _until_shown(at)
    status = next(one for one in at.messenger.messages.values() if one.card.title.startswith("status"))
    assert at.messenger.results()[0].reply_to == status.ref.message
    at.messenger.messages.clear()
    at.providers["fake"].statuses = [DONE]
    other = await at.ask_for()
    await at.work.run(_asked_in, other, "message-7")
    await _until_shown(at)
    assert at.messenger.results()[0].reply_to == "message-7"
    assert job != other


def _asked_in(job: str, message: str) -> Script[None]:
    yield (
        "UPDATE ask SET message = :message WHERE id = (SELECT ask FROM job WHERE id = :job)",
        {"job": job, "message": message},
    )


async def _asked_for_by_ben(at: Desk) -> str:
    job = await at.ask_for()
    at.messenger.takes_direct = True
    return job


@pytest.mark.parametrize("gone", ["beforehand", "at the post"])
async def test_a_result_whose_place_is_gone_goes_to_its_person_with_a_word(at: Desk, gone: str) -> None:
    job = await _asked_for_by_ben(at)
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.can_post = gone == "at the post"
    at.messenger.post_failures = [PlaceGone("deleted")] if gone == "at the post" else []
    await _until_shown(at)
    (shown,) = at.messenger.results()
    assert shown.place.channel == "direct-ben"
    assert shown.reply_to is None, "what it answers is somewhere else"
    assert ("moved", "deleted" if gone == "at the post" else "gone") in [
        (row.name, row.value) for row in shown.card.rows
    ]
    assert (await _delivery(at, job))[0] == "posted"


async def test_a_result_moves_once(at: Desk) -> None:
    job = await _asked_for_by_ben(at)
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.post_failures = [PlaceGone("deleted"), PlaceGone("blocked")]
    await at.settle()
    assert (await _delivery(at, job))[0] == "gone"
    assert at.messenger.results() == []


async def test_a_crash_on_the_way_to_direct_messages_makes_one_message(at: Desk) -> None:
    job = await _asked_for_by_ben(at)
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.post_failures = [PlaceGone("deleted")]
    at.messenger.fail_after_posting = [TryLater("cut")]
    await at.settle()
    assert [shown.place.channel for shown in at.messenger.results()] == ["direct-ben"]
    assert (await _delivery(at, job))[0] == "posted"


async def test_direct_messages_that_are_away_are_waited_for(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await _asked_for_by_ben(at)
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.can_post = False
    direct, tries = at.messenger.direct, [TryLater("503")]

    async def away(actor: Actor) -> Place:
        if tries:
            raise tries.pop()
        return await direct(actor)

    monkeypatch.setattr(at.messenger, "direct", away)
    await _until_shown(at)
    assert at.messenger.results()[0].place.channel == "direct-ben"


async def test_a_result_is_not_given_up_where_something_else_breaks_on_the_way(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await _asked_for_by_ben(at)
    await at.until_state(job, JobState.DONE, deliveries=False)
    at.messenger.can_post = False

    async def broken(actor: Actor) -> Place:
        raise TypeError("a mistake of ours")

    monkeypatch.setattr(at.messenger, "direct", broken)
    with pytest.raises(TypeError, match="of ours"):
        await _until_shown(at)
    assert (await _delivery(at, job))[0] == "pending"


async def test_an_alert_has_no_other_place(at: Desk) -> None:
    job = await _asked_for_by_ben(at)
    await at.work.tell_operators(job, "overdue", seconds=1)
    at.messenger.post_failures = [PlaceGone("deleted")]
    await at.turn()
    rows = await at.work.database.read("SELECT state FROM delivery WHERE kind = 'alert'")
    assert [row["state"] for row in rows] == ["gone"]
