"""Pictures that clients hand in."""

import base64
import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from bot.sandbox.gallery import BadPicture, Gallery
from tests.support.clock import FakeClock
from tests.support.media import file_of, halves, noise

PICTURE = file_of(halves(640, 480))


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path, FakeClock())


def uri(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


async def test_a_data_uri_is_kept_under_its_hash(gallery: Gallery) -> None:
    picture = await gallery.take(uri(PICTURE))
    assert (picture.width, picture.height) == (640, 480)
    assert picture.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert (gallery.pictures / picture.sha256).read_bytes() == PICTURE


async def test_a_turned_photo_is_measured_as_it_is_shown(gallery: Gallery) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    halves(640, 480).save(file, "JPEG", exif=exif)
    picture = await gallery.take(uri(file.getvalue()))
    assert (picture.width, picture.height) == (480, 640)


async def test_an_upload_works_by_its_address_on_loopback_only(gallery: Gallery) -> None:
    place = gallery.new_place("cat.jpg")
    await gallery.keep_upload(*place, PICTURE)
    path = "/".join(place)
    assert (await gallery.take(f"http://127.0.0.1:1/any/{path}")).width == 640
    for address in (f"https://example.com/{path}", f"ftp://127.0.0.1/{path}", path):
        with pytest.raises(BadPicture, match="download"):
            await gallery.take(address)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs.png", "..", "a/b.png", "", "né à.png"])
def test_a_name_is_made_safe(gallery: Gallery, name: str) -> None:
    place, safe = gallery.new_place(name)
    assert len(place) == 32
    assert safe
    assert set(safe) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not safe.startswith(".")


@pytest.mark.parametrize(
    ("place", "name"),
    [("me", "a.png"), ("..", "a.png"), ("0" * 32, "../a.png"), ("0" * 32, ".."), ("0" * 31 + "/", "a")],
)
async def test_nothing_is_kept_outside_the_folder(gallery: Gallery, place: str, name: str) -> None:
    with pytest.raises(KeyError):
        await gallery.keep_upload(place, name, b"x")


@pytest.mark.parametrize("path", ["/x/../../sold.jsonl", "/" + "0" * 32 + "/%2e%2e", "/a.png", ""])
def test_nothing_outside_the_folder_is_found(gallery: Gallery, path: str) -> None:
    assert gallery.upload_at("http://127.0.0.1" + path) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "load"),
        (b"<html>", "load"),
        (PICTURE[:3_000], "load"),
        (file_of(halves(400, 400), "GIF"), "format"),
        (file_of(halves(299, 600)), "too_small"),
        (file_of(halves(1_000, 399)), "shape"),
        (file_of(noise(2_000, 2_000), "PNG"), "too_many_bytes"),
    ],
)
async def test_a_bad_picture_is_refused_with_its_reason(gallery: Gallery, data: bytes, reason: str) -> None:
    with pytest.raises(BadPicture, match=f"^{reason}$"):
        await gallery.take(uri(data))
    assert list(gallery.pictures.iterdir()) == []


async def test_pictures_anywhere_in_a_body_become_hash_and_size(gallery: Gallery) -> None:
    place = gallery.new_place("cat.jpg")
    await gallery.keep_upload(*place, PICTURE)
    address = f"http://127.0.0.1:1/{place[0]}/{place[1]}"
    print_of = {"sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    body = {"a": [uri(PICTURE), {"b": address}], "c": "https://example.com/x.png", "d": 5, "e": None}
    assert await gallery.without_bytes(body) == {
        "a": [print_of, {"b": {"url": address} | print_of}],
        "c": "https://example.com/x.png",
        "d": 5,
        "e": None,
    }


async def test_an_unreadable_data_uri_is_hashed_as_it_came(gallery: Gallery) -> None:
    text = "data:image/png;base64,@@@"
    assert await gallery.without_bytes(text) == {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "bytes": len(text),
        "unreadable": True,
    }
