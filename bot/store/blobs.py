"""Files by their hash, in a folder; no path leaves this module.

A file is written aside, flushed, and gets its name at once or not at all; its row in the database comes after that.
A file's time (mtime) is when it was put last, by the house's clock: a sweep never takes what has just come back.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from bot.clock import Clock
from bot.errors import BlobMissing, BlobTooLarge, StoreUnavailable
from bot.store.database import Database
from bot.store.folder import flush
from bot.store.ids import new_id
from bot.store.scripts import Script

PIECE = 256 * 1024  # bytes read or written at a time
STALE = 3_600_000  # ms after which an unfinished file belongs to a crash
MOST_AT_ONCE = 1_000  # rows that a sweep deletes in one script
HASH = re.compile(r"[0-9a-f]{64}")

PUT = """
INSERT INTO blob (sha256, size, owner, created_at) VALUES (:sha256, :size, :owner, :now)
ON CONFLICT (sha256) DO UPDATE SET created_at = excluded.created_at
"""
DELETE = "DELETE FROM blob WHERE sha256 = :sha256"
OLD = "SELECT sha256 FROM blob WHERE created_at < :before"
ALL = "SELECT sha256 FROM blob"


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file: its hash, which is its name, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took away: files, and their bytes."""

    files: int
    size: int


