"""GMI Cloud's answers, typed out from its documentation."""

import base64
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.media import file_of, halves
from tests.support.sandbox import Bench, sandbox

PICTURE = file_of(halves(640, 480), "PNG")
BARE = base64.b64encode(PICTURE).decode()
URI = f"data:image/png;base64,{BARE}"
ROOT = "/gmi/api/v1"
REQUESTS = f"{ROOT}/ie/requestqueue/apikey/requests"
SOLD_AT = 1_763_640_000  # the test clock's start, 2025-11-20 12:00:00 UTC
TEXT, IMAGE = "Kling-Text2Video-V1.6-Standard", "Kling-Image2Video-V1.6-Pro"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def detail(bench: Bench, sold: Any) -> Any:
    answer = await bench.call("GET", f"{REQUESTS}/{sold['request_id']}")
    assert answer.status == 200
    return answer.json


async def test_a_submit_answers_with_the_request(bench: Bench) -> None:
    answer = await bench.call("POST", REQUESTS, {"model": TEXT, "payload": {"prompt": "a boat"}})
    assert (answer.status, answer.json) == (
        200,
        {
            "request_id": bench.box.sold[0].id,
            "model": TEXT,
            "status": "dispatched",
            "created_at": SOLD_AT,
            "updated_at": SOLD_AT,
            "queued_at": SOLD_AT,
        },
    )
    bench.box.faults.add("other_shape", call="submit")
    assert (await bench.sell_gmi())["status"] == "queued"


@pytest.mark.parametrize(
    ("model", "payload", "workflow", "tier", "ratio"),
    [
        (TEXT, {"prompt": "p", "duration": "10", "aspect_ratio": "9:16"}, "text", "standard", "9:16"),
        ("Kling-Text2Video-V1.6-Pro", {"prompt": "p", "cfg_scale": 1, "negative_prompt": "n"}, "text", "pro", "16:9"),
        ("Kling-Image2Video-V1.6-Standard", {"image": URI}, "image", "standard", None),
        (IMAGE, {"image": BARE, "prompt": "p", "duration": "5"}, "image", "pro", None),
    ],
)
async def test_each_of_the_four_models_takes_its_payload(
    bench: Bench, model: str, payload: dict[str, Any], workflow: str, tier: str, ratio: str | None
) -> None:
    answer = await bench.call("POST", REQUESTS, {"model": model, "payload": payload})
    assert answer.status == 200, answer.body
    [task] = bench.box.sold
    assert (task.order.workflow, task.order.tier, task.order.ratio) == (workflow, tier, ratio)
    assert task.order.duration == int(payload.get("duration", "5"))
    assert task.price == {"standard": 280_000, "pro": 490_000}[tier] * task.order.duration // 5
    picture = {"sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    assert task.fields == {"model": model, "payload": payload | ({"image": picture} if "image" in payload else {})}


async def test_a_request_goes_from_dispatched_to_success(bench: Bench) -> None:
    sold = await bench.sell_gmi(IMAGE, image=URI)
    first = await detail(bench, sold)
    shown = f"{bench.box.base_url}/gmi/user-assests/{hashlib.sha256(PICTURE).hexdigest()}"
    assert first == sold | {
        "org_id": "sandbox-org",
        "is_public": False,
        "payload": {"prompt": "a boat", "image": shown},
        "outcome": None,
        "qworker_id": "",
    }
    bench.clock.advance(4.5)
    assert (await detail(bench, sold))["status"] == "queued"
    bench.clock.advance(10)
    running = await detail(bench, sold)
    assert (running["status"], running["qworker_id"], running["outcome"]) == ("processing", "sandbox-worker", None)
    await bench.finish()
    done = await detail(bench, sold)
    video = f"{bench.box.base_url}/files/{sold['request_id']}/output.mp4"
    thumbnail = f"{bench.box.base_url}/gmi/user-assests/{sold['request_id']}.jpg"
    assert (done["status"], done["outcome"]) == (
        "success",
        {"video_url": video, "thumbnail_image_url": thumbnail},
    )
    assert done["updated_at"] > done["created_at"] == SOLD_AT
    assert (await bench.call("GET", video, key="")).headers["Content-Type"] == "video/mp4"


async def test_the_outcome_has_a_second_shape(bench: Bench) -> None:
    sold = await bench.sell_gmi()
    await bench.finish()
    bench.box.faults.add("other_shape", call="check")
    outcome = (await detail(bench, sold))["outcome"]
    video = f"{bench.box.base_url}/files/{sold['request_id']}/output.mp4"
    assert outcome["media_urls"] == [{"id": f"{sold['request_id']}-0", "url": video}]
    assert "video_url" not in outcome


async def test_the_thumbnail_is_a_picture_of_the_clip(bench: Bench) -> None:
    sold = await bench.sell_gmi()
    address = f"/gmi/user-assests/{sold['request_id']}.jpg"
    assert (await bench.call("GET", address, key="")).status == 404
    await bench.finish()
    found = await bench.call("GET", address, key="")
    with Image.open(io.BytesIO(found.body)) as thumbnail:
        assert (found.status, thumbnail.format, thumbnail.width > thumbnail.height) == (200, "JPEG", True)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("generation_failed", "Generation failed. Please try again."),
        ("policy_after_work", "The request was rejected by the content policy."),
    ],
)
async def test_a_failure_says_why_under_error(bench: Bench, kind: str, error: str) -> None:
    bench.box.faults.add(kind)
    sold = await bench.sell_gmi()
    await bench.finish()
    failed = await detail(bench, sold)
    assert (failed["status"], failed["outcome"], failed["error"]) == ("failed", None, error)


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("balance_exhausted", 402, "insufficient balance"),
        ("policy_at_submit", 400, "The request was rejected by the content policy."),
        ("rate_limited", 429, "rate limit exceeded"),
        ("error_503", 503, "Service unavailable"),
    ],
)
async def test_a_no_stands_under_error(bench: Bench, kind: str, status: int, error: str) -> None:
    bench.box.faults.add(kind)
    answer = await bench.call("POST", REQUESTS, {"model": TEXT, "payload": {"prompt": "a boat"}})
    assert (answer.status, answer.json["error"]) == (status, error)
    assert bench.box.sold == []


