import pytest

from bot.media.sniff import kind
from tests.support.media import Still, file_of, film, halves

ISO = b"\x00\x00\x00\x18ftyp"


@pytest.mark.parametrize("still", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_picture_is_known_by_its_bytes(still: Still) -> None:
    assert kind(file_of(halves(20, 10), still)) == still


def test_a_phone_picture_in_a_multi_picture_file_is_a_jpeg() -> None:
    assert kind(file_of(halves(20, 10), "MPO", save_all=True, append_images=[halves(20, 10)])) == "JPEG"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (ISO + b"heic\x00\x00\x00\x00mif1heic", "HEIC"),
        (ISO + b"mif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (ISO + b"mif1\x00\x00\x00\x00mif1avif", "AVIF"),
        (ISO + b"isom\x00\x00\x02\x00isomhvc1", "MP4"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"a cat on a wall", "text"),
        (b"BMW on a wall", "text"),
        ("ein Stück Käse, das auf einem Teller liegt".encode("latin-1"), "text"),
        (b'{"ok": false, "error": "not_authed"}', "text"),
        (b" " * 5_000, "text"),
        (b"", "unknown"),
        (bytes(100), "unknown"),
        (bytes(range(256)), "unknown"),
    ],
)
def test_other_files_are_named(data: bytes, name: str) -> None:
    assert kind(data) == name


def test_a_video_is_an_mp4() -> None:
    assert kind(film(1)) == "MP4"


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><head><title>Sign in | Slack</title></head></html>",
        b"<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>",
        b"\n\t  <HTML lang='en'>",
        b"\xef\xbb\xbf<html>",
        b"\xef\xbb\xbf\r\n<!-- served - by -- nobody --><!DocType\n html>",
        b"<?xml version='1.0' encoding='utf-8'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>",
        "\ufeff<!DOCTYPE html>".encode("utf-16-le"),
        "\ufeff  <html>".encode("utf-16-be"),
        b"<script>location='/login'</script>",
    ],
)
def test_a_web_page_is_known_however_it_begins(page: bytes) -> None:
    assert kind(page) == "HTML"


def test_a_long_run_of_spaces_costs_no_time() -> None:
    assert kind(b"<!--" + b" -" * 100_000) == "text"
