"""WaveSpeed's client against a server that speaks as the documentation says."""

import json
from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo
from bot.providers.base import Body, Failure, Lost, Task, TaskStatus
from bot.providers.registry import OFFERS
from bot.providers.wavespeed import WaveSpeed
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY, order, ref

UPLOAD = "POST /api/v3/media/upload/binary"
TASK = Task(id="9b1d-1")
RESULT = "GET /api/v3/predictions/9b1d-1/result"
LIST = "POST /api/v3/predictions"
VIDEO = "https://d2g64w682n9w0w.cloudfront.net/media/a.mp4"
A, B = "https://static.wavespeed.ai/media/1.jpg", "https://static.wavespeed.ai/media/2.jpg"

BODIES: list[tuple[str, Request, str, dict[str, Any]]] = [
    (
        "wavespeed/text/standard", TextToVideo(prompt="a fox"), "/api/v3/kwaivgi/kling-v1.6-t2v-standard",
        {"prompt": "a fox", "negative_prompt": "", "guidance_scale": 0.5, "duration": 5},
    ),
    (
        "wavespeed/image/standard",
        ImageToVideo(start=ref(1), prompt="it runs", negative_prompt="rain", cfg_scale=1, duration=10),
        "/api/v3/kwaivgi/kling-v1.6-i2v-standard",
        {"image": A, "prompt": "it runs", "negative_prompt": "rain", "guidance_scale": 1.0, "duration": 10},
    ),
    (
        "wavespeed/image/pro", ImageToVideo(start=ref(1), prompt="it runs", tier="pro"),
        "/api/v3/kwaivgi/kling-v1.6-i2v-pro",
        {"image": A, "prompt": "it runs", "negative_prompt": "", "guidance_scale": 0.5, "duration": 5},
    ),
    (
        "wavespeed/image/pro", ImageToVideo(start=ref(1), end=ref(2), prompt="it runs", tier="pro"),
        "/api/v3/kwaivgi/kling-v1.6-i2v-pro",
        {
            "image": A, "end_image": B, "prompt": "it runs", "negative_prompt": "", "guidance_scale": 0.5,
            "duration": 5,
        },
    ),
    (
        "wavespeed/elements/standard", Elements(references=(ref(1), ref(2)), prompt="they meet"),
        "/api/v3/kwaivgi/kling-v1.6-multi-i2v-standard",
        {"prompt": "they meet", "images": [A, B], "negative_prompt": "", "duration": 5, "aspect_ratio": "16:9"},
    ),
    (
        "wavespeed/effect/standard", Effect(scene="squish", people=(ref(1),)), "/api/v3/kwaivgi/kling-effects",
        {"effect_scene": "squish", "image": A},
    ),
    (
        "wavespeed/effect/standard", Effect(scene="boyfriend", people=(ref(1),)), "/api/v3/kwaivgi/kling-effects",
        {"effect_scene": "boylfriend", "image": A},
    ),
    (
        "wavespeed/effect/standard", Effect(scene="office_escape_plow", people=(ref(1),)),
        "/api/v3/kwaivgi/kling-effects", {"effect_scene": "offic_escape_plow", "image": A},
    ),
]  # fmt: skip


def envelope(data: Any, code: int = 200, message: str = "success") -> tuple[int, Any]:
    return 200, {"code": code, "message": message, "data": data}


def prediction(status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "9b1d-1", "model": "kwaivgi/kling-v1.6-t2v-standard", "outputs": [], "has_nsfw_contents": [],
        "urls": {"get": "https://api.wavespeed.ai/api/v3/predictions/9b1d-1/result"}, "status": status,
        "created_at": "2025-06-01T10:00:00.123Z", "error": "", "timings": {"inference": 0}, **more,
    }  # fmt: skip


def uploads(server: Loopback) -> None:
    """Each picture gets the address with its number."""

    async def stored(request: web.Request) -> web.Response:
        number = 1 if b"picture 1" in await request.read() else 2
        url = f"https://static.wavespeed.ai/media/{number}.jpg"
        data = {"type": "image", "download_url": url, "filename": "x", "size": 12}
        return web.json_response({"code": 200, "message": "success", "data": data})

    server.answers[UPLOAD] = stored


