import io
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.errors import PictureRefused
from bot.media import pictures
from bot.media.pictures import PictureFacts, fit, look
from tests.support.heic import heic
from tests.support.hostile import MEGABYTES, SECONDS, measure
from tests.support.media import Still, file_of, halves, noise

ORIENTATION = 0x0112


def refusal(data: bytes, number: int = 1) -> PictureRefused:
    with pytest.raises(PictureRefused) as by_look:
        look(data, number)
    with pytest.raises(PictureRefused) as by_fit:
        fit(data, number)
    assert str(by_look.value) == str(by_fit.value)
    return by_fit.value


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
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "unreadable", "HEIC"),
        (b"II*\x00\x08\x00\x00\x00", "other_format", "TIFF"),
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
    assert refusal(huge_png(7_746) + bytes(300_000)).reason == "too_many_pixels"
    assert refusal(huge_png(7_745) + bytes(300_000)).reason == "unreadable"


def test_a_large_picture_with_hardly_any_bytes_is_refused_and_a_blank_screen_is_not() -> None:
    blank = file_of(Image.new("L", (4_000, 2_250)), "PNG")
    assert len(blank) < 36_000
    assert look(blank, 1).width == 4_000
    error = refusal(file_of(Image.new("L", (4_000, 2_251)), "PNG"))
    assert (error.reason, error.found, error.limit) == ("too_many_pixels", "9004000", "9000000")


def test_a_profile_that_unfolds_beside_the_pixels_is_refused() -> None:
    bomb = chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(50_000_000)))
    assert refusal(png_with(bomb)).reason == "unreadable"


@pytest.mark.parametrize("text", [b"zTXtnote\0\0", b"iTXtnote\0\1\0\0\0"])
def test_texts_are_never_unfolded(text: bytes) -> None:
    bomb = chunk(text[:4], text[4:] + zlib.compress(bytes(50_000_000)))
    before = time.thread_time()
    assert fit(png_with(bomb), 1) == fit(png_with(), 1)
    assert time.thread_time() - before < 0.2


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = file_of(noise(320, 320), progressive=True)
    last_scan = data.rindex(b"\xff\xda")
    assert refusal(data[:-2] + data[last_scan:-2] * 200 + b"\xff\xd9").reason == "unreadable"


def test_the_larger_a_jpeg_the_fewer_scans_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    data = file_of(noise(320, 320), progressive=True)
    last_scan = data.rindex(b"\xff\xda")
    monkeypatch.setattr("bot.media.pictures._MAX_JPEG_WORK", 320 * 320 * 12)
    assert look(data, 1).width == 320
    assert refusal(data[:-2] + data[last_scan:-2] * 12 + b"\xff\xd9").reason == "unreadable"


def test_refusing_bombs_and_damaged_files_costs_next_to_nothing() -> None:
    many_texts = [chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(1_000_000))) for n in range(200)]
    larger = file_of(noise(1_280, 720), "AVIF", quality=1, speed=10)
    bombs = [
        huge_png(), huge_jpeg(), huge_gif(), huge_webp(), png_with(*many_texts)[:-9],
        heic(halves(1_200, 900), claims=(310, 310)),
        heic(halves(320, 320), claims=(7_700, 7_700)),
        heic(noise(1_536, 1_536), tile=256, same_bytes=True),
        larger.replace((1_280).to_bytes(4) + (720).to_bytes(4), (310).to_bytes(4) * 2),
    ]  # fmt: skip
    cost = measure(seed=1, count=100, bombs={f"bomb {number}": bomb for number, bomb in enumerate(bombs)})
    assert cost.refused > len(bombs) + 50
    assert cost.grown < MEGABYTES, cost
    assert cost.slowest < SECONDS, cost


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
    with suppress(PictureRefused):
        assert len(fit(data, 1).data) <= 10_000_000


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
