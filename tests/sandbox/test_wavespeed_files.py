"""WaveSpeed's three ways to upload a file, typed out from its documentation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData

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
    await bench.sell_wavespeed("kwaivgi/kling-v1.6-i2v-standard", image=address)
    task = bench.box.sold[-1]
    assert task.fields["image"]["url"] == address
    assert task.fields["image"]["sha256"] == task.order.pictures[0]


def form() -> FormData:
    data = FormData()
    data.add_field("note", "a field that is no file")
    data.add_field("file", PICTURE, filename="cat.jpg", content_type="image/jpeg")
    return data


async def test_a_ticket_says_how_to_put(bench: Bench) -> None:
    wish = {"filename": "cat.jpg", "size": len(PICTURE), "content_type": "image/jpeg"}
    ticket = await bench.call("POST", "/wavespeed/api/v3/media/uploads", wish)
    upload = ticket.json["data"]["upload"]
    assert (ticket.status, ticket.json["code"]) == (200, 200)
    assert (upload["method"], upload["headers"]) == ("PUT", {"Content-Type": "image/jpeg"})
    put = await bench.call("PUT", upload["url"], key="", data=PICTURE, headers=upload["headers"])
    assert put.status == 200
    await uses(bench, ticket.json["data"]["download_url"])


async def test_a_binary_upload_answers_with_name_and_size(bench: Bench) -> None:
    answer = await bench.call("POST", "/wavespeed/api/v3/media/upload/binary", data=form())
    data = answer.json["data"]
    assert data == {
        "type": "image",
        "download_url": data["download_url"],
        "filename": "cat.jpg",
        "size": len(PICTURE),
    }
    await uses(bench, data["download_url"])


async def test_a_plain_upload_answers_with_an_address(bench: Bench) -> None:
    answer = await bench.call("POST", "/wavespeed/api/v3/upload", data=form())
    assert set(answer.json["data"]) == {"url"}
    await uses(bench, answer.json["data"]["url"])


@pytest.mark.parametrize("path", ["media/upload/binary", "upload"])
async def test_a_form_without_a_file_is_400(bench: Bench, path: str) -> None:
    empty = FormData()
    empty.add_field("note", "x", filename="note.txt")
    for body in (empty, b"raw"):
        assert (await bench.call("POST", f"/wavespeed/api/v3/{path}", data=body)).status == 400


async def test_a_ticket_needs_name_and_size(bench: Bench) -> None:
    assert (await bench.call("POST", "/wavespeed/api/v3/media/uploads", {"filename": "cat.jpg"})).status == 400


async def test_a_place_that_was_never_given_takes_nothing(bench: Bench) -> None:
    assert (await bench.call("PUT", "/wavespeed/media/me/cat.jpg", data=PICTURE)).status == 404
    assert (await bench.call("GET", "/wavespeed/media/me/cat.jpg")).status == 404
