from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from aiohttp import ClientError, ClientSession
from yarl import URL

from bot.server import Server
from bot.server.files import disposition
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock
from tests.support.serving import serving

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 20
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"j" * 100
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


class House:
    """A running server with a few files."""

    def __init__(self, server: Server, client: ClientSession, clock: FakeClock, blobs: FakeBlobs) -> None:
        self.server, self.client, self.clock, self.blobs = server, client, clock, blobs

    def link(self, data: bytes, name: str = "fox.mp4") -> URL:
        return URL(self.server.link(self.blobs.keep(data), name), encoded=True)

    async def status(self, url: URL) -> int:
        async with self.client.get(url) as answer:
            return answer.status


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock, blobs = FakeClock(), FakeBlobs()
    async with serving(clock=clock, blobs=blobs) as (server, client):
        yield House(server, client, clock, blobs)


async def test_a_link_streams_the_file(house: House) -> None:
    async with house.client.get(house.link(MP4)) as answer:
        assert answer.status == 200
        assert await answer.read() == MP4
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Length"] == str(len(MP4))
        assert answer.headers["Accept-Ranges"] == "bytes"


async def test_head_tells_without_sending(house: House) -> None:
    async with house.client.head(house.link(MP4)) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(MP4)))


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=5000-", 5_000, len(MP4)), ("bytes=-7", len(MP4) - 7, len(MP4))],
)
async def test_a_range_is_a_part(house: House, wanted: str, start: int, end: int) -> None:
    async with house.client.get(house.link(MP4), headers={"Range": wanted}) as answer:
        assert answer.status == 206
        assert await answer.read() == MP4[start:end]
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(MP4)}"


async def test_a_range_beyond_the_end_is_refused_with_the_size(house: House) -> None:
    async with house.client.get(house.link(MP4), headers={"Range": "bytes=999999-"}) as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(MP4)}")
        assert await answer.json() == {"error": "range"}


async def test_a_range_of_other_bytes_than_these_is_not_honoured(house: House) -> None:
    async with house.client.get(house.link(MP4), headers={"Range": "bytes=0-9", "If-Range": '"other"'}) as answer:
        assert answer.status == 200


async def test_bytes_that_the_browser_has_are_not_sent_again(house: House) -> None:
    async with house.client.get(house.link(MP4)) as first:
        etag = first.headers["ETag"]
    async with house.client.get(house.link(MP4), headers={"If-None-Match": etag}) as again:
        assert (again.status, await again.read()) == (304, b"")


async def test_links_made_within_an_hour_are_alike_and_good_for_a_day(house: House) -> None:
    link = house.link(MP4)
    house.clock.advance(59 * 60)
    assert house.link(MP4) == link
    house.clock.advance(23 * 3_600)
    assert await house.status(link) == 200
    house.clock.advance(2 * 3_600)
    assert await house.status(link) == 410


@pytest.mark.parametrize(
    "change", [{"sig": "A" * 43}, {"sig": ""}, {"sig": "ü"}, {"until": "9999999999999"}, {"until": "x"}]
)
async def test_a_changed_link_opens_nothing(house: House, change: dict[str, str]) -> None:
    assert await house.status(house.link(MP4).update_query(change)) == 403


async def test_a_link_opens_one_file_under_one_name(house: House) -> None:
    link, other = house.link(MP4), house.blobs.keep(JPEG)
    assert await house.status(link.with_path(f"/files/{other}/fox.mp4", keep_query=True)) == 403
    assert await house.status(link.with_name("page.html", keep_query=True)) == 403
    assert await house.status(link.with_query({})) == 403


async def test_a_link_by_another_key_opens_nothing(house: House) -> None:
    other = Server(
        host="", port=0, clock=house.clock, signing_key=b"other", blobs=house.blobs, health=house.server._health
    )
    assert await house.status(URL(other.link(house.blobs.keep(MP4), "fox.mp4"), encoded=True)) == 403


async def test_a_file_that_is_not_kept_any_more_is_not_found(house: House) -> None:
    link = house.link(MP4)
    house.blobs.kept.clear()
    assert await house.status(link) == 404


@pytest.mark.parametrize("data", [HTML, SVG, b"GIF89a....", b"%PDF-1.7", b"", b"plain"])
@pytest.mark.parametrize("name", ["page.html", "fox.mp4"])
async def test_what_is_no_video_or_picture_is_only_for_saving(house: House, data: bytes, name: str) -> None:
    async with house.client.get(house.link(data, name)) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_the_type_comes_from_the_bytes_not_from_the_name(house: House) -> None:
    async with house.client.get(house.link(JPEG, "page.html")) as answer:
        assert answer.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    "name", ["Fuchs im Schnee, 5 s.mp4", 'a";\r\nX-Evil: 1.mp4', "a/../b.mp4", "雪.mp4", "100%.mp4"]
)
async def test_any_name_survives_and_breaks_nothing(house: House, name: str) -> None:
    async with house.client.get(house.link(MP4, name)) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{quote(name, safe='')}")
        assert "X-Evil" not in answer.headers


def test_a_plain_name_stands_beside_the_true_one() -> None:
    assert disposition("inline", "Fuß 1.mp4") == "inline; filename=\"Fu_ 1.mp4\"; filename*=UTF-8''Fu%C3%9F%201.mp4"
    assert disposition("attachment", "") == "attachment; filename=\"file\"; filename*=UTF-8''"


async def test_a_file_that_breaks_off_is_not_taken_for_whole(house: House) -> None:
    house.blobs.broken_after = 2_000
    async with house.client.get(house.link(MP4)) as answer:
        with pytest.raises(ClientError):
            await answer.read()