@pytest.mark.parametrize("key", ["", "Bearer bad", "Key sandbox"])
async def test_without_a_good_key_nothing_is_sold(bench: Bench, key: str) -> None:
    answer = await bench.call("POST", REQUESTS, {"model": TEXT, "payload": {"prompt": "p"}}, key=key)
    assert (answer.status, answer.json["error"]) == (401, "Unauthorized")
    assert bench.box.sold == []


@pytest.mark.parametrize(
    ("model", "payload", "named"),
    [
        (TEXT, {}, "payload"),
        (TEXT, None, "payload"),
        (TEXT, {"prompt": "p", "duration": 5}, "duration"),
        (TEXT, {"prompt": "p", "duration": "7"}, "duration"),
        (TEXT, {"prompt": "p", "aspect_ratio": "4:3"}, "aspect_ratio"),
        (TEXT, {"prompt": "p", "cfg_scale": 1.1}, "cfg_scale"),
        (TEXT, {"prompt": "p" * 2_501}, "prompt"),
        (TEXT, {"prompt": "p", "negative_prompt": "p" * 2_501}, "negative_prompt"),
        (IMAGE, {"prompt": "p"}, "image"),
        (IMAGE, {"image": ""}, "image"),
        (IMAGE, {"image": "https://example.com/a.png"}, "downloaded"),
        (IMAGE, {"image": "aGVsbG8="}, "decoded"),
        (IMAGE, {"image": "not base64!"}, "decoded"),
        (
            IMAGE,
            {"image": base64.b64encode(file_of(halves(299, 400), "PNG")).decode()},
            "at least 300 px",
        ),
        (IMAGE, {"image": base64.b64encode(file_of(halves(400, 400), "WEBP")).decode()}, "JPG"),
    ],
)
async def test_a_bad_payload_is_400(bench: Bench, model: str, payload: Any, named: str) -> None:
    answer = await bench.call("POST", REQUESTS, {"model": model, "payload": payload})
    assert (answer.status, set(answer.json)) == (400, {"error"})
    assert named in answer.json["error"]
    assert bench.box.sold == []


