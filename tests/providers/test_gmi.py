"""GMI Cloud's client against a server that speaks as its documentation says."""

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.requests import Brush, Elements, ImageToVideo, Point, Request, TextToVideo
from bot.net.door import Door
from bot.providers.base import Failure, Lost, Task, TaskStatus
from bot.providers.gmi import Gmi, GmiSettings
from bot.providers.registry import OFFERS
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY, order, ref

QUEUE = "/queue/apikey/requests"
TASK = Task(id="5a7a5466-7948-47d8-8578-cff4b9581feb")
DETAIL = f"GET {QUEUE}/{TASK.id}"
VIDEO = "https://storage.googleapis.com/gmi-video-assests-prod/user-assests/a.mp4"
PICTURE = "data:image/jpeg;base64,cGljdHVyZSAxIHBp"

BODIES: list[tuple[str, Request, dict[str, Any]]] = [
    (
        "gmi/text/standard", TextToVideo(prompt="a fox"),
        {
            "model": "Kling-Text2Video-V1.6-Standard",
            "payload": {
                "prompt": "a fox", "negative_prompt": "", "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.5,
            },
        },
    ),
    (
        "gmi/text/pro",
        TextToVideo(
            prompt="a fox", negative_prompt="rain", duration=10, aspect_ratio="1:1", cfg_scale=1, tier="pro"
        ),
        {
            "model": "Kling-Text2Video-V1.6-Pro",
            "payload": {
                "prompt": "a fox", "negative_prompt": "rain", "duration": "10", "aspect_ratio": "1:1",
                "cfg_scale": 1.0,
            },
        },
    ),
    (
        "gmi/image/standard", ImageToVideo(start=ref(1)),
        {
            "model": "Kling-Image2Video-V1.6-Standard",
            "payload": {
                "image": PICTURE, "prompt": "", "negative_prompt": "", "duration": "5", "cfg_scale": 0.5,
            },
        },
    ),
    (
        "gmi/image/pro", ImageToVideo(start=ref(1), prompt="it runs", duration=10, cfg_scale=0, tier="pro"),
        {
            "model": "Kling-Image2Video-V1.6-Pro",
            "payload": {
                "image": PICTURE, "prompt": "it runs", "negative_prompt": "", "duration": "10", "cfg_scale": 0.0,
            },
        },
    ),
]  # fmt: skip


def accepted(status: str = "dispatched") -> dict[str, Any]:
    return {
        "request_id": TASK.id, "model": "Kling-Image2Video-V1.6-Pro", "status": status, "created_at": 1753427199,
        "updated_at": 1753427199, "queued_at": 1753427199,
    }  # fmt: skip


def detail(status: str, **more: Any) -> dict[str, Any]:
    return {
        "request_id": TASK.id, "org_id": "o1", "model": "Kling-Image2Video-V1.6-Pro", "status": status,
        "is_public": False, "payload": {}, "outcome": None, "created_at": 1753468514, "updated_at": 1753468514,
        "queued_at": 1753468514, "qworker_id": "w1", **more,
    }  # fmt: skip


@pytest.mark.parametrize(("offer", "request_", "body"), BODIES)
async def test_each_request_goes_out_in_the_documented_words(
    server: Loopback, gmi: Gmi, offer: str, request_: Request, body: dict[str, Any]
) -> None:
    server.answers[f"POST {QUEUE}"] = (200, accepted())
    assert await gmi.submit(await gmi.prepare(order(offer, request_))) == TASK
    [seen] = server.seen
    assert seen.json == body
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert "x-organization-id" not in seen.headers


@pytest.mark.parametrize(("code", "status"), [(200, "dispatched"), (200, "queued"), (201, "created")])
async def test_any_2xx_with_an_id_is_bought(server: Loopback, gmi: Gmi, code: int, status: str) -> None:
    server.answers[f"POST {QUEUE}"] = (code, accepted(status))
    assert (await gmi.submit(await gmi.prepare(order("gmi/text/pro", BODIES[1][1])))).id == TASK.id


async def test_the_organization_goes_with_every_call(server: Loopback) -> None:
    values = {"GMI_API_KEY": KEY, "GMI_BASE_URL": server.url, "GMI_ORGANIZATION": "org-7"}
    settings = GmiSettings.model_validate(values)
    gmi = Gmi(settings, Door(FakeClock(), bases=settings.bases))
    server.answers["POST /requests"] = (200, accepted())
    server.answers[f"GET /requests/{TASK.id}"] = (200, detail("queued"))
    await gmi.check(await gmi.submit(await gmi.prepare(order("gmi/text/pro", BODIES[1][1]))))
    await gmi.close()
    assert [seen.headers["x-organization-id"] for seen in server.seen] == ["org-7", "org-7"]


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (ImageToVideo(start=ref(1), end=ref(2), tier="pro"), "image"),
        (ImageToVideo(end=ref(2), tier="pro"), "image"),
        (
            ImageToVideo(start=ref(1), brushes=(Brush(mask=ref(2), path=(Point(x=1, y=1), Point(x=2, y=2))),)),
            "image",
        ),
        (Elements(references=(ref(1),), prompt="x"), "elements"),
    ],
)
async def test_what_gmi_does_not_make_is_refused_before_it_is_bought(gmi: Gmi, request_: Request, what: str) -> None:
    with pytest.raises(SubmitRefused) as refused:
        await gmi.prepare(order("gmi/image/pro", request_))
    assert (refused.value.reason, refused.value.detail) == ("invalid", what)


