"""HEIC files written by hand, box by box: as one coded picture, or as a phone's grid of tiles."""

import io
from collections.abc import Sequence
from functools import cache

import av
import numpy as np
from PIL import Image

Tile = tuple[bytes, bytes]
"""What sets the decoder up, and the coded picture."""


def box(name: bytes, *parts: bytes) -> bytes:
    """A box with its size in front."""
    content = b"".join(parts)
    return (8 + len(content)).to_bytes(4) + name + content


def full(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with a version and flags."""
    return box(name, bytes([version]), flags.to_bytes(3), *parts)


def coded(image: Image.Image) -> Tile:
    """One picture through x265."""
    return _coded(image.mode, image.size, image.tobytes())


@cache
def _coded(mode: str, size: tuple[int, int], pixels: bytes) -> Tile:
    target = io.BytesIO()
    frame = av.VideoFrame.from_ndarray(np.asarray(Image.frombytes(mode, size, pixels).convert("RGB")), "rgb24")
    with av.open(target, "w", format="mp4") as output:
        encoding = {"x265-params": "log-level=none:keyint=1:range=full", "crf": "8"}
        stream = output.add_stream("libx265", rate=1, options=encoding)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj444p" if min(size) < 64 else "yuvj420p"
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    target.seek(0)
    with av.open(target, "r") as written:
        packet = next(packet for packet in written.demux(video=0) if packet.size)
        return written.streams.video[0].codec_context.extradata or b"", bytes(packet)


def heic(
    image: Image.Image,
    *,
    tile: int = 0,
    turns: int = 0,
    mirror: int | None = None,
    cut: tuple[int, int] | None = None,
    alpha: Image.Image | None = None,
    icc: bytes = b"",
    brand: bytes = b"heic",
    claims: tuple[int, int] | None = None,
    same_bytes: bool = False,
) -> bytes:
    """The picture as HEIC.

    `tile` cuts it into a grid, `turns` are quarters against the clock, `mirror` an axis, `cut` the size of a clean
    aperture in the middle. `claims` is a size that isn't the coded one; with `same_bytes` all tiles are the first one,
    which is stored once.
    """
    if same_bytes:
        tiles = _tiles(image.crop((0, 0, tile, tile)), tile) * (-(-image.width // tile) * -(-image.height // tile))
    else:
        tiles = _tiles(image, tile) if tile else [coded(image)]
    items = [(b"hvc1", data) for _, data in tiles]
    size = claims or image.size
    shared = [box(b"hvcC", tiles[0][0]), _size((tile, tile) if tile else size)]
    owned = [[1, 2] for _ in tiles]
    references = []
    if tile:
        down, across = -(-image.height // tile), -(-image.width // tile)
        grid = bytes([0, 0, down - 1, across - 1]) + size[0].to_bytes(2) + size[1].to_bytes(2)
        items.append((b"grid", grid))
        shared.append(_size(size))
        owned.append([len(shared)])
        ids = b"".join(number.to_bytes(2) for number in range(1, len(tiles) + 1))
        references.append(box(b"dimg", len(items).to_bytes(2), len(tiles).to_bytes(2), ids))
    primary = len(items)
    extras = [
        box(b"clap", *(side.to_bytes(4) + (1).to_bytes(4) for side in (*cut, 0, 0))) if cut else b"",
        box(b"irot", bytes([turns])) if turns else b"",
        box(b"imir", bytes([mirror])) if mirror is not None else b"",
        box(b"colr", b"prof", icc) if icc else b"",
    ]
    for extra in filter(None, extras):
        shared.append(extra)
        owned[-1].append(len(shared))
    if alpha is not None:
        setup, data = coded(alpha)
        items.append((b"hvc1", data))
        shared += [box(b"hvcC", setup), full(b"auxC", b"urn:mpeg:hevc:2015:auxid:1\0"), _size(alpha.size)]
        owned.append([len(shared) - 2, len(shared) - 1, len(shared)])
        references.append(box(b"auxl", len(items).to_bytes(2), (1).to_bytes(2), primary.to_bytes(2)))
    return _file(brand, items, primary, shared, owned, references)


def _tiles(image: Image.Image, side: int) -> list[Tile]:
    """The picture in squares, row by row; those at the edges are filled up with its last pixels."""
    pixels = np.asarray(image.convert("RGB"))
    pixels = np.pad(pixels, ((0, -image.height % side), (0, -image.width % side), (0, 0)), "edge")
    return [
        coded(Image.fromarray(np.ascontiguousarray(pixels[top : top + side, left : left + side])))
        for top in range(0, pixels.shape[0], side)
        for left in range(0, pixels.shape[1], side)
    ]


def _size(size: tuple[int, int]) -> bytes:
    return full(b"ispe", size[0].to_bytes(4), size[1].to_bytes(4))


def _file(
    brand: bytes,
    items: Sequence[tuple[bytes, bytes]],
    primary: int,
    shared: Sequence[bytes],
    owned: Sequence[Sequence[int]],
    references: Sequence[bytes],
) -> bytes:
    kinds = b"".join(
        full(b"infe", number.to_bytes(2), bytes(2), kind, b"\0", version=2) for number, (kind, _) in enumerate(items, 1)
    )
    links = b"".join(number.to_bytes(2) + bytes([len(own), *own]) for number, own in enumerate(owned, 1))
    head = box(b"ftyp", brand, bytes(4), b"mif1", brand)
    blob = b"".join(dict.fromkeys(data for _, data in items))

    def index(start: int) -> bytes:
        places = b""
        for number, (_, data) in enumerate(items, 1):
            place = (start + blob.index(data)).to_bytes(4)
            places += number.to_bytes(2) + bytes(2) + (1).to_bytes(2) + place + len(data).to_bytes(4)
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", primary.to_bytes(2)),
            full(b"iloc", bytes([0x44, 0]), len(items).to_bytes(2), places),
            full(b"iinf", len(items).to_bytes(2), kinds),
            *([full(b"iref", *references)] if references else []),
            box(b"iprp", box(b"ipco", *shared), full(b"ipma", len(owned).to_bytes(4), links)),
        )

    start = len(head) + len(index(0)) + 8
    return head + index(start) + box(b"mdat", blob)
