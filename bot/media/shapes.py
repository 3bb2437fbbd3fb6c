"""Shapes that Kling doesn't take, and what would mend them: cutting the long sides, or bars beside the short ones."""

import math

from PIL import Image

from bot.kling.images import ImageRules, Mend

Size = tuple[int, int]

_WORTH = 1 / 3
"""The share of a picture that a cut must leave, or of the result that must be picture: less is nobody's picture."""


def remedies(size: Size, rules: ImageRules) -> tuple[Mend, ...]:
    """What would make a picture of a refused size usable, in the order to offer it; nothing for a size that is fine."""
    area = size[0] * size[1]
    cropped, padded = crop_size(size, rules), pad_size(size, rules)
    crop = cropped != size and min(size) >= rules.min_side and cropped[0] * cropped[1] >= area * _WORTH
    pad = padded != size and area >= padded[0] * padded[1] * _WORTH
    offers: dict[Mend, bool] = {"crop": crop, "pad": pad}
    return tuple(mend for mend, would_do in offers.items() if would_do)


def crop_size(size: Size, rules: ImageRules) -> Size:
    """The size with the longer side cut to what is allowed beside the shorter one."""
    short, long = sorted(size)
    return _as(size, short, min(long, int(short * rules.max_shape)))


def pad_size(size: Size, rules: ImageRules) -> Size:
    """The smallest size that holds the picture as it is and keeps the rules."""
    short, long = sorted(size)
    long = max(long, rules.min_side)
    return _as(size, max(short, rules.min_side, math.ceil(long / rules.max_shape)), long)


def crop_to(image: Image.Image, size: Size) -> Image.Image:
    """The middle of a picture, of that size."""
    left, top = (image.width - size[0]) // 2, (image.height - size[1]) // 2
    return image.crop((left, top, left + size[0], top + size[1]))


def pad_to(image: Image.Image, size: Size) -> Image.Image:
    """The picture in the middle of a black one of that size."""
    canvas = Image.new(image.mode, size)
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


def _as(size: Size, short: int, long: int) -> Size:
    return (short, long) if size[0] <= size[1] else (long, short)
