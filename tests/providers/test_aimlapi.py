"""AI/ML API's client against a server that speaks as its documentation says."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.kling.requests import (
    Brush,
    Camera,
    Effect,
    Elements,
    Extend,
    ImageToVideo,
    Point,
    Request,
    TextToVideo,
)
from bot.net.door import Door
from bot.providers.aimlapi import Aimlapi, AimlapiSettings
from bot.providers.base import Body, Failure, Task, TaskStatus
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback
from tests.support.orders import KEY, order, ref

PATH, OLD_PATH = "/v2/video/generations", "/v2/generate/video/kling/generation"
SUBMIT, POLL = f"POST {PATH}", f"GET {PATH}"
TASK = Task(id="vn9XMO80UyV9BSq6K6G_O", extra={"path": "v2/video/generations", "trace": {}})
VIDEO = "https://cdn.aimlapi.com/octopus/files/a.mp4"
A, B, C = (f"data:image/jpeg;base64,{data}" for data in ("cGljdHVyZSAxIHBp", "cGljdHVyZSAyIHBp", "cGljdHVyZSAzIHBp"))

PLAIN = {"prompt": "a fox", "negative_prompt": "", "duration": 5}
TEXT = {**PLAIN, "aspect_ratio": "16:9", "cfg_scale": 0.5}
PRO_TEXT, PRO_IMAGE = "kling-video/v1.6/pro/text-to-video", "kling-video/v1.6/pro/image-to-video"
PATHS = (Point(x=12, y=300), Point(x=40, y=280))

BODIES: list[tuple[str, Request, dict[str, Any]]] = [
    (
        "aimlapi/text/standard", TextToVideo(prompt="a fox"),
        {"model": "kling-video/v1.6/standard/text-to-video", **TEXT},
    ),
    (
        "aimlapi/text/pro",
        TextToVideo(prompt="a fox", negative_prompt="rain", duration=10, aspect_ratio="9:16", cfg_scale=1, tier="pro"),
        {
            "model": PRO_TEXT, "prompt": "a fox", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16",
            "cfg_scale": 1.0,
        },
    ),
    (
        "aimlapi/text/pro/motion", TextToVideo(prompt="a fox", camera=Camera(move="forward_up"), tier="pro"),
        {"model": PRO_TEXT, **TEXT, "camera_control": "forward_up"},
    ),
    (
        "aimlapi/text/pro/motion", TextToVideo(prompt="a fox", camera=Camera(move="tilt", amount=-7), tier="pro"),
        {
            "model": PRO_TEXT, **TEXT,
            "advanced_camera_control": {"movement_type": "tilt", "movement_value": -7},
        },
    ),
    (
        "aimlapi/image/standard", ImageToVideo(start=ref(1), prompt="a fox"),
        {"model": "kling-video/v1.6/standard/image-to-video", "image_url": A, **PLAIN, "cfg_scale": 0.5},
    ),
    (
        "aimlapi/image/pro", ImageToVideo(start=ref(1), end=ref(2), duration=10, cfg_scale=0, tier="pro"),
        {
            "model": PRO_IMAGE, "image_url": A, "tail_image_url": B, "prompt": "", "negative_prompt": "",
            "duration": 10, "cfg_scale": 0.0,
        },
    ),
    (
        "aimlapi/image/pro/motion",
        ImageToVideo(
            start=ref(1), prompt="a fox", still=ref(2), brushes=(Brush(mask=ref(3), path=PATHS),), tier="pro"
        ),
        {
            "model": PRO_IMAGE, "image_url": A, **PLAIN, "cfg_scale": 0.5, "static_mask": B,
            "dynamic_masks": [{"mask": C, "trajectories": [{"x": 12, "y": 300}, {"x": 40, "y": 280}]}],
        },
    ),
    (
        "aimlapi/image/pro/motion",
        ImageToVideo(start=ref(1), prompt="a fox", camera=Camera(move="zoom", amount=4), tier="pro"),
        {
            "model": PRO_IMAGE, "image_url": A, **PLAIN, "cfg_scale": 0.5,
            "camera_control": {
                "type": "simple",
                "config": {"horizontal": 0, "vertical": 0, "pan": 0, "tilt": 0, "roll": 0, "zoom": 4},
            },
        },
    ),
    (
        "aimlapi/image/pro/motion",
        ImageToVideo(start=ref(1), prompt="a fox", camera=Camera(move="down_back"), tier="pro"),
        {"model": PRO_IMAGE, "image_url": A, **PLAIN, "cfg_scale": 0.5, "camera_control": {"type": "down_back"}},
    ),
    (
        "aimlapi/elements/standard", Elements(references=(ref(2), ref(1), ref(3)), prompt="a fox"),
        {
            "model": "kling-video/v1.6/standard/multi-image-to-video", "image_list": [B, A, C], **PLAIN,
            "aspect_ratio": "16:9",
        },
    ),
    (
        "aimlapi/effect/standard", Effect(scene="squish", people=(ref(1),), duration=10),
        {
            "model": "klingai/kling-video-v1.6-standard-effects", "image_url": A, "effect_scene": "squish",
            "duration": 10,
        },
    ),
    (
        "aimlapi/effect/pro", Effect(scene="fight", people=(ref(2), ref(1)), tier="pro"),
        {
            "model": "klingai/kling-video-v1.6-pro-effects", "image_url": [B, A], "effect_scene": "fight",
            "duration": 5,
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("offer", "request_", "body"), BODIES)
async def test_each_request_goes_out_in_the_documented_words(
    server: Loopback, aimlapi: Aimlapi, offer: str, request_: Request, body: dict[str, Any]
) -> None:
    server.answers[SUBMIT] = (200, {"id": TASK.id, "status": "queued"})
    assert await aimlapi.submit(await aimlapi.prepare(order(offer, request_))) == TASK
    [seen] = server.seen
    assert seen.json == body
    assert type(seen.json["duration"]) is int
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["x-client-request-id"] == "01jd0000000000000000"


@pytest.mark.parametrize(
    ("offer", "request_", "what"),
    [
        ("aimlapi/image/pro", ImageToVideo(end=ref(1), tier="pro"), "start"),
        ("aimlapi/image/pro", ImageToVideo(start=ref(1), still=ref(2), tier="pro"), "still"),
        ("aimlapi/image/pro", ImageToVideo(start=ref(1), camera=Camera(move="forward_up"), tier="pro"), "camera"),
        ("aimlapi/text/pro", TextToVideo(prompt="x", camera=Camera(move="forward_up"), tier="pro"), "camera"),
        ("aimlapi/image/pro/motion", ImageToVideo(start=ref(1), end=ref(2), tier="pro"), "end"),
        ("aimlapi/image/pro", Extend(job="01jd0000000000000000"), "extend"),
    ],
)
async def test_what_an_offer_does_not_make_is_refused_before_it_is_bought(
    server: Loopback, aimlapi: Aimlapi, offer: str, request_: Request, what: str
) -> None:
    with pytest.raises(SubmitRefused) as refused:
        await aimlapi.prepare(order(offer, request_))
    assert (refused.value.reason, refused.value.detail) == ("invalid", what)
    assert server.seen == []


TRACE = {
    "X-Inference-Id": "vn9XMO80UyV9BSq6K6G_O", "X-Client-Request-Id": "01jd0000000000000000",
    "X-AIMLAPI-Credits-Used": "840000", "X-AIMLAPI-USD-Spent": "0.420000000",
}  # fmt: skip
KEPT = {
    "x-inference-id": "vn9XMO80UyV9BSq6K6G_O", "x-client-request-id": "01jd0000000000000000",
    "x-aimlapi-credits-used": "840000", "x-aimlapi-usd-spent": "0.420000000",
}  # fmt: skip


class TestSubmit:
    BODY = Body(path="v2/video/generations", json={"model": "m"})

    @pytest.mark.parametrize(
        ("code", "said", "headers", "task_id"),
        [
            (200, {"id": "g1", "status": "queued"}, {}, "g1"),
            (201, {"id": "g1", "status": "queued", "meta": {"usage": {"credits_used": 1}}}, {}, "g1"),
            (201, {"generation_id": "g1", "status": "queued"}, {}, "g1"),
            (200, {"id": "other", "generation_id": "g1"}, {}, "g1"),
            (200, {"id": "5f:kling-video/v1.6/standard/effects"}, {}, "5f:kling-video/v1.6/standard/effects"),
            (200, {"status": "queued"}, {"x-inference-id": "g1"}, "g1"),
        ],
    )
    async def test_either_code_and_every_name_of_the_id_will_do(
        self, server: Loopback, aimlapi: Aimlapi, code: int, said: Any, headers: Any, task_id: str
    ) -> None:
        server.answers[SUBMIT] = web.Response(status=code, body=json.dumps(said).encode(), headers=headers)
        assert (await aimlapi.submit(self.BODY)).id == task_id

    async def test_the_trace_stays_with_the_task(self, server: Loopback, aimlapi: Aimlapi) -> None:
        server.answers[SUBMIT] = web.Response(body=b'{"id": "vn9XMO80UyV9BSq6K6G_O"}', headers=TRACE)
        task = await aimlapi.submit(self.BODY)
        assert task.extra == {"path": "v2/video/generations", "trace": KEPT}

    async def test_the_trace_header_of_a_refusal_buys_nothing(self, server: Loopback, aimlapi: Aimlapi) -> None:
        for code, error in ((400, SubmitRefused), (500, SubmitUncertain)):
            server.answers[SUBMIT] = web.Response(status=code, body=b"{}", headers={"x-inference-id": "g1"})
            with pytest.raises(error):
                await aimlapi.submit(self.BODY)


class TestLegacy:
    @pytest.fixture
    async def old(self, server: Loopback) -> AsyncIterator[Aimlapi]:
        values = {"AIML_API_KEY": KEY, "AIML_BASE_URL": server.url, "AIML_LEGACY": "1"}
        settings = AimlapiSettings.model_validate(values)
        provider = Aimlapi(settings, Door(FakeClock(), bases=settings.bases))
        yield provider
        await provider.close()

    async def test_the_older_path_is_used_for_both_calls(self, server: Loopback, old: Aimlapi) -> None:
        server.answers[f"POST {OLD_PATH}"] = (201, {"generation_id": "g1", "status": "queued"})
        server.answers[f"GET {OLD_PATH}"] = (200, {"id": "g1", "status": "generating"})
        task = await old.submit(await old.prepare(order("aimlapi/text/standard", TextToVideo(prompt="a fox"))))
        assert (await old.check(task)).state == "running"
        assert [(seen.method, seen.path) for seen in server.seen] == [("POST", OLD_PATH), ("GET", OLD_PATH)]

    async def test_a_task_is_asked_for_where_it_was_bought(
        self, server: Loopback, old: Aimlapi, aimlapi: Aimlapi
    ) -> None:
        for path in (PATH, OLD_PATH):
            server.answers[f"GET {path}"] = (200, {"id": "g1", "status": "queued"})
        await old.check(TASK)
        await aimlapi.check(Task(id="g1", extra={"path": "v2/generate/video/kling/generation"}))
        await aimlapi.check(Task(id="g1", extra={"path": "https://elsewhere.example"}))
        await old.check(Task(id="g1"))
        assert [seen.path for seen in server.seen] == [PATH, OLD_PATH, PATH, OLD_PATH]


def generation(status: str, **more: Any) -> dict[str, Any]:
    return {"id": TASK.id, "status": status, **more}


class TestCheck:
    @pytest.mark.parametrize(
        ("said", "status"),
        [
            (generation("queued"), TaskStatus(state="queued")),
            (generation("generating", video=None, error=None), TaskStatus(state="running")),
            (
                generation(
                    "completed", video={"url": VIDEO, "duration": 5.1}, meta={"usage": {"credits_used": 840_000}}
                ),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO, cost=420_000),
            ),
            (
                generation("completed", video={"url": VIDEO}, error=None),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                generation("error", error={"name": "GenerationError", "message": "it\nbroke"}),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="GenerationError: it broke")),
            ),
            (
                generation("error", error={"name": "Error", "message": "flagged by moderation"}, video=None),
                TaskStatus(state="failed", error=Failure(reason="policy", detail="Error: flagged by moderation")),
            ),
            (
                generation("error", error="it broke"),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="it broke")),
            ),
            (generation("error"), TaskStatus(state="failed", error=Failure(reason="provider", detail="error"))),
        ],
    )
    async def test_each_status_is_understood(
        self, server: Loopback, aimlapi: Aimlapi, said: Any, status: TaskStatus
    ) -> None:
        server.answers[POLL] = (200, said)
        assert await aimlapi.check(TASK) == status
        assert server.seen[0].query == {"generation_id": TASK.id}
        assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize(
        ("used", "cost"),
        [(2_000_000, 1_000_000), (3, 2), (2.5, 2), (0, None), (-5, None), (True, None), ("9", None), (1e300, None),
         (None, None), ({}, None)],
    )  # fmt: skip
    async def test_two_million_credits_are_a_dollar(
        self, server: Loopback, aimlapi: Aimlapi, used: Any, cost: int | None
    ) -> None:
        said = generation("completed", video={"url": VIDEO}, meta={"usage": {"credits_used": used}})
        server.answers[POLL] = (200, said)
        assert (await aimlapi.check(TASK)).cost == cost

    async def test_the_traces_of_both_calls_are_its_log(self, server: Loopback, aimlapi: Aimlapi) -> None:
        body = json.dumps(generation("error", error={"name": "Error", "message": "x"})).encode()
        server.answers[POLL] = web.Response(body=body, headers={"x-inference-id": f"later {KEY}"})
        found = await aimlapi.check(Task(id="g1", extra={"trace": KEPT}))
        assert found.logs == (
            "x-inference-id: later [hidden]", "x-client-request-id: 01jd0000000000000000",
            "x-aimlapi-credits-used: 840000", "x-aimlapi-usd-spent: 0.420000000",
        )  # fmt: skip

    async def test_an_id_is_one_value_of_the_query_whatever_is_in_it(self, server: Loopback, aimlapi: Aimlapi) -> None:
        asked: list[str] = []

        async def answer(request: web.Request) -> web.Response:
            asked.append(request.raw_path)
            return web.json_response(generation("queued"))

        server.answers[POLL] = answer
        await aimlapi.check(Task(id="5f&x=1:kling-video/v1.6/standard/effects"))
        assert asked == [f"{PATH}?generation_id=5f%26x%3D1%3Akling-video%2Fv1.6%2Fstandard%2Feffects"]

    @pytest.mark.parametrize(
        "said",
        [
            generation("waiting"), generation("failed"), generation("Completed"), generation("completed"),
            generation("completed", video=None), generation("completed", video={"url": "file:///x"}),
            generation("completed", video=[VIDEO]), {"status": ["error"]}, {"error": {"message": "x"}}, {}, [], None,
        ],
    )  # fmt: skip
    async def test_what_is_not_understood_is_never_an_ending(
        self, server: Loopback, aimlapi: Aimlapi, said: Any
    ) -> None:
        server.answers[POLL] = (200, said)
        with pytest.raises(CheckFailed) as failed:
            await aimlapi.check(TASK)
        assert failed.value.reason == "unknown"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [(401, "auth"), (404, "not_found"), (429, "busy"), (500, "unavailable"), (504, "unavailable")],
    )
    async def test_a_read_that_is_refused_changes_nothing(
        self, server: Loopback, aimlapi: Aimlapi, code: int, reason: str
    ) -> None:
        body = json.dumps({"statusCode": code, "message": f"no, {KEY}"}).encode()
        server.answers[POLL] = web.Response(status=code, body=body, headers={"Retry-After": "3"})
        with pytest.raises(CheckFailed) as failed:
            await aimlapi.check(TASK)
        assert (failed.value.reason, failed.value.detail, failed.value.retry_after) == (reason, "no, [hidden]", 3.0)


async def test_ai_ml_api_has_no_cancel(server: Loopback, aimlapi: Aimlapi) -> None:
    assert await aimlapi.cancel(TASK) == "unknown"
    assert server.seen == []