class Blobs:
    """Stored files. The same bytes are kept once, whoever puts them; what nothing needs any more goes with a sweep."""

    def __init__(self, folder: Path, database: Database, clock: Clock) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock
        self._naming = asyncio.Lock()  # names are given and taken away one at a time

    async def put(self, chunks: AsyncIterable[bytes], *, owner: str, limit: int | None = None) -> Blob:
        """Store a stream. Raises BlobTooLarge beyond `limit` bytes, StoreUnavailable where the disk says no."""
        with self._draft(limit) as draft:
            piece = bytearray()
            async for chunk in chunks:
                piece += chunk
                if len(piece) >= PIECE:
                    await asyncio.to_thread(draft.write, bytes(piece))
                    piece.clear()
            return await self._keep(draft, owner, bytes(piece))

    async def put_bytes(self, data: bytes, *, owner: str) -> Blob:
        """Store bytes at hand."""
        with self._draft(None) as draft:
            return await self._keep(draft, owner, data)

    async def put_file(self, write: Callable[[BinaryIO], object], *, owner: str, limit: int | None = None) -> Blob:
        """Store what `write` puts into the seekable file it gets; it runs in a thread, its errors come through."""
        with self._draft(limit) as draft:
            await asyncio.to_thread(draft.fill, write)
            return await self._keep(draft, owner, b"")

    def open(self, sha256: str) -> BinaryIO:
        """The file, to read from in a thread. Raises BlobMissing."""
        try:
            return self._place(sha256).open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(sha256=sha256) from error
        except OSError as error:
            raise StoreUnavailable(why=str(error.strerror)) from error

    async def read(self, sha256: str) -> bytes:
        """All of its bytes. Raises BlobMissing."""
        return b"".join([piece async for piece in self.stream(sha256)])

    async def size(self, sha256: str) -> int:
        """How many bytes it has. Raises BlobMissing."""
        with await asyncio.to_thread(self.open, sha256) as file:
            return os.fstat(file.fileno()).st_size

    async def stream(self, sha256: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Its bytes from `start` on, `length` of them at most, in pieces. Raises BlobMissing."""
        left = sys.maxsize if length is None else length
        file, piece = await asyncio.to_thread(self._opened, sha256, start, min(PIECE, left))
        with file:
            while piece:
                left -= len(piece)
                yield piece
                more = len(piece) == PIECE and left
                piece = await asyncio.to_thread(file.read, min(PIECE, left)) if more else b""

    async def delete(self, sha256: str) -> None:
        """Forget it; unknown is fine."""
        async with self._naming:
            await self._database.run(_forget, [sha256])
            with contextlib.suppress(BlobMissing), _disk():
                await asyncio.to_thread(self._place(sha256).unlink, missing_ok=True)

    async def sweep(self, keep: Callable[[], Script[Collection[str]]], older_than_ms: int) -> Swept:
        """Take away what is older and not among the hashes that the script `keep` lists, and what crashes left."""
        now = self._clock.now()
        async with self._naming:
            while await self._database.run(_forget_old, keep, now - older_than_ms) == MOST_AT_ONCE:
                pass
            known = {row["sha256"] for row in await self._database.read(ALL)}
            with _disk():
                await asyncio.to_thread(_clear, self._folder.glob("incoming/*"), set(), now - STALE)
                return await asyncio.to_thread(_clear, self._folder.glob("??/??/*"), known, now - older_than_ms)

    def _opened(self, sha256: str, start: int, most: int) -> tuple[BinaryIO, bytes]:
        """The file and its first piece."""
        file = self.open(sha256)
        file.seek(start)
        return file, file.read(most)

    def _place(self, sha256: str) -> Path:
        if not HASH.fullmatch(sha256):
            raise BlobMissing(sha256=sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _draft(self, limit: int | None) -> "_Draft":
        return _Draft(self._folder / "incoming" / new_id(self._clock), limit)

    async def _keep(self, draft: "_Draft", owner: str, rest: bytes) -> Blob:
        """Give what was written, and the rest of it, its name and its row."""
        now = self._clock.now()
        async with self._naming:
            blob = await asyncio.to_thread(self._finish, draft, rest, now)
            await self._database.run(_remember, blob, owner, now)
        return blob

    def _finish(self, draft: "_Draft", rest: bytes, now: int) -> Blob:
        draft.write(rest)
        blob = Blob(draft.hash.hexdigest(), draft.size)
        draft.move(self._place(blob.sha256), now)
        return blob


class _Draft:
    """A file on its way in, made with its first bytes; gone at the end of the `with` unless it was moved to its place.

    Where a thread outlives its cancelled caller, a sweep takes away what it leaves.
    """

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path = path
        self._limit = limit
        self._open: BinaryIO | None = None
        self.hash = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> "_Draft":
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            with contextlib.suppress(OSError):  # a full disk has its say in write and move
                self._open.close()
            self._path.unlink(missing_ok=True)

    @property
    def file(self) -> BinaryIO:
        """To be used in a thread, as everything here."""
        if self._open is None:
            with _disk():
                _make_folder(self._path.parent)
                self._open = cast(BinaryIO, self._path.open("x+b"))
        return self._open

    def write(self, data: bytes) -> None:
        """Append, and count."""
        self._count(data)
        with _disk():
            self.file.write(data)

    def fill(self, write: Callable[[BinaryIO], object]) -> None:
        """Have somebody else write, then count."""
        write(self.file)
        with _disk():
            self.file.seek(0)
            while piece := self.file.read(PIECE):
                self._count(piece)

    def move(self, place: Path, now: int) -> None:
        """Put the bytes safely on the disk, then under their name."""
        with _disk():
            self.file.flush()
            os.fsync(self.file.fileno())
            os.utime(self.file.fileno(), ns=(now * 1_000_000, now * 1_000_000))
            _make_folder(place.parent)
            self._path.replace(place)
            flush(place.parent)

    def _count(self, data: bytes) -> None:
        self.size += len(data)
        if self._limit is not None and self.size > self._limit:
            raise BlobTooLarge(limit=self._limit)
        self.hash.update(data)


def _remember(blob: Blob, owner: str, now: int) -> Script[None]:
    yield PUT, {"sha256": blob.sha256, "size": blob.size, "owner": owner, "now": now}


def _forget(hashes: Collection[str]) -> Script[None]:
    for sha256 in hashes:
        yield DELETE, {"sha256": sha256}


def _forget_old(keep: Callable[[], Script[Collection[str]]], before: int) -> Script[int]:
    needed = set((yield from keep()))
    old = yield OLD, {"before": before}
    unneeded = [row["sha256"] for row in old if row["sha256"] not in needed][:MOST_AT_ONCE]
    yield from _forget(unneeded)
    return len(unneeded)


def _clear(paths: Iterator[Path], known: Collection[str], before: int) -> Swept:
    """Delete the files that are not known and whose time is before `before` (ms), unless they are gone already."""
    files = size = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            facts = path.stat()
            if path.name not in known and facts.st_mtime_ns < before * 1_000_000:
                path.unlink()
                files, size = files + 1, size + facts.st_size
    return Swept(files, size)


def _make_folder(folder: Path) -> None:
    """Make it and the folders above it; each entry is on the disk before anything stands in it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    flush(folder.parent)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """What the file system says, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(why=str(error.strerror)) from error
