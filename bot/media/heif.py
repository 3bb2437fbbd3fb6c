"""HEIC and AVIF as Pillow pictures: items are read here, their tiles decoded by the decoders that videos use as well.

Pillow's own AVIF decoder isn't asked: it allocates what the coded data say, however small the index claims to be. Here
every decoder is told how many pixels it may make, and a phone's grid of tiles is put together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from PIL import Image
from PIL.Image import Transpose
from PIL.ImageFile import ImageFile

from bot.media.frames import Size, picture
from bot.media.items import Cursor, Items

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

Box = tuple[int, int, int, int]
Change = Callable[[Image.Image], Image.Image]

_CODINGS = {b"hvc1": (b"hvcC", "hevc"), b"hev1": (b"hvcC", "hevc"), b"av01": (b"av1C", "libdav1d")}
"""For each coding of an item: the property with the decoder's settings, and the decoder."""

_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
_MAX_CODED = 80_000_000  # pixels of all tiles together, before those at the edge are cut
_SHARED = 1_000_000  # bytes that tiles may have in common: blank ones are the same
_EDGE = 128  # a decoder's frame is rounded up to whole blocks
_MAX_SETTINGS = 64_000
_TURNS = {1: Transpose.ROTATE_90, 2: Transpose.ROTATE_180, 3: Transpose.ROTATE_270}
_MIRRORS = (Transpose.FLIP_TOP_BOTTOM, Transpose.FLIP_LEFT_RIGHT)
_UNSPECIFIED = 2


@dataclass(frozen=True, slots=True)
class _Layout:
    """A picture as tiles, row by row, `across` of them side by side, each of size `tile`; together cut to `size`."""

    size: Size
    tile: Size
    across: int
    tiles: Sequence[int]


class HeifImage(ImageFile):
    """The primary picture of a HEIC or AVIF file. Opening it reads the index; `load` decodes."""

    format = "HEIF"

    def _open(self) -> None:
        if self.fp is None:
            raise ValueError("no file")
        self._items = items = Items(self.fp.read())
        self._layout = _layout(items, items.primary)
        self._alpha = _alpha(items, self._layout.size)
        self._mode = "RGB" if self._alpha is None else "RGBA"
        self._size = self._layout.size
        self._changes: list[Change] = []
        for name, content in items.properties(items.primary):
            self._note(name, content)
        self.n_frames = 2 if items.moves else 1

    def load(self) -> "PixelAccess | None":
        """Decode all tiles, turn and mirror the picture as the file asks."""
        if self._im is None:
            drawn = _drawn(self._items, self._layout, "RGB")
            if self._alpha is not None:
                drawn.putalpha(_drawn(self._items, self._alpha, "L"))
            for change in self._changes:
                drawn = change(drawn)
            self._im = drawn.im
        return super().load()

    def _note(self, name: bytes, content: bytes) -> None:
        """Remember what a property of the picture asks for: a cut, a turn, a mirror, a colour profile."""
        if name == b"clap":
            box = _cut(content, self._size)
            self._size = box[2] - box[0], box[3] - box[1]
            self._changes.append(lambda drawn: drawn.crop(box))
        elif name == b"irot" and (turn := _TURNS.get(content[0] & 3)) is not None:
            self._size = self._size if turn is Transpose.ROTATE_180 else self._size[::-1]
            self._changes.append(lambda drawn: drawn.transpose(turn))
        elif name == b"imir":
            mirror = _MIRRORS[content[0] & 1]
            self._changes.append(lambda drawn: drawn.transpose(mirror))
        elif name == b"colr" and content[:4] in (b"prof", b"rICC"):
            self.info["icc_profile"] = content[4:]


def _layout(items: Items, item: int) -> _Layout:
    """How a coded picture, or a grid of them, is put together. Raises ValueError and KeyError."""
    size = _size(items, item)
    if items.kind(item) in _CODINGS:
        layout = _Layout(size, size, 1, (item,))
    elif items.kind(item) == b"grid":
        layout = _grid(items, item)
    else:
        raise ValueError("a derived picture of another kind")
    wide, high = layout.tile
    if len(layout.tiles) * wide * high > _MAX_CODED:
        raise ValueError("too many pixels")
    return layout


