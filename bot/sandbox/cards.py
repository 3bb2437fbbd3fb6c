"""References as photo prints that float into a landscape and sway there: what the sandbox makes of elements."""

import math
from dataclasses import dataclass

from PIL import Image, ImageFilter

from bot.sandbox.drawing import Dice, Label, Size, ease, faded, rounded, wave
from bot.sandbox.landscape import Landscape
from bot.sandbox.lettering import Caption

_WIDEST = 23
"""Degrees that no print is ever turned beyond."""


@dataclass(frozen=True, slots=True)
class Card:
    """One print with its shadow and where it settles: middle in pixels, tilt in degrees, start in seconds."""

    print: Image.Image
    shadow: Image.Image
    x: float
    y: float
    tilt: float
    start: float
    phase: float

    def draw(self, frame: Image.Image, seconds: float) -> None:
        """Put the print on a frame, in place, as far as it has floated in by then."""
        come = ease((seconds - self.start) / 1.3)
        lift = frame.height * (0.55 * (1 - come) + 0.012 * wave(seconds, 3.9, self.phase))
        x = self.x + frame.width * 0.006 * wave(seconds, 5.1, self.phase)
        angle = self.tilt + 16 * (1 - come) * math.copysign(1, self.tilt) + 1.3 * wave(seconds, 4.4, self.phase)
        turned = _turned(self.print, angle, x % 1, (self.y + lift) % 1)
        place = (math.floor(x) - turned.width // 2, math.floor(self.y + lift) - turned.height // 2)
        shadow = self.shadow.rotate(angle, Image.Resampling.BILINEAR)
        below = (round(x) - shadow.width // 2, round(self.y + lift + frame.height * 0.016) - shadow.height // 2)
        frame.paste((0, 0, 0), below, shadow)
        frame.paste(turned, place, turned)


def _turned(card: Image.Image, angle: float, right: float, down: float) -> Image.Image:
    """The card turned by `angle` degrees and moved by fractions of a pixel, so that slow motion doesn't jump."""
    radians = math.radians(angle)
    cos, sin = math.cos(radians), math.sin(radians)
    middle_x, middle_y = card.width / 2 + right, card.height / 2 + down
    shift_x = card.width / 2 - cos * middle_x + sin * middle_y
    shift_y = card.height / 2 - sin * middle_x - cos * middle_y
    matrix = (cos, -sin, shift_x, sin, cos, shift_y)
    return card.transform(card.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


class ElementsScene:
    """Elements: one to four references in a landscape that the prompt suggests."""

    def __init__(self, references: list[Image.Image], prompt: str, seed: str, size: Size, duration: float) -> None:
        dice = Dice(seed)
        self.size = size
        self._land = Landscape(prompt, seed, size, duration)
        self._cards = _lay_out(references, size, dice)
        self._caption = Caption(prompt, size, middle=0.84, shadow=self._land.palette.near, scale=0.72)
        self._label = Label(size)

    def frame(self, seconds: float) -> Image.Image:
        """The view at that moment, words and mark included."""
        frame = self._land.frame(seconds)
        for card in self._cards:
            card.draw(frame, seconds)
        self._caption.draw(frame, seconds, start=0.9)
        self._label.stamp(frame)
        return frame


def _lay_out(references: list[Image.Image], size: Size, dice: Dice) -> list[Card]:
    """Prints in one row, or in rows of two where the frame is not wide enough."""
    width, height = size
    across = len(references) if width > 1.3 * height else min(len(references), 2)
    rows = math.ceil(len(references) / across)
    cell = (width * 0.86 / across, height * 0.66 / rows)
    cards = []
    for number, reference in enumerate(references):
        row, column = divmod(number, across)
        in_row = min(across, len(references) - row * across)
        x = width / 2 + (column - (in_row - 1) / 2) * cell[0]
        y = height * 0.40 + (row - (rows - 1) / 2) * cell[1]
        tilt = (-1) ** number * dice.uniform(1.5, 4.5)
        cards.append(_card(reference, cell, (x, y), tilt, 0.12 + 0.22 * number, dice.uniform(0, 1)))
    return cards


def _card(
    reference: Image.Image,
    cell: tuple[float, float],
    place: tuple[float, float],
    tilt: float,
    start: float,
    phase: float,
) -> Card:
    """A reference on white card, as large as its cell takes, with room around it to be turned in."""
    scale = min(cell[0] * 0.82 / reference.width, cell[1] * 0.84 / reference.height)
    photo = reference.resize((max(round(reference.width * scale), 2), max(round(reference.height * scale), 2)))
    edge = max(round(min(cell) * 0.028), 2)
    paper = (photo.width + 2 * edge, photo.height + 2 * edge)
    canvas = Image.new("RGBA", _room(paper), (250, 249, 246, 0))
    sheet = Image.new("RGB", paper, (250, 249, 246))
    sheet.paste(photo, (edge, edge))
    shape = rounded(paper, edge)
    corner = ((canvas.width - paper[0]) // 2, (canvas.height - paper[1]) // 2)
    canvas.paste(sheet, corner, shape)
    shadow = Image.new("L", (canvas.width + 4 * edge, canvas.height + 4 * edge))
    shadow.paste(shape, (corner[0] + 2 * edge, corner[1] + 2 * edge))
    soft = faded(shadow.filter(ImageFilter.GaussianBlur(edge * 1.2)), 0.42)
    return Card(canvas, soft, *place, tilt, start, phase)


def _room(paper: Size) -> Size:
    """The size of the canvas in which a sheet can be turned by `_WIDEST` degrees."""
    cos, sin = math.cos(math.radians(_WIDEST)), math.sin(math.radians(_WIDEST))
    return round(paper[0] * cos + paper[1] * sin) + 4, round(paper[1] * cos + paper[0] * sin) + 4
