"""The sandbox's own routes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.sandbox import Bench, sandbox


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def test_everything_sold_is_listed_with_what_was_sent(bench: Bench) -> None:
    sold = await bench.sell_fal(prompt="a fox", seed=7, duration="10")
    await bench.sell_wavespeed()
    answer = (await bench.call("GET", "/sandbox/sold")).json["sold"]
    assert [task["provider"] for task in answer] == ["fal", "wavespeed"]
    first = answer[0]
    assert first["id"] == sold["request_id"]
    assert first["path"] == "/fal/fal-ai/kling-video/v1.6/standard/text-to-video"
    assert first["model"] == "fal-ai/kling-video/v1.6/standard/text-to-video"
    assert first["fields"] == {"prompt": "a fox", "seed": 7, "duration": "10"}
    assert (first["sold_at"], first["state"], first["answer"], first["price"]) == (START, "queued", "sent", 560_000)
    assert "authorization" not in first["headers"]


async def test_the_list_shows_endings_without_anybody_asking(bench: Bench) -> None:
    await bench.sell_fal()
    await bench.finish()
    answer = (await bench.call("GET", "/sandbox/sold?provider=fal")).json["sold"]
    assert [task["state"] for task in answer] == ["done"]
    assert (await bench.call("GET", "/sandbox/sold?provider=wavespeed")).json == {"sold": []}


async def test_faults_are_ordered_listed_and_cleared_over_http(bench: Bench) -> None:
    order = {"provider": "fal", "kind": "error_500", "call": "check", "count": 2}
    made = await bench.call("POST", "/sandbox/faults", order)
    assert (made.status, made.json) == (200, order | {"id": 1, "rate": 1.0, "delay": 0.0, "hits": 0})
    await bench.call("POST", "/sandbox/faults", {"kind": "latency", "rate": 0.5, "delay": 1})
    listed = (await bench.call("GET", "/sandbox/faults")).json
    assert [one["kind"] for one in listed["faults"]] == ["error_500", "latency"]
    assert listed["kinds"]["stuck"]["does"] == "The task is worked on for ever."
    assert (await bench.call("DELETE", "/sandbox/faults/1")).json == {"cleared": 1}
    assert (await bench.call("DELETE", "/sandbox/faults")).json == {"cleared": 1}
    assert (await bench.call("GET", "/sandbox/faults")).json["faults"] == []


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "gremlins"},
        {"provider": "fal"},
        {"kind": "stuck", "prompt": "x"},
        {"kind": "stuck", "count": "2"},
        {"kind": "stuck", "count": True},
        ["stuck"],
    ],
)
async def test_an_order_that_can_not_be_is_400_and_lists_the_kinds(bench: Bench, order: Any) -> None:
    answer = await bench.call("POST", "/sandbox/faults", order)
    assert answer.status == 400
    assert "accept_then_drop" in answer.json["kinds"]
    assert (await bench.call("GET", "/sandbox/faults")).json["faults"] == []


async def test_the_page_shows_what_was_sold_and_runs_nobodys_script(bench: Bench) -> None:
    sold = await bench.sell_fal(prompt="<script>alert(1)</script>")
    await bench.finish()
    page = await bench.call("GET", "/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"<script>" not in page.body
    assert b"&lt;script&gt;" in page.body
    assert f"/files/{sold['request_id']}/output.mp4".encode() in page.body
