"""The items of a still picture in an ISO file (HEIC, AVIF): which there are, what belongs to which, where bytes lie.

A reader of ISO/IEC 23008-12 as far as phones, cameras and browsers write it. It reads numbers and decodes nothing;
whatever isn't as it should be is a ValueError. Limits keep a small file from unfolding into much work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Property = tuple[bytes, bytes]
"""A four-letter name and the bytes that go with it: a box, or an item's property, which is one."""

MAX_ITEMS = 2_000
"""A 50-megapixel picture of a phone has about two hundred tiles, and as many again for its gain map."""

_MAX_META = 2_000_000
_MAX_BOXES = 5_000
_MAX_ASSOCIATIONS = 20_000
_MAX_EXTENTS = 32


class Cursor:
    """Bytes read from front to back; reading over the end is a ValueError."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        """The next bytes."""
        end = self._at + count
        if end > len(self._data):
            raise ValueError("cut off")
        piece, self._at = self._data[self._at : end], end
        return piece

    def number(self, count: int) -> int:
        """The next bytes as an unsigned number; none of them are 0."""
        return int.from_bytes(self.take(count))

    def version(self) -> tuple[int, int]:
        """The version and flags that a full box begins with."""
        return self.number(1), self.number(3)

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(len(self._data) - self._at)


def boxes(data: bytes) -> Iterator[Property]:
    """Names and contents of the boxes that fill these bytes."""
    return ((name, data[start:end]) for name, start, end in _spans(data))


def _spans(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Names of the boxes that fill these bytes, and where the content of each begins and ends."""
    at = 0
    for _ in range(_MAX_BOXES):
        if at >= len(data):
            return
        size, name, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16]), at + 16
        end = len(data) if size == 0 else at + size
        if not start <= end <= len(data):
            raise ValueError("a box that reaches beyond its end")
        yield name, start, end
        at = end
    raise ValueError("too many boxes")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item's bytes are: pieces of the file, or of the block inside the index."""

    inside: bool
    extents: Sequence[tuple[int, int]]


class Items:
    """The items of one file, by their numbers. `bytes` of the file; `moves` where it holds a film as well."""

    def __init__(self, data: bytes) -> None:
        self._data, self.bytes = data, len(data)
        top = {name: (start, end) for name, start, end in _outermost(data)}
        start, end = top[b"meta"]
        if end - start > _MAX_META:
            raise ValueError("too large an index")
        self.moves = b"moov" in top
        parts = dict(boxes(data[start + 4 : end]))
        self.primary = _primary(parts[b"pitm"])
        self._idat = parts.get(b"idat", b"")
        self._kinds = _kinds(parts[b"iinf"])
        self._places = _places(parts[b"iloc"])
        self._properties = _properties(parts[b"iprp"])
        self._references = list(_references(parts[b"iref"])) if b"iref" in parts else []

    def kind(self, item: int) -> bytes:
        """What an item is, such as `hvc1`, `av01` or `grid`."""
        return self._kinds[item]

    def properties(self, item: int) -> Sequence[Property]:
        """An item's properties, in the order in which they apply."""
        return self._properties.get(item, ())

    def property(self, item: int, name: bytes) -> bytes | None:
        """The first property of that name."""
        return next((content for found, content in self.properties(item) if found == name), None)

    def made_of(self, item: int) -> tuple[int, ...]:
        """The items that a derived one is put together from, in order."""
        return next((to for kind, start, to in self._references if kind == b"dimg" and start == item), ())

    def helpers(self, item: int) -> Iterator[int]:
        """Items that go with that one, such as its transparency."""
        return (start for kind, start, to in self._references if kind == b"auxl" and item in to)

    def size(self, item: int) -> int:
        """How many bytes an item has."""
        return sum(length for _, length in self._places[item].extents)

    def data(self, item: int) -> bytes:
        """An item's bytes."""
        place = self._places[item]
        source = self._idat if place.inside else self._data
        pieces = []
        for start, length in place.extents:
            if not 0 < length <= len(source) - start:
                raise ValueError("an item that reaches beyond the file")
            pieces.append(source[start : start + length])
        return b"".join(pieces)


def _outermost(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of the file; one that is cut off ends the walk, and whose bytes are missing is found out later."""
    try:
        yield from _spans(data)
    except ValueError:
        return


def _primary(box: bytes) -> int:
    read = Cursor(box)
    version, _ = read.version()
    return read.number(4 if version else 2)


def _kinds(box: bytes) -> Mapping[int, bytes]:
    read = Cursor(box)
    version, _ = read.version()
    read.number(4 if version else 2)
    kinds = {}
    for name, content in boxes(read.rest()):
        entry = Cursor(content)
        version, _ = entry.version()
        if name == b"infe" and version >= 2:
            item = entry.number(4 if version > 2 else 2)
            entry.number(2)
            kinds[item] = entry.take(4)
        if len(kinds) > MAX_ITEMS:
            raise ValueError("too many items")
    return kinds


def _places(box: bytes) -> Mapping[int, _Place]:
    read = Cursor(box)
    version, _ = read.version()
    sizes = read.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    places = {}
    for _ in range(min(read.number(4 if version > 1 else 2), MAX_ITEMS)):
        item = read.number(4 if version > 1 else 2)
        method = read.number(2) & 15 if version else 0
        if read.number(2) or method > 1:
            raise ValueError("bytes that lie elsewhere")
        start, count = read.number(base), read.number(2)
        if count > _MAX_EXTENTS:
            raise ValueError("too many pieces")
        extents = []
        for _ in range(count):
            read.number(index if version else 0)
            extents.append((start + read.number(offset), read.number(length)))
        places[item] = _Place(method == 1, extents)
    return places


def _properties(box: bytes) -> Mapping[int, Sequence[Property]]:
    shared: list[Property] = []
    owned: dict[int, list[Property]] = {}
    entries = 0
    for name, content in boxes(box):
        if name == b"ipco":
            shared += boxes(content)
        elif name == b"ipma":
            for item, index in _associations(content):
                entries += 1
                if entries > _MAX_ASSOCIATIONS:
                    raise ValueError("too many properties")
                if index:
                    owned.setdefault(item, []).append(shared[index - 1])
    return owned


def _associations(box: bytes) -> Iterator[tuple[int, int]]:
    """Pairs of an item and the number of a property, from 1."""
    read = Cursor(box)
    version, flags = read.version()
    for _ in range(read.number(4)):
        item = read.number(4 if version else 2)
        for _ in range(read.number(1)):
            yield item, read.number(2) & 0x7FFF if flags & 1 else read.number(1) & 0x7F


def _references(box: bytes) -> Iterator[tuple[bytes, int, tuple[int, ...]]]:
    """What an item refers to: the reference's kind, the item, the items referred to."""
    read = Cursor(box)
    version, _ = read.version()
    width = 4 if version else 2
    for count, (kind, content) in enumerate(boxes(read.rest())):
        if count > MAX_ITEMS:
            raise ValueError("too many references")
        entry = Cursor(content)
        start = entry.number(width)
        yield kind, start, tuple(entry.number(width) for _ in range(entry.number(2)))