@pytest.mark.parametrize("model", ["kling-text2video-v1.6-standard", "Kling-Text2Video-V1.6", "Veo3"])
async def test_a_model_by_any_other_name_is_404_whatever_its_payload(bench: Bench, model: str) -> None:
    for payload in ({"prompt": "p"}, {}):
        answer = await bench.call("POST", REQUESTS, {"model": model, "payload": payload})
        assert (answer.status, "do not have access" in answer.json["error"]) == (404, True)


@pytest.mark.parametrize("body", [["p"], {}, {"payload": {"prompt": "p"}}, {"model": 7}])
async def test_a_body_without_a_model_is_400(bench: Bench, body: Any) -> None:
    assert (await bench.call("POST", REQUESTS, body)).status == 400


async def test_an_end_frame_is_ignored_and_recorded_unless_keys_are_strict(bench: Bench) -> None:
    await bench.sell_gmi(IMAGE, image=URI, image_tail=URI)
    [task] = bench.box.sold
    assert (len(task.order.pictures), "image_tail" in task.fields["payload"]) == (1, True)
    bench.box.faults.add("strict_keys")
    body = {"model": IMAGE, "payload": {"image": URI, "image_tail": URI}}
    refused = await bench.call("POST", REQUESTS, body)
    assert (refused.status, refused.json["error"]) == (400, "unknown parameter: image_tail")


async def test_a_bad_payload_can_be_refused_as_the_result(bench: Bench) -> None:
    bench.box.faults.add("late_refusal")
    sold = await bench.sell_gmi(IMAGE, image="not base64!")
    assert (await detail(bench, sold))["payload"] == {"prompt": "a boat", "image": "not base64!"}
    await bench.finish()
    failed = await detail(bench, sold)
    assert (failed["status"], "decoded" in failed["error"]) == ("failed", True)


class TestCancel:
    async def test_what_waits_is_cancelled(self, bench: Bench) -> None:
        sold = await bench.sell_gmi()
        answer = await bench.call("DELETE", f"{REQUESTS}/{sold['request_id']}")
        assert (answer.status, answer.json["status"]) == (200, "cancelled")
        await bench.finish()
        assert (await detail(bench, sold))["status"] == "cancelled"

    async def test_what_is_worked_on_goes_on(self, bench: Bench) -> None:
        sold = await bench.sell_gmi()
        bench.clock.advance(10)
        assert (await bench.call("DELETE", f"{REQUESTS}/{sold['request_id']}")).status == 409
        await bench.finish()
        assert (await detail(bench, sold))["status"] == "success"
        assert (await bench.call("DELETE", f"{REQUESTS}/{sold['request_id']}")).status == 409

    async def test_there_may_be_no_such_call(self, bench: Bench) -> None:
        bench.box.faults.add("other_shape", call="cancel")
        sold = await bench.sell_gmi()
        assert (await bench.call("DELETE", f"{REQUESTS}/{sold['request_id']}")).status == 405
        assert (await detail(bench, sold))["status"] == "dispatched"

    async def test_what_nobody_knows_is_404(self, bench: Bench) -> None:
        for method in ("GET", "DELETE"):
            answer = await bench.call(method, f"{REQUESTS}/nobody")
            assert (answer.status, answer.json) == (404, {"error": "request not found"})


class TestLists:
    async def test_requests_are_listed_by_model_newest_first(self, bench: Bench) -> None:
        first = await bench.sell_gmi()
        other = await bench.sell_gmi("Kling-Text2Video-V1.6-Pro")
        second = await bench.sell_gmi()
        listed = (await bench.call("GET", REQUESTS, params={"model_id": TEXT})).json
        assert listed == {"requests": [await detail(bench, second), await detail(bench, first)], "total": 2}
        everything = (await bench.call("GET", REQUESTS)).json["requests"]
        assert [one["request_id"] for one in everything] == [one["request_id"] for one in (second, other, first)]

    async def test_the_models_are_listed_and_described(self, bench: Bench) -> None:
        models = f"{ROOT}/ie/requestqueue/apikey/models"
        assert (await bench.call("GET", models)).json["model_ids"] == [
            "Kling-Text2Video-V1.6-Standard",
            "Kling-Text2Video-V1.6-Pro",
            "Kling-Image2Video-V1.6-Standard",
            "Kling-Image2Video-V1.6-Pro",
        ]
        described = (await bench.call("GET", f"{models}/{IMAGE}")).json
        required = {one["name"]: one["required"] for one in described["parameters"]}
        assert required == {
            "prompt": False,
            "negative_prompt": False,
            "duration": False,
            "cfg_scale": False,
            "image": True,
        }
        assert all(
            set(one) == {"name", "display_name", "description", "type", "required"} for one in described["parameters"]
        )
        assert set(described["price_info"]) == {"price", "pricing_type", "unit"}
        assert (await bench.call("GET", f"{models}/{IMAGE.lower()}")).status == 404


