import io
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.errors import PictureRefused
from bot.kling.images import KLING_IMAGES, ImageRules
from bot.media import pictures
from bot.media.pictures import Fitted, PictureFacts, fit, look
from tests.support.media import Still, file_of, halves, noise, opened

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def refusal(data: bytes, number: int = 1) -> PictureRefused:
    with pytest.raises(PictureRefused) as by_look:
        look(data, number)
    with pytest.raises(PictureRefused) as by_fit:
        fit(data, number)
    assert str(by_look.value) == str(by_fit.value)
    return by_fit.value


def fitted_or_reason(data: bytes, rules: ImageRules) -> Fitted | str:
    try:
        return fit(data, 1, rules)
    except PictureRefused as error:
        return error.reason


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(*chunks: bytes) -> bytes:
    png = file_of(noise(320, 320), "PNG")
    return png[:33] + b"".join(chunks) + png[33:]


def huge_png(side: int = 50_000) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def huge_jpeg() -> bytes:
    data = bytearray(file_of(halves(320, 320)))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = b"\xff\xdc\xff\xdc"
    return bytes(data)


def huge_gif() -> bytes:
    data = bytearray(file_of(halves(320, 320), "GIF"))
    data[6:10] = b"\xff\xff\xff\xff"
    return bytes(data)


def huge_webp() -> bytes:
    data = bytearray(file_of(noise(320, 320), "WEBP", save_all=True, append_images=[noise(320, 320, 1)]))
    data[24:30] = b"\xfe\x3f\x00\xfe\x3f\x00"
    return bytes(data)


def test_a_picture_is_described() -> None:
    data = file_of(noise(400, 300))
    assert look(data, 1) == PictureFacts(
        format="JPEG", width=400, height=300, bytes=len(data), frames=1, has_alpha=False
    )


def test_width_and_height_are_those_one_sees() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    facts = look(file_of(noise(400, 300), exif=exif), 1)
    assert (facts.width, facts.height) == (300, 400)


@pytest.mark.parametrize(("still", "frames"), [("GIF", 2), ("WEBP", 3), ("PNG", 3)])
def test_an_animation_has_frames(still: Still, frames: int) -> None:
    data = file_of(noise(320, 320), still, save_all=True, append_images=[noise(320, 320, 1), noise(320, 320, 2)])
    assert look(data, 1).frames == frames
    assert fit(data, 1).changes[0] == "first_frame"


def test_the_second_picture_in_a_phone_file_is_no_frame() -> None:
    data = file_of(noise(320, 320), "MPO", save_all=True, append_images=[noise(320, 320, 1)])
    assert (look(data, 1).format, look(data, 1).frames) == ("JPEG", 1)


def test_transparency_is_seen_in_channels_and_palettes() -> None:
    assert look(file_of(noise(320, 320).convert("RGBA"), "PNG"), 1).has_alpha
    assert look(file_of(noise(320, 320).convert("P"), "PNG", transparency=0), 1).has_alpha
    assert not look(file_of(noise(320, 320).convert("P"), "PNG"), 1).has_alpha


