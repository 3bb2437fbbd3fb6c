"""What a platform said a moment ago: a crowd of asks makes one call, and the answer is believed for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

Said = TypeVar("Said")

BELIEVED = 60.0
"""Seconds."""
SHORTLY = 5.0
"""The same for what is said of people: the house believes it for the rest of a minute."""
_MOST_KEPT = 2_000


class Lately:
    """Answers by key. Who asks while a call is under way gets its answer; after one that failed the next asks anew."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._told: dict[tuple[str, ...], tuple[float, asyncio.Future[Any]]] = {}

    async def said(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Said]], believed: float = BELIEVED) -> Said:
        """What was said within that many seconds, or is said now. Raises what the call raises."""
        at, answer = self._told.get(key, (0.0, None))
        if answer is None or self._now() - at > believed:
            self._told = {} if len(self._told) >= _MOST_KEPT else self._told
            answer = asyncio.ensure_future(ask())
            self._told[key] = (self._now(), answer)
            answer.add_done_callback(partial(self._ended, key))
        found: Said = await asyncio.shield(answer)  # whoever gives up waiting doesn't end it for the others
        return found

    def _ended(self, key: tuple[str, ...], answer: asyncio.Future[Any]) -> None:
        failed = answer.cancelled() or answer.exception() is not None
        if failed and self._told.get(key, (0.0, None))[1] is answer:
            del self._told[key]
