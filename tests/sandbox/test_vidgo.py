"""Vidgo's answers, typed out from its documentation."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from tests.support.media import file_of, halves
from tests.support.sandbox import Answer, Bench, sandbox

PICTURE = file_of(halves(640, 480), "PNG")
SUBMIT = "/vidgo/api/generate/submit"
UPLOAD = "/vidgo/api/common/upload"
STANDARD, PRO = "kling-1.6/standard", "kling-1.6/pro"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


def form(data: bytes = PICTURE, **fields: str) -> FormData:
    made = FormData()
    for name, value in fields.items():
        made.add_field(name, value)
    made.add_field("file", data, filename="cat.png", content_type="image/png")
    return made


async def upload(bench: Bench, data: bytes = PICTURE) -> str:
    answer = await bench.call("POST", f"{UPLOAD}/stream", data=form(data))
    assert answer.status == 200, answer.body
    return str(answer.json["data"]["file_url"])


async def ask(bench: Bench, model: str, fields: dict[str, Any], **more: Any) -> Answer:
    return await bench.call("POST", SUBMIT, {"model": model, "input": fields, **more})


async def status(bench: Bench, task: str) -> Any:
    return (await bench.call("GET", f"/vidgo/api/generate/status/{task}")).json


async def test_a_submit_answers_with_the_envelope(bench: Bench) -> None:
    answer = await ask(bench, STANDARD, {"prompt": "a boat"}, callback_url="https://example.org/cb")
    task = answer.json["data"]["task_id"]
    assert (answer.status, answer.json) == (
        200,
        {"code": 200, "data": {"task_id": task, "status": "not_started", "created_time": "2025-11-20T12:00:00"}},
    )
    assert re.fullmatch(r"task-unified-1763640000-[0-9a-f]{8}", task)


@pytest.mark.parametrize(
    ("model", "fields", "workflow", "ratio", "seconds", "price"),
    [
        (STANDARD, {"prompt": "p"}, "text", "16:9", 5, 225_000),
        (PRO, {"prompt": "p", "negative_prompt": "n", "aspect_ratio": "9:16", "duration": 10, "cfg_scale": 0.7},
         "text", "9:16", 10, 750_000),
        (STANDARD, {"prompt": "p", "start_image_url": "A", "cfg_scale": 1, "duration": "10"}, "image", None, 10,
         450_000),
        (PRO, {"prompt": "p", "start_image_url": "A", "end_image_url": "A", "aspect_ratio": "1:1"}, "image", "1:1", 5,
         375_000),
        (PRO, {"prompt": "p", "start_image_url": "A", "end_image_url": None}, "image", None, 5, 375_000),
        (STANDARD, {"prompt": "p", "image_urls": ["A"]}, "elements", "16:9", 5, 225_000),
        (PRO, {"prompt": "p", "image_urls": ["A"] * 4, "aspect_ratio": "9:16"}, "elements", "9:16", 5, 375_000),
    ],
)  # fmt: skip
async def test_the_fields_tell_the_workflow(
    bench: Bench, model: str, fields: dict[str, Any], workflow: str, ratio: str | None, seconds: int, price: int
) -> None:
    address = await upload(bench)
    placed = {
        name: address if value == "A" else [address] * len(value) if isinstance(value, list) else value
        for name, value in fields.items()
    }
    assert (await ask(bench, model, placed)).status == 200
    [task] = bench.box.sold
    order = task.order
    assert (order.workflow, order.ratio, order.duration, task.price) == (workflow, ratio, seconds, price)
    assert (order.tier, task.model) == (model.partition("/")[2], model)
    fingerprint = {"url": address, "sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    assert task.fields["input"].get("start_image_url", fingerprint) == fingerprint
    assert task.fields["input"]["prompt"] == "p"


@pytest.mark.parametrize(
    ("model", "fields", "named"),
    [
        (STANDARD, {}, "prompt"),
        (STANDARD, {"prompt": "p" * 2_501}, "prompt"),
        (STANDARD, {"prompt": "p", "duration": 7}, "duration"),
        (STANDARD, {"prompt": "p", "cfg_scale": 1.5}, "cfg_scale"),
        (STANDARD, {"prompt": "p", "aspect_ratio": "4:3"}, "aspect_ratio"),
        (STANDARD, {"prompt": "p", "start_image_url": "A", "aspect_ratio": "16:9"}, "aspect_ratio"),
        (STANDARD, {"prompt": "p", "start_image_url": "A", "end_image_url": "A"}, "end_image_url"),
        (PRO, {"prompt": "p", "end_image_url": "A"}, "end_image_url"),
        (PRO, {"prompt": "p", "image_urls": ["A"], "start_image_url": "A"}, "start_image_url"),
        (PRO, {"prompt": "p", "image_urls": ["A"], "end_image_url": "A"}, "end_image_url"),
        (PRO, {"prompt": "p", "image_urls": ["A"], "cfg_scale": 0.5}, "cfg_scale"),
        (PRO, {"prompt": "p", "image_urls": []}, "image_urls"),
        (PRO, {"prompt": "p", "image_urls": ["A"] * 5}, "image_urls"),
        (PRO, {"prompt": "p", "start_image_url": "https://example.com/a.png"}, "downloaded"),
        (PRO, {"prompt": "p", "start_image_url": "data:image/png;base64,aGVsbG8="}, "downloaded"),
        ("kling-1.6", {"prompt": "p"}, "model"),
    ],
)
async def test_a_combination_that_is_not_taken_is_400(
    bench: Bench, model: str, fields: dict[str, Any], named: str
) -> None:
    answer = await ask(bench, model, fields)
    assert (answer.status, answer.json["code"]) == (400, 400)
    assert named in answer.json["error"]["message"]
    assert bench.box.sold == []


@pytest.mark.parametrize("body", [["p"], {"model": PRO}, {"model": PRO, "input": {"prompt": "p"}, "callback_url": "x"}])
async def test_a_body_that_is_not_one_is_400(bench: Bench, body: Any) -> None:
    assert (await bench.call("POST", SUBMIT, body)).status == 400


async def test_keys_that_it_does_not_know_are_ignored_unless_it_is_strict(bench: Bench) -> None:
    assert (await ask(bench, PRO, {"prompt": "p", "seed": 7})).status == 200
    bench.box.faults.add("strict_keys")
    assert "seed" in (await ask(bench, PRO, {"prompt": "p", "seed": 7})).json["error"]["message"]


async def test_a_task_goes_from_not_started_to_finished_in_percent(bench: Bench) -> None:
    sold = await bench.sell_vidgo()
    task = sold["task_id"]
    document = {**sold, "files": [], "progress": 0, "error_message": None}
    assert await status(bench, task) == {"code": 200, "data": document}
    bench.clock.advance(37)
    running = (await status(bench, task))["data"]
    assert (running["status"], 20 < running["progress"] < 80) == ("running", True)
    await bench.finish()
    done = (await status(bench, task))["data"]
    url = f"{bench.box.base_url}/files/{task}/output.mp4"
    file = {"file_url": url, "file_type": "video"}
    assert done == document | {"status": "finished", "progress": 100, "files": [file]}
    assert (await bench.call("GET", url, key="")).headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(
    ("kind", "said"),
    [("policy_after_work", "The prompt violates our content policy"), ("generation_failed", "Generation failed")],
)
async def test_a_failure_says_why_and_costs_nothing(bench: Bench, kind: str, said: str) -> None:
    bench.box.faults.add(kind)
    sold = await bench.sell_vidgo()
    await bench.finish()
    data = (await status(bench, sold["task_id"]))["data"]
    assert (data["status"], data["files"], data["progress"], data["error_message"]) == ("failed", [], 0, said)
    assert (await bench.call("GET", "/vidgo/api/user/balance")).json["data"]["credits_amount"] == 20_000


async def test_the_balance_is_in_credits_and_falls_with_success(bench: Bench) -> None:
    await bench.sell_vidgo(PRO)
    before = await bench.call("GET", "/vidgo/api/user/balance")
    await bench.finish()
    after = await bench.call("GET", "/vidgo/api/user/balance")
    assert before.json == {"code": 200, "data": {"email": "you@example.org", "credits_amount": 20_000}}
    assert after.json["data"]["credits_amount"] == 19_925


async def test_a_task_that_is_not_known_is_404(bench: Bench) -> None:
    answer = await bench.call("GET", "/vidgo/api/generate/status/task-unified-1-a")
    assert (answer.status, answer.json) == (404, {"code": 404, "error": {"message": "Task not found"}})


async def test_without_a_key_nothing_is_sold(bench: Bench) -> None:
    answer = await bench.call("POST", SUBMIT, {"model": PRO, "input": {"prompt": "p"}}, key="Key sandbox")
    assert (answer.status, answer.json["code"], bench.box.sold) == (401, 401, [])


async def test_a_refusal_takes_every_shape_in_turn(bench: Bench) -> None:
    bench.box.faults.add("balance_exhausted")
    bench.box.faults.add("other_shape", count=4)
    said = [(one.status, one.json) for one in [await ask(bench, PRO, {"prompt": "p"}) for _ in range(5)]]
    assert said == [
        (402, {"code": 402, "msg": "Insufficient credits"}),
        (402, {"code": 402, "message": "Insufficient credits"}),
        (402, {"detail": "Insufficient credits"}),
        (200, {"code": 402, "msg": "Insufficient credits", "data": None}),
        (402, {"code": 402, "error": {"message": "Insufficient credits"}}),
    ]


async def test_an_upload_answers_with_all_it_knows(bench: Bench) -> None:
    answer = await bench.call("POST", f"{UPLOAD}/stream", data=form(upload_path="photos", file_name="boat.png"))
    url = answer.json["data"]["file_url"]
    assert (answer.status, answer.json) == (
        200,
        {
            "success": True,
            "code": 200,
            "msg": "File uploaded successfully",
            "data": {
                "file_id": hashlib.sha256(PICTURE).hexdigest()[:32],
                "file_name": "boat.png",
                "original_name": "cat.png",
                "file_size": len(PICTURE),
                "mime_type": "image/png",
                "upload_path": "temp/photos",
                "file_url": url,
                "download_url": url,
                "upload_time": "2025-11-20T12:00:00.000000",
                "expires_at": "2025-11-23T12:00:00.000000",
            },
        },
    )
    assert (await bench.call("GET", url, key="")).body == PICTURE


async def test_the_other_ways_to_upload_and_the_other_spelling_work_too(bench: Bench) -> None:
    bare = base64.b64encode(PICTURE).decode()
    first = await bench.call("POST", f"{UPLOAD}/stream", data=form(uploadPath="a", fileName="b.png"))
    assert (first.json["data"]["upload_path"], first.json["data"]["file_name"]) == ("temp/a", "b.png")
    ways = [("base64", {"base64_data": bare}), ("base64", {"base64_data": f"data:image/png;base64,{bare}"})]
    for way, body in [*ways, ("url", {"file_url": first.json["data"]["file_url"]})]:
        answer = await bench.call("POST", f"{UPLOAD}/{way}", body)
        assert (await bench.call("GET", answer.json["data"]["file_url"], key="")).body == PICTURE


@pytest.mark.parametrize(
    ("way", "body"),
    [
        ("stream", {}), ("base64", {"base64_data": "!"}), ("base64", {}),
        ("base64", {"base64_data": base64.b64encode(b"no picture").decode()}),
        ("url", {"file_url": "https://example.org/a.png"}),
    ],
)  # fmt: skip
async def test_an_upload_that_holds_no_picture_is_400(bench: Bench, way: str, body: dict[str, Any]) -> None:
    assert (await bench.call("POST", f"{UPLOAD}/{way}", body)).status == 400


async def test_a_sixth_upload_in_a_minute_is_429(bench: Bench) -> None:
    for _ in range(5):
        await upload(bench)
    refused = await bench.call("POST", f"{UPLOAD}/stream", data=form())
    assert (refused.status, refused.json["error"]["message"]) == (429, "Too Many Requests")
    bench.clock.advance(60)
    await upload(bench)


async def test_an_upload_is_gone_after_72_hours(bench: Bench) -> None:
    address = await upload(bench)
    bench.clock.advance(72 * 3_600 - 1)
    assert (await ask(bench, PRO, {"prompt": "p", "start_image_url": address})).status == 200
    bench.clock.advance(1)
    assert (await ask(bench, PRO, {"prompt": "p", "start_image_url": address})).status == 400
    assert (await bench.call("GET", address, key="")).status == 404


async def test_webp_is_a_picture_here_and_gif_is_not(bench: Bench) -> None:
    taken = [
        (
            await ask(
                bench, PRO, {"prompt": "p", "start_image_url": await upload(bench, file_of(halves(400, 400), kind))}
            )
        )
        for kind in ("WEBP", "GIF")
    ]
    assert [answer.status for answer in taken] == [200, 400]