@pytest.mark.parametrize(
    ("data", "reason", "found"),
    [
        (b"", "empty", ""),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML><title>Slack</title>", "web_page", "HTML"),
        (b"this is holiday.jpg, honestly", "not_a_picture", "text"),
        (b"%PDF-1.4", "not_a_picture", "PDF"),
        (bytes(1_000), "not_a_picture", "unknown"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "other_format", "HEIC"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41", "not_a_picture", "MP4"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "other_format", "SVG"),
        (b"\xff\xd8\xff\xe0", "unreadable", "JPEG"),
        (b"GIF89a", "unreadable", "GIF"),
    ],
)
def test_what_is_no_usable_picture_is_named(data: bytes, reason: str, found: str) -> None:
    error = refusal(data, 3)
    assert (error.number, error.reason, error.found) == (3, reason, found)


@pytest.mark.parametrize("still", ["JPEG", "PNG", "WEBP", "GIF"])
def test_half_a_file_is_unreadable(still: Still) -> None:
    data = file_of(noise(320, 320), still)
    error = refusal(data[: len(data) // 2])
    assert (error.reason, error.found) == ("unreadable", still)


def test_small_and_thin_pictures_are_refused_with_their_numbers() -> None:
    small = refusal(file_of(noise(400, 299)))
    assert (small.reason, small.found, small.limit) == ("too_small", "400x299", "300")
    thin = refusal(file_of(halves(300, 751)))
    assert (thin.reason, thin.found, thin.limit) == ("too_long_and_thin", "2.50", "2.5")
    assert look(file_of(halves(300, 750)), 1).height == 750


@pytest.mark.parametrize(
    ("data", "pixels"),
    [(huge_png(), "2500000000"), (huge_jpeg(), "4290250000"), (huge_gif(), "4294836225"), (huge_webp(), "")],
    ids=["PNG", "JPEG", "GIF", "WEBP"],
)
def test_a_bomb_is_refused_by_its_header(data: bytes, pixels: str) -> None:
    error = refusal(data)
    assert (error.reason, error.found, error.limit) == ("too_many_pixels", pixels, "60000000")
    before = time.thread_time()
    with pytest.raises(PictureRefused):
        look(data, 1)
    assert time.thread_time() - before < 0.05


def test_a_picture_just_over_the_cap_is_refused_and_one_just_under_it_is_read() -> None:
    assert refusal(huge_png(7_746)).reason == "too_many_pixels"
    assert refusal(huge_png(7_745)).reason == "unreadable"


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"iTXt", b"note\0\1\0\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(50_000_000))),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
def test_a_block_that_unfolds_beside_the_pixels_is_refused(text: bytes) -> None:
    assert refusal(png_with(text)).reason == "unreadable"


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = file_of(noise(320, 320), progressive=True)
    last_scan = data.rindex(b"\xff\xda")
    assert refusal(data[:-2] + data[last_scan:-2] * 200 + b"\xff\xd9").reason == "unreadable"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured the Linux way")
def test_no_bomb_takes_memory(tmp_path: Path) -> None:
    many_texts = [chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(1_000_000))) for n in range(200)]
    many_frames = file_of(noise(320, 320), "GIF", save_all=True, append_images=[noise(320, 320, n) for n in range(5)])
    bombs = [huge_png(), huge_jpeg(), huge_gif(), huge_webp(), png_with(*many_texts), many_frames]
    for number, bomb in enumerate(bombs):
        (tmp_path / f"{number}").write_bytes(bomb)
    script = """
import sys, pathlib
from bot.media.pictures import look
def peak(): return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
before = peak()
for path in sys.argv[1:]:
    try: look(pathlib.Path(path).read_bytes(), 1)
    except Exception as error: print(error, file=sys.stderr)
print(peak() - before)
"""
    command = [sys.executable, "-c", script, *sorted(str(path) for path in tmp_path.iterdir())]
    grown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert int(grown.stdout) < 120_000


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
    fitted = fit(png_with(chunk(b"tEXt", b"prompt\0a secret workflow"), chunk(b"pHYs", bytes(9))), 1)
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
def test_a_damaged_exif_block_is_ignored() -> None:
    data = file_of(halves(400, 320), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert fit(data, 1).changes == ()


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


def test_many_threads_give_what_one_gives() -> None:
    files = [file_of(noise(320 + 8 * n, 400, n), "PNG" if n % 2 else "WEBP") for n in range(8)]
    alone = [fit(data, 1) for data in files]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda data: fit(data, 1), files)) == alone


def _seeds() -> list[bytes]:
    small, other = halves(300, 310), noise(30, 31).resize((300, 310))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"\0s\0R\0G\0B", b"\0o\0w\0n\0!")
    return [
        file_of(small, exif=exif, icc_profile=icc),
        file_of(small, progressive=True),
        file_of(small.convert("CMYK")),
        file_of(small, "MPO", save_all=True, append_images=[other]),
        file_of(small, "PNG", exif=exif, icc_profile=icc),
        file_of(small.convert("P"), "PNG", transparency=1),
        file_of(small, "PNG", save_all=True, append_images=[other]),
        file_of(small, "WEBP", exif=exif),
        file_of(small, "WEBP", save_all=True, append_images=[other]),
        file_of(small, "GIF", save_all=True, append_images=[other]),
    ]


SEEDS = _seeds()
MAGIC = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8 "]


def only_refuses(data: bytes) -> None:
    with suppress(PictureRefused):
        look(data, 1)
    assert fitted_or_reason(data, KLING_IMAGES) != "too_many_bytes"


@given(st.sampled_from(MAGIC), st.binary(max_size=300))
def test_random_bytes_are_refused_and_nothing_else(magic: bytes, data: bytes) -> None:
    with pytest.raises(PictureRefused):
        look(magic + data, 1)
    only_refuses(magic + data)


@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255), st.booleans()), max_size=12),
    kept=st.floats(0.3, 1.5),
)
def test_damaged_pictures_are_read_or_refused_and_nothing_else(
    seed: bytes, edits: list[tuple[float, int, bool]], kept: float
) -> None:
    data = bytearray(seed)
    for where, value, in_header in edits:
        data[int(where * min(len(data), 700 if in_header else len(data)))] = value
    only_refuses(bytes(data[: int(len(data) * kept)]))


def test_an_unforeseen_failure_of_a_decoder_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(file: io.BytesIO) -> Image.Image:
        raise AttributeError

    monkeypatch.setitem(pictures._OPENERS, "PNG", fails)
    assert refusal(file_of(noise(320, 320), "PNG")).reason == "unreadable"
