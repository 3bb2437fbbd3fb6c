"""Small tools of the clips' scenes: seeded chance, easing, gradients, glows, cut-outs and the corner label."""

import hashlib
import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps

Size = tuple[int, int]
Colour = tuple[int, int, int]
Choice = TypeVar("Choice")


class Scene(Protocol):
    """Something to film: pictures of one size, one for every moment."""

    @property
    def size(self) -> Size:
        """Width and height in pixels, both even."""
        ...

    def frame(self, seconds: float) -> Image.Image:
        """The RGB picture at that moment, a new one each time."""
        ...


class Dice:
    """Chance that a seed fixes: the same seed draws the same scene, another seed another one."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn = 0

    def uniform(self, low: float, high: float) -> float:
        """The next number between the two."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return low + (high - low) * int.from_bytes(digest[:6], "big") / 2**48

    def choice(self, options: Sequence[Choice]) -> Choice:
        """One of the options."""
        return options[min(int(self.uniform(0, len(options))), len(options) - 1)]


def ease(progress: float) -> float:
    """0 to 1 with a soft start and a soft stop; clamped outside."""
    held = min(max(progress, 0.0), 1.0)
    return held * held * (3 - 2 * held)


def wave(seconds: float, period: float, phase: float = 0.0) -> float:
    """-1 to 1, once around every `period` seconds; `phase` in turns."""
    return math.sin(math.tau * (seconds / period + phase))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour `share` of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def even(length: float) -> int:
    """The nearest even number of pixels, at least 2: H.264 in yuv420p takes no odd side."""
    return max(2, round(length / 2) * 2)


def cover(picture: Image.Image, size: Size) -> Image.Image:
    """The picture scaled and cropped around its middle to fill `size`."""
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def gradient(size: Size, stops: Sequence[Colour]) -> Image.Image:
    """A vertical gradient through evenly spaced colours, with a little grain against banding."""
    height = size[1]
    column = bytearray()
    for row in range(height):
        place = row / max(height - 1, 1) * (len(stops) - 1)
        lower = min(int(place), len(stops) - 2)
        column += bytes(mix(stops[lower], stops[lower + 1], place - lower))
    plain = Image.frombytes("RGB", (1, height), bytes(column)).resize(size, Image.Resampling.NEAREST)
    grain = noise(size, 5)
    return ImageChops.add(plain, Image.merge("RGB", (grain, grain, grain)), 1, -128)


def noise(size: Size, strength: int) -> Image.Image:
    """Grey grain round the middle, `strength` levels up and down; the same every time."""
    levels = [128 + round((level - 127.5) / 127.5 * strength) for level in range(256)]
    raw = hashlib.shake_128(b"grain").digest(size[0] * size[1])
    return Image.frombytes("L", size, raw).point(levels)


def glow(diameter: int, strength: float = 1.0, falloff: float = 2.0) -> Image.Image:
    """A soft round mask, `strength` in the middle, nothing at the rim."""
    curve = [round(255 * strength * max(0.0, 1 - level / 181) ** falloff) for level in range(256)]
    side = max(diameter, 2)
    return Image.radial_gradient("L").point(curve).resize((side, side), Image.Resampling.BICUBIC)


def disc(diameter: int) -> Image.Image:
    """A round mask with a smooth edge."""
    side = max(diameter, 2)
    large = Image.new("L", (side * 4, side * 4))
    ImageDraw.Draw(large).ellipse((4, 4, side * 4 - 5, side * 4 - 5), fill=255)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def rounded(size: Size, radius: int) -> Image.Image:
    """A mask of a rectangle with round corners."""
    width, height = size
    large = Image.new("L", (width * 2, height * 2))
    ImageDraw.Draw(large).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), radius * 2, fill=255)
    return large.resize(size, Image.Resampling.LANCZOS)


def faded(mask: Image.Image, share: float) -> Image.Image:
    """The mask with every level multiplied by `share`."""
    return mask if share >= 1 else mask.point([round(level * max(share, 0.0)) for level in range(256)])


class Label:
    """The small honest mark in the corner of every clip."""

    def __init__(self, size: Size) -> None:
        short = min(size)
        font = ImageFont.load_default(max(short * 0.026, 9))
        left, top, right, bottom = font.getbbox("sandbox")
        pad = short * 0.011
        pill = (round(right - left + 3.2 * pad), round(bottom - top + 2 * pad))
        self._mask = faded(rounded(pill, pill[1] // 2), 0.36)
        self._letters = Image.new("L", pill)
        ImageDraw.Draw(self._letters).text((1.6 * pad - left, pad - top), "sandbox", font=font, fill=225)
        self._corner = (size[0] - pill[0] - round(short * 0.028), size[1] - pill[1] - round(short * 0.028))

    def stamp(self, frame: Image.Image) -> None:
        """Put the mark on a frame, in place."""
        frame.paste((14, 16, 24), self._corner, self._mask)
        frame.paste((255, 255, 255), self._corner, self._letters)

    def take_off(self, frame: Image.Image) -> None:
        """Hide the mark of a frame, in place, under a mirror image of what is above it."""
        (left, top), (width, height) = self._corner, self._mask.size
        frame.paste(ImageOps.flip(frame.crop((left, top - height, left + width, top))), self._corner)
