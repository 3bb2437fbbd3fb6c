"""How long tasks took, read back from their rows now and then: what looks, cards and warnings go by."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.clock import Clock
from bot.jobs.schedule import UNKNOWN, Curve, learn
from bot.providers.base import Provider
from bot.providers.offers import Offer
from bot.store.database import Database
from bot.store.scripts import Script

_FRESH_MS = 60_000
_TEACHABLE = 30
"""Up to how many durations each new one is read back at once."""

_KINDS = "SELECT offer, length, COUNT(*) AS count, MAX(at) AS latest FROM duration GROUP BY offer, length"
_OF_KIND = "SELECT ms FROM duration WHERE offer = :offer AND length = :length"
_RUNNING = """
SELECT attempt.provider, COUNT(*) AS count FROM job JOIN attempt ON attempt.job = job.id
WHERE job.state = 'running' AND job.ended_at IS NULL AND attempt.outcome = 'accepted' GROUP BY attempt.provider
"""

Kind = tuple[str, int]
"""An offer's id, and the length of the clip in seconds."""


class _Known(NamedTuple):
    so_many: int
    latest: int
    curve: Curve


class Durations:
    """The curve of every kind of task, at most a minute old; the rows are the truth."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._kinds: Mapping[Kind, _Known] = {}
        self._running: Mapping[str, int] = {}
        self._read_again = 0

    async def refresh(self) -> None:
        """Read back what changed, where that was long ago. Raises StoreUnavailable."""
        now = self._clock.now()
        if 0 < self._read_again - now <= _FRESH_MS:
            return
        self._read_again = now + _FRESH_MS
        self._kinds, self._running = await self._database.view(_read, self._kinds)

    def added(self, offer: str, length: int) -> None:
        """A task of that kind has just ended: while little is known, that counts at once."""
        if len(self.curve(offer, length).seen) < _TEACHABLE:
            self._read_again = 0

    def curve(self, offer: str, length: int) -> Curve:
        """What is known of a kind."""
        known = self._kinds.get((offer, length))
        return known.curve if known else UNKNOWN

    def stretch(self, provider: Provider, curve: Curve) -> float:
        """How many times rarer looks must be, so that all who wait there don't look more often than it takes."""
        return max(1.0, self._running.get(provider.name, 0) * curve.rate / provider.looks_per_second)

    def usual(self, offer: str, length: int) -> tuple[int, int] | None:
        """Seconds within which half, and nine of ten, of a kind were done; None where too little is known."""
        return self.curve(offer, length).usual


def stated(offer: Offer | None, length: int) -> tuple[int, int]:
    """The range of seconds that an offer itself states; (0, 0) where there is none."""
    low, high = offer.usual if offer else (0, 0)
    return (low, high) if length == 5 else (low * 2, high * 2)


def _read(known: Mapping[Kind, _Known]) -> Script[tuple[dict[Kind, _Known], dict[str, int]]]:
    """Learns in the reader's thread: a curve costs some milliseconds."""
    kinds = {}
    for row in (yield _KINDS, {}):
        kind = str(row["offer"]), int(row["length"])
        now = _Known(row["count"], row["latest"], UNKNOWN)
        before = known.get(kind)
        if before is None or before[:2] != now[:2]:
            rows = yield _OF_KIND, {"offer": kind[0], "length": kind[1]}
            before = now._replace(curve=learn([row["ms"] / 1000 for row in rows]))
        kinds[kind] = before
    return kinds, {row["provider"]: int(row["count"]) for row in (yield _RUNNING, {})}
