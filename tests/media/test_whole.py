from collections.abc import Callable

import pytest

from bot.media.whole import check_gif, check_webp, jpeg_scans, png_without_texts
from tests.support.media import file_of, halves, noise

SMALL = halves(60, 50)
TAILS = [b"", b"PK\x03\x04 an archive", b"<script>alert(1)</script>", b"\xff\xda and no end", bytes(100)]


@pytest.mark.parametrize("tail", TAILS)
def test_a_whole_file_is_whole_whatever_follows(tail: bytes) -> None:
    assert jpeg_scans(file_of(SMALL) + tail) == 1
    assert png_without_texts(file_of(SMALL, "PNG") + tail) == file_of(SMALL, "PNG")
    check_webp(file_of(SMALL, "WEBP") + tail)
    check_gif(file_of(SMALL, "GIF") + tail)


def test_scans_are_counted_and_not_what_looks_like_one() -> None:
    assert jpeg_scans(file_of(noise(60, 50), progressive=True)) > 5
    assert jpeg_scans(file_of(SMALL, comment=b"\xff\xda\xff\xda\xff\xd9")) == 1


@pytest.mark.parametrize(
    ("data", "check", "tail"),
    [
        (file_of(SMALL), jpeg_scans, 0),
        (file_of(SMALL, "PNG"), png_without_texts, 0),
        (file_of(SMALL, "WEBP"), check_webp, 0),
        (file_of(SMALL, "GIF"), check_gif, 1),  # the mark of its end may be missing: the frame is there
    ],
    ids=["JPEG", "PNG", "WEBP", "GIF"],
)
def test_every_cut_is_seen(data: bytes, check: Callable[[bytes], object], tail: int) -> None:
    for kept in range(8, len(data) - tail):
        with pytest.raises(ValueError, match=r"cut off|no frame"):
            check(data[:kept])


def test_a_png_changed_on_the_way_is_seen() -> None:
    data = bytearray(file_of(noise(60, 50), "PNG"))
    data[len(data) // 2] ^= 1
    with pytest.raises(ValueError, match="cut off"):
        png_without_texts(bytes(data))
