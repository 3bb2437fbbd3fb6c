"""Things that happen in between: a process that dies in the middle of an ask, a word that overtakes another."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.jobs import asks
from tests.support.front import Front


def break_once(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a transaction script of the asks fail the next time, as if the process died there."""
    whole = getattr(asks, script)

    def broken(*_: Any, **__: Any) -> Any:
        monkeypatch.setattr(asks, script, whole)
        raise RuntimeError("power cut")

    monkeypatch.setattr(asks, script, broken)


def after_reading(house: Front, monkeypatch: pytest.MonkeyPatch, then: Callable[[], Awaitable[object]]) -> None:
    """Let something happen right after the next look at an ask's row."""
    database = house.house.database
    view, read = database.view, database.read

    async def interrupted(answer: Any) -> Any:
        monkeypatch.setattr(database, "view", view)
        monkeypatch.setattr(database, "read", read)
        await then()
        return answer

    async def viewed(script: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await view(script, *args, **kwargs)
        return await interrupted(answer) if script is asks.find_ask else answer

    async def was_read(sql: str, params: Any = None) -> Any:
        answer = await read(sql, params)
        return await interrupted(answer) if "FROM ask WHERE key" in sql else answer

    monkeypatch.setattr(database, "view", viewed)
    monkeypatch.setattr(database, "read", was_read)
