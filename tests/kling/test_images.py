"""Shapes and sizes of Kling's pictures and videos."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kling.images import KLING_IMAGES, ImageRules, frame_size, nearest_ratio, strictest
from bot.kling.requests import Ratio, Tier


@pytest.mark.parametrize(
    ("ratio", "tier", "size"),
    [
        ("16:9", "standard", (1280, 720)),
        ("9:16", "standard", (720, 1280)),
        ("1:1", "standard", (720, 720)),
        ("16:9", "pro", (1920, 1080)),
        ("9:16", "pro", (1080, 1920)),
        ("1:1", "pro", (1080, 1080)),
    ],
)
def test_standard_is_720p_and_pro_1080p(ratio: Ratio, tier: Tier, size: tuple[int, int]) -> None:
    assert frame_size(ratio, tier) == size


@pytest.mark.parametrize(
    ("width", "height", "ratio"),
    [(5000, 4000, "1:1"), (1600, 1000, "16:9"), (4000, 5000, "1:1"), (1000, 1600, "9:16"), (500, 500, "1:1")],
)
def test_the_nearest_shape_is_nearest_in_proportion(width: int, height: int, ratio: Ratio) -> None:
    assert nearest_ratio(width, height) == ratio


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_picture_on_its_side_has_the_shape_on_its_side(width: int, height: int) -> None:
    turned: dict[Ratio, Ratio] = {"16:9": "9:16", "9:16": "16:9", "1:1": "1:1"}
    assert nearest_ratio(height, width) == turned[nearest_ratio(width, height)]


def test_the_strictest_of_several_rules_keeps_them_all() -> None:
    one = ImageRules(max_bytes=5, min_side=300, max_side=2_000, max_shape=2.5, formats=("JPEG", "PNG"))
    other = ImageRules(max_bytes=9, min_side=512, max_side=4_000, max_shape=2.0, formats=("PNG", "JPEG", "WEBP"))
    assert strictest([one, other]) == ImageRules(
        max_bytes=5, min_side=512, max_side=2_000, max_shape=2.0, formats=("JPEG", "PNG")
    )
    assert strictest([]) == KLING_IMAGES
    assert strictest([one, ImageRules(formats=("WEBP",))]).formats == ("JPEG",)
