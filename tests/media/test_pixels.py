import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from bot.errors import PictureRefused
from bot.kling.images import ImageRules
from bot.media.pictures import Fitted, fit
from bot.media.pixels import within
from tests.support.media import Still, file_of, halves, noise, opened

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def fitted_or_reason(data: bytes, rules: ImageRules) -> Fitted | str:
    try:
        return fit(data, 1, rules)
    except PictureRefused as error:
        return error.reason


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(100, 5_000))
def test_scaling_down_never_makes_a_picture_thinner(width: int, height: int, max_side: int) -> None:
    new = within((width, height), max_side)
    assert max(new) == min(max_side, max(width, height))
    assert max(new) * min(width, height) <= min(new) * max(width, height)
    assert (new[0] >= new[1]) == (width >= height) or new[0] == new[1]
    assert min(new) <= min(width, height)


def test_eleven_megabytes_are_fitted_not_refused() -> None:
    data = file_of(noise(2_300, 2_000), quality=95, subsampling=0)
    assert len(data) > 11_000_000
    fitted = fit(data, 1)
    assert len(fitted.data) <= 10_000_000
    assert (fitted.mime, fitted.width, fitted.height, fitted.changes) == ("image/jpeg", 2_300, 2_000, ("recoded",))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_the_way_its_camera_was_held(orientation: int) -> None:
    away: dict[int, Image.Transpose] = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    seen = halves(400, 320)
    seen.paste((0, 200, 0), (0, 0, 200, 160))  # the upper left corner is green
    stored = seen.transpose(away[orientation]) if orientation in away else seen
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    fitted = fit(file_of(stored, "PNG", exif=exif), 1)
    assert (fitted.width, fitted.height) == (400, 320)
    assert np.array_equal(np.asarray(opened(fitted.data)), np.asarray(seen))
    assert fitted.changes == (() if orientation == 1 else ("rotated",))


