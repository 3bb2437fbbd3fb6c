"""AI/ML API's answers, typed out from its documentation."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.media import file_of, halves
from tests.support.sandbox import Bench, sandbox

PICTURE = file_of(halves(640, 480), "PNG")
URI = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
PATH, OLD_PATH = "/aimlapi/v2/video/generations", "/aimlapi/v2/generate/video/kling/generation"
TEXT, PRO_TEXT = "kling-video/v1.6/standard/text-to-video", "kling-video/v1.6/pro/text-to-video"
IMAGE, PRO_IMAGE = "kling-video/v1.6/standard/image-to-video", "kling-video/v1.6/pro/image-to-video"
MULTI = "kling-video/v1.6/standard/multi-image-to-video"
EFFECT, PRO_EFFECT = "klingai/kling-video-v1.6-standard-effects", "klingai/kling-video-v1.6-pro-effects"
MASK = {"mask": URI, "trajectories": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def poll(bench: Bench, task_id: str, path: str = PATH) -> Any:
    answer = await bench.call("GET", path, params={"generation_id": task_id})
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize(
    ("path", "other", "status", "name"),
    [
        (PATH, False, 200, "id"),
        (PATH, True, 201, "generation_id"),
        (OLD_PATH, False, 201, "id"),
        (OLD_PATH, True, 200, "generation_id"),
    ],
)
async def test_a_submit_answers_with_an_id(bench: Bench, path: str, other: bool, status: int, name: str) -> None:
    if other:
        bench.box.faults.add("other_shape", call="submit")
    answer = await bench.call("POST", path, {"model": TEXT, "prompt": "a boat"})
    assert (answer.status, answer.json) == (
        status,
        {name: bench.box.sold[0].id, "status": "queued", "meta": {"usage": {"credits_used": 560_000}}},
    )


@pytest.mark.parametrize(
    ("model", "body", "workflow", "tier", "ratio"),
    [
        (TEXT, {"prompt": "p", "duration": 10, "provider": "fal"}, "text", "standard", "16:9"),
        (PRO_TEXT, {"prompt": "p", "duration": "10", "cfg_scale": 1, "aspect_ratio": "1:1"}, "text", "pro", "1:1"),
        (IMAGE, {"image_url": URI, "prompt": "p", "negative_prompt": "n"}, "image", "standard", None),
        (PRO_IMAGE, {"image_url": URI, "tail_image_url": URI}, "image", "pro", None),
        (MULTI, {"image_list": [URI, URI], "prompt": "p", "aspect_ratio": "9:16"}, "elements", "standard", "9:16"),
        (MULTI, {"image_list": [URI] * 4}, "elements", "standard", "16:9"),
        (EFFECT, {"image_url": URI, "effect_scene": "squish", "duration": "5"}, "effect", "standard", None),
        (PRO_EFFECT, {"image_url": [URI, URI], "effect_scene": "fight"}, "effect", "pro", None),
        (PRO_EFFECT, {"image_url": [URI, URI], "effect_scene": "hula"}, "effect", "pro", None),
    ],
)
async def test_each_of_the_seven_models_takes_its_fields(
    bench: Bench, model: str, body: dict[str, Any], workflow: str, tier: str, ratio: str | None
) -> None:
    answer = await bench.call("POST", PATH, {"model": model, **body})
    assert answer.status == 200, answer.body
    [task] = bench.box.sold
    assert (task.order.workflow, task.order.tier, task.order.ratio) == (workflow, tier, ratio)
    assert task.order.duration == int(body.get("duration", 5))
    assert task.fate == "video"
    assert task.fields.keys() == {"model", *body}


async def test_what_is_sold_is_recorded_with_every_field(bench: Bench) -> None:
    body = {"model": PRO_EFFECT, "image_url": [URI, URI], "effect_scene": "hug", "duration": 10}
    await bench.call("POST", PATH, body, headers={"X-Client-Request-Id": "attempt-1"})
    [task] = bench.box.sold
    picture = {"sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    assert task.fields == {**body, "image_url": [picture, picture]}
    assert task.headers["x-client-request-id"] == "attempt-1"
    assert (task.price, len(task.order.pictures)) == (980_000, 2)


@pytest.mark.parametrize("path", [PATH, OLD_PATH])
async def test_a_generation_goes_from_queued_to_completed(bench: Bench, path: str) -> None:
    sold = await bench.sell_aimlapi()
    assert await poll(bench, sold["id"], path) == {"id": sold["id"], "status": "queued"}
    bench.clock.advance(10)
    assert await poll(bench, sold["id"], path) == {"id": sold["id"], "status": "generating"}
    await bench.finish()
    video = f"{bench.box.base_url}/files/{sold['id']}/output.mp4"
    assert await poll(bench, sold["id"], path) == {
        "id": sold["id"],
        "status": "completed",
        "video": {"url": video, "duration": 5.1},
        "meta": {"usage": {"credits_used": 560_000}},
    }
    assert (await bench.call("GET", video, key="")).headers["Content-Type"] == "video/mp4"


async def test_what_is_not_there_yet_may_be_null(bench: Bench) -> None:
    sold = await bench.sell_aimlapi()
    bench.box.faults.add("other_shape", call="check")
    assert await poll(bench, sold["id"]) == {"id": sold["id"], "status": "queued", "video": None, "error": None}
    await bench.finish()
    done = await poll(bench, sold["id"])
    assert (done["error"], done["video"]["duration"]) == (None, 5.1)


async def test_an_effects_id_has_colon_and_slashes_in_it(bench: Bench) -> None:
    sold = await bench.sell_aimlapi(EFFECT, image_url=URI, effect_scene="squish")
    assert re.fullmatch(r"[0-9a-f-]{36}:kling-video/v1\.6/standard/effects", sold["id"])
    await bench.finish()
    done = await poll(bench, sold["id"])
    assert (await bench.call("GET", done["video"]["url"], key="")).status == 200


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("01jd.A_b:c-9", "01jd.A_b:c-9"), ("x" * 128, "x" * 128), ("x" * 129, None), ("two words", None), ("", None)],
)
async def test_every_answer_carries_its_trace(bench: Bench, sent: str, kept: str | None) -> None:
    body = {"model": TEXT, "prompt": "a boat"}
    answer = await bench.call("POST", PATH, body, headers={"X-Client-Request-Id": sent})
    assert answer.headers["x-inference-id"] == answer.json["id"]
    assert answer.headers.get("x-client-request-id") == kept
    assert answer.headers["x-aimlapi-credits-used"] == "560000"
    assert answer.headers["x-aimlapi-usd-spent"] == "0.280000000"
    polled = await bench.call("GET", PATH, params={"generation_id": answer.json["id"]})
    assert (polled.headers["x-inference-id"], "x-client-request-id" in polled.headers) == (answer.json["id"], False)


@pytest.mark.parametrize(
    ("kind", "message"),
    [("generation_failed", "Generation failed. Please try again."), ("policy_after_work", "flagged as sensitive")],
)
async def test_a_failure_is_a_status_with_an_error(bench: Bench, kind: str, message: str) -> None:
    bench.box.faults.add(kind)
    sold = await bench.sell_aimlapi()
    await bench.finish()
    failed = await poll(bench, sold["id"])
    assert (failed["status"], set(failed["error"]), "video" in failed) == ("error", {"name", "message"}, False)
    assert message in failed["error"]["message"]


@pytest.mark.parametrize(
    ("model", "more"),
    [
        (PRO_TEXT, {"camera_control": "down_back"}),
        (PRO_TEXT, {"advanced_camera_control": {"movement_type": "zoom", "movement_value": -10}}),
        (PRO_IMAGE, {"image_url": URI, "static_mask": URI}),
        (PRO_IMAGE, {"image_url": URI, "dynamic_masks": [MASK] * 6}),
        (PRO_IMAGE, {"image_url": URI, "camera_control": {"type": "simple", "config": {"pan": 10}}}),
        (PRO_IMAGE, {"image_url": URI, "camera_control": {"type": "forward_up"}}),
    ],
)
async def test_masks_and_camera_fail_after_work_unless_they_are_ordered_to_work(
    bench: Bench, model: str, more: dict[str, Any]
) -> None:
    sold = await bench.sell_aimlapi(model, **more)
    bench.box.faults.add("motion_works")
    other = await bench.sell_aimlapi(model, **more)
    await bench.finish()
    failed = await poll(bench, sold["id"])
    assert (failed["status"], "motion brush" in failed["error"]["message"]) == ("error", True)
    assert (await poll(bench, other["id"]))["status"] == "completed"


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("balance_exhausted", 403, "You've run out of credits. Please top up your balance to continue."),
        ("policy_at_submit", 400, "The prompt violates our content policy."),
        ("rate_limited", 429, "Too Many Requests"),
        ("error_504", 504, "Generation timeout"),
    ],
)
async def test_a_no_is_an_error_object(bench: Bench, kind: str, status: int, message: str) -> None:
    bench.box.faults.add(kind)
    answer = await bench.call("POST", PATH, {"model": TEXT, "prompt": "a boat"})
    assert (answer.status, answer.json) == (
        status,
        {
            "message": message,
            "path": "/v2/video/generations",
            "requestId": answer.json["requestId"],
            "statusCode": status,
            "timestamp": "2025-11-20T12:00:00.000Z",
        },
    )
    assert bench.box.sold == []


@pytest.mark.parametrize("key", ["", "Bearer bad", "Key sandbox"])
async def test_without_a_good_key_nothing_is_sold(bench: Bench, key: str) -> None:
    answer = await bench.call("POST", PATH, {"model": TEXT, "prompt": "a boat"}, key=key)
    assert (answer.status, answer.json["statusCode"]) == (401, 401)
    assert bench.box.sold == []


@pytest.mark.parametrize(
    ("model", "body", "named"),
    [
        (TEXT, {}, "prompt"),
        (TEXT, {"prompt": ""}, "prompt"),
        (TEXT, {"prompt": "p" * 2_501}, "prompt"),
        (TEXT, {"prompt": "p", "duration": 7}, "duration"),
        (TEXT, {"prompt": "p", "aspect_ratio": "4:3"}, "aspect_ratio"),
        (TEXT, {"prompt": "p", "cfg_scale": -0.1}, "cfg_scale"),
        (PRO_TEXT, {"prompt": "p", "camera_control": "zoom"}, "camera_control"),
        (PRO_TEXT, {"prompt": "p", "camera_control": {"type": "down_back"}}, "camera_control"),
        (
            PRO_TEXT,
            {"prompt": "p", "advanced_camera_control": {"movement_type": "zoom", "movement_value": 11}},
            "movement_value",
        ),
        (IMAGE, {"image_url": URI}, "prompt"),
        (IMAGE, {"prompt": "p"}, "image_url"),
        (IMAGE, {"prompt": "p", "image_url": [URI, URI]}, "image_url"),
        (IMAGE, {"prompt": "p", "image_url": "https://example.com/a.png"}, "downloaded"),
        (PRO_IMAGE, {"image_url": URI, "camera_control": "down_back"}, "camera_control"),
        (PRO_IMAGE, {"image_url": URI, "dynamic_masks": [MASK] * 7}, "dynamic_masks"),
        (PRO_IMAGE, {"image_url": URI, "dynamic_masks": [{"mask": URI, "trajectories": [{"x": 1, "y": 1}]}]}, "traj"),
        (PRO_IMAGE, {"image_url": URI, "static_mask": "data:image/png;base64,aGVsbG8="}, "decoded"),
        (MULTI, {"image_list": [URI]}, "image_list"),
        (MULTI, {"image_list": [URI] * 5}, "image_list"),
        (EFFECT, {"image_url": URI}, "effect_scene"),
        (EFFECT, {"image_url": URI, "effect_scene": "emoji"}, "effect_scene"),
        (EFFECT, {"image_url": [URI], "effect_scene": "squish"}, "image_url"),
        (EFFECT, {"image_url": URI, "effect_scene": "hug"}, "two pictures"),
    ],
)
async def test_a_bad_body_is_400(bench: Bench, model: str, body: dict[str, Any], named: str) -> None:
    answer = await bench.call("POST", PATH, {"model": model, **body})
    assert answer.status == 400
    assert answer.json["message"].startswith("Body validation error: ")
    assert named in answer.json["message"]
    assert bench.box.sold == []


async def test_the_code_of_an_error_may_be_text(bench: Bench) -> None:
    bench.box.faults.add("other_shape", call="submit")
    assert (await bench.call("POST", PATH, {"model": TEXT})).json["statusCode"] == "400"


async def test_unlisted_keys_are_ignored_unless_keys_are_strict(bench: Bench) -> None:
    await bench.sell_aimlapi(seed=7)
    bench.box.faults.add("strict_keys")
    refused = await bench.call("POST", PATH, {"model": TEXT, "prompt": "p", "seed": 7})
    assert (refused.status, "seed" in refused.json["message"]) == (400, True)


async def test_a_bad_body_can_be_refused_as_the_result(bench: Bench) -> None:
    bench.box.faults.add("late_refusal")
    sold = await bench.sell_aimlapi(duration=7)
    await bench.finish()
    failed = await poll(bench, sold["id"])
    assert (failed["status"], "duration" in failed["error"]["message"]) == ("error", True)


async def test_unknown_models_and_generations_are_not_found(bench: Bench) -> None:
    for model in ("kling-video/v1.6/pro/multi-image-to-video", "kling-video/v2.0/standard/text-to-video", None):
        assert (await bench.call("POST", PATH, {"model": model, "prompt": "p"})).status == 404
    assert (await bench.call("GET", PATH, params={"generation_id": "nobody"})).status == 404
    assert (await bench.call("GET", PATH)).status == 400
    assert (await bench.call("POST", PATH, ["p"])).status == 400


async def test_its_paths_answer_at_the_root_too(bench: Bench) -> None:
    key = "Bearer sandbox"
    sold = await bench.call("POST", "/v2/video/generations", {"model": TEXT, "prompt": "p"}, key=key)
    found = await bench.call("GET", "/v2/video/generations", params={"generation_id": sold.json["id"]}, key=key)
    assert found.json == {"id": sold.json["id"], "status": "queued"}
    assert (await bench.call("POST", "/v2/video/generations", {"model": TEXT, "prompt": "p"}, key="")).status == 401


class TestAccount:
    async def test_the_balance_goes_down_with_what_is_completed(self, bench: Bench) -> None:
        async def balance() -> Any:
            return (await bench.call("GET", "/aimlapi/v2/billing")).json

        assert await balance() == {"current_balance": 1000.0, "currency": "USD"}
        sold = await bench.sell_aimlapi(duration=10)
        bench.box.faults.add("generation_failed")
        await bench.sell_aimlapi()
        assert (await balance())["current_balance"] == 1000.0
        await bench.finish()
        assert (await balance())["current_balance"] == 999.44
        [charge] = (await bench.call("GET", "/aimlapi/v2/billing/transactions")).json["data"]
        assert charge["amount"] == {"usd": 0.56, "credits": 1_120_000}
        assert (charge["reference_id"], charge["direction"], charge["type"]) == (sold["id"], "CHARGE", "MODEL_USAGE")

    async def logs(self, bench: Bench, **query: str) -> Any:
        return await bench.call("GET", "/aimlapi/v2/logs", params=query)

    async def test_the_logs_tie_our_id_to_the_generations(self, bench: Bench) -> None:
        body = {"model": TEXT, "prompt": "a boat"}
        sold = await bench.call("POST", PATH, body, headers={"X-Client-Request-Id": "attempt-1"})
        bench.box.faults.add("generation_failed")
        failed = await bench.sell_aimlapi()
        assert (await self.logs(bench, period="1h")).json["data"] == []
        await bench.finish()
        answer = (await self.logs(bench, start="2025-11-20T11:58:00.000Z", end="2025-11-20T12:10:00Z")).json
        assert answer["pagination"] == {"limit": 50, "offset": 0, "total": 2, "has_more": False}
        assert [row["inference_id"] for row in answer["data"]] == [failed["id"], sold.json["id"]]
        assert answer["data"][0]["cost"] == {"usd": 0.0, "credits": 0}
        assert answer["data"][1] == {
            "created": "2025-11-20T12:00:00.000Z",
            "status": "succeeded",
            "origin": "api",
            "model": TEXT,
            "cost": {"usd": 0.28, "credits": 560_000},
            "tokens": {"input": 0, "output": 0, "total": 0},
            "request_id": None,
            "inference_id": sold.json["id"],
            "client_request_id": "attempt-1",
        }

    async def test_the_logs_come_by_time_model_and_page(self, bench: Bench) -> None:
        ids = [(await bench.sell_aimlapi(model))["id"] for model in (TEXT, PRO_TEXT, TEXT)]
        await bench.finish()

        async def ids_of(**query: str) -> list[str]:
            return [row["inference_id"] for row in (await self.logs(bench, **query)).json["data"]]

        assert await ids_of(period="2h") == ids[::-1]
        assert await ids_of(period="2h", model=PRO_TEXT) == [ids[1]]
        assert await ids_of(period="2h", limit="1", offset="1") == [ids[1]]
        assert await ids_of(start="2025-11-20T12:00:01Z", end="2025-11-20T13:00:00Z") == []
        assert (await self.logs(bench, period="2h", limit="2")).json["pagination"]["has_more"] is True

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"period": "7w"},
            {"period": "7d", "start": "2025-11-20T12:00:00Z", "end": "2025-11-20T12:00:00Z"},
            {"start": "2025-11-20T12:00:00Z"},
            {"start": "2025-11-20T12:00:00Z", "end": "2025-11-20T11:00:00Z"},
            {"start": "2025-01-01", "end": "2025-11-20"},
            {"start": "yesterday", "end": "2025-11-20"},
            {"period": "1d", "limit": "101"},
            {"period": "1d", "offset": "-1"},
        ],
    )
    async def test_logs_that_can_not_be_are_400(self, bench: Bench, query: dict[str, str]) -> None:
        assert (await self.logs(bench, **query)).status == 400

    async def test_more_than_200_looks_at_the_logs_a_minute_are_too_many(self, bench: Bench) -> None:
        for _ in range(200):
            assert (await self.logs(bench, period="1h")).status == 200
        assert (await self.logs(bench, period="1h")).status == 429

    async def test_the_models_need_no_key(self, bench: Bench) -> None:
        models = (await bench.call("GET", "/aimlapi/v1/models", key="")).json["data"]
        assert {model["id"] for model in models} == {TEXT, PRO_TEXT, IMAGE, PRO_IMAGE, MULTI, EFFECT, PRO_EFFECT}
        assert not any("pricing" in model for model in models)
        priced = (await bench.call("GET", "/aimlapi/v1/models", params={"include": "pricing"})).json["data"]
        assert {model["pricing"]["usd"] for model in priced} == {0.056, 0.098}


async def test_a_small_account_sells_two_a_minute(tmp_path: Path) -> None:
    async with sandbox(tmp_path, levels={"aimlapi": "small"}) as bench:
        for _ in range(2):
            await bench.sell_aimlapi()
        assert (await bench.call("POST", PATH, {"model": TEXT, "prompt": "p"})).status == 429