@pytest.mark.parametrize(("offer", "request_", "path", "body"), BODIES)
async def test_each_request_goes_out_in_the_documented_words(
    server: Loopback, wavespeed: WaveSpeed, offer: str, request_: Request, path: str, body: dict[str, Any]
) -> None:
    uploads(server)
    server.answers[f"POST {path}"] = envelope(prediction("created"))
    task = await wavespeed.submit(await wavespeed.prepare(order(offer, request_)))
    assert task == TASK
    [seen] = server.asked("POST", path)
    assert seen.json == body
    assert type(seen.json.get("duration", 5)) is int
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert dict(seen.query) == {}


async def test_a_picture_is_uploaded_as_a_form(server: Loopback, wavespeed: WaveSpeed) -> None:
    uploads(server)
    await wavespeed.prepare(order("wavespeed/effect/standard", Effect(scene="squish", people=(ref(1),))))
    [seen] = server.seen
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert (
        f'name="file"; filename="{ref(1)[5:21]}.jpg"\r\nContent-Type: image/jpeg\r\n\r\npicture 1 pi'.encode()
        in seen.body
    )


@pytest.mark.parametrize(
    "answer", [(500, {}), (404, {}), (413, {}), (200, {}), (200, {"data": {"download_url": "file:///x"}})]
)
async def test_a_picture_goes_inside_the_request_when_the_upload_does_not_work(
    server: Loopback, wavespeed: WaveSpeed, answer: Any
) -> None:
    server.answers[UPLOAD] = answer
    body = await wavespeed.prepare(order("wavespeed/image/standard", ImageToVideo(start=ref(1), prompt="x")))
    assert body.json["image"] == "data:image/jpeg;base64,cGljdHVyZSAxIHBp"


@pytest.mark.parametrize(("status", "reason"), [(401, "auth"), (402, "balance"), (403, "auth")])
async def test_an_upload_refused_to_our_key_ends_it(
    server: Loopback, wavespeed: WaveSpeed, status: int, reason: str
) -> None:
    server.answers[UPLOAD] = (status, {"code": status, "message": "no"})
    with pytest.raises(SubmitRefused) as refused:
        await wavespeed.prepare(order("wavespeed/image/standard", ImageToVideo(start=ref(1), prompt="x")))
    assert refused.value.reason == reason


@pytest.mark.parametrize("answer", [(429, {}), dropped])
async def test_an_upload_that_may_work_later_is_tried_later(
    server: Loopback, wavespeed: WaveSpeed, answer: Any
) -> None:
    server.answers[UPLOAD] = answer
    with pytest.raises(CheckFailed):
        await wavespeed.prepare(order("wavespeed/image/standard", ImageToVideo(start=ref(1), prompt="x")))


@pytest.mark.parametrize(
    "request_", [ImageToVideo(end=ref(1), prompt="x", tier="pro"), Extend(job="01jd0000000000000000")]
)
async def test_what_wavespeed_does_not_make_is_refused_before_it_is_bought(
    server: Loopback, wavespeed: WaveSpeed, request_: Request
) -> None:
    uploads(server)
    with pytest.raises(SubmitRefused):
        await wavespeed.prepare(order("wavespeed/image/pro", request_))


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}), (200, {"code": 400, "message": "bad", "data": None}), (200, {"code": 200, "data": {"id": ""}}),
        (201, {"id": "outside"}), (200, []), (200, {"code": 429, "message": "Too Many Requests"}),
    ],
)  # fmt: skip
async def test_a_2xx_without_an_id_is_uncertain_whatever_its_envelope_says(
    server: Loopback, wavespeed: WaveSpeed, answer: Any
) -> None:
    server.answers["POST /api/v3/kwaivgi/kling-effects"] = answer
    with pytest.raises(SubmitUncertain):
        await wavespeed.submit(Body(path="api/v3/kwaivgi/kling-effects", json={}))


