import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.errors import PictureRefused
from bot.kling.images import KLING_IMAGES, ImageRules, Mend
from bot.media.pictures import Fitted, fit
from bot.media.shapes import crop_size, pad_size, remedies
from tests.support.media import file_of, halves, opened

SIDES = st.integers(1, 12_000)


def keeps(size: tuple[int, int], rules: ImageRules = KLING_IMAGES) -> bool:
    short, long = sorted(size)
    return short >= rules.min_side and long <= rules.max_shape * short


@given(SIDES, SIDES)
def test_what_is_offered_keeps_the_rules_and_nothing_is_offered_for_what_keeps_them(width: int, height: int) -> None:
    size = width, height
    offered = remedies(size, KLING_IMAGES)
    if keeps(size):
        assert offered == ()
    assert "crop" not in offered or keeps(crop_size(size, KLING_IMAGES))
    assert "pad" not in offered or keeps(pad_size(size, KLING_IMAGES))


@given(SIDES, SIDES)
def test_a_cut_never_grows_and_bars_never_cut(width: int, height: int) -> None:
    cropped, padded = crop_size((width, height), KLING_IMAGES), pad_size((width, height), KLING_IMAGES)
    assert cropped[0] <= width <= padded[0]
    assert cropped[1] <= height <= padded[1]


@pytest.mark.parametrize(
    ("size", "offered"),
    [
        ((3_000, 600), ("crop", "pad")),
        ((600, 3_000), ("crop", "pad")),
        ((400, 299), ("pad",)),
        ((250, 250), ("pad",)),
        ((900, 290), ("pad",)),
        ((60, 60), ()),
        ((9_000, 400), ()),
        ((3_000, 1_200), ()),
    ],
)
def test_only_what_leaves_a_picture_is_offered(size: tuple[int, int], offered: tuple[Mend, ...]) -> None:
    assert remedies(size, KLING_IMAGES) == offered
    if offered:
        with pytest.raises(PictureRefused) as caught:
            fit(file_of(halves(*size)), 2)
        assert (caught.value.number, caught.value.remedies) == (2, offered)


def mended(size: tuple[int, int], mend: Mend) -> tuple[Fitted, Image.Image]:
    fitted = fit(file_of(halves(*size), "PNG"), 1, mend=mend)
    image = opened(fitted.data)
    assert image.size == (fitted.width, fitted.height)
    return fitted, image


def test_a_cut_keeps_the_middle() -> None:
    fitted, image = mended((300, 1_500), "crop")
    assert (image.size, fitted.changes) == ((300, 750), ("cropped",))
    assert np.array_equal(np.asarray(image), np.asarray(halves(300, 750)))


def test_bars_go_on_both_sides() -> None:
    fitted, image = mended((300, 1_500), "pad")
    assert (image.size, fitted.changes) == ((600, 1_500), ("padded",))
    assert image.getpixel((149, 10)) == image.getpixel((450, 10)) == (0, 0, 0)
    assert image.crop((150, 0, 450, 1_500)).tobytes() == halves(300, 1_500).tobytes()


def test_a_picture_lying_on_its_side_is_mended_as_it_is_seen() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    fitted = fit(file_of(halves(1_500, 300), exif=exif), 1, mend="crop")
    assert (fitted.width, fitted.height, fitted.changes) == (300, 750, ("rotated", "cropped"))


def test_a_large_picture_is_mended_and_scaled() -> None:
    rules = ImageRules(max_side=1_000)
    for mend in ("crop", "pad"):
        fitted = fit(file_of(halves(3_000, 600)), 1, rules, "crop" if mend == "crop" else "pad")
        assert (fitted.width, fitted.height) == (1_000, 400)
        assert "scaled" in fitted.changes


@pytest.mark.parametrize("mend", ["crop", "pad"])
def test_a_picture_that_fits_is_not_touched(mend: Mend) -> None:
    data = file_of(halves(400, 320))
    assert fit(data, 1, mend=mend) == fit(data, 1)


def test_a_mend_that_would_leave_nothing_is_not_made() -> None:
    with pytest.raises(PictureRefused) as caught:
        fit(file_of(halves(900, 290)), 1, mend="crop")
    assert (caught.value.reason, caught.value.remedies) == ("too_small", ("pad",))
