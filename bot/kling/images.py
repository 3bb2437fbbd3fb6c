"""What Kling 1.6 takes as a picture and gives as a video."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.kling.requests import Ratio, Tier

Mend = Literal["crop", "pad"]
"""What makes a picture of a bad shape usable: cutting its long sides, or bars beside its short ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRules:
    """Bounds of an input picture. Sides in pixels, bytes as sent, shape as the longer side over the shorter."""

    max_bytes: int = 10_000_000
    min_side: int = 300
    max_side: int = 4_096
    max_shape: float = 2.5
    formats: tuple[str, ...] = ("JPEG", "PNG")


KLING_IMAGES = ImageRules()
"""Kling's own rules: at most 10 MB, sides of at least 300 px, 1:2.5 to 2.5:1, JPEG or PNG.

`max_side` is ours: more pixels than the video has only cost upload time.
"""


def strictest(rules: Iterable[ImageRules]) -> ImageRules:
    """The bounds that a picture keeps which any of them takes; Kling's own where there are none.

    Formats are those that all take; where that would be none, JPEG, which everybody does.
    """
    all_rules = tuple(rules) or (KLING_IMAGES,)
    shared = (name for name in all_rules[0].formats if all(name in one.formats for one in all_rules))
    return ImageRules(
        max_bytes=min(one.max_bytes for one in all_rules),
        min_side=max(one.min_side for one in all_rules),
        max_side=min(one.max_side for one in all_rules),
        max_shape=min(one.max_shape for one in all_rules),
        formats=tuple(shared) or ("JPEG",),
    )


SHORT_SIDE: dict[Tier, int] = {"standard": 720, "pro": 1080}
"""Pixels of the shorter side of the video."""

RATIOS: dict[Ratio, tuple[int, int]] = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}
"""Width and height of each shape."""


def nearest_ratio(width: int, height: int) -> Ratio:
    """The shape closest to a picture of that size, compared as proportions."""

    def distance(ratio: Ratio) -> float:
        wide, high = RATIOS[ratio]
        mine, theirs = width / height, wide / high
        return max(mine / theirs, theirs / mine)

    return min(RATIOS, key=distance)


def frame_size(ratio: Ratio, tier: Tier) -> tuple[int, int]:
    """Width and height in pixels of a video of that shape and tier; both even."""
    wide, high = RATIOS[ratio]
    short = SHORT_SIDE[tier]
    scale = short / min(wide, high)
    return round(wide * scale / 2) * 2, round(high * scale / 2) * 2
