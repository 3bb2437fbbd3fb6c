"""A blob store in memory, as `bot.server` and adapters see it."""

import hashlib
import io
from collections.abc import AsyncIterator
from typing import BinaryIO, NamedTuple

from bot.errors import BlobMissing


class Kept(NamedTuple):
    """What a put answers with."""

    sha256: str


class FakeBlobs:
    """Implements `bot.server.Blobs`, and `Files` of the page."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken_after: int | None = None

    def keep(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.kept[sha256] = data
        return sha256

    async def put_bytes(self, data: bytes, *, owner: str) -> Kept:
        return Kept(self.keep(data))

    def open(self, sha256: str) -> BinaryIO:
        if sha256 not in self.kept:
            raise BlobMissing(sha256)
        return io.BytesIO(self.kept[sha256])

    async def stream(self, sha256: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        data = self.open(sha256).read()[start:]
        wanted = data if length is None else data[:length]
        for at in range(0, len(wanted), 1_000):
            if self.broken_after is not None and at >= self.broken_after:
                raise BlobMissing(sha256)
            yield wanted[at : at + 1_000]