@pytest.mark.parametrize("still", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_gets_through(still: Still) -> None:
    exif = Image.Exif()
    exif[MAKER] = "SecretCamera"
    exif[GPS] = {1: "N", 2: (48.0, 12.0, 30.0), 29: "2026:11:20"}
    data = file_of(noise(320, 320), still, exif=exif, **({"comment": b"SecretNote"} if still == "JPEG" else {}))
    assert b"SecretCamera" in data
    fitted = fit(data + b"SecretTail", 1)
    assert b"Secret" not in fitted.data
    assert b"2026:11:20" not in fitted.data
    assert not opened(fitted.data).getexif()
    assert set(opened(fitted.data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_text_and_colour_blocks_of_a_png_are_dropped() -> None:
    text = PngInfo()
    text.add_text("prompt", "a secret workflow")
    data = file_of(noise(320, 320), "PNG", pnginfo=text, dpi=(300, 300))
    assert b"tEXtprompt" in data
    assert b"pHYs" in data
    fitted = fit(data, 1)
    assert b"secret" not in fitted.data
    assert [name for name in (b"IHDR", b"tEXt", b"pHYs", b"IDAT") if name in fitted.data] == [b"IHDR", b"IDAT"]


def test_a_clean_png_stays_a_png_and_keeps_every_pixel() -> None:
    image = noise(320, 400)
    fitted = fit(file_of(image, "PNG"), 1)
    assert (fitted.mime, fitted.changes) == ("image/png", ())
    assert np.array_equal(np.asarray(opened(fitted.data)), np.asarray(image))


def test_a_clean_jpeg_keeps_its_own_quality() -> None:
    data = file_of(noise(32, 40).resize((320, 400)), quality=60)
    fitted = fit(data, 1)
    before, after = np.asarray(opened(data), np.int16), np.asarray(opened(fitted.data), np.int16)
    assert fitted.changes == ()
    assert len(fitted.data) < 1.02 * len(data)
    assert np.abs(before - after).mean() < 2


def test_what_shows_through_is_put_on_white() -> None:
    image = Image.new("RGBA", (320, 320), (255, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 160, 320))
    fitted = fit(file_of(image, "PNG"), 1)
    assert (fitted.mime, fitted.changes) == ("image/png", ("flattened",))
    assert opened(fitted.data).mode == "RGB"
    assert opened(fitted.data).getpixel((10, 10)) == (0, 0, 0)
    assert opened(fitted.data).getpixel((300, 10)) == (255, 255, 255)


def test_a_transparent_colour_of_a_palette_is_put_on_white() -> None:
    image = Image.new("P", (320, 320), 1)
    image.putpalette([10, 20, 30, 200, 100, 50])
    fitted = fit(file_of(image, "PNG", transparency=1), 1)
    assert fitted.changes == ("flattened",)
    assert opened(fitted.data).getpixel((5, 5)) == (255, 255, 255)


def test_an_opaque_alpha_channel_is_no_change() -> None:
    assert fit(file_of(noise(320, 320).convert("RGBA"), "PNG"), 1).changes == ()


def test_the_first_frame_of_an_animation_is_taken() -> None:
    first, second = Image.new("RGB", (320, 320), (0, 0, 200)), Image.new("RGB", (320, 320), (200, 0, 0))
    fitted = fit(file_of(first, "GIF", save_all=True, append_images=[second]), 1)
    assert (fitted.mime, fitted.changes) == ("image/jpeg", ("first_frame", "recoded"))
    pixel = np.asarray(opened(fitted.data))[5, 5]
    assert np.abs(pixel.astype(int) - (0, 0, 200)).max() < 5


def test_print_colours_become_screen_colours() -> None:
    fitted = fit(file_of(Image.new("CMYK", (320, 320), (0, 255, 255, 0))), 1)
    assert opened(fitted.data).mode == "RGB"
    red, green, blue = np.asarray(opened(fitted.data))[5, 5]
    assert (red > 240, green < 15, blue < 15) == (True, True, True)


def test_sixteen_bits_a_pixel_are_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65_535, 320 * 320).reshape(320, 320).astype(np.uint16)
    fitted = fit(file_of(Image.fromarray(ramp), "PNG"), 1)
    shown = np.asarray(opened(fitted.data))
    assert [shown[0, 0, 0], shown[160, 10, 0], shown[-1, -1, 0]] == [0, 128, 255]


def test_bits_and_greys_become_colours() -> None:
    assert opened(fit(file_of(Image.new("1", (320, 320), 1), "PNG"), 1).data).getpixel((0, 0)) == (255, 255, 255)
    assert opened(fit(file_of(Image.new("L", (320, 320), 90), "PNG"), 1).data).getpixel((0, 0)) == (90, 90, 90)
    assert opened(fit(file_of(Image.new("L", (320, 320), 90)), 1).data).mode == "RGB"


def test_colours_are_carried_over_from_the_pictures_own_profile() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"  # in this profile red means green
    named = bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    fitted = fit(file_of(Image.new("RGB", (320, 320), (250, 0, 0)), "PNG", icc_profile=named), 1)
    assert opened(fitted.data).getpixel((5, 5)) == (0, 250, 0)
    assert "icc_profile" not in opened(fitted.data).info


def test_a_damaged_profile_is_ignored() -> None:
    image = noise(320, 320)
    fitted = fit(file_of(image, "PNG", icc_profile=b"not a profile at all" * 20), 1)
    assert np.array_equal(np.asarray(opened(fitted.data)), np.asarray(image))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's word to the log
@pytest.mark.parametrize("exif", [b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0??\0*\0\0\0\x08\0\0"])
@pytest.mark.parametrize("still", ["JPEG", "PNG"])
def test_a_damaged_exif_block_is_ignored(exif: bytes, still: Still) -> None:
    assert fit(file_of(halves(400, 320), still, exif=exif), 1).changes == ()


def test_a_large_picture_is_scaled_down_and_its_shape_kept() -> None:
    fitted = fit(file_of(halves(5_000, 2_000)), 1)
    assert (fitted.width, fitted.height, fitted.changes) == (4_096, 1_639, ("scaled",))
    assert fitted.width <= 2.5 * fitted.height
    shown = opened(fitted.data)
    assert shown.size == (4_096, 1_639)
    assert np.asarray(shown)[100, 100, 0] > 200
    assert np.asarray(shown)[1_600, 4_000, 2] > 200


def test_a_tight_limit_costs_quality_first_and_size_then() -> None:
    data = file_of(noise(600, 600), quality=95)
    rules = ImageRules(min_side=100, max_bytes=250_000)
    assert fit(data, 1, rules).changes == ("recoded",)
    smaller = fit(data, 1, ImageRules(min_side=100, max_bytes=50_000))
    assert smaller.changes == ("scaled", "recoded")
    assert 100 <= smaller.width < 600
    with pytest.raises(PictureRefused) as caught:
        fit(data, 2, ImageRules(min_side=500, max_bytes=50_000))
    assert (caught.value.number, caught.value.reason, caught.value.limit) == (2, "too_many_bytes", "50000")


def test_a_png_too_large_for_its_rules_becomes_a_jpeg() -> None:
    fitted = fit(file_of(noise(400, 400), "PNG"), 1, ImageRules(max_bytes=300_000))
    assert (fitted.mime, fitted.changes) == ("image/jpeg", ("recoded",))
    assert fit(file_of(halves(400, 400), "PNG"), 1, ImageRules(formats=("JPEG",))).mime == "image/jpeg"


@settings(max_examples=60)
@given(
    sides=st.tuples(st.integers(100, 500), st.integers(100, 500)),
    still=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    hard=st.booleans(),
    max_side=st.integers(300, 600),
    max_bytes=st.integers(2_000, 60_000),
)
def test_a_fitted_picture_keeps_every_rule(
    sides: tuple[int, int], still: Still, hard: bool, max_side: int, max_bytes: int
) -> None:
    rules = ImageRules(min_side=100, max_side=max_side, max_bytes=max_bytes)
    data = file_of((noise if hard else halves)(*sides), still)
    fitted = fitted_or_reason(data, rules)
    if isinstance(fitted, str):
        assert fitted == ("too_long_and_thin" if max(sides) > 2.5 * min(sides) else "too_many_bytes")
        return
    assert len(fitted.data) <= max_bytes
    assert opened(fitted.data).size == (fitted.width, fitted.height)
    assert min(fitted.width, fitted.height) >= 100
    assert max(fitted.width, fitted.height) <= min(max_side, max(sides))
    assert max(fitted.width, fitted.height) <= 2.5 * min(fitted.width, fitted.height)
    assert ("scaled" in fitted.changes) == ((fitted.width, fitted.height) != sides)
    assert fit(data, 1, rules) == fitted
