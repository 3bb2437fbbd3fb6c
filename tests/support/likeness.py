"""How alike two pictures are, as the eye sees it."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WINDOW = 8


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of every window of 8 by 8."""
    sums = np.cumsum(np.cumsum(np.pad(values, ((1, 0), (1, 0))), 0), 1)
    n = _WINDOW
    inside: NDArray[np.float64] = sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]
    return inside / n**2


def ssim(first: Image.Image, second: Image.Image) -> float:
    """Structural similarity of two pictures of one size in grey: 1 for the same, about 0 for unrelated ones."""
    a = np.asarray(first.convert("L"), dtype=np.float64)
    b = np.asarray(second.convert("L"), dtype=np.float64)
    mean_a, mean_b = _means(a), _means(b)
    var_a, var_b = _means(a * a) - mean_a**2, _means(b * b) - mean_b**2
    both = _means(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return float(likeness.mean())


def difference(first: Image.Image, second: Image.Image) -> float:
    """The mean distance of two pictures' pixels, 0 to 255."""
    a, b = (np.asarray(picture.convert("RGB"), dtype=np.float64) for picture in (first, second))
    return float(np.abs(a - b).mean())


def brightness(picture: Image.Image) -> float:
    """The mean of a picture's pixels, 0 to 255."""
    return float(np.asarray(picture.convert("L"), dtype=np.float64).mean())
