import asyncio
import time

from bot.messaging.inbox import Inbox
from bot.messaging.protocols import Json
from tests.support.memory import FakeMemory


class Hearing:
    """Keeps what it is handed, and breaks at what says so."""

    def __init__(self) -> None:
        self.heard: list[Json] = []

    async def hear(self, told: Json) -> None:
        self.heard.append(told)
        if told.get("broken"):
            raise RuntimeError("broken")


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_comes_again_is_handled_once_and_what_is_fleeting_is_not_stored() -> None:
    memory, one = FakeMemory(), Hearing()
    inbox = Inbox(memory, one.hear)
    for _ in range(3):
        await inbox.take("k", {"text": "fox", "answer": "https://x"}, fleeting=("answer",))
    assert "https://x" not in str(memory.rows)
    await settled()
    assert one.heard == [{"text": "fox", "answer": "https://x"}]


async def test_what_was_left_is_resumed_and_what_is_done_is_not() -> None:
    memory, one = FakeMemory(), Hearing()
    await memory.put("inbox:left", {"by": "x", "told": {"text": "left"}})
    await memory.put("inbox:done", {"done": time.time()})
    inbox = Inbox(memory, one.hear)
    await inbox.resume()
    await settled()
    assert one.heard == [{"text": "left"}]
    await inbox.stop()


async def test_what_breaks_ends_nothing_else() -> None:
    one = Hearing()
    inbox = Inbox(FakeMemory(), one.hear)
    await inbox.take("a", {"broken": True})
    await inbox.take("b", {"text": "fox"})
    await settled()
    assert len(one.heard) == 2


async def test_what_was_done_a_day_ago_is_forgotten_with_its_kin() -> None:
    memory, old = FakeMemory(), time.time() - 90_000
    for key, row in {
        "inbox:old": {"done": old}, "inbox:new": {"done": time.time()}, "post:old": {"done": old},
        "post:open": {"at": old}, "else:old": {"done": old},
    }.items():  # fmt: skip
        await memory.put(key, row)
    inbox = Inbox(memory, Hearing().hear, also=("post:",))
    await inbox.resume()
    await settled()
    await inbox.stop()
    assert set(memory.rows) == {"inbox:new", "post:open", "else:old"}


async def test_what_is_stopped_midway_stays_stored() -> None:
    memory = FakeMemory()

    async def hang(_: Json) -> None:
        await asyncio.sleep(60)

    inbox = Inbox(memory, hang)
    await inbox.take("k", {"text": "fox"})
    await settled()
    await inbox.stop()
    row = await memory.get("inbox:k")
    assert row is not None
    assert row["told"] == {"text": "fox"}
