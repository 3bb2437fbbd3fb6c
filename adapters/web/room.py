"""How much may be on its way in at once: pictures are read into memory, and memory has an end."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.web.forms import Refused

MOST_ASKS = 32
"""Asks being read or answered at once."""
MOST_BYTES = 256 * 1024 * 1024
"""Bytes of pictures in memory at once, everybody's together; one ask of the largest kind has 150 MB."""


class Share:
    """What one ask has taken of the room so far, in bytes."""

    def __init__(self, room: "Room") -> None:
        self._room = room
        self.size = 0

    def take(self, size: int) -> None:
        """Take so many bytes more. Raises Refused where there is no room for them now."""
        if self._room.taken + size > self._room.most_bytes:
            raise Refused("busy", 503)
        self._room.taken += size
        self.size += size


class Room:
    """Counts asks and their bytes; whoever finds no room is told so at once and may come again."""

    def __init__(self, *, most_asks: int = MOST_ASKS, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.taken = 0
        self._most_asks = most_asks
        self._asks = 0

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Room for one ask, until its answer is there. Raises Refused where there are too many."""
        if self._asks >= self._most_asks:
            raise Refused("busy", 503)
        self._asks += 1
        share = Share(self)
        try:
            yield share
        finally:
            self._asks -= 1
            self.taken -= share.size