def _grid(items: Items, item: int) -> _Layout:
    read = Cursor(items.data(item))
    _, flags = read.number(1), read.number(1)
    down, across = read.number(1) + 1, read.number(1) + 1
    number = 4 if flags & 1 else 2
    width, height = read.number(number), read.number(number)
    tiles = items.made_of(item)
    if len(tiles) != down * across or len({*tiles}) != len(tiles):
        raise ValueError("tiles are missing")
    wide, high = _size(items, tiles[0])
    if any(_size(items, tile) != (wide, high) or items.kind(tile) not in _CODINGS for tile in tiles):
        raise ValueError("tiles of several kinds")
    if not (across - 1) * wide < width <= across * wide or not (down - 1) * high < height <= down * high:
        raise ValueError("tiles that don't fill the picture")
    return _Layout((width, height), (wide, high), across, tiles)


def _size(items: Items, item: int) -> Size:
    content = items.property(item, b"ispe")
    if content is None:
        raise ValueError("no size")
    read = Cursor(content[4:])
    size = read.number(4), read.number(4)
    if min(size) < 1:
        raise ValueError("no pixels")
    return size


def _alpha(items: Items, size: Size) -> _Layout | None:
    """The picture's transparency, if it has one of its own size."""
    for item in items.helpers(items.primary):
        if (items.property(item, b"auxC") or b"")[4:].startswith(_ALPHA):
            layout = _layout(items, item)
            return layout if layout.size == size else None
    return None


def _cut(content: bytes, size: Size) -> Box:
    """The clean aperture: width, height and the offset of its centre, as fractions."""
    read = Cursor(content)
    width, height, right, down = (Fraction(_signed(read), read.number(4)) for _ in range(4))
    left, top = (size[0] - width) / 2 + right, (size[1] - height) / 2 + down
    box = round(left), round(top), round(left + width), round(top + height)
    if not (0 <= box[0] < box[2] <= size[0] and 0 <= box[1] < box[3] <= size[1]):
        raise ValueError("a cut beyond the picture")
    return box


def _signed(read: Cursor) -> int:
    return int.from_bytes(read.take(4), signed=True)


def _drawn(items: Items, layout: _Layout, mode: str) -> Image.Image:
    """All tiles decoded and put together."""
    if sum(map(items.size, layout.tiles)) > 2 * items.bytes + _SHARED:
        raise ValueError("the same bytes for many tiles")
    canvas = Image.new(mode, layout.size)
    wide, high = layout.tile
    for place, frame in enumerate(_frames(items, layout)):
        if frame.width < wide or frame.height < high:
            raise ValueError("a tile that is too small")
        canvas.paste(picture(frame, mode), (place % layout.across * wide, place // layout.across * high))
    return canvas


def _frames(items: Items, layout: _Layout) -> Iterator[VideoFrame]:
    """Each tile's frame; tiles with the same settings share a decoder."""
    decoder: VideoCodecContext | None = None
    before: tuple[bytes, bytes | None] | None = None
    for item in layout.tiles:
        name, _ = _CODINGS[items.kind(item)]
        settings = items.kind(item), items.property(item, name)
        if decoder is None or settings != before:
            decoder, before = _decoder(items, item, layout.tile), settings
        frames = decoder.decode(Packet(items.data(item))) + decoder.decode(None)
        if len(frames) != 1:
            raise ValueError("no picture, or several")
        yield _coloured(frames[0], items.property(item, b"colr") or items.property(items.primary, b"colr"))
        decoder.flush_buffers()


def _decoder(items: Items, item: int, tile: Size) -> VideoCodecContext:
    name, codec = _CODINGS[items.kind(item)]
    settings = items.property(item, name)
    if settings is None or len(settings) > _MAX_SETTINGS:
        raise ValueError("no settings for the decoder")
    context = CodecContext.create(codec, "r")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(codec)
    context.extradata = settings
    context.thread_count = 1
    context.options = {"max_pixels": str((tile[0] + _EDGE) * (tile[1] + _EDGE)), "err_detect": "explode"}
    return context


def _coloured(frame: VideoFrame, colr: bytes | None) -> VideoFrame:
    """The frame with what the file says of its colours, which counts more than what the coded data say."""
    if colr is not None and colr[:4] == b"nclx":
        read = Cursor(colr[8:])
        matrix, full = read.number(2), read.number(1) & 128
        if matrix != _UNSPECIFIED:
            frame.colorspace = matrix
        frame.color_range = ColorRange.JPEG if full else ColorRange.MPEG
    return frame
