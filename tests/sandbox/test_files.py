"""Finished clips on the wire: whole, in ranges, spoilt."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest
from aiohttp import ClientPayloadError, ServerDisconnectedError

from tests.support.clock import START
from tests.support.sandbox import Bench, sandbox


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def video(bench: Bench) -> str:
    """The address of a finished clip."""
    sold = await bench.sell_fal()
    await bench.finish()
    return str((await bench.call("GET", sold["response_url"])).json["video"]["url"])


def seconds_of(clip: bytes) -> float:
    with av.open(io.BytesIO(clip), "r") as film:
        return (film.duration or 0) / 1_000_000


async def test_a_clip_is_served_whole_with_its_type_and_length(bench: Bench) -> None:
    answer = await bench.call("GET", await video(bench), key="")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert seconds_of(answer.body) == 5.0


async def test_a_range_is_served_as_such(bench: Bench) -> None:
    address = await video(bench)
    whole = (await bench.call("GET", address)).body
    size = len(whole)
    for wanted, part, told in (
        ("bytes=0-99", whole[:100], f"bytes 0-99/{size}"),
        ("bytes=1000-", whole[1_000:], f"bytes 1000-{size - 1}/{size}"),
        ("bytes=-10", whole[-10:], f"bytes {size - 10}-{size - 1}/{size}"),
        (f"bytes=5-{size * 2}", whole[5:], f"bytes 5-{size - 1}/{size}"),
    ):
        answer = await bench.call("GET", address, headers={"Range": wanted})
        assert (answer.status, answer.headers["Content-Range"]) == (206, told)
        assert answer.body == part


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=9-3", "pages=1-2"])
async def test_a_range_that_is_not_there_is_416(bench: Bench, wanted: str) -> None:
    assert (await bench.call("GET", await video(bench), headers={"Range": wanted})).status == 416


async def test_head_tells_the_length_without_the_bytes(bench: Bench) -> None:
    address = await video(bench)
    answer = await bench.call("HEAD", address)
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len((await bench.call("GET", address)).body)


async def test_a_clip_is_not_there_before_its_task_is_done(bench: Bench) -> None:
    sold = await bench.sell_fal()
    assert (await bench.call("GET", f"/files/{sold['request_id']}/output.mp4")).status == 404
    assert (await bench.call("GET", "/files/nobody/output.mp4")).status == 404


async def test_two_tasks_of_one_ready_clip_have_different_bytes(bench: Bench) -> None:
    first, second = await video(bench), await video(bench)
    assert (await bench.call("GET", first)).body != (await bench.call("GET", second)).body
    assert (await bench.call("GET", first)).body == (await bench.call("GET", first)).body


async def test_a_truncated_video_breaks_off_halfway(bench: Bench) -> None:
    address = await video(bench)
    bench.box.faults.add("truncated_video", count=1)
    with pytest.raises(ClientPayloadError):
        await bench.call("GET", address)
    assert seconds_of((await bench.call("GET", address)).body) == 5.0


async def test_half_a_video_says_that_it_is_all(bench: Bench) -> None:
    address = await video(bench)
    whole = (await bench.call("GET", address)).body
    bench.box.faults.add("half_video", count=1)
    answer = await bench.call("GET", address)
    assert answer.headers["Content-Length"] == str(len(whole) // 2)
    assert answer.body == whole[: len(whole) // 2]


async def test_a_slow_video_takes_its_time_and_is_whole(bench: Bench) -> None:
    address = await video(bench)
    whole, before = (await bench.call("GET", address)).body, bench.clock.now()
    bench.box.faults.add("slow_video", count=1, delay=30)
    assert (await bench.call("GET", address)).body == whole
    assert bench.clock.now() == before + 30_000


async def test_a_video_of_the_wrong_length_is_a_whole_one(bench: Bench) -> None:
    address = await video(bench)
    bench.box.faults.add("wrong_length_video", count=1)
    assert seconds_of((await bench.call("GET", address)).body) == 3.0


async def test_a_web_page_comes_instead_of_the_video(bench: Bench) -> None:
    address = await video(bench)
    bench.box.faults.add("html_video", count=1)
    answer = await bench.call("GET", address)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.body.startswith(b"<!doctype html>")


@pytest.mark.parametrize(("kind", "status"), [("expired_link", 403), ("missing_file", 404)])
async def test_a_link_can_die(bench: Bench, kind: str, status: int) -> None:
    address = await video(bench)
    bench.box.faults.add(kind, count=1)
    assert (await bench.call("GET", address)).status == status
    assert (await bench.call("GET", address)).status == 200


async def test_latency_and_a_closed_connection_hit_downloads_too(bench: Bench) -> None:
    address = await video(bench)
    before = bench.clock.now()
    bench.box.faults.add("latency", call="file", count=1)
    assert (await bench.call("GET", address)).status == 200
    assert bench.clock.now() == before + 2_000
    bench.box.faults.add("closed", call="file")  # every time: this client asks again by itself
    with pytest.raises(ServerDisconnectedError):
        await bench.call("GET", address)


async def test_a_fault_ordered_for_the_sale_sticks_to_the_task(bench: Bench) -> None:
    bench.box.faults.add("expired_link", call="submit", count=1)
    broken, whole = await video(bench), await video(bench)
    assert [(await bench.call("GET", broken)).status for _ in range(3)] == [403, 403, 403]
    assert (await bench.call("GET", whole)).status == 200


async def test_a_slow_fault_on_a_sale_keeps_its_delay(bench: Bench) -> None:
    bench.box.faults.add("slow_video", call="submit", count=1)
    address = await video(bench)
    before = bench.clock.now()
    await bench.call("GET", address)
    assert bench.clock.now() == before + 20_000 > START
