"""Packed answers, unpacked piece by piece, so that no few bytes become gigabytes before anybody counts them.

Nobody here asks for packing (`bot.net.door`), and some pack all the same. httpx would unpack each piece of an answer
whole, and one that says it is packed twice twice: 800 bytes to 400 MB.
"""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

PIECE = 256 * 1024
"""Most bytes handed on at a time."""

_PACKINGS = frozenset(("gzip", "x-gzip", "deflate"))
_GZIP_OR_ZLIB = 47  # zlib's word for: find out which from the header


async def unpacked(pieces: AsyncIterator[bytes], encoding: str) -> AsyncGenerator[bytes, None]:
    """The bytes of an answer with that `Content-Encoding`, in pieces that are never empty.

    Packings that aren't known, and several on top of each other, come as they are. Raises zlib.error.
    """
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB) if encoding.strip().lower() in _PACKINGS else None
    async for piece in pieces:
        if unpacker is None:
            yield piece
            continue
        packed = piece
        while packed and not unpacker.eof:
            if some := unpacker.decompress(packed, PIECE):
                yield some
            packed = unpacker.unconsumed_tail
    if unpacker is not None and (rest := unpacker.flush()):
        yield rest
