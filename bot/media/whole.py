"""Whether a picture's file is all there, told by its outer structure, in milliseconds, before any decoder starts."""

import re
import zlib

_STARTS_SCAN, _ENDS = 0xDA, 0xD9
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # JPEG markers that nothing follows
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_MARKER = re.compile(rb"\xff+[^\x00\xff]")
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_MAX_BLOCKS = 200_000


def jpeg_scans(data: bytes) -> int:
    """How many scans a JPEG has up to its end, whatever follows. Raises ValueError where the end is missing."""
    at, scans = 2, 0
    while (found := _MARKER.match(data, at)) is not None:
        marker, at = data[found.end() - 1], found.end()
        if marker == _ENDS and scans:
            return scans
        if marker not in _ALONE:
            at += int.from_bytes(data[at : at + 2])
        if marker == _STARTS_SCAN:
            scans += 1
            after = _AFTER_SCAN.search(data, at)
            at = after.start() if after else len(data)
    raise ValueError("cut off")


def png_without_texts(data: bytes) -> bytes:
    """A PNG up to its end without its texts, which may unfold into anything.

    Raises ValueError where the end is missing, or something it can't do without isn't as it was written.
    """
    view = memoryview(data)
    kept, at = [view[:8]], 8
    for _ in range(_MAX_BLOCKS):
        name, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4])
        if len(name) < 4 or end > len(data):
            break
        if name[:1].isupper() and zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            break
        if name not in _TEXTS:
            kept.append(view[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    raise ValueError("cut off")


def check_webp(data: bytes) -> None:
    """Raise ValueError where a WebP has fewer bytes than it says."""
    if len(data) < int.from_bytes(data[4:8], "little") + 8:
        raise ValueError("cut off")


def check_gif(data: bytes) -> None:
    """Raise ValueError unless the first frame of a GIF is all there."""
    at = 13 + _colours(data[10:11])
    while data[at : at + 1] == b"!":
        at = _blocks_end(data, at + 2)
    if data[at : at + 1] != b",":
        raise ValueError("no frame")
    _blocks_end(data, at + 11 + _colours(data[at + 9 : at + 10]))


def _colours(flags: bytes) -> int:
    """Bytes of the table of colours that a flag byte announces."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Where a run of blocks ends that begins there."""
    for _ in range(_MAX_BLOCKS):
        if at >= len(data):
            break
        if not data[at]:
            return at + 1
        at += data[at] + 1
    raise ValueError("cut off")
