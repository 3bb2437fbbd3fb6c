"""fal's answers, typed out from its documentation."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.media import file_of, halves
from tests.support.sandbox import Bench, sandbox

PICTURE = file_of(halves(640, 480), "PNG")
URI = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
PLACE = ["body", "input_image_urls"]
V16 = "/fal/fal-ai/kling-video/v1.6"
LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


def uri(width: int, height: int) -> str:
    return "data:image/png;base64," + base64.b64encode(file_of(halves(width, height), "PNG")).decode()


async def test_a_submit_hands_out_absolute_addresses_of_two_segments(bench: Bench) -> None:
    answer = await bench.call("POST", f"{V16}/pro/text-to-video", {"prompt": "a boat"})
    request_id = answer.json["request_id"]
    address = f"{bench.box.base_url}/fal/fal-ai/kling-video/requests/{request_id}"
    assert answer.status == 200
    assert answer.json == {
        "status": "IN_QUEUE",
        "request_id": request_id,
        "response_url": address,
        "status_url": f"{address}/status",
        "cancel_url": f"{address}/cancel",
        "queue_position": 0,
    }
    assert answer.headers["x-fal-request-id"] == request_id


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("standard/text-to-video", {"prompt": "p", "duration": "10", "aspect_ratio": "9:16", "cfg_scale": 0.7}),
        ("pro/text-to-video", {"prompt": "p", "duration": "5", "aspect_ratio": "1:1", "negative_prompt": ""}),
        ("standard/image-to-video", {"prompt": "p", "image_url": URI, "duration": "10", "cfg_scale": 0}),
        ("pro/image-to-video", {"prompt": "p", "image_url": URI, "tail_image_url": URI, "aspect_ratio": "16:9"}),
        ("standard/elements", {"prompt": "p", "input_image_urls": [URI], "aspect_ratio": "1:1"}),
        ("pro/elements", {"prompt": "p", "input_image_urls": [URI] * 4, "duration": "5"}),
        ("standard/effects", {"effect_scene": "hug", "input_image_urls": [URI, URI], "duration": "5"}),
        ("pro/effects", {"effect_scene": "let's_ride", "input_image_urls": [URI]}),
    ],
)
async def test_each_of_the_eight_endpoints_takes_its_fields(bench: Bench, endpoint: str, body: dict[str, Any]) -> None:
    answer = await bench.call("POST", f"{V16}/{endpoint}", body)
    assert answer.status == 200
    assert bench.box.sold[0].model == f"fal-ai/kling-video/v1.6/{endpoint}"


async def test_what_was_asked_for_is_what_is_made(bench: Bench) -> None:
    await bench.sell_fal("pro/text-to-video", prompt="a fox", duration="10", aspect_ratio="9:16")
    await bench.sell_fal("standard/image-to-video", image_url=URI, aspect_ratio="9:16")
    await bench.sell_fal("pro/image-to-video", image_url=URI, tail_image_url=URI, aspect_ratio="9:16")
    text, standard, pro = (task.order for task in bench.box.sold)
    assert (text.workflow, text.tier, text.duration, text.ratio, text.prompt) == ("text", "pro", 10, "9:16", "a fox")
    digest = hashlib.sha256(PICTURE).hexdigest()
    assert (standard.tier, standard.ratio, standard.pictures) == ("standard", None, (digest,))
    assert (pro.tier, pro.ratio, pro.pictures) == ("pro", "9:16", (digest, digest))


async def test_the_status_goes_from_queue_to_progress_to_completed(bench: Bench) -> None:
    sold = await bench.sell_fal()
    common = {"request_id": sold["request_id"], "response_url": sold["response_url"]}
    queued = await bench.call("GET", sold["status_url"])
    assert (queued.status, queued.json) == (202, {"status": "IN_QUEUE", "queue_position": 0, **common})
    bench.clock.advance(10)
    working = await bench.call("GET", sold["status_url"] + "?logs=0")
    assert (working.status, working.json) == (202, {"status": "IN_PROGRESS", "logs": None, **common})
    await bench.finish()
    done = await bench.call("GET", sold["status_url"] + "?logs=false")
    seconds = done.json["metrics"]["inference_time"]
    assert (done.status, done.json) == (
        200,
        {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": seconds}, **common},
    )
    assert 51 <= seconds <= 69
    assert done.headers["x-fal-request-id"] == sold["request_id"]


@pytest.mark.parametrize("asked", ["1", "true"])
async def test_logs_come_when_asked_for(bench: Bench, asked: str) -> None:
    sold = await bench.sell_fal()
    bench.clock.advance(40)
    status = await bench.call("GET", f"{sold['status_url']}?logs={asked}")
    assert [line["message"] for line in status.json["logs"]] == [
        "Sandbox work 0 %",
        "Sandbox work 25 %",
        "Sandbox work 50 %",
    ]
    assert {(line["level"], line["source"]) for line in status.json["logs"]} == {("INFO", "USER")}


async def test_the_result_is_a_video_that_can_be_fetched(bench: Bench) -> None:
    sold = await bench.sell_fal()
    await bench.finish()
    for address in (sold["response_url"], sold["response_url"] + "/response"):
        result = await bench.call("GET", address)
        assert result.status == 200
        assert result.headers["x-fal-request-id"] == sold["request_id"]
        assert result.headers["X-Fal-Billable-Units"] == "5"
        video = result.json["video"]
        assert result.json == {"video": video}
        assert (video["content_type"], video["file_name"]) == ("video/mp4", "output.mp4")
        assert video["url"] == f"{bench.box.base_url}/files/{sold['request_id']}/output.mp4"
        assert len((await bench.call("GET", video["url"])).body) == video["file_size"]


async def test_a_result_asked_for_too_early_is_400(bench: Bench) -> None:
    sold = await bench.sell_fal()
    early = await bench.call("GET", sold["response_url"])
    assert (early.status, early.json) == (400, {"detail": "Request is still in progress"})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "/status"), ("GET", "/status/stream"), ("PUT", "/cancel")]
)
async def test_an_unknown_request_is_not_found(bench: Bench, method: str, path: str) -> None:
    answer = await bench.call(method, f"/fal/fal-ai/kling-video/requests/nobody{path}")
    assert (answer.status, answer.json) == (404, {"status": "NOT_FOUND"})
    assert answer.headers["x-fal-request-id"]


@pytest.mark.parametrize("key", ["", "Key bad:key", "Bearer sandbox:sandbox", "Key "])
async def test_without_a_good_key_nothing_is_sold(bench: Bench, key: str) -> None:
    answer = await bench.call("POST", f"{V16}/pro/text-to-video", {"prompt": "a boat"}, key=key)
    assert answer.status == 401
    assert isinstance(answer.json["detail"], str)
    assert bench.box.sold == []


async def test_a_locked_user_can_only_look(bench: Bench) -> None:
    sold = await bench.sell_fal()
    bench.box.faults.add("balance_exhausted", provider="fal", call="any")
    refused = await bench.call("POST", f"{V16}/pro/text-to-video", {"prompt": "a boat"})
    assert (refused.status, refused.json) == (403, {"detail": LOCKED})
    assert (await bench.call("POST", "/fal/storage/auth/token", {})).status == 403
    assert (await bench.call("GET", sold["status_url"])).status == 202
    assert len(bench.box.sold) == 1


@pytest.mark.parametrize(
    ("endpoint", "body", "kind", "loc"),
    [
        ("pro/text-to-video", {}, "missing", ["body", "prompt"]),
        ("pro/text-to-video", {"prompt": 7}, "string_type", ["body", "prompt"]),
        ("pro/text-to-video", {"prompt": "p", "duration": 5}, "literal_error", ["body", "duration"]),
        ("pro/text-to-video", {"prompt": "p", "aspect_ratio": "4:3"}, "literal_error", ["body", "aspect_ratio"]),
        ("pro/text-to-video", {"prompt": "p", "cfg_scale": 1.5}, "less_than_equal", ["body", "cfg_scale"]),
        ("pro/text-to-video", {"prompt": "p", "cfg_scale": -0.1}, "greater_than_equal", ["body", "cfg_scale"]),
        ("standard/image-to-video", {"prompt": "p"}, "missing", ["body", "image_url"]),
        ("pro/elements", {"prompt": "p"}, "missing", PLACE),
        ("pro/elements", {"prompt": "p", "input_image_urls": [URI] * 5}, "sequence_too_long", PLACE),
        ("pro/effects", {"effect_scene": "nope", "input_image_urls": [URI]}, "literal_error", ["body", "effect_scene"]),
        ("pro/effects", {"effect_scene": "kiss", "input_image_urls": [URI]}, "sequence_too_short", PLACE),
    ],
)  # fmt: skip
async def test_a_bad_body_is_refused_with_a_list(
    bench: Bench, endpoint: str, body: dict[str, Any], kind: str, loc: list[str]
) -> None:
    answer = await bench.call("POST", f"{V16}/{endpoint}", body)
    assert answer.status == 422
    [entry] = answer.json["detail"]
    assert (entry["type"], entry["loc"], entry["url"]) == (kind, loc, f"https://docs.fal.ai/errors/#{kind}")
    assert answer.headers["X-Fal-Retryable"] == "false"
    assert answer.headers["X-Fal-Needs-Retry"] == "0"
    assert bench.box.sold == []


async def test_what_is_no_json_object_is_refused(bench: Bench) -> None:
    answer = await bench.call("POST", f"{V16}/pro/text-to-video", ["p"])
    assert (answer.status, answer.json["detail"][0]["type"]) == (422, "json_invalid")


async def test_an_unknown_endpoint_is_not_found(bench: Bench) -> None:
    assert (await bench.call("POST", f"{V16}/pro/extend", {"prompt": "p"})).status == 404


@pytest.mark.parametrize(
    ("value", "kind", "ctx"),
    [
        ("data:image/png;base64,@@@@", "image_load_error", None),
        ("data:image/png;base64,aGVsbG8=", "image_load_error", None),
        (URI[: len(URI) // 2 // 4 * 4], "image_load_error", None),
        ("https://example.com/a.png", "file_download_error", None),
        ("http://127.0.0.1/fal/files/b/0123456789abcdef0123456789abcdef/a.png", "file_download_error", None),
        (uri(640, 280), "image_too_small", {"min_height": 300, "min_width": 300}),
        (uri(900, 301), "image_aspect_ratio_error", None),
        (
            "data:image/gif;base64," + base64.b64encode(file_of(halves(400, 400), "GIF")).decode(),
            "unsupported_image_format",
            {"supported_formats": [".jpg", ".png", ".webp"]},
        ),
    ],
)
async def test_a_bad_picture_is_refused_by_its_kind(
    bench: Bench, value: str, kind: str, ctx: dict[str, Any] | None
) -> None:
    answer = await bench.call("POST", f"{V16}/pro/image-to-video", {"prompt": "p", "image_url": value})
    assert answer.status == 422
    [entry] = answer.json["detail"]
    assert (entry["type"], entry["loc"], entry.get("ctx")) == (kind, ["body", "image_url"], ctx)
    assert bench.box.sold == []


async def test_a_bad_reference_is_named_by_its_place(bench: Bench) -> None:
    body = {"prompt": "p", "input_image_urls": [URI, "https://example.com/a.png"]}
    answer = await bench.call("POST", f"{V16}/pro/elements", body)
    assert answer.json["detail"][0]["loc"] == ["body", "input_image_urls", 1]


async def test_fields_that_an_endpoint_does_not_list_are_ignored_and_recorded(bench: Bench) -> None:
    await bench.sell_fal("standard/image-to-video", image_url=URI, tail_image_url=URI, static_mask_url="m")
    [task] = bench.box.sold
    assert task.fields["static_mask_url"] == "m"
    assert len(task.order.pictures) == 1


async def test_strict_keys_refuses_them(bench: Bench) -> None:
    bench.box.faults.add("strict_keys")
    body = {"prompt": "p", "image_url": URI, "tail_image_url": URI}
    answer = await bench.call("POST", f"{V16}/standard/image-to-video", body)
    assert answer.status == 422
    assert [(entry["type"], entry["loc"]) for entry in answer.json["detail"]] == [
        ("extra_forbidden", ["body", "tail_image_url"])
    ]


async def test_the_book_keeps_a_picture_as_hash_and_size_and_no_key(bench: Bench) -> None:
    await bench.call(
        "POST",
        f"{V16}/pro/image-to-video",
        {"prompt": "p", "image_url": URI},
        headers={"X-Fal-Queue-Priority": "low"},
    )
    [task] = bench.box.sold
    assert task.fields["image_url"] == {"sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    assert task.headers["x-fal-queue-priority"] == "low"
    assert "sandbox:sandbox" not in task.model_dump_json()


async def test_two_are_worked_on_and_the_third_waits_its_turn(bench: Bench) -> None:
    sold = [await bench.sell_fal() for _ in range(4)]
    assert [one["queue_position"] for one in sold] == [0, 1, 2, 3]
    bench.clock.advance(10)
    states = [(await bench.call("GET", one["status_url"])).json for one in sold]
    assert [state["status"] for state in states] == ["IN_PROGRESS", "IN_PROGRESS", "IN_QUEUE", "IN_QUEUE"]
    assert [state["queue_position"] for state in states[2:]] == [0, 1]


async def test_a_full_queue_refuses_whom_it_is_too_long_for(bench: Bench) -> None:
    await bench.sell_fal()
    body = {"prompt": "a boat"}
    full = await bench.call("POST", f"{V16}/standard/text-to-video?fal_max_queue_length=1", body)
    assert full.status == 429
    room = await bench.call("POST", f"{V16}/standard/text-to-video?fal_max_queue_length=2", body)
    assert room.status == 200


async def test_a_waiting_request_is_cancelled_for_good(bench: Bench) -> None:
    sold = await bench.sell_fal()
    cancel = await bench.call("PUT", sold["cancel_url"])
    assert (cancel.status, cancel.json) == (202, {"status": "CANCELLATION_REQUESTED"})
    state = await bench.call("GET", sold["status_url"])
    assert (state.status, state.json["status"], state.json["error_type"]) == (200, "COMPLETED", "client_cancelled")
    result = await bench.call("GET", sold["response_url"])
    assert (result.status, result.json["error_type"]) == (499, "client_cancelled")
    assert result.headers["X-Fal-Error-Type"] == "client_cancelled"


async def test_work_that_has_begun_goes_on_after_a_cancel(bench: Bench) -> None:
    sold = await bench.sell_fal()
    bench.clock.advance(10)
    cancel = await bench.call("PUT", sold["cancel_url"])
    assert (cancel.status, cancel.json) == (202, {"status": "CANCELLATION_REQUESTED"})
    await bench.finish()
    assert (await bench.call("GET", sold["response_url"])).status == 200
    late = await bench.call("PUT", sold["cancel_url"])
    assert (late.status, late.json) == (400, {"status": "ALREADY_COMPLETED"})


async def test_a_cancel_can_be_made_to_end_work(bench: Bench) -> None:
    bench.box.faults.add("cancel_stops_work")
    sold = await bench.sell_fal()
    bench.clock.advance(10)
    await bench.call("PUT", sold["cancel_url"])
    assert (await bench.call("GET", sold["status_url"])).json["error_type"] == "client_cancelled"


@pytest.mark.parametrize(
    ("kind", "error_type"),
    [("policy_after_work", "content_policy_violation"), ("generation_failed", "no_media_generated")],
)
async def test_a_failure_is_completed_with_an_error_and_a_failing_result(
    bench: Bench, kind: str, error_type: str
) -> None:
    bench.box.faults.add(kind)
    sold = await bench.sell_fal()
    await bench.finish()
    state = await bench.call("GET", sold["status_url"])
    assert (state.status, state.json["status"], state.json["metrics"]) == (200, "COMPLETED", {})
    assert (state.json["error_type"], bool(state.json["error"])) == (error_type, True)
    result = await bench.call("GET", sold["response_url"])
    assert (result.status, result.json["detail"][0]["type"]) == (422, error_type)
    assert result.headers["x-fal-request-id"] == sold["request_id"]


async def test_a_bad_body_can_be_refused_as_the_result(bench: Bench) -> None:
    bench.box.faults.add("late_refusal")
    sold = await bench.sell_fal(duration="7")
    await bench.finish()
    result = await bench.call("GET", sold["response_url"])
    assert (result.status, result.json["detail"][0]["loc"]) == (422, ["body", "duration"])


async def test_a_prompt_refused_at_submit_is_a_list(bench: Bench) -> None:
    bench.box.faults.add("policy_at_submit", count=1)
    answer = await bench.call("POST", f"{V16}/pro/text-to-video", {"prompt": "p"})
    assert (answer.status, answer.json["detail"][0]["type"]) == (422, "content_policy_violation")
    assert bench.box.sold == []


async def test_the_stream_tells_every_change_until_the_end(bench: Bench) -> None:
    sold = await bench.sell_fal()
    await bench.box.rendered()
    stream = await bench.call("GET", sold["status_url"] + "/stream")
    assert stream.headers["Content-Type"] == "text/event-stream"
    events = [line for line in stream.body.decode().split("\n\n") if line]
    assert [event.split('"')[3] for event in events] == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert all(event.startswith('data: {"status": ') for event in events)


async def test_prices_are_listed_for_the_endpoints_asked_for(bench: Bench) -> None:
    pro, standard = (f"fal-ai/kling-video/v1.6/{tier}/text-to-video" for tier in ("pro", "standard"))
    answer = await bench.call("GET", f"/fal/v1/models/pricing?endpoint_id={pro},{standard}")
    assert answer.status == 200
    assert answer.json == {
        "prices": [
            {"endpoint_id": pro, "unit_price": 0.095, "unit": "seconds", "currency": "USD"},
            {"endpoint_id": standard, "unit_price": 0.056, "unit": "seconds", "currency": "USD"},
        ],
        "next_cursor": None,
        "has_more": False,
    }
    assert (await bench.call("GET", "/fal/v1/models/pricing?endpoint_id=nobody/knows")).status == 404
    assert (await bench.call("GET", "/fal/v1/models/pricing", key="Key bad")).status == 401
