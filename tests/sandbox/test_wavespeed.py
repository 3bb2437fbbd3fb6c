"""WaveSpeed's answers, typed out from its documentation."""

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
MODELS = "/wavespeed/api/v3/kwaivgi"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def test_a_submit_answers_with_the_envelope(bench: Bench) -> None:
    answer = await bench.call("POST", f"{MODELS}/kling-v1.6-t2v-standard", {"prompt": "a boat"})
    task_id = answer.json["data"]["id"]
    assert (answer.status, answer.json) == (
        200,
        {
            "code": 200,
            "message": "success",
            "data": {
                "id": task_id,
                "model": "kwaivgi/kling-v1.6-t2v-standard",
                "outputs": [],
                "urls": {"get": f"{bench.box.base_url}/wavespeed/api/v3/predictions/{task_id}/result"},
                "has_nsfw_contents": [],
                "status": "created",
                "created_at": "2025-11-20T12:00:00.000Z",
                "error": "",
                "timings": {"inference": 0},
            },
        },
    )


@pytest.mark.parametrize(
    ("model", "body", "workflow", "tier", "ratio"),
    [
        (
            "kling-v1.6-t2v-standard",
            {"prompt": "p", "negative_prompt": "n", "guidance_scale": 0.5, "duration": 10},
            *("text", "standard", None),
        ),
        ("kling-v1.6-i2v-standard", {"image": URI, "prompt": "", "duration": 5}, "image", "standard", None),
        ("kling-v1.6-i2v-pro", {"image": URI, "end_image": URI, "prompt": "p"}, "image", "pro", None),
        ("kling-v1.6-multi-i2v-standard", {"images": [URI] * 4, "prompt": "p"}, "elements", "standard", "1:1"),
        (
            "kling-v1.6-multi-i2v-pro",
            {"images": [URI], "prompt": "p", "aspect_ratio": "9:16"},
            *("elements", "pro", "9:16"),
        ),
        ("kling-effects", {"effect_scene": "boylfriend", "image": URI}, "effect", "standard", None),
    ],
)
async def test_each_of_the_six_models_takes_its_fields(
    bench: Bench, model: str, body: dict[str, Any], workflow: str, tier: str, ratio: str | None
) -> None:
    answer = await bench.call("POST", f"{MODELS}/{model}", body)
    assert answer.status == 200
    [task] = bench.box.sold
    assert (task.order.workflow, task.order.tier, task.order.ratio) == (workflow, tier, ratio)
    assert task.order.duration == body.get("duration", 5)


@pytest.mark.parametrize("path", ["/result", ""])
async def test_a_prediction_goes_from_created_to_completed(bench: Bench, path: str) -> None:
    sold = await bench.sell_wavespeed()
    address = sold["urls"]["get"].removesuffix("/result") + path
    assert (await bench.call("GET", address)).json["data"]["status"] == "created"
    bench.clock.advance(10)
    assert (await bench.call("GET", address)).json["data"]["status"] == "processing"
    await bench.finish()
    done = await bench.call("GET", address)
    video = f"{bench.box.base_url}/files/{sold['id']}/output.mp4"
    inference = done.json["data"]["timings"]["inference"]
    assert (done.status, done.json["data"]) == (
        200,
        sold
        | {
            "status": "completed",
            "outputs": [video],
            "has_nsfw_contents": [False],
            "timings": {"inference": inference},
        },
    )
    assert 51_000 <= inference <= 69_000
    assert (await bench.call("GET", video, key="")).headers["Content-Type"] == "video/mp4"


async def test_a_failure_is_200_with_status_failed(bench: Bench) -> None:
    bench.box.faults.add("generation_failed")
    sold = await bench.sell_wavespeed()
    await bench.finish()
    failed = await bench.call("GET", sold["urls"]["get"])
    assert (failed.status, failed.json["code"]) == (200, 200)
    assert (failed.json["data"]["status"], failed.json["data"]["outputs"]) == ("failed", [])
    assert failed.json["data"]["error"] == "Generation failed. Please try again."


async def test_a_policy_refusal_after_work_raises_the_flag(bench: Bench) -> None:
    bench.box.faults.add("policy_after_work")
    sold = await bench.sell_wavespeed()
    await bench.finish()
    data = (await bench.call("GET", sold["urls"]["get"])).json["data"]
    assert (data["status"], data["has_nsfw_contents"], data["outputs"]) == ("failed", [True], [])
    assert "sensitive" in data["error"]


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("balance_exhausted", 402, "Insufficient credits. Please top up."),
        (
            "policy_at_submit",
            400,
            "Content flagged as potentially sensitive. Please try different prompts or images.",
        ),
        ("rate_limited", 429, "Too Many Requests"),
    ],
)
async def test_a_no_is_code_and_message(bench: Bench, kind: str, status: int, message: str) -> None:
    bench.box.faults.add(kind)
    answer = await bench.call("POST", f"{MODELS}/kling-v1.6-t2v-standard", {"prompt": "a boat"})
    assert (answer.status, answer.json) == (status, {"code": status, "message": message})
    assert bench.box.sold == []


@pytest.mark.parametrize("key", ["", "Bearer bad", "Key sandbox:sandbox"])
async def test_without_a_good_key_nothing_is_sold(bench: Bench, key: str) -> None:
    answer = await bench.call("POST", f"{MODELS}/kling-v1.6-t2v-standard", {"prompt": "a boat"}, key=key)
    assert (answer.status, answer.json["code"]) == (401, 401)
    assert bench.box.sold == []


