"""A report as a picture: what was spent, on which days, by whom, and what is left. Words in, PNG bytes out.

Drawn 1,080 pixels wide and as high as it needs, with letters of at least 33 pixels, which a phone of 360 shows at 11.
It is laid out first, every text with its place, so that tests can see that nothing is cut off or on top of another.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

WIDTH = 1_080
PAPER: Colour = (255, 255, 255)
INK: Colour = (23, 28, 36)
SOFT: Colour = (82, 91, 104)
BAR: Colour = (37, 92, 196)
WARM: Colour = (178, 62, 16)
TRACK: Colour = (226, 231, 238)
RULE: Colour = (205, 212, 221)

_EDGE = 64
_INNER = WIDTH - 2 * _EDGE
_SMALL, _TEXT, _TITLE, _GREAT = 33, 37, 52, 92
_GAP = 20
_COLUMNS = 264
"""Pixels that the highest column of a day has."""
_LONGEST_NAME = 200
_NOWHERE = "\U000e0fff"
"""A code point that no font has: what is drawn for it is the font's sign for a missing letter."""


@dataclass(frozen=True, slots=True)
class Item:
    """A bar: its name, its size, and the size as people read it."""

    name: str
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that belong together, under a heading."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of something is used: `share` from 0 to 1, with a heading and a sentence; `warns` paints it warm."""

    title: str
    share: float
    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A report, in words and sizes. `days` are columns, each with a short name; empty parts are left out."""

    title: str
    headline: str
    note: str = ""
    days_title: str = ""
    days: tuple[Item, ...] = ()
    groups: tuple[Group, ...] = ()
    gauge: Gauge | None = None
    footer: str = ""


class Words(NamedTuple):
    """One line of text; `x` and `y` are its left upper corner."""

    x: int
    y: int
    text: str
    size: int
    colour: Colour = INK
    strong: bool = False

    @property
    def box(self) -> tuple[int, int, int, int]:
        """What it covers: left, top, right, bottom."""
        left, top, right, bottom = _font(self.size).getbbox(self.text)
        return (int(self.x + left), int(self.y + top), int(self.x + right + 1), int(self.y + bottom + 1))


class Block(NamedTuple):
    """A filled rectangle, its corners rounded by `round` pixels."""

    left: int
    top: int
    right: int
    bottom: int
    colour: Colour
    round: int = 0


class Layout(NamedTuple):
    """Everything with its place, and how high it is in all."""

    words: tuple[Words, ...]
    blocks: tuple[Block, ...]
    height: int


def draw(chart: Chart) -> bytes:
    """The chart as a PNG."""
    layout = lay_out(chart)
    image = Image.new("RGB", (WIDTH, layout.height), PAPER)
    pen = ImageDraw.Draw(image)
    for block in layout.blocks:
        pen.rounded_rectangle((block.left, block.top, block.right, block.bottom), block.round, fill=block.colour)
    for words in layout.words:
        pen.text(
            (words.x, words.y), words.text, font=_font(words.size), fill=words.colour, stroke_width=int(words.strong)
        )
    file = io.BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def lay_out(chart: Chart) -> Layout:
    """Put everything in its place, from top to bottom."""
    page = _Page()
    page.line(chart.title, _TITLE, strong=True)
    page.line(chart.headline, _GREAT, colour=BAR, strong=True, above=18)
    for line in _wrapped(chart.note, _TEXT):
        page.line(line, _TEXT, colour=SOFT, above=10)
    if chart.gauge:
        _gauge(page, chart.gauge)
    if chart.days:
        _days(page, chart.days_title, chart.days)
    for group in chart.groups:
        _group(page, group)
    if chart.footer:
        page.rule()
        for line in _wrapped(chart.footer, _SMALL):
            page.line(line, _SMALL, colour=SOFT, above=12)
    return Layout(tuple(page.words), tuple(page.blocks), page.y + _EDGE)


class _Page:
    """What is there so far; `y` is where it goes on."""

    def __init__(self) -> None:
        self.words: list[Words] = []
        self.blocks: list[Block] = []
        self.y = _EDGE

    def line(self, text: str, size: int, *, colour: Colour = INK, strong: bool = False, above: int = 0) -> None:
        """A line of its own, shortened to the width."""
        self.y += above
        self.words.append(Words(_EDGE, self.y, shorten(text, size, _INNER), size, colour, strong))
        self.y += _height(size)

    def beside(self, left: str, right: str, size: int, *, above: int) -> None:
        """Two texts in one line: the right one whole, the left one shortened to what that leaves."""
        self.y += above
        right = shorten(right, size, _INNER)
        width = _width(right, size)
        self.words.append(Words(_EDGE, self.y, shorten(left, size, _INNER - width - 2 * _GAP), size))
        self.words.append(Words(WIDTH - _EDGE - width, self.y, right, size))
        self.y += _height(size)

    def rule(self) -> None:
        """A thin line between two parts."""
        self.y += 44
        self.blocks.append(Block(_EDGE, self.y, WIDTH - _EDGE, self.y + 2, RULE))
        self.y += 22

    def bar(self, share: float, thick: int, colour: Colour) -> None:
        """A bar over the whole width, filled by a share."""
        self.y += 10
        self.blocks.append(Block(_EDGE, self.y, WIDTH - _EDGE, self.y + thick, TRACK, thick // 2))
        if share > 0:
            filled = max(thick, round(_INNER * min(1.0, share)))
            self.blocks.append(Block(_EDGE, self.y, _EDGE + filled, self.y + thick, colour, thick // 2))
        self.y += thick


def _gauge(page: _Page, gauge: Gauge) -> None:
    page.rule()
    page.line(gauge.title, _TEXT, strong=True)
    page.bar(gauge.share, 34, WARM if gauge.warns else BAR)
    for line in _wrapped(gauge.text, _SMALL):
        page.line(line, _SMALL, colour=WARM if gauge.warns else SOFT, above=14)


def _group(page: _Page, group: Group) -> None:
    page.rule()
    page.line(group.title, _TEXT, strong=True)
    most = max((item.amount for item in group.items), default=0)
    for item in group.items:
        page.beside(item.name, item.text, _TEXT, above=_GAP)
        page.bar(item.amount / most if most else 0.0, 14, BAR)


def _days(page: _Page, title: str, days: Sequence[Item]) -> None:
    """A column for each day. The highest says how much it is, the others where there is room for it."""
    page.rule()
    page.line(title, _TEXT, strong=True)
    foot = page.y + _height(_SMALL) + 28 + _COLUMNS
    slot = _INNER / len(days)
    most = max(day.amount for day in days)
    amounts: list[Words] = []
    names: list[Words] = []
    for number, day in sorted(enumerate(days), key=lambda one: -one[1].amount):
        left, right = _EDGE + slot * number, _EDGE + slot * (number + 1)
        if not day.amount:
            continue
        high = max(4, round(_COLUMNS * day.amount / most))
        inset = max(1, slot * 0.14)
        page.blocks.append(Block(round(left + inset), foot - high, round(right - inset), foot, BAR, 4))
        amount = _middle(day.text, (left + right) / 2, foot - high - _height(_SMALL) - 6)
        if not amounts or (_width(day.text, _SMALL) <= slot - 8 and not _touch(amount, amounts[0])):
            amounts.append(amount)
    step = -(-(max(_width(day.name, _SMALL) for day in days) + _GAP) // int(slot))
    for number, day in list(enumerate(days))[::step]:
        name = _middle(day.name, _EDGE + slot * (number + 0.5), foot + 12, SOFT)
        if not names or not _touch(name, names[-1]):
            names.append(name)
    page.words += [*amounts, *names]
    page.blocks.append(Block(_EDGE, foot, WIDTH - _EDGE, foot + 3, SOFT))
    page.y = foot + 12 + _height(_SMALL)


def _touch(one: Words, other: Words) -> bool:
    """Whether two texts would stand on each other, or too close side by side."""
    a, b = one.box, other.box
    return a[0] < b[2] + _GAP and b[0] < a[2] + _GAP and a[1] < b[3] and b[1] < a[3]


def _middle(text: str, centre: float, y: int, colour: Colour = INK) -> Words:
    """A small text around a middle, moved to the side where it would leave the page."""
    text = shorten(text, _SMALL, _INNER)
    width = _width(text, _SMALL)
    x = min(max(round(centre - width / 2), _EDGE), WIDTH - _EDGE - width)
    return Words(x, y, text, _SMALL, colour)


def shorten(text: str, size: int, width: int) -> str:
    """A text that is no wider than that, its end left out where it must be; without letters that the font lacks."""
    text = readable(text)
    if _width(text, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _width(text[:middle].rstrip() + "…", size) <= width else (low, middle - 1)
    return text[:low].rstrip() + "…"


def readable(text: str) -> str:
    """One line, as far as the font can draw it; `?` where it can draw nothing of it."""
    line = " ".join(text.split())[:_LONGEST_NAME]
    kept = " ".join("".join(sign for sign in line if sign.isspace() or _can_draw(sign)).split())
    return kept if kept or not line else "?"


def _wrapped(text: str, size: int) -> Iterator[str]:
    """Lines no wider than the page."""
    line = ""
    for word in readable(text).split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, size) > _INNER:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def _width(text: str, size: int) -> int:
    return int(_font(size).getlength(text)) + 1


def _height(size: int) -> int:
    """From the top of one line to its foot, with what hangs below."""
    return round(size * 1.22)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


@lru_cache(maxsize=4_096)
def _can_draw(sign: str) -> bool:
    return bytes(_font(_SMALL).getmask(sign)) != bytes(_font(_SMALL).getmask(_NOWHERE))