class TestCheck:
    @pytest.mark.parametrize(
        ("said", "status"),
        [
            (detail("created"), TaskStatus(state="queued")),
            (detail("queued"), TaskStatus(state="queued")),
            (detail("dispatched"), TaskStatus(state="queued")),
            (detail("processing"), TaskStatus(state="running")),
            (
                detail("success", outcome={"video_url": VIDEO, "thumbnail_image_url": "https://x.org/t.jpg"}),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                detail("success", outcome={"media_urls": [{"id": "m1", "url": VIDEO}], "usage": {}}),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                detail("success", outcome={"video_url": "", "media_urls": [None, {"url": 7}, {"url": VIDEO}]}),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                detail("failed", error="the worker\nbroke"),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="the worker broke")),
            ),
            (
                detail("failed", error="rejected by the content policy"),
                TaskStatus(state="failed", error=Failure(reason="policy", detail="rejected by the content policy")),
            ),
            (
                detail("failed", outcome={"error": {"message": "no worker"}}),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="no worker")),
            ),
            (detail("failed"), TaskStatus(state="failed", error=Failure(reason="provider", detail="failed"))),
            (
                detail("cancelled"),
                TaskStatus(state="cancelled", error=Failure(reason="cancelled", detail="cancelled")),
            ),
        ],
    )
    async def test_each_status_is_understood(self, server: Loopback, gmi: Gmi, said: Any, status: TaskStatus) -> None:
        server.answers[DETAIL] = (200, said)
        assert await gmi.check(TASK) == status
        assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize(
        "said",
        [
            detail("SUCCESS"), detail("done"), detail("success"), detail("success", outcome={}),
            detail("success", outcome={"video_url": "file:///x"}), detail("success", outcome={"media_urls": {}}),
            detail("success", outcome=[VIDEO]), {"status": ["failed"]}, {"error": "failed"}, {}, [], None,
        ],
    )  # fmt: skip
    async def test_what_is_not_understood_is_never_an_ending(self, server: Loopback, gmi: Gmi, said: Any) -> None:
        server.answers[DETAIL] = (200, said)
        with pytest.raises(CheckFailed) as failed:
            await gmi.check(TASK)
        assert failed.value.reason == "unknown"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [(401, "auth"), (404, "not_found"), (429, "busy"), (500, "unavailable"), (503, "unavailable")],
    )
    async def test_a_read_that_is_refused_changes_nothing(
        self, server: Loopback, gmi: Gmi, code: int, reason: str
    ) -> None:
        body = f'{{"error": "no, {KEY}"}}'.encode()
        server.answers[DETAIL] = web.Response(status=code, body=body, headers={"Retry-After": "3"})
        with pytest.raises(CheckFailed) as failed:
            await gmi.check(TASK)
        assert (failed.value.reason, failed.value.detail, failed.value.retry_after) == (reason, "no, [hidden]", 3.0)


class TestCancel:
    @pytest.mark.parametrize(
        ("delete", "then", "told"),
        [
            ((200, detail("cancelled")), (200, detail("cancelled")), "confirmed"),
            ((200, {}), (200, detail("cancelled")), "confirmed"),
            ((200, detail("cancelled")), (200, detail("processing")), "unknown"),
            ((200, detail("cancelled")), (404, {"error": "not found"}), "unknown"),
            ((200, {}), (200, detail("success", outcome={"video_url": VIDEO})), "too_late"),
            ((200, {}), (200, detail("failed")), "unknown"),
            ((200, {}), (200, detail("stopped")), "unknown"),
            ((404, {"error": "404 page not found"}), (200, detail("cancelled")), "unknown"),
            ((405, {}), (200, detail("processing")), "unknown"),
            ((500, {}), (200, detail("processing")), "unknown"),
        ],
    )
    async def test_only_the_documented_status_confirms(
        self, server: Loopback, gmi: Gmi, delete: Any, then: Any, told: str
    ) -> None:
        server.answers[f"DELETE {QUEUE}/{TASK.id}"], server.answers[DETAIL] = delete, then
        assert await gmi.cancel(TASK) == told
        assert len(server.asked("DELETE", f"{QUEUE}/{TASK.id}")) == 1


SENT = 1_763_640_000_000  # 2025-11-20 12:00:00 UTC
MODEL = "Kling-Image2Video-V1.6-Standard"
OURS = {"prompt": "a fox", "negative_prompt": "", "duration": "5", "cfg_scale": 0.5, "image": "data:image/png;base64,…"}


