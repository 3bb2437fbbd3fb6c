"""What notices show: each kind is made by one function, from the notice's facts and the rows that they are about."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import NotFound
from bot.jobs.notices import Notice
from bot.jobs.reads import Reader
from bot.store.blobs import Blobs
from bot.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a notice is made from. Money as in `house.Policy`."""

    database: Database
    reader: Reader
    blobs: Blobs
    credit_microusd: int
    ceiling_microusd: int


Announcer = Callable[[Sources, Mapping[str, Any], int], Awaitable[Notice]]
"""Makes one kind of notice, of its facts, at a time (ms)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """Implements `jobs.notices.Announce` with the announcers of a table."""

    sources: Sources
    announcers: Mapping[str, Announcer]

    async def __call__(self, facts: Mapping[str, Any], now: int) -> Notice:
        """What the notice shows now. Raises NotFound for a kind that isn't known any more."""
        kind = str(facts.get("kind", ""))
        announcer = self.announcers.get(kind)
        if announcer is None:
            raise NotFound("notice", kind)
        return await announcer(self.sources, facts, now)