class TestCheck:
    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (prediction("created"), TaskStatus(state="queued")),
            (prediction("processing"), TaskStatus(state="running")),
            (
                prediction("completed", outputs=[VIDEO], has_nsfw_contents=[False]),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                prediction("completed", outputs=[VIDEO], has_nsfw_contents=[True]),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO, flagged=True),
            ),
            (
                {"status": "completed", "outputs": [{"url": VIDEO}]},
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                prediction("failed", error="the model broke\nbadly"),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="the model broke badly")),
            ),
            (
                prediction("failed", error="Content flagged as potentially sensitive"),
                TaskStatus(
                    state="failed", error=Failure(reason="policy", detail="Content flagged as potentially sensitive")
                ),
            ),
            (
                prediction("failed", has_nsfw_contents=[True]),
                TaskStatus(state="failed", flagged=True, error=Failure(reason="policy", detail="failed")),
            ),
            (
                prediction("cancelled"),
                TaskStatus(state="cancelled", error=Failure(reason="cancelled", detail="cancelled")),
            ),
            (prediction("timeout"), TaskStatus(state="failed", error=Failure(reason="provider", detail="timeout"))),
            (prediction("deleted"), TaskStatus(state="failed", error=Failure(reason="provider", detail="deleted"))),
        ],
    )  # fmt: skip
    async def test_each_status_is_understood(
        self, server: Loopback, wavespeed: WaveSpeed, data: Any, status: TaskStatus
    ) -> None:
        server.answers[RESULT] = envelope(data)
        assert await wavespeed.check(TASK) == status
        assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize(
        "data",
        [
            prediction("paused"), prediction("completed"), prediction("completed", outputs=["file:///x"]),
            prediction("completed", outputs=[None]), prediction("completed", outputs={}), {}, None, [],
            {"status": ["failed"]},
        ],
    )  # fmt: skip
    async def test_what_is_not_understood_is_never_a_failure(
        self, server: Loopback, wavespeed: WaveSpeed, data: Any
    ) -> None:
        server.answers[RESULT] = envelope(data)
        with pytest.raises(CheckFailed) as failed:
            await wavespeed.check(TASK)
        assert failed.value.reason == "unknown"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [(401, "auth"), (404, "not_found"), (429, "busy"), (500, "unavailable"), (504, "unavailable")],
    )
    async def test_a_read_that_is_refused_changes_nothing(
        self, server: Loopback, wavespeed: WaveSpeed, code: int, reason: str
    ) -> None:
        body = json.dumps({"code": code, "message": f"no, {KEY}"}).encode()
        server.answers[RESULT] = web.Response(status=code, body=body, headers={"Retry-After": "3"})
        with pytest.raises(CheckFailed) as failed:
            await wavespeed.check(TASK)
        assert (failed.value.reason, failed.value.detail, failed.value.retry_after) == (reason, "no, [hidden]", 3.0)


SENT = 1_763_640_000_000  # 2025-11-20 12:00:00 UTC
OURS = {"prompt": "a fox", "negative_prompt": "", "guidance_scale": 0.5, "duration": 5}


