import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest

from bot.net.unpack import PIECE, unpacked

WORDS = b"a red fox runs through snow; " * 40_000


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 1_000, 1_000_000])
@pytest.mark.parametrize("encoding", ["gzip", " GZIP ", "x-gzip", "deflate"])
async def test_a_known_packing_is_undone_however_it_was_cut(encoding: str, size: int) -> None:
    packed = zlib.compress(WORDS) if encoding == "deflate" else gzip.compress(WORDS)
    got = [piece async for piece in unpacked(pieces(packed, size), encoding)]
    assert b"".join(got) == WORDS
    assert 0 < min(map(len, got)) <= max(map(len, got)) <= PIECE


@pytest.mark.parametrize("encoding", ["", "identity", "br", "zstd", "gzip, gzip", "gzip, identity"])
async def test_anything_else_comes_as_it_is(encoding: str) -> None:
    packed = gzip.compress(WORDS)
    assert b"".join([piece async for piece in unpacked(pieces(packed, 1_000), encoding)]) == packed


async def test_the_first_piece_of_a_bomb_takes_no_more_room_than_a_piece() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        found = unpacked(pieces(bomb, len(bomb)), "gzip")
        assert len(await anext(found)) == PIECE
        assert tracemalloc.get_traced_memory()[1] < 4 * PIECE
    finally:
        tracemalloc.stop()
    await found.aclose()


async def test_what_follows_the_packed_bytes_is_dropped() -> None:
    got = [piece async for piece in unpacked(pieces(gzip.compress(b"fox") + b"and more", 5), "gzip")]
    assert b"".join(got) == b"fox"


async def test_no_bytes_at_all_are_nothing() -> None:
    assert [piece async for piece in unpacked(pieces(b"", 1), "gzip")] == []


async def test_damaged_bytes_are_told() -> None:
    with pytest.raises(zlib.error):
        [piece async for piece in unpacked(pieces(b"not packed at all", 5), "gzip")]
