"""A chart whose words all stand on the page, on nothing else, whole or shortened, and strong enough to be read."""

import io
from itertools import combinations

import pytest
from PIL import Image

from bot.media import chart
from bot.media.chart import Block, Chart, Colour, Gauge, Group, Item, Layout, draw, lay_out, shorten

LONG = "Maximiliane-Henriette von Hohenzollern-Sigmaringen the Younger"
MOST = 999_999_999


def items(*amounts: int, name: str = "Ana") -> tuple[Item, ...]:
    return tuple(Item(f"{name} {number}", amount, f"{amount:,}") for number, amount in enumerate(amounts))


NOTHING = Chart(title="Acme, November 2026", headline="0 credits", gauge=Gauge("Pool: 0 % used", 0.0, "10,000 left"))
ONE = Chart(title="Acme", headline="45 credits", days_title="By day", days=items(45), groups=(Group("By", items(45)),))
FULL = Chart(
    title=f"{LONG}, {LONG}",
    headline=f"{MOST:,} credits spent by {LONG}",
    note=f"{LONG} " * 4,
    gauge=Gauge(f"Pool of {LONG}: 100 % used", 1.4, f"{MOST:,} of {MOST:,} left. " * 5, warns=True),
    days_title=f"By day of {LONG}",
    days=items(*(MOST - number for number in range(31)), name="Wednesday 30 September"),
    groups=(Group(f"By {LONG}", items(*(MOST - number for number in range(30)), name=LONG)),),
    footer=f"{LONG} " * 4,
)
STEPS = Chart(title="Acme", headline="1", days_title="By day", days=items(MOST, MOST - 1, 99_999, 12_345_678, 7, 0, 5))
MONTH = Chart(title="Acme", headline="1", days_title="By day", days=items(*range(31), name=""))


def covers(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def corners(block: Block) -> tuple[int, int, int, int]:
    return block.left, block.top, block.right, block.bottom


@pytest.mark.parametrize("made", [NOTHING, ONE, FULL, STEPS, MONTH])
def test_nothing_is_cut_off_and_nothing_stands_on_anything_else(made: Chart) -> None:
    layout: Layout = lay_out(made)
    boxes = [words.box for words in layout.words]
    for words, (left, top, right, bottom) in zip(layout.words, boxes, strict=True):
        assert 0 <= left < right <= chart.WIDTH, words
        assert 0 <= top < bottom <= layout.height, words
    assert [pair for pair in combinations(boxes, 2) if covers(*pair)] == []
    assert [(box, block) for box in boxes for block in layout.blocks if covers(box, corners(block))] == []
    assert all(0 <= block.left <= block.right <= chart.WIDTH for block in layout.blocks)


def test_letters_are_large_enough_for_a_phone() -> None:
    """At 360 pixels of width they are 11 high."""
    assert min(words.size for words in lay_out(FULL).words) * 360 / chart.WIDTH >= 11


def luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [chart.INK, chart.SOFT, chart.BAR, chart.WARM])
def test_colours_are_strong_enough_on_paper(colour: Colour) -> None:
    assert (luminance(chart.PAPER) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def test_numbers_stay_whole_and_long_names_end_in_an_ellipsis() -> None:
    texts = [words.text for words in lay_out(FULL).words]
    assert all(f"{MOST - number:,}" in texts for number in range(30))
    assert sum(text.endswith("…") for text in texts) >= 30


@pytest.mark.parametrize(
    ("text", "shown"), [("Ana", "Ana"), ("Ana 🦊 Vulpes", "Ana Vulpes"), ("山田太郎", "?"), ("", ""), ("a\n\tb", "a b")]
)
def test_what_the_font_lacks_is_left_out(text: str, shown: str) -> None:
    assert shorten(text, 37, 500) == shown


@pytest.mark.parametrize("made", [NOTHING, FULL])
def test_it_is_a_small_png_and_always_the_same(made: Chart) -> None:
    data = draw(made)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.width, image.height) == ("PNG", chart.WIDTH, lay_out(made).height)
    assert len(data) < 400_000
    assert draw(made) == data