@pytest.mark.parametrize(
    ("model", "body", "named"),
    [
        ("kling-v1.6-t2v-standard", {}, "prompt"),
        ("kling-v1.6-t2v-standard", {"prompt": "p", "duration": "5"}, "duration"),
        ("kling-v1.6-t2v-standard", {"prompt": "p", "duration": 7}, "duration"),
        ("kling-v1.6-t2v-standard", {"prompt": "p", "guidance_scale": 1.1}, "guidance_scale"),
        ("kling-v1.6-t2v-standard", {"prompt": "p" * 2_501}, "prompt"),
        ("kling-v1.6-i2v-standard", {"prompt": "p"}, "image"),
        ("kling-v1.6-i2v-standard", {"image": URI}, "prompt"),
        ("kling-v1.6-multi-i2v-standard", {"prompt": "p", "images": [URI] * 5}, "images"),
        ("kling-v1.6-multi-i2v-standard", {"prompt": "p", "images": [URI], "aspect_ratio": "4:3"}, "aspect_ratio"),
        ("kling-effects", {"effect_scene": "boyfriend", "image": URI}, "effect_scene"),
        ("kling-v1.6-i2v-pro", {"prompt": "p", "image": "https://example.com/a.png"}, "download"),
        ("kling-v1.6-i2v-pro", {"prompt": "p", "image": "data:image/png;base64,aGVsbG8="}, "decode"),
    ],
)
async def test_a_bad_body_is_400(bench: Bench, model: str, body: dict[str, Any], named: str) -> None:
    answer = await bench.call("POST", f"{MODELS}/{model}", body)
    assert (answer.status, answer.json["code"]) == (400, 400)
    assert named in answer.json["message"]
    assert bench.box.sold == []


async def test_webp_is_no_picture_here(bench: Bench) -> None:
    webp = "data:image/webp;base64," + base64.b64encode(file_of(halves(400, 400), "WEBP")).decode()
    answer = await bench.call("POST", f"{MODELS}/kling-effects", {"effect_scene": "emoji", "image": webp})
    assert (answer.status, "format" in answer.json["message"]) == (400, True)


async def test_what_is_no_json_object_is_400(bench: Bench) -> None:
    assert (await bench.call("POST", f"{MODELS}/kling-v1.6-t2v-standard", ["p"])).status == 400


async def test_unknown_models_and_predictions_are_not_found(bench: Bench) -> None:
    assert (await bench.call("POST", f"{MODELS}/kling-v1.6-t2v-pro", {"prompt": "p"})).status == 404
    unknown = await bench.call("GET", "/wavespeed/api/v3/predictions/nobody/result")
    assert (unknown.status, unknown.json["code"]) == (404, 404)


async def test_one_providers_task_is_unknown_to_the_other(bench: Bench) -> None:
    sold = await bench.sell_fal()
    path = f"/wavespeed/api/v3/predictions/{sold['request_id']}/result"
    assert (await bench.call("GET", path)).status == 404


async def test_fields_that_a_model_does_not_list_are_ignored_and_recorded(bench: Bench) -> None:
    await bench.sell_wavespeed("kwaivgi/kling-v1.6-i2v-standard", image=URI, end_image=URI)
    [task] = bench.box.sold
    picture = {"sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    assert task.fields == {"prompt": "a boat", "image": picture, "end_image": picture}
    assert len(task.order.pictures) == 1
    bench.box.faults.add("strict_keys")
    body = {"prompt": "p", "image": URI, "end_image": URI}
    refused = await bench.call("POST", f"{MODELS}/kling-v1.6-i2v-standard", body)
    assert (refused.status, refused.json["message"]) == (400, "unknown parameter: end_image")


async def test_a_bad_body_can_be_refused_as_the_result(bench: Bench) -> None:
    bench.box.faults.add("late_refusal")
    sold = await bench.sell_wavespeed(duration=7)
    await bench.finish()
    data = (await bench.call("GET", sold["urls"]["get"])).json["data"]
    assert (data["status"], "duration" in data["error"]) == ("failed", True)


async def test_a_bronze_account_sells_two_a_minute_and_works_on_two(tmp_path: Path) -> None:
    async with sandbox(tmp_path, levels={"wavespeed": "bronze"}) as bench:
        sold = [await bench.sell_wavespeed(duration=10) for _ in range(2)]
        refused = await bench.call("POST", f"{MODELS}/kling-v1.6-t2v-standard", {"prompt": "p"})
        assert (refused.status, refused.json) == (429, {"code": 429, "message": "Too Many Requests"})
        bench.clock.advance(60)
        sold.append(await bench.sell_wavespeed())
        bench.clock.advance(10)
        states = [(await bench.call("GET", one["urls"]["get"])).json["data"]["status"] for one in sold]
        assert states[2] == "created"
        await bench.finish()
        states = [(await bench.call("GET", one["urls"]["get"])).json["data"]["status"] for one in sold]
        assert states == ["completed"] * 3


async def test_sync_mode_answers_when_it_is_done(bench: Bench) -> None:
    data = await bench.sell_wavespeed(enable_sync_mode=True)
    assert data["status"] == "completed"
    assert data["outputs"] == [f"{bench.box.base_url}/files/{data['id']}/output.mp4"]


async def test_sync_mode_gives_up_with_5004_and_the_task_goes_on(bench: Bench) -> None:
    bench.box.faults.add("stuck", count=1)
    data = await bench.sell_wavespeed(enable_sync_mode=True)
    assert (data["code"], data["status"]) == (5004, "processing")
    assert "Sync mode timed out" in data["error"]
    assert (await bench.call("GET", data["urls"]["get"])).json["data"]["status"] == "processing"


async def test_outputs_can_come_as_base64(bench: Bench) -> None:
    data = await bench.sell_wavespeed(enable_sync_mode=True, enable_base64_output=True)
    [output] = data["outputs"]
    video = await bench.call("GET", f"/files/{data['id']}/output.mp4")
    assert output == "data:video/mp4;base64," + base64.b64encode(video.body).decode()
