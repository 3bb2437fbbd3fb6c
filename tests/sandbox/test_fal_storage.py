"""fal's ways to upload a file, typed out from its documentation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.media import file_of, halves
from tests.support.sandbox import Bench, sandbox

PICTURE = file_of(halves(640, 480))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def uses(bench: Bench, address: str) -> None:
    """The address gives the picture's bytes and works as the input of a video."""
    assert (await bench.call("GET", address, key="")).body == PICTURE
    await bench.sell_fal("standard/image-to-video", image_url=address)
    task = bench.box.sold[-1]
    assert task.fields["image_url"]["url"] == address
    assert task.fields["image_url"]["bytes"] == len(PICTURE)
    assert task.fields["image_url"]["sha256"] == task.order.pictures[0]


async def test_a_token_opens_the_cdn(bench: Bench) -> None:
    ticket = await bench.call("POST", "/fal/storage/auth/token?storage_type=fal-cdn-v3", {})
    assert set(ticket.json) == {"token", "token_type", "base_url", "expires_at"}
    assert ticket.json["base_url"] == f"{bench.box.base_url}/fal"
    upload = await bench.call(
        "POST",
        ticket.json["base_url"] + "/files/upload",
        key=f"{ticket.json['token_type']} {ticket.json['token']}",
        data=PICTURE,
        headers={"Content-Type": "image/jpeg", "X-Fal-File-Name": "my cat.jpg"},
    )
    assert upload.status == 200
    assert upload.json["access_url"].endswith("/my_cat.jpg")
    await uses(bench, upload.json["access_url"])


@pytest.mark.parametrize("storage", ["gcs", "fal-cdn-v3"])
async def test_a_ticket_names_where_to_put_and_where_to_find(bench: Bench, storage: str) -> None:
    ticket = await bench.call(
        "POST",
        f"/fal/storage/upload/initiate?storage_type={storage}",
        {"file_name": "cat.jpg", "content_type": "image/jpeg"},
    )
    assert set(ticket.json) == {"upload_url", "file_url"}
    put = await bench.call("PUT", ticket.json["upload_url"], key="", data=PICTURE)
    assert put.status == 200
    await uses(bench, ticket.json["file_url"])


async def test_a_file_comes_in_parts_in_any_order(bench: Bench) -> None:
    headers = {"Content-Type": "image/jpeg", "X-Fal-File-Name": "cat.jpg"}
    begun = await bench.call("POST", "/fal/files/upload/multipart", key="Bearer token", headers=headers)
    address, upload = begun.json["access_url"], begun.json["uploadId"]
    parts = []
    for number, part in ((2, PICTURE[1000:]), (1, PICTURE[:1000])):
        put = await bench.call("PUT", f"{address}/multipart/{upload}/{number}", key="Bearer token", data=part)
        parts.append({"partNumber": number, "etag": put.headers["ETag"]})
    done = await bench.call("POST", f"{address}/multipart/{upload}/complete", {"parts": parts}, key="Bearer token")
    assert done.status == 200
    await uses(bench, address)


async def test_parts_that_never_came_make_no_file(bench: Bench) -> None:
    begun = await bench.call("POST", "/fal/storage/upload/initiate-multipart", {"file_name": "cat.jpg"})
    parts = {"parts": [{"partNumber": 1, "etag": "x"}]}
    assert (await bench.call("POST", begun.json["upload_url"] + "/complete", parts)).status == 404
    assert (await bench.call("GET", begun.json["file_url"])).status == 404
    assert (await bench.call("PUT", begun.json["upload_url"] + "/1", data=b"late")).status == 404


async def test_a_place_that_was_never_given_takes_nothing(bench: Bench) -> None:
    assert (await bench.call("PUT", "/fal/files/b/me/cat.jpg", data=PICTURE)).status == 404
    assert (await bench.call("GET", "/fal/files/b/me/cat.jpg")).status == 404


async def test_without_a_key_there_is_no_upload(bench: Bench) -> None:
    assert (await bench.call("POST", "/fal/files/upload", key="", data=PICTURE)).status == 401
    assert (await bench.call("POST", "/fal/storage/auth/token", {}, key="Bearer token")).status == 401
