import asyncio

import pytest

from adapters.web.board import PAGE, Board
from adapters.web.hub import Hub
from adapters.web.messages import is_message_id, new_id, of, row_key
from bot.messaging import Card
from tests.support.clock import START, FakeClock
from tests.support.memory import FakeMemory


def made(memory: FakeMemory | None = None, clock: FakeClock | None = None) -> Board:
    return Board(memory or FakeMemory(), Hub(), lambda sha256, name: "", (clock or FakeClock()).now)


async def test_history_comes_in_pages_newest_first_and_none_is_missed() -> None:
    board = made()
    ids = [(await board.put(f"k{number}", "general", text=str(number))).id for number in range(PAGE + 5)]
    newest, before = await board.page("general", "ana")
    assert [message.id for message in newest] == ids[5:]
    assert before == ids[5]
    oldest, nothing = await board.page("general", "ana", before)
    assert [message.id for message in oldest] == ids[:5]
    assert nothing is None


async def test_a_reply_brings_the_beginning_of_its_thread_along() -> None:
    board = made()
    root = await board.put("root", "general", text="root")
    for number in range(PAGE):
        await board.put(f"k{number}", "general", text="other")
    await board.put("reply", "general", text="reply", thread=root.id)
    messages, _ = await board.page("general", "ana")
    assert messages[0].id == root.id


async def test_a_private_beginning_is_not_brought_along_for_others() -> None:
    board = made()
    root = await board.put("root", "general", text="root", only_for="ana")
    for number in range(PAGE):
        await board.put(f"k{number}", "general", text="other")
    await board.put("reply", "general", text="reply", thread=root.id)
    messages, _ = await board.page("general", "ben")
    assert root.id not in {message.id for message in messages}


async def test_channels_are_apart() -> None:
    board = made()
    await board.put("k", "general", text="here")
    assert (await board.page("ideas", "ana"))[0] == []


async def test_old_messages_are_forgotten_with_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.board.MOST", 150)
    monkeypatch.setattr("adapters.web.board.LOOK_EVERY", 1)
    memory = FakeMemory()
    board = made(memory)
    await board.put("elsewhere", "ideas", text="stays")
    ids = [(await board.put(f"k{number}", "general", text=str(number))).id for number in range(260)]
    newest, before = await board.page("general", "ana")
    older, nothing = await board.page("general", "ana", before)
    assert [message.id for message in (*older, *newest)] == ids[-150:]
    assert (nothing, len(memory.rows)) == (None, 2 * 151)
    assert await board.edit("general", ids[0], Card(title="late")) is None


async def test_a_look_at_what_is_too_old_is_rare_and_does_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.board.MOST", 100)
    monkeypatch.setattr("adapters.web.board.LOOK_EVERY", 16)
    memory = FakeMemory()
    board = made(memory)
    for number in range(400):
        await board.put(f"k{number}", "general")
    assert 200 <= len(memory.rows) < 500


async def test_messages_of_the_same_moment_keep_their_order() -> None:
    board = made()
    ids = [(await board.put(f"k{number}", "general")).id for number in range(50)]
    assert ids == sorted(ids)


async def test_edits_that_come_at_once_all_count() -> None:
    board = made()
    message = await board.put("k", "general", card={})
    await asyncio.gather(*(board.edit("general", message.id, Card(title=str(number))) for number in range(20)))
    latest = await board.get("general", message.id)
    assert latest is not None
    assert latest.version == 20


async def test_an_edit_never_brings_back_what_was_taken_away() -> None:
    board = made()
    message = await board.put("k", "general", card={})
    edits = [board.edit("general", message.id, Card(title="x")) for _ in range(5)]
    await asyncio.gather(board.remove("general", message.id), *edits)
    assert (await board.page("general", "ana"))[0] == []


def test_ids_sort_by_time_and_have_their_form() -> None:
    first, second = new_id(START, "a"), new_id(START + 1, "a")
    assert first < second
    assert is_message_id(first)
    assert row_key("general", first) > row_key("general", second)


@pytest.mark.parametrize(
    "text", ["", "1", "1763640000000ABCDEFABCDEF", "1763640000000abcdefabcdef\n", "../general/1763640000000"]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_message_id(text)
    with pytest.raises(ValueError, match=r"^"):
        row_key("general", text)


def test_a_message_of_another_version_of_klingbot_can_be_read() -> None:
    message = of({"id": "1763640000000abcdefabcdef", "channel": "general", "text": "hi", "mood": "good"})
    assert (message.text, message.thumbs, message.card) == ("hi", (), None)
