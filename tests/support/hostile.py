"""Real pictures of every kind, damaged in the ways that find holes, and what refusing them costs in a process apart."""

import json
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from PIL import Image

from bot.errors import PictureRefused
from bot.media.pictures import fit
from tests.support.heic import heic
from tests.support.media import file_of, noise

SECONDS, MEGABYTES = 0.1, 64
"""What refusing one file may cost: time of one processor, and memory on top of what reading pictures takes at all."""

_BACKSTOP = 600_000_000


@cache
def seeds() -> dict[str, bytes]:
    """One or more real files of each kind, by name."""
    picture = noise(24, 18, seed=5).resize((420, 320), Image.Resampling.BICUBIC)
    other = picture.transpose(Image.Transpose.ROTATE_180)
    clear = picture.copy()
    clear.putalpha(Image.linear_gradient("L").resize(picture.size))
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "JPEG": file_of(picture, exif=exif),
        "JPEG progressive": file_of(picture, progressive=True),
        "JPEG twice": file_of(picture, "MPO", save_all=True, append_images=[other]),
        "PNG": file_of(clear, "PNG"),
        "PNG palette": file_of(picture.quantize(64), "PNG", transparency=1),
        "GIF": file_of(picture, "GIF", save_all=True, append_images=[other]),
        "WEBP": file_of(clear, "WEBP"),
        "WEBP lossless": file_of(picture, "WEBP", lossless=True),
        "WEBP moving": file_of(picture, "WEBP", save_all=True, append_images=[other]),
        "AVIF": file_of(clear, "AVIF", speed=10),
        "AVIF moving": file_of(picture, "AVIF", speed=10, save_all=True, append_images=[other]),
        "HEIC": heic(picture, turns=1, alpha=Image.linear_gradient("L").resize(picture.size)),
        "HEIC grid": heic(picture, tile=256),
    }


def damaged(seed: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The file with bytes changed, numbers blown up, pieces cut, doubled, or of another file."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(min(len(data), chance.choice((64, 700, len(data)))))
        kind = chance.randrange(6)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\x20\0"))
        elif kind == 2:
            del data[at : at + chance.randrange(1, 200)]
        elif kind == 3:
            data[at:at] = data[at : at + chance.randrange(1, 400)]
        elif kind == 4:
            del data[max(20, at) :]
        else:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + chance.randrange(1, 2_000)]
        if len(data) < 20:
            break
    return _sealed(bytes(data)) if chance.random() < 0.5 else bytes(data)


def _sealed(data: bytes) -> bytes:
    """A damaged PNG with sums that are right again, so that the damage reaches the decoder."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    pieces, at = [data[:8]], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        body = data[at + 4 : at + 8 + size]
        pieces += [data[at : at + 4], body, struct.pack(">I", zlib.crc32(body))]
        at += 12 + size
    return b"".join(pieces)


def files(real: Mapping[str, bytes], seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """That many damaged files, each with its name."""
    chance, others = random.Random(seed), list(real.values())
    for number in range(count):
        name = chance.choice(sorted(real))
        yield f"{name} {seed}/{number}", damaged(real[name], chance, others)


@dataclass(frozen=True, slots=True)
class Cost:
    """How many files were refused, the slowest refusal (seconds, which file), how much memory was taken (MB)."""

    refused: int
    slowest: float
    which: str
    grown: float


def measure(seed: int, count: int, bombs: Mapping[str, bytes] | None = None) -> Cost:
    """Fit that many damaged files, and bombs, in a process of its own, which has never encoded anything."""
    with tempfile.TemporaryDirectory() as folder:
        for kind, made in (("real", seeds()), ("bombs", bombs or {})):
            for name, data in made.items():
                place = Path(folder) / kind / name
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(data)
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.hostile", str(seed), str(count), folder]
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return Cost(*json.loads(run.stdout))


def _peak() -> int:
    """The most memory that this process had at once, in kilobytes; not `ru_maxrss`, which begins with its parent's.

    0 where there is no Linux to ask: memory isn't measured there.
    """
    told = Path("/proc/self/status")
    if not told.exists():
        return 0
    lines = told.read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def _read(folder: Path) -> dict[str, bytes]:
    return {place.name: place.read_bytes() for place in sorted(folder.glob("*"))}


def _main(seed: int, count: int, folder: Path) -> None:
    real, bombs = _read(folder / "real"), _read(folder / "bombs")
    for data in real.values():
        fit(data, 1)
    resource.setrlimit(resource.RLIMIT_DATA, (_BACKSTOP, _BACKSTOP))
    before, refused, slowest, which = _peak(), 0, 0.0, ""
    for name, data in chain(bombs.items(), files(real, seed, count)):
        start = time.process_time()
        try:
            fit(data, 1)
        except PictureRefused:
            took = time.process_time() - start
            refused += 1
            slowest, which = max((slowest, which), (took, name))
    print(json.dumps((refused, slowest, which, (_peak() - before) / 1024)))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
