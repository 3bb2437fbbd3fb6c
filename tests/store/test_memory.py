import pytest

from bot.messaging import Memory as Protocol
from bot.store.database import Database
from bot.store.memory import Memory


@pytest.fixture
def memory(database: Database) -> Protocol:
    return Memory(database, "first")


async def test_what_was_put_comes_back_until_it_is_deleted(memory: Protocol) -> None:
    assert await memory.get("a") is None
    await memory.put("a", {"list": [1, None, "ü"], "deep": {"yes": True}})
    assert await memory.get("a") == {"list": [1, None, "ü"], "deep": {"yes": True}}
    await memory.put("a", {"new": 1})
    assert await memory.get("a") == {"new": 1}
    await memory.delete("a")
    await memory.delete("a")
    assert await memory.get("a") is None


async def test_add_keeps_what_stands(memory: Protocol) -> None:
    assert await memory.add("a", {"n": 1}) == {"n": 1}
    assert await memory.add("a", {"n": 2}) == {"n": 1}
    assert await memory.get("a") == {"n": 1}


async def test_scan_gives_the_keys_with_a_prefix_in_order_page_by_page(memory: Protocol) -> None:
    for name in ("b:2", "b:1", "b:3", "c:1", "a", "b"):
        await memory.put(name, {"name": name})
    assert [key for key, _ in await memory.scan("b:")] == ["b:1", "b:2", "b:3"]
    page = await memory.scan("b:", limit=2)
    assert page == [("b:1", {"name": "b:1"}), ("b:2", {"name": "b:2"})]
    assert [key for key, _ in await memory.scan("b:", after=page[-1][0], limit=2)] == ["b:3"]
    assert [key for key, _ in await memory.scan("")] == ["a", "b", "b:1", "b:2", "b:3", "c:1"]


async def test_a_prefix_is_taken_letter_by_letter(memory: Protocol) -> None:
    for name in ("50%", "50_", "500"):
        await memory.put(name, {})
    assert [key for key, _ in await memory.scan("50%")] == ["50%"]


async def test_an_adapter_sees_its_own_keys_only(database: Database, memory: Protocol) -> None:
    other = Memory(database, "second")
    await memory.put("a", {"mine": 1})
    assert await other.get("a") is None
    assert await other.scan("") == []
    await other.delete("a")
    await other.put("a", {"theirs": 1})
    assert await memory.get("a") == {"mine": 1}


@pytest.mark.parametrize("prefix", ["", "a:b", "a b"])
async def test_a_prefix_that_could_reach_into_another_is_refused(database: Database, prefix: str) -> None:
    with pytest.raises(ValueError, match=f"^{prefix}$"):
        Memory(database, prefix)
