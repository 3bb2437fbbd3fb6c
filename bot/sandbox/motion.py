"""A still picture set in motion: a camera that moves in with a gentle parallax, and a dissolve to an end frame."""

import math
from collections.abc import Callable
from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter

from bot.sandbox.drawing import Dice, Label, Size, cover, ease, noise, wave

Warp = Callable[[float, float], tuple[float, float]]
"""From a place in the frame to the place in the picture that shows there; both -1 to 1, the middle at 0."""

_CELLS = 12
"""Columns and rows of the mesh that a warp is sampled on."""


def warped(picture: Image.Image, warp: Warp) -> Image.Image:
    """The picture bent by `warp`, same size; places outside take the nearest edge."""
    width, height = picture.size
    columns = [round(width * number / _CELLS) for number in range(_CELLS + 1)]
    rows = [round(height * number / _CELLS) for number in range(_CELLS + 1)]
    places = {
        (x, y): _in_pixels(warp(2 * x / width - 1, 2 * y / height - 1), width, height) for x in columns for y in rows
    }
    mesh = [
        ((x0, y0, x1, y1), (*places[x0, y0], *places[x0, y1], *places[x1, y1], *places[x1, y0]))
        for x0, x1 in pairwise(columns)
        for y0, y1 in pairwise(rows)
    ]
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _in_pixels(place: tuple[float, float], width: int, height: int) -> tuple[float, float]:
    x, y = (min(max(side, -1.0), 1.0) for side in place)
    return (x + 1) / 2 * width, (y + 1) / 2 * height


class Camera:
    """A slow move into a picture. Nearer things (the middle, the foreground) grow and slide more than the rest."""

    def __init__(self, picture: Image.Image, dice: Dice) -> None:
        self._picture = picture
        self._zoom = dice.uniform(0.13, 0.17)
        angle = dice.uniform(0, math.tau)
        self._pan = (math.cos(angle), math.sin(angle) * 0.7)
        self._phase = dice.uniform(0, 1)

    def look(self, way: float, seconds: float) -> Image.Image:
        """The view when the camera has come `way` (0 to 1) of its path; at 0 it is the picture itself."""
        zoom = self._zoom * way
        x_shift = zoom * (self._pan[0] * way + 0.20 * wave(seconds, 5.3, self._phase))
        y_shift = zoom * (self._pan[1] * way + 0.25 * wave(seconds, 3.7, self._phase))

        def warp(x: float, y: float) -> tuple[float, float]:
            near = math.exp(-1.6 * (x * x + y * y)) + 0.35 * (y + 1) / 2
            scale = 1 / (1 + zoom * (0.85 + 0.4 * near))
            slide = 0.5 + 0.35 * near
            return x * scale + x_shift * slide, y * scale + y_shift * slide

        return warped(self._picture, warp) if way > 0 else self._picture.copy()


class PictureScene:
    """Image-to-video: begins as the start picture, ends as the end picture where there is one."""

    def __init__(self, start: Image.Image, end: Image.Image | None, seed: str, size: Size, duration: float) -> None:
        dice = Dice(seed)
        self.size = size
        self._duration = duration
        self._start = Camera(cover(start, size), dice)
        self._end = Camera(cover(end, size), dice) if end is not None else None
        self._veil = _veil(size) if end is not None else Image.new("L", (1, 1))
        self._label = Label(size)

    def frame(self, seconds: float) -> Image.Image:
        """The view at that moment, mark included."""
        progress = min(seconds / self._duration, 1.0)
        frame = self._view(progress, seconds)
        self._label.stamp(frame)
        return frame

    def _view(self, progress: float, seconds: float) -> Image.Image:
        """Into the start picture; with an end picture it melts into that, which moves until it stands whole."""
        come = ease((progress - 0.25) / 0.5)
        if self._end is None or come <= 0:
            return self._start.look(_path(progress), seconds)
        arriving = self._end.look(_path(1 - progress), seconds)
        if come >= 1:
            return arriving
        return Image.composite(arriving, self._start.look(_path(progress), seconds), _threshold(self._veil, come))


def _path(progress: float) -> float:
    """How far the camera has come: eased, but never quite at rest."""
    return 0.4 * progress + 0.6 * ease(progress)


def _veil(size: Size) -> Image.Image:
    """Soft clouds from dark to bright: the order in which the end picture comes through."""
    coarse = noise((max(size[0] // 90, 4), max(size[1] // 90, 4)), 127)
    slope = Image.linear_gradient("L").rotate(90).resize(coarse.size)
    blurred = ImageChops.blend(coarse.filter(ImageFilter.GaussianBlur(1.2)), slope, 0.4)
    return blurred.resize(size, Image.Resampling.BICUBIC)


def _threshold(veil: Image.Image, come: float) -> Image.Image:
    """The mask of what has come through, with a soft edge 96 levels wide."""
    edge = 96
    reach = come * (255 + edge)
    return veil.point([round(255 * min(max((reach - level) / edge, 0.0), 1.0)) for level in range(256)])
