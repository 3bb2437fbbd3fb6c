"""The key, and the faults that act on any call, each shown on the wire."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ServerDisconnectedError

from tests.support.clock import START
from tests.support.sandbox import Bench, sandbox

SUBMIT = {
    "fal": "/fal/fal-ai/kling-video/v1.6/standard/text-to-video",
    "wavespeed": "/wavespeed/api/v3/kwaivgi/kling-v1.6-t2v-standard",
    "gmi": "/gmi/api/v1/ie/requestqueue/apikey/requests",
    "aimlapi": "/aimlapi/v2/video/generations",
    "vidgo": "/vidgo/api/generate/submit",
    "kling": "/kling/v1/videos/text2video",
}
EACH = pytest.mark.parametrize("provider", SUBMIT)
BODY = {"prompt": "a boat"}
BODIES: dict[str, Any] = {
    "fal": BODY,
    "wavespeed": BODY,
    "gmi": {"model": "Kling-Text2Video-V1.6-Standard", "payload": BODY},
    "aimlapi": {"model": "kling-video/v1.6/standard/text-to-video", **BODY},
    "vidgo": {"model": "kling-1.6/standard", "input": BODY},
    "kling": {"model_name": "kling-v1-6", **BODY},
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


def status_address(provider: str, sold: Any) -> str:
    if provider == "gmi":
        return f"{SUBMIT['gmi']}/{sold['request_id']}"
    if provider == "vidgo":
        return f"/vidgo/api/generate/status/{sold['data']['task_id']}"
    if provider == "kling":
        return f"{SUBMIT['kling']}/{sold['data']['task_id']}"
    if provider == "aimlapi":
        return f"{SUBMIT['aimlapi']}?generation_id={sold['id']}"
    return str(sold["status_url"] if provider == "fal" else sold["data"]["urls"]["get"])


@EACH
async def test_latency_lets_time_pass_first(bench: Bench, provider: str) -> None:
    bench.box.faults.add("latency", count=1, delay=3.5)
    assert (await bench.call("POST", SUBMIT[provider], BODIES[provider])).status == 200
    assert bench.clock.now() == START + 3_500
    assert [task.sold_at for task in bench.box.sold] == [START + 3_500]


@EACH
@pytest.mark.parametrize(
    ("kind", "status", "retry_after"),
    [
        ("rate_limited", 429, "1"),
        ("rate_limited_bare", 429, None),
        ("error_500", 500, None),
        ("error_502", 502, None),
        ("error_503", 503, None),
        ("error_504", 504, None),
        ("nginx_503", 503, None),
    ],
)
async def test_a_refusing_fault_sells_nothing_and_passes(
    bench: Bench, provider: str, kind: str, status: int, retry_after: str | None
) -> None:
    bench.box.faults.add(kind, provider=provider, count=1)
    answer = await bench.call("POST", SUBMIT[provider], BODIES[provider])
    assert (answer.status, answer.headers.get("Retry-After")) == (status, retry_after)
    assert bench.box.sold == []
    assert (await bench.call("POST", SUBMIT[provider], BODIES[provider])).status == 200


async def test_an_error_of_the_first_provider_itself_carries_a_request_id_and_its_type(bench: Bench) -> None:
    bench.box.faults.add("error_503")
    answer = await bench.call("POST", SUBMIT["fal"], BODY)
    assert answer.json == {"detail": "No runner could be scheduled.", "error_type": "runner_scheduling_failure"}
    assert answer.headers["X-Fal-Error-Type"] == "runner_scheduling_failure"
    assert answer.headers["x-fal-request-id"]


async def test_an_error_of_the_ingress_names_nginx_and_no_request(bench: Bench) -> None:
    bench.box.faults.add("nginx_503")
    answer = await bench.call("POST", SUBMIT["fal"], BODY)
    assert b"nginx" in answer.body
    assert "x-fal-request-id" not in answer.headers


async def test_an_error_of_the_second_provider_is_its_envelope(bench: Bench) -> None:
    bench.box.faults.add("error_502")
    answer = await bench.call("POST", SUBMIT["wavespeed"], BODY)
    assert answer.json == {"code": 502, "message": "Bad Gateway"}


@EACH
async def test_a_closed_connection_sells_nothing(bench: Bench, provider: str) -> None:
    bench.box.faults.add("closed", count=1)
    with pytest.raises(ServerDisconnectedError):
        await bench.call("POST", SUBMIT[provider], BODIES[provider])
    assert bench.box.sold == []


@EACH
async def test_accept_then_drop_sells_and_tells_nobody(bench: Bench, provider: str) -> None:
    bench.box.faults.add("accept_then_drop", count=1)
    with pytest.raises(ServerDisconnectedError):
        await bench.call("POST", SUBMIT[provider], BODIES[provider])
    assert [(task.provider, task.answer) for task in bench.box.sold] == [(provider, "accept_then_drop")]
    await bench.finish()
    assert [task.state for task in bench.box.sold] == ["done"]


async def test_a_refused_submit_does_not_use_up_accept_then_drop(bench: Bench) -> None:
    bench.box.faults.add("accept_then_drop", count=1)
    assert (await bench.call("POST", SUBMIT["fal"], {})).status == 422
    with pytest.raises(ServerDisconnectedError):
        await bench.call("POST", SUBMIT["fal"], BODY)


@EACH
async def test_malformed_json_breaks_off_after_the_sale(bench: Bench, provider: str) -> None:
    bench.box.faults.add("malformed_json", count=1)
    answer = await bench.call("POST", SUBMIT[provider], BODIES[provider])
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json
    assert [task.answer for task in bench.box.sold] == ["malformed_json"]


async def test_no_id_leaves_out_what_names_the_task(bench: Bench) -> None:
    bench.box.faults.add("no_id")
    fal = await bench.call("POST", SUBMIT["fal"], BODY)
    assert (fal.status, fal.json) == (200, {"status": "IN_QUEUE"})
    wavespeed = await bench.call("POST", SUBMIT["wavespeed"], BODY)
    assert (wavespeed.status, wavespeed.json["data"]["status"]) == (200, "created")
    assert not {"id", "urls"} & set(wavespeed.json["data"])
    assert [task.answer for task in bench.box.sold] == ["no_id", "no_id"]


@EACH
async def test_a_stuck_task_never_ends_and_holds_nobody_up(bench: Bench, provider: str) -> None:
    bench.box.faults.add("stuck", count=2)
    stuck = [(await bench.call("POST", SUBMIT[provider], BODIES[provider])).json for _ in range(2)]
    await bench.call("POST", SUBMIT[provider], BODIES[provider])
    await bench.finish()
    bench.clock.advance(30 * 24 * 3_600)
    assert [task.state for task in bench.box.sold] == ["running", "running", "done"]
    for sold in stuck:
        answer = (await bench.call("GET", status_address(provider, sold))).json
        data = answer.get("data", answer)
        word = data.get("status") or data.get("task_status")
        assert word in ("IN_PROGRESS", "processing", "generating", "running")


@EACH
async def test_a_fault_can_hit_the_look_at_a_task(bench: Bench, provider: str) -> None:
    sold = (await bench.call("POST", SUBMIT[provider], BODIES[provider])).json
    bench.box.faults.add("error_500", call="check", count=1)
    assert (await bench.call("GET", status_address(provider, sold))).status == 500
    assert (await bench.call("GET", status_address(provider, sold))).status in (200, 202)


async def test_a_bad_key_uses_up_no_fault(bench: Bench) -> None:
    bench.box.faults.add("error_500", count=1)
    assert (await bench.call("POST", SUBMIT["fal"], BODY, key="Key bad")).status == 401
    assert (await bench.call("POST", SUBMIT["fal"], BODY)).status == 500


async def test_every_call_is_counted_with_its_ending(bench: Bench) -> None:
    await bench.sell_fal()
    await bench.call("POST", SUBMIT["fal"], {})
    bench.box.faults.add("closed", count=1)
    with pytest.raises(ServerDisconnectedError):
        await bench.call("POST", SUBMIT["fal"], BODY)
    calls = (await bench.call("GET", "/sandbox/calls")).json["calls"]
    assert calls == {"fal submit 200": 1, "fal submit 422": 1, "fal submit closed": 1}