class TestFind:
    def lost(self) -> Lost:
        return Lost(
            attempt="01jd0000000000000000", offer=OFFERS["gmi/image/standard"],
            request=ImageToVideo(start=ref(1), prompt="a fox"), body={"model": MODEL, "payload": OURS},
            submitted_at=SENT,
        )  # fmt: skip

    def item(self, task: str, *, after: int = 2, **more: Any) -> dict[str, Any]:
        shown = {**OURS, "image": "https://storage.googleapis.com/gmi/1.png"}
        return {"request_id": task, "model": MODEL, "payload": shown, "created_at": SENT // 1000 + after, **more}

    async def test_the_requests_of_the_model_are_asked_for(self, server: Loopback, gmi: Gmi) -> None:
        server.answers[f"GET {QUEUE}"] = (200, {"requests": [self.item("r1")], "total": 1})
        assert await gmi.find(self.lost()) == [Task(id="r1")]
        assert server.seen[0].query == {"model_id": MODEL}

    async def test_only_what_contradicts_nothing_is_a_candidate(self, server: Loopback, gmi: Gmi) -> None:
        items = [
            self.item("same"), self.item("silent", payload=None, created_at=0, model=""),
            self.item("partly shown", payload={"prompt": "a fox", "duration": 5}),
            self.item("other prompt", payload={**OURS, "prompt": "a dog"}),
            self.item("other length", payload={**OURS, "duration": "10"}),
            self.item("other model", model="Kling-Image2Video-V1.6-Pro"), self.item("too early", after=-121),
            self.item("too late", after=601), self.item(""), {"model": MODEL}, None,
        ]  # fmt: skip
        server.answers[f"GET {QUEUE}"] = (200, {"requests": items, "total": len(items)})
        assert [task.id for task in await gmi.find(self.lost())] == ["same", "silent", "partly shown"]

    @pytest.mark.parametrize("silent", [{"payload": None}, {"payload": {}}, {"created_at": 0}])
    async def test_the_only_candidate_has_to_show_prompt_and_time(
        self, server: Loopback, gmi: Gmi, silent: dict[str, Any]
    ) -> None:
        server.answers[f"GET {QUEUE}"] = (200, {"requests": [self.item("r1", **silent)], "total": 1})
        with pytest.raises(CheckFailed):
            await gmi.find(self.lost())

    async def test_no_requests_are_no_candidates(self, server: Loopback, gmi: Gmi) -> None:
        for said in ({"requests": [], "total": 0}, {"requests": None, "total": 0}):
            server.answers[f"GET {QUEUE}"] = (200, said)
            assert await gmi.find(self.lost()) == []

    async def test_a_list_that_is_cut_off_tells_only_if_it_reaches_back_far_enough(
        self, server: Loopback, gmi: Gmi
    ) -> None:
        server.answers[f"GET {QUEUE}"] = (200, {"requests": [self.item("r1")], "total": 40})
        with pytest.raises(CheckFailed):
            await gmi.find(self.lost())
        older = self.item("old", after=-500)
        server.answers[f"GET {QUEUE}"] = (200, {"requests": [self.item("r1"), older], "total": 40})
        assert await gmi.find(self.lost()) == [Task(id="r1")]

    @pytest.mark.parametrize("answer", [(500, {}), (200, {}), (200, {"requests": {}}), (200, []), dropped])
    async def test_a_list_that_cannot_be_read_is_no_empty_list(self, server: Loopback, gmi: Gmi, answer: Any) -> None:
        server.answers[f"GET {QUEUE}"] = answer
        with pytest.raises(CheckFailed):
            await gmi.find(self.lost())


async def test_its_models_are_asked_for_with_the_key(server: Loopback, gmi: Gmi) -> None:
    server.answers[f"GET {QUEUE}"] = (200, {"requests": [], "total": 0})
    server.answers["GET /queue/apikey/models"] = (200, {"model_ids": [MODEL, "Veo-3", None]})
    assert await gmi.models() == {MODEL, "Veo-3"}
    assert all(seen.headers["authorization"] == f"Bearer {KEY}" for seen in server.seen)


@pytest.mark.parametrize(("requests", "models"), [((401, {"error": "no"}), (200, {"model_ids": []})),
                                                  ((200, {"requests": []}), (200, {"models": []}))])  # fmt: skip
async def test_models_that_cannot_be_asked_for_are_not_guessed(
    server: Loopback, gmi: Gmi, requests: Any, models: Any
) -> None:
    server.answers[f"GET {QUEUE}"], server.answers["GET /queue/apikey/models"] = requests, models
    with pytest.raises(CheckFailed):
        await gmi.models()


async def test_an_id_is_one_part_of_the_path_whatever_is_in_it(server: Loopback, gmi: Gmi) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.raw_path)
        return web.json_response(detail("queued"))

    server.answers[f"GET {QUEUE}/a/b:c"] = answer
    await gmi.check(replace(TASK, id="a/b:c"))
    assert asked == [f"{QUEUE}/a%2Fb%3Ac"]


async def test_gmi_tells_no_balance(server: Loopback, gmi: Gmi) -> None:
    assert await gmi.balance() is None
    assert server.seen == []
