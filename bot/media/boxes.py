"""The boxes an MP4 is made of, read before any decoder sees them: is it whole, does it start fast, is it no bomb."""

import os
from dataclasses import dataclass
from typing import BinaryIO

from bot.errors import VideoBroken
from bot.media import sniff

MAX_SAMPLES = 50_000
"""Frames, or pieces of sound, a track may claim: a quarter of an hour."""

_MAX_INDEX = 32_000_000
_MAX_BOXES = 10_000
_HEADER = 8
_LONG_HEADER = 16
_FIRST = (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid")
_INDEXES = (b"moov", b"moof")
# A box that claims a number of samples, and where the number stands behind its name. A constant sample size or a run of
# defaults lets a few bytes claim four thousand million, each of which costs the demuxer 24 bytes of memory.
_COUNTS = ((b"stsz", 12), (b"stz2", 12), (b"trun", 8))
_COMPRESSED = b"cmov"


@dataclass(frozen=True, slots=True)
class Box:
    """A top-level box: its four-letter name, where it starts and how many bytes it has, header included."""

    name: bytes
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the boxes say: the file's bytes, and whether the index stands before the pictures."""

    bytes: int
    faststart: bool


def read(file: BinaryIO) -> Layout:
    """The layout of a whole MP4. Raises VideoBroken: `empty`, `not_a_video` (also for bombs) or `truncated`."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        raise VideoBroken("empty")
    file.seek(0)
    kind = sniff.kind(file.read(4_096))
    if kind not in ("MP4", "unknown"):
        raise VideoBroken("not_a_video", kind, "MP4")
    boxes = _walk(file, size)
    names = [box.name for box in boxes]
    if b"moov" not in names:
        raise VideoBroken("truncated" if names else "not_a_video", kind, "MP4")
    for box in boxes:
        if box.name in _INDEXES:
            _guard(file, box)
    return Layout(size, b"mdat" in names and names.index(b"moov") < names.index(b"mdat"))


def _walk(file: BinaryIO, size: int) -> list[Box]:
    """Every top-level box, in order; what can't be one ends the walk, as it does for players."""
    boxes: list[Box] = []
    start = 0
    while start < size and (box := _box(file, start, size)) and len(boxes) < _MAX_BOXES:
        if not boxes and box.name not in _FIRST:
            break
        boxes.append(box)
        start += box.size
        if start > size:
            raise VideoBroken("truncated", str(size), str(start))
    return boxes


def _box(file: BinaryIO, start: int, end: int) -> Box | None:
    """The box that starts there; None if nothing that could be one does."""
    file.seek(start)
    header = file.read(_LONG_HEADER)
    size, least = int.from_bytes(header[:4]), _HEADER
    if size == 1:
        size, least = int.from_bytes(header[8:16]), _LONG_HEADER
    elif size == 0:
        size = end - start
    name = header[4:8]
    return Box(name, start, size) if len(header) >= least <= size and name.isascii() and name.isalnum() else None


def _guard(file: BinaryIO, box: Box) -> None:
    """Refuse an index that would unfold into more memory than a video deserves."""
    if box.size > _MAX_INDEX:
        raise VideoBroken("not_a_video", str(box.size), str(_MAX_INDEX))
    file.seek(box.start)
    index = file.read(box.size)
    if _COMPRESSED in index:
        raise VideoBroken("not_a_video", "cmov", "MP4")
    for name, offset in _COUNTS:
        at = index.find(name)
        while at >= 0:
            claimed = int.from_bytes(index[at + offset : at + offset + 4])
            if claimed > MAX_SAMPLES:
                raise VideoBroken("not_a_video", str(claimed), str(MAX_SAMPLES))
            at = index.find(name, at + 4)
