import asyncio
import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from bot.errors import BlobMissing, BlobTooLarge, StoreUnavailable
from bot.store.blobs import PIECE, Blob, Blobs, Swept
from bot.store.database import Database
from bot.store.scripts import Script
from tests.support.clock import FakeClock

DAY = 86_400_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(folder: Path, database: Database, clock: FakeClock) -> Blobs:
    return Blobs(folder, database, clock)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def nothing() -> Script[set[str]]:
    yield from ()
    return set()


def only(*hashes: str) -> Callable[[], Script[set[str]]]:
    def keep() -> Script[set[str]]:
        yield from ()
        return set(hashes)

    return keep


async def test_a_stream_is_stored_under_its_hash(blobs: Blobs, folder: Path, database: Database) -> None:
    data = b"a" * PIECE + b"bcd"
    blob = await blobs.put(chunks(data[:7], b"", data[7:]), owner="job")
    digest = hashlib.sha256(data).hexdigest()
    assert blob == Blob(sha256=digest, size=PIECE + 3)
    assert files(folder) == [f"{digest[:2]}/{digest[2:4]}/{digest}"]
    assert await blobs.read(digest) == data
    (row,) = await database.read("SELECT size, owner FROM blob")
    assert (row["size"], row["owner"]) == (PIECE + 3, "job")


async def test_bytes_and_files_are_stored_like_streams(blobs: Blobs) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"?bc")
        file.seek(0)  # as one does who writes a video
        file.write(b"a")

    blob = await blobs.put_bytes(b"abc", owner="x")
    assert await blobs.put_file(write, owner="x") == blob
    assert await blobs.put(chunks(b"abc"), owner="x") == blob


async def test_nothing_at_all_is_a_blob_too(blobs: Blobs) -> None:
    blob = await blobs.put(chunks(), owner="x")
    assert blob.size == 0
    assert await blobs.read(blob.sha256) == b""


async def test_the_same_bytes_are_kept_once(blobs: Blobs, folder: Path, database: Database) -> None:
    for owner in ("first", "second"):
        await blobs.put_bytes(b"abc", owner=owner)
    assert len(files(folder)) == 1
    assert len(await database.read("SELECT sha256 FROM blob")) == 1


@pytest.mark.parametrize("limit", [3, 4])
async def test_as_much_as_the_limit_is_taken(blobs: Blobs, limit: int) -> None:
    assert (await blobs.put(chunks(b"ab", b"c"), owner="x", limit=limit)).size == 3


async def test_beyond_the_limit_nothing_stays(blobs: Blobs, folder: Path, database: Database) -> None:
    read = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(True)
            yield b"x" * PIECE

    with pytest.raises(BlobTooLarge) as caught:
        await blobs.put(endless(), owner="x", limit=3 * PIECE)
    with pytest.raises(BlobTooLarge):
        await blobs.put_file(lambda file: file.write(b"xx"), owner="x", limit=1)
    assert caught.value.limit == 3 * PIECE
    assert len(read) == 4
    assert files(folder) == []
    assert await database.read("SELECT sha256 FROM blob") == []


async def test_a_source_that_fails_leaves_nothing(blobs: Blobs, folder: Path) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    def broken(file: BinaryIO) -> None:
        file.write(b"half")
        raise ValueError("mine")

    with pytest.raises(ConnectionError):
        await blobs.put(cut(), owner="x")
    with pytest.raises(ValueError, match="mine"):
        await blobs.put_file(broken, owner="x")
    assert files(folder) == []