class TestFind:
    def lost(self, body: dict[str, Any] | None = None) -> Lost:
        return Lost(
            attempt="01jd0000000000000000", offer=OFFERS["wavespeed/text/standard"],
            request=TextToVideo(prompt="a fox"), body=body or OURS, submitted_at=SENT,
        )  # fmt: skip

    def item(self, task: str, **more: Any) -> dict[str, Any]:
        return {
            "id": task, "model": "kwaivgi/kling-v1.6-t2v-standard", "created_at": "2025-11-20T12:00:02Z",
            "input": OURS, **more,
        }  # fmt: skip

    async def test_the_list_is_asked_for_the_model_and_the_time(self, server: Loopback, wavespeed: WaveSpeed) -> None:
        server.answers[LIST] = envelope({"page": 1, "items": [self.item("p1")]})
        assert await wavespeed.find(self.lost()) == [Task(id="p1")]
        assert server.seen[0].json == {
            "page": 1, "page_size": 100, "model": "kwaivgi/kling-v1.6-t2v-standard",
            "created_after": "2025-11-20T11:58:00.000Z", "created_before": "2025-11-20T12:10:00.000Z",
        }  # fmt: skip

    async def test_only_what_contradicts_nothing_is_a_candidate(self, server: Loopback, wavespeed: WaveSpeed) -> None:
        server.answers[LIST] = envelope({"items": [
            self.item("same"),
            self.item("silent", input=None, created_at="", model=""),
            self.item("partly shown", input={"prompt": "a fox", "duration": "5"}),
            self.item("other prompt", input={"prompt": "a dog"}),
            self.item("other length", input={**OURS, "duration": 10}),
            self.item("other model", model="kwaivgi/kling-v1.6-i2v-pro"),
            self.item("too early", created_at="2025-11-20T11:57:59Z"),
            self.item("too late", created_at="2025-11-20T12:10:01+00:00"),
            self.item(""), {"model": "kwaivgi/kling-v1.6-t2v-standard"}, None,
        ]})  # fmt: skip
        found = await wavespeed.find(self.lost())
        assert [task.id for task in found] == ["same", "silent", "partly shown"]

    async def test_pictures_are_not_compared(self, server: Loopback, wavespeed: WaveSpeed) -> None:
        shown = {"prompt": "a fox", "image": "https://elsewhere/1.jpg", "images": []}
        server.answers[LIST] = envelope({"items": [self.item("p1", input=shown)]})
        body = {"prompt": "a fox", "image": "data:image/png;base64,… (9 characters)", "images": [A]}
        assert await wavespeed.find(self.lost(body)) == [Task(id="p1")]

    async def test_a_prompt_that_begins_with_an_address_is_compared_like_any_other(
        self, server: Loopback, wavespeed: WaveSpeed
    ) -> None:
        server.answers[LIST] = envelope({"items": [self.item("p1", input={"prompt": "a dog"})]})
        assert await wavespeed.find(self.lost({"prompt": "https://elsewhere/fox as a film"})) == []

    async def test_every_page_is_read(self, server: Loopback, wavespeed: WaveSpeed) -> None:
        pages = [[self.item(f"p{number}") for number in range(100)], [self.item("last")]]

        async def page(request: web.Request) -> web.Response:
            wanted = (await request.json())["page"]
            return web.json_response({"data": {"items": pages[wanted - 1]}})

        server.answers[LIST] = page
        assert len(await wavespeed.find(self.lost())) == 101

    @pytest.mark.parametrize("answer", [(500, {}), (200, {}), (200, {"data": {"items": {}}}), dropped])
    async def test_a_list_that_cannot_be_read_is_no_empty_list(
        self, server: Loopback, wavespeed: WaveSpeed, answer: Any
    ) -> None:
        server.answers[LIST] = answer
        with pytest.raises(CheckFailed):
            await wavespeed.find(self.lost())

    async def test_an_endless_list_is_no_answer(self, server: Loopback, wavespeed: WaveSpeed) -> None:
        server.answers[LIST] = envelope({"items": [self.item(f"p{number}") for number in range(100)]})
        with pytest.raises(CheckFailed):
            await wavespeed.find(self.lost())
        assert len(server.seen) == 10


@pytest.mark.parametrize(("said", "microusd"), [(12.34, 12_340_000), ("0.000001", 1), (0, 0), (-1.5, -1_500_000)])
async def test_the_balance_is_read_in_micro_dollars(
    server: Loopback, wavespeed: WaveSpeed, said: Any, microusd: int
) -> None:
    server.answers["GET /api/v3/balance"] = envelope({"balance": said})
    assert await wavespeed.balance() == microusd


@pytest.mark.parametrize("said", [None, "lots", "nan", "inf", {}, True])
async def test_a_balance_that_is_none_is_not_guessed(server: Loopback, wavespeed: WaveSpeed, said: Any) -> None:
    server.answers["GET /api/v3/balance"] = envelope({"balance": said})
    with pytest.raises(CheckFailed):
        await wavespeed.balance()


async def test_wavespeed_has_no_cancel(server: Loopback, wavespeed: WaveSpeed) -> None:
    assert await wavespeed.cancel(TASK) == "unknown"
    assert server.seen == []