class TestSignIn:
    async def session(self, bench: Bench) -> dict[str, str]:
        who = {"email": "you@example.org", "password": "sandbox"}
        signed = await bench.call("POST", f"{ROOT}/me/auth-tokens", who, key="")
        assert (signed.status, signed.json["is2FARequired"]) == (200, False)
        wish = {"type": "native", "authToken": signed.json["authToken"], "otpCode": None}
        opened = await bench.call("POST", f"{ROOT}/me/sessions", wish, key="")
        assert opened.status == 201
        tokens: dict[str, str] = opened.json
        return tokens

    async def test_a_session_opens_the_queue_without_a_key(self, bench: Bench) -> None:
        key = f"Bearer {(await self.session(bench))['accessToken']}"
        queue = f"{ROOT}/ie/requestqueue/requests"
        sold = await bench.call("POST", queue, {"model": TEXT, "payload": {"prompt": "p"}}, key=key)
        assert sold.status == 200
        found = await bench.call("GET", f"{queue}/{sold.json['request_id']}", key=key)
        assert found.json["request_id"] == sold.json["request_id"]
        profile = await bench.call("GET", f"{ROOT}/me/profile", key=key)
        assert profile.json["organization"]["id"] == "sandbox-org"

    async def test_a_key_does_not_open_the_sessions_surface(self, bench: Bench) -> None:
        for path in ("ie/requestqueue/requests", "ie/requestqueue/models", "me/profile"):
            assert (await bench.call("GET", f"{ROOT}/{path}")).status == 401

    async def test_a_session_runs_out_and_is_renewed(self, bench: Bench) -> None:
        tokens = await self.session(bench)
        bench.clock.advance(3_601)
        old = await bench.call("GET", f"{ROOT}/me/profile", key=f"Bearer {tokens['accessToken']}")
        assert old.status == 401
        renewed = await bench.call("PATCH", f"{ROOT}/me/sessions", {"refreshToken": tokens["refreshToken"]}, key="")
        key = f"Bearer {renewed.json['accessToken']}"
        assert (await bench.call("GET", f"{ROOT}/me/profile", key=key)).status == 200

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("POST", "auth-tokens", {"email": "you@example.org", "password": "bad"}),
            ("POST", "auth-tokens", {"email": "you@example.org"}),
            ("POST", "sessions", {"type": "native", "authToken": "made.up.token"}),
            ("POST", "sessions", {"type": "native"}),
            ("PATCH", "sessions", {"refreshToken": "e30.e30.e30"}),
        ],
    )
    async def test_a_stranger_stays_out(self, bench: Bench, method: str, path: str, body: Any) -> None:
        answer = await bench.call(method, f"{ROOT}/me/{path}", body, key="")
        assert (answer.status, set(answer.json)) == (401, {"message"})


async def test_the_organization_is_shown(bench: Bench) -> None:
    body = {"model": TEXT, "payload": {"prompt": "p"}}
    answer = await bench.call("POST", REQUESTS, body, headers={"X-Organization-ID": "org-7"})
    assert (await detail(bench, answer.json))["org_id"] == "org-7"


async def test_a_small_account_sells_two_a_minute(tmp_path: Path) -> None:
    async with sandbox(tmp_path, levels={"gmi": "small"}) as bench:
        for _ in range(2):
            await bench.sell_gmi()
        refused = await bench.call("POST", REQUESTS, {"model": TEXT, "payload": {"prompt": "p"}})
        assert refused.status == 429