async def test_a_caller_that_goes_away_leaves_nothing(blobs: Blobs, folder: Path) -> None:
    half = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * PIECE
        half.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(blobs.put(slow(), owner="x"))
    await half.wait()
    assert len(files(folder)) == 1
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert files(folder) == []


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
async def test_a_disk_that_says_no_is_unavailable(
    blobs: Blobs, folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(call, full)
    with pytest.raises(StoreUnavailable, match="No space"):
        await blobs.put_bytes(b"abc", owner="x")
    assert files(folder) == []
    assert await database.read("SELECT sha256 FROM blob") == []


async def test_a_part_of_a_file_is_streamed_in_pieces(blobs: Blobs) -> None:
    data = bytes(range(256)) * (PIECE // 128)
    blob = await blobs.put_bytes(data, owner="x")
    pieces = [piece async for piece in blobs.stream(blob.sha256)]
    assert [len(piece) for piece in pieces] == [PIECE, PIECE]
    assert b"".join(pieces) == data
    assert [piece async for piece in blobs.stream(blob.sha256, 5, 3)] == [data[5:8]]
    assert [piece async for piece in blobs.stream(blob.sha256, len(data) - 2)] == [data[-2:]]
    assert [piece async for piece in blobs.stream(blob.sha256, 5, 0)] == []
    assert [piece async for piece in blobs.stream(blob.sha256, len(data) + 1)] == []


async def test_a_file_is_opened_for_reading_and_measured(blobs: Blobs) -> None:
    blob = await blobs.put_bytes(b"abc", owner="x")
    with blobs.open(blob.sha256) as file:
        assert file.read(2) == b"ab"
        assert not file.writable()
    assert await blobs.size(blob.sha256) == 3


@pytest.mark.parametrize(
    "sha256", ["0" * 64, "", "A" * 64, "0" * 63, "0" * 65, "../../../etc/passwd", "0" * 64 + "\n", "/" * 64, "ab/cd"]
)
async def test_what_is_no_hash_of_ours_is_missing(blobs: Blobs, tmp_path: Path, sha256: str) -> None:
    with pytest.raises(BlobMissing):
        blobs.open(sha256)
    for reading in (blobs.read(sha256), blobs.size(sha256)):
        with pytest.raises(BlobMissing):
            await reading
    await blobs.delete(sha256)


async def test_deleted_is_gone_with_its_row(blobs: Blobs, folder: Path, database: Database) -> None:
    blob = await blobs.put_bytes(b"abc", owner="x")
    await blobs.delete(blob.sha256)
    await blobs.delete(blob.sha256)
    with pytest.raises(BlobMissing):
        await blobs.read(blob.sha256)
    assert files(folder) == []
    assert await database.read("SELECT sha256 FROM blob") == []


async def test_a_sweep_takes_what_is_old_and_not_needed(blobs: Blobs, clock: FakeClock) -> None:
    needed, old = [(await blobs.put_bytes(data, owner="x")).sha256 for data in (b"needed", b"old")]
    clock.advance(30 * 86_400)
    fresh = (await blobs.put_bytes(b"fresh", owner="x")).sha256
    assert await blobs.sweep(only(needed), 30 * DAY) == Swept(files=0, size=0)
    clock.advance(1)
    assert await blobs.sweep(only(needed), 30 * DAY) == Swept(files=1, size=3)
    assert await blobs.read(needed) == b"needed"
    assert await blobs.read(fresh) == b"fresh"
    with pytest.raises(BlobMissing):
        await blobs.read(old)


async def test_a_sweep_goes_through_more_than_one_script_can_take(
    blobs: Blobs, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.blobs.MOST_AT_ONCE", 2)
    for number in range(5):
        await blobs.put_bytes(bytes([number]), owner="x")
    clock.advance(10)
    assert (await blobs.sweep(nothing, 1_000)).files == 5


async def test_what_is_put_again_counts_as_new(blobs: Blobs, clock: FakeClock) -> None:
    await blobs.put_bytes(b"abc", owner="x")
    clock.advance(100)
    blob = await blobs.put_bytes(b"abc", owner="x")
    clock.advance(1)
    assert (await blobs.sweep(nothing, 2_000)).files == 0
    assert await blobs.read(blob.sha256) == b"abc"


async def test_a_sweep_takes_what_crashes_left_after_an_hour(blobs: Blobs, folder: Path, clock: FakeClock) -> None:
    stray = await blobs.put_bytes(b"named, but its row was never written", owner="x")
    await blobs._database.run(forget_row, stray.sha256)
    partial = folder / "incoming" / "0123"
    partial.write_bytes(b"half")
    os.utime(partial, ns=(clock.now() * 1_000_000,) * 2)
    clock.advance(3_600)
    await blobs.sweep(nothing, 2 * 3_600_000)
    assert len(files(folder)) == 2
    clock.advance(3_601)
    await blobs.sweep(nothing, 2 * 3_600_000)
    assert files(folder) == []


def forget_row(sha256: str) -> Script[None]:
    yield "DELETE FROM blob WHERE sha256 = :sha256", {"sha256": sha256}


async def test_a_file_that_is_finished_during_a_sweep_does_not_break_it(
    blobs: Blobs, folder: Path, clock: FakeClock
) -> None:
    (folder / "incoming").mkdir(parents=True)
    for name in ("a", "b", "c"):
        (folder / "incoming" / name).symlink_to(folder / "no-longer-there")  # listed, and then not found
    old = await blobs.put_bytes(b"old", owner="p")
    clock.advance(2 * DAY / 1000)
    assert await blobs.sweep(nothing, DAY) == Swept(1, old.size)


async def test_a_file_that_comes_back_during_a_sweep_stays(
    blobs: Blobs, folder: Path, clock: FakeClock, database: Database
) -> None:
    blob = await blobs.put_bytes(b"abc", owner="x")
    clock.advance(100)
    await asyncio.gather(*(blobs.put_bytes(b"abc", owner="x") for _ in range(3)), blobs.sweep(nothing, 1_000))
    assert await blobs.read(blob.sha256) == b"abc"
    assert len(await database.read("SELECT sha256 FROM blob")) == 1
