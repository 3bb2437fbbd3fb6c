"""How the values of flags that take one of a few words may be spelled. A flag of that kind has a row in both."""

from collections.abc import Mapping
from typing import get_args

from bot.kling.images import Mend
from bot.kling.requests import CameraMove, Duration, Ratio

MOST = 4
"""How many videos one ask may be for."""

_SHAPES: Mapping[Ratio, tuple[str, ...]] = {
    "16:9": ("wide", "landscape", "horizontal"),
    "9:16": ("tall", "portrait", "vertical"),
    "1:1": ("square",),
}
_MODELS: Mapping[str, tuple[str, ...]] = {
    "1.6": ("",),
    "1.6-std": ("-std", "-standard"),
    "1.6-pro": ("-pro",),
}

SPELLINGS: Mapping[str, Mapping[str, str | int]] = {
    "ar": {
        spelling: ratio
        for ratio, names in _SHAPES.items()
        for spelling in (ratio, *(ratio.replace(":", sign) for sign in ("x", "\u00d7", "/")), *names)
    },
    "d": {
        f"{seconds}{unit}": seconds
        for seconds in get_args(Duration)
        for unit in ("", "s", "sec", "secs", "second", "seconds")
    },
    "model": {
        f"{start}{version}{end}": model
        for model, ends in _MODELS.items()
        for end in ends
        for start, version in (("", "1.6"), ("v", "1.6"), ("kling", "1.6"), ("kling-", "1.6"), ("kling-v", "1.6"),
                               ("kling-v", "1-6"))
    },
    "n": {spelling: number for number in range(1, MOST + 1) for spelling in (str(number), f"x{number}", f"{number}x")},
    "fit": {"crop": "crop", "cut": "crop", "pad": "pad", "bars": "pad"},
    "quality": {"standard": "standard", "std": "standard", "720p": "standard", "pro": "pro", "1080p": "pro"},
}  # fmt: skip
"""For each flag that takes one of a few words: what may be typed, in lower case with `-` for `_`, and what it means."""

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "ar": get_args(Ratio),
    "d": tuple(str(seconds) for seconds in get_args(Duration)),
    "model": tuple(_MODELS),
    "quality": ("standard", "pro"),
    "n": tuple(str(number) for number in range(1, MOST + 1)),
    "fit": get_args(Mend),
}
"""The plain spelling of each choice, for error texts and forms."""

MOVES: tuple[str, ...] = get_args(CameraMove)
"""Camera moves, as they are typed."""
