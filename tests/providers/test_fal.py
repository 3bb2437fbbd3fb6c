"""fal's client against a server that speaks as the documentation says."""

import json
from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo
from bot.providers.base import Failure, State, Task, TaskStatus
from bot.providers.fal import Fal
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY, order, ref

ONE = "data:image/jpeg;base64,cGljdHVyZSAxIHBp"
TWO = "data:image/jpeg;base64,cGljdHVyZSAyIHBp"
WEEK = '{"expiration_duration_seconds": 604800}'
TASK = Task(id="0b4d-1")
REQUESTS = "/queue/fal-ai/kling-video/requests/0b4d-1"
VIDEO = "https://v3.fal.media/files/a/b.mp4"
LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."

BODIES: list[tuple[str, Request, dict[str, Any]]] = [
    (
        "fal/text/standard", TextToVideo(prompt="a fox"),
        {"prompt": "a fox", "duration": "5", "aspect_ratio": "16:9", "negative_prompt": "", "cfg_scale": 0.5},
    ),
    (
        "fal/text/pro",
        TextToVideo(
            prompt="a fox", duration=10, aspect_ratio="9:16", negative_prompt="rain", cfg_scale=0.8, tier="pro"
        ),
        {"prompt": "a fox", "duration": "10", "aspect_ratio": "9:16", "negative_prompt": "rain", "cfg_scale": 0.8},
    ),
    (
        "fal/image/standard", ImageToVideo(start=ref(1), prompt="it runs"),
        {"prompt": "it runs", "image_url": ONE, "duration": "5", "negative_prompt": "", "cfg_scale": 0.5},
    ),
    (
        "fal/image/pro", ImageToVideo(start=ref(1), prompt="it runs", tier="pro"),
        {
            "prompt": "it runs", "image_url": ONE, "duration": "5", "aspect_ratio": "16:9", "negative_prompt": "",
            "cfg_scale": 0.5,
        },
    ),
    (
        "fal/image/pro",
        ImageToVideo(
            start=ref(1), end=ref(2), prompt="it runs", aspect_ratio="1:1", duration=10, negative_prompt="rain",
            cfg_scale=0, tier="pro",
        ),
        {
            "prompt": "it runs", "image_url": ONE, "tail_image_url": TWO, "duration": "10", "aspect_ratio": "1:1",
            "negative_prompt": "rain", "cfg_scale": 0.0,
        },
    ),
    (
        "fal/elements/standard", Elements(references=(ref(2), ref(1)), prompt="they meet"),
        {
            "prompt": "they meet", "input_image_urls": [TWO, ONE], "duration": "5", "aspect_ratio": "16:9",
            "negative_prompt": "",
        },
    ),
    (
        "fal/elements/pro",
        Elements(
            references=(ref(1),), prompt="it", aspect_ratio="9:16", negative_prompt="rain", duration=10, tier="pro"
        ),
        {
            "prompt": "it", "input_image_urls": [ONE], "duration": "10", "aspect_ratio": "9:16",
            "negative_prompt": "rain",
        },
    ),
    (
        "fal/effect/standard", Effect(scene="squish", people=(ref(1),)),
        {"effect_scene": "squish", "input_image_urls": [ONE], "duration": "5"},
    ),
    (
        "fal/effect/pro", Effect(scene="hug", people=(ref(2), ref(1)), duration=10, tier="pro"),
        {"effect_scene": "hug", "input_image_urls": [TWO, ONE], "duration": "10"},
    ),
]  # fmt: skip

PATHS = {
    "fal/text/standard": "/queue/fal-ai/kling-video/v1.6/standard/text-to-video",
    "fal/text/pro": "/queue/fal-ai/kling-video/v1.6/pro/text-to-video",
    "fal/image/standard": "/queue/fal-ai/kling-video/v1.6/standard/image-to-video",
    "fal/image/pro": "/queue/fal-ai/kling-video/v1.6/pro/image-to-video",
    "fal/elements/standard": "/queue/fal-ai/kling-video/v1.6/standard/elements",
    "fal/elements/pro": "/queue/fal-ai/kling-video/v1.6/pro/elements",
    "fal/effect/standard": "/queue/fal-ai/kling-video/v1.6/standard/effects",
    "fal/effect/pro": "/queue/fal-ai/kling-video/v1.6/pro/effects",
}


def handed_out(base: str, task: str = "0b4d-1") -> dict[str, Any]:
    address = f"{base}/fal-ai/kling-video/requests/{task}"
    return {
        "status": "IN_QUEUE", "request_id": task, "response_url": address, "status_url": f"{address}/status",
        "cancel_url": f"{address}/cancel", "queue_position": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("offer", "request_", "body"), BODIES)
async def test_each_request_goes_out_in_the_documented_words(
    server: Loopback, fal: Fal, offer: str, request_: Request, body: dict[str, Any]
) -> None:
    server.answers[f"POST {PATHS[offer]}"] = (200, handed_out(f"{server.url}/queue"))
    task = await fal.submit(await fal.prepare(order(offer, request_)))
    [seen] = server.seen
    assert seen.json == body
    assert dict(seen.query) == {}
    assert seen.headers["authorization"] == f"Key {KEY}"
    assert seen.headers["x-fal-object-lifecycle-preference"] == WEEK
    assert "x-fal-no-retry" not in seen.headers
    assert task.id == "0b4d-1"


@pytest.mark.parametrize(
    ("width", "height", "ratio"), [(600, 400, "16:9"), (400, 600, "9:16"), (500, 500, "1:1"), (500, 400, "1:1")]
)
async def test_pro_takes_the_shape_of_the_start_picture_where_none_is_chosen(
    fal: Fal, width: int, height: int, ratio: str
) -> None:
    request = ImageToVideo(start=ref(1), prompt="it runs", tier="pro")
    body = await fal.prepare(order("fal/image/pro", request, width=width, height=height))
    assert body.json["aspect_ratio"] == ratio


@pytest.mark.parametrize(
    "request_", [ImageToVideo(end=ref(1), prompt="x", tier="pro"), Extend(job="01jd0000000000000000")]
)
async def test_what_fal_does_not_make_is_refused_before_anything_is_sent(
    server: Loopback, fal: Fal, request_: Request
) -> None:
    with pytest.raises(SubmitRefused):
        await fal.prepare(order("fal/image/pro", request_))
    assert server.seen == []


class TestCheck:
    def serve(self, server: Loopback, status: Any, result: Any = None, code: int = 200) -> None:
        server.answers[f"GET {REQUESTS}/status"] = (202 if status.get("status", "").startswith("IN_") else 200, status)
        if result is not None:
            server.answers[f"GET {REQUESTS}"] = (code, result)

    async def test_waiting_tells_the_place_in_the_queue(self, server: Loopback, fal: Fal) -> None:
        self.serve(server, {"status": "IN_QUEUE", "request_id": "0b4d-1", "queue_position": 3, "response_url": "…"})
        assert await fal.check(TASK) == TaskStatus(state="queued", queue_position=3)
        [seen] = server.seen
        assert (dict(seen.query), seen.headers["authorization"]) == ({"logs": "1"}, f"Key {KEY}")

    async def test_running_tells_the_logs(self, server: Loopback, fal: Fal) -> None:
        line = {"message": f"step\n1 with {KEY}", "level": "INFO", "source": "USER", "timestamp": "2025-01-01T00:00:00"}
        self.serve(server, {"status": "IN_PROGRESS", "logs": [line, {"message": None}, "odd", {"message": "step 2"}]})
        assert await fal.check(TASK) == TaskStatus(state="running", logs=("step 1 with [hidden]", "step 2"))

    async def test_completed_brings_the_video(self, server: Loopback, fal: Fal) -> None:
        status = {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 183.2}}
        self.serve(server, status, {"video": {"url": VIDEO, "content_type": "video/mp4", "file_size": 7}})
        assert await fal.check(TASK) == TaskStatus(state="done", progress=1.0, video_url=VIDEO)

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:x", "https://u:p@x.org/v.mp4", "", None, 7, {}])
    async def test_an_address_that_is_none_is_no_video(self, server: Loopback, fal: Fal, url: Any) -> None:
        self.serve(server, {"status": "COMPLETED"}, {"video": {"url": url}})
        with pytest.raises(CheckFailed):
            await fal.check(TASK)

    @pytest.mark.parametrize(
        ("status", "code", "result", "headers", "failure"),
        [
            (
                {"error": "Invalid status code: 422"}, 422,
                {"detail": [{"loc": ["body", "prompt"], "msg": "flagged", "type": "content_policy_violation"}]}, {},
                Failure(reason="policy", detail="flagged"),
            ),
            (
                {}, 422, {"detail": [{"msg": "flagged", "type": "content_policy_violation"}]},
                {"X-Fal-Billable-Units": "5"}, Failure(reason="policy", detail="flagged", billed=True),
            ),
            (
                {"error": "Invalid status code: 422"}, 422,
                {"detail": [{"msg": "too small", "type": "image_too_small", "ctx": {"min_height": 300}}]},
                {"X-Fal-Retryable": "false"}, Failure(reason="invalid", detail="too small"),
            ),
            (
                {"error": "x"}, 422, {"detail": [{"msg": "odd", "type": "new_kind"}]}, {"X-Fal-Needs-Retry": "1"},
                Failure(reason="provider", detail="odd"),
            ),
            (
                {"error": "x"}, 422, {"detail": [{"msg": "nothing came", "type": "no_media_generated"}]}, {},
                Failure(reason="provider", detail="nothing came"),
            ),
            (
                {"error": "runner gone", "error_type": "runner_disconnected"}, 503,
                {"detail": "Runner disconnected", "error_type": "runner_disconnected"}, {},
                Failure(reason="provider", detail="Runner disconnected"),
            ),
            (
                {"error_type": "internal_error"}, 500, {"detail": "broke"}, {"X-Fal-Error-Type": "internal_error"},
                Failure(reason="provider", detail="broke"),
            ),
            (
                {}, 409, {"detail": "gone wrong"}, {"X-Fal-Error-Type": "new_kind"},
                Failure(reason="provider", detail="gone wrong"),
            ),
            ({"error": "it broke"}, 404, {"status": "NOT_FOUND"}, {}, Failure(reason="provider", detail="it broke")),
            ({"error": "it broke"}, 200, {"nothing": 1}, {}, Failure(reason="provider", detail="it broke")),
            (
                {"error": "stopped", "error_type": "client_cancelled"}, 499,
                {"detail": "Cancelled", "error_type": "client_cancelled"}, {},
                Failure(reason="cancelled", detail="Cancelled"),
            ),
        ],
    )  # fmt: skip
    async def test_failure_is_told_by_the_result(
        self, server: Loopback, fal: Fal, status: Any, code: int, result: Any, headers: Any, failure: Failure
    ) -> None:
        self.serve(server, {"status": "COMPLETED", **status})
        body = json.dumps(result).encode()
        server.answers[f"GET {REQUESTS}"] = web.Response(status=code, body=body, headers=headers)
        state: State = "cancelled" if failure.reason == "cancelled" else "failed"
        assert await fal.check(TASK) == TaskStatus(state=state, error=failure)

    @pytest.mark.parametrize(
        ("code", "result", "reason"),
        [
            (400, {"detail": "Request is still in progress"}, "invalid"),
            (404, {"status": "NOT_FOUND"}, "not_found"),
            (403, {"detail": LOCKED}, "balance"),
            (429, {"detail": "slow down"}, "busy"),
            (500, {}, "unavailable"),
            (500, {"detail": "broke", "error_type": "internal_error"}, "unavailable"),
            (504, {"detail": [{"msg": "late", "type": "generation_timeout"}]}, "unavailable"),
            (502, None, "unavailable"),
            (200, {}, "unknown"),
        ],
    )
    async def test_a_result_that_tells_nothing_is_asked_for_again(
        self, server: Loopback, fal: Fal, code: int, result: Any, reason: str
    ) -> None:
        self.serve(server, {"status": "COMPLETED"}, result or {}, code)
        with pytest.raises(CheckFailed) as failed:
            await fal.check(TASK)
        assert failed.value.reason == reason

    @pytest.mark.parametrize(
        "status", [{"status": "FAILED"}, {"status": "paused"}, {"status": None}, {}, {"status": []}]
    )
    async def test_an_unknown_word_is_never_a_failure(self, server: Loopback, fal: Fal, status: Any) -> None:
        server.answers[f"GET {REQUESTS}/status"] = (200, status)
        with pytest.raises(CheckFailed) as failed:
            await fal.check(TASK)
        assert failed.value.reason == "unknown"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [(404, "not_found"), (401, "auth"), (429, "busy"), (500, "unavailable"), (503, "unavailable")],
    )
    async def test_a_status_that_is_refused_changes_nothing(
        self, server: Loopback, fal: Fal, code: int, reason: str
    ) -> None:
        server.answers[f"GET {REQUESTS}/status"] = web.Response(status=code, body=b"<h1>", headers={"Retry-After": "9"})
        with pytest.raises(CheckFailed) as failed:
            await fal.check(TASK)
        assert (failed.value.reason, failed.value.status, failed.value.retry_after) == (reason, code, 9.0)

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"<html>", b"7"])
    async def test_a_body_that_is_none_is_asked_for_again(self, server: Loopback, fal: Fal, body: bytes) -> None:
        server.answers[f"GET {REQUESTS}/status"] = web.Response(body=body)
        with pytest.raises(CheckFailed):
            await fal.check(TASK)

    @pytest.mark.parametrize("position", ["3", -1, None, True, 1.5])
    async def test_a_place_in_the_queue_that_is_none_is_not_told(
        self, server: Loopback, fal: Fal, position: Any
    ) -> None:
        self.serve(server, {"status": "IN_QUEUE", "queue_position": position, "logs": {"message": "x"}})
        assert await fal.check(TASK) == TaskStatus(state="queued")

    async def test_a_lost_answer_is_asked_for_again(self, server: Loopback, fal: Fal) -> None:
        server.answers[f"GET {REQUESTS}/status"] = dropped
        with pytest.raises(CheckFailed) as failed:
            await fal.check(TASK)
        assert failed.value.reason == "unavailable"


class TestAddresses:
    async def test_what_fal_hands_out_is_followed(self, server: Loopback, fal: Fal) -> None:
        """The documentation also shows the full endpoint path and `/response`."""
        full = f"{server.url}/queue/fal-ai/kling-video/v1.6/pro/text-to-video/requests/r1"
        answer = {"request_id": "r1", "status_url": f"{full}/status", "response_url": f"{full}/response"}
        server.answers[f"POST {PATHS['fal/text/pro']}"] = (200, answer)
        task = await fal.submit(await fal.prepare(order("fal/text/pro", TextToVideo(prompt="a fox", tier="pro"))))
        path = full.removeprefix(server.url)
        server.answers |= {
            f"GET {path}/status": (200, {"status": "COMPLETED"}),
            f"GET {path}/response": (200, {"video": {"url": VIDEO}}),
        }
        again = Task(**json.loads(json.dumps({"id": task.id, "extra": task.extra})))
        assert (await fal.check(again)).video_url == VIDEO

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/status", "http://127.0.0.1:1/queue/x", "{base}/elsewhere/status", "{base}/queue/../x",
            "{base}/queue/x?a=b", "file:///x", "{base}.evil.example/queue/", "http://user:pw@127.0.0.1/queue/", 7, None,
            "{base}/queue-of-others/x",
        ],
    )  # fmt: skip
    async def test_the_key_goes_nowhere_else(self, server: Loopback, fal: Fal, url: Any) -> None:
        url = url.replace("{base}", server.url) if isinstance(url, str) else url
        extra = {"status_url": url, "response_url": url, "cancel_url": url}
        server.answers[f"POST {PATHS['fal/text/pro']}"] = (200, {"request_id": "0b4d-1", **extra})
        task = await fal.submit(await fal.prepare(order("fal/text/pro", TextToVideo(prompt="a fox", tier="pro"))))
        assert task == Task(id="0b4d-1")
        server.answers |= {
            f"GET {REQUESTS}/status": (200, {"status": "COMPLETED"}),
            f"GET {REQUESTS}": (200, {"video": {"url": VIDEO}}),
            f"PUT {REQUESTS}/cancel": (400, {"status": "ALREADY_COMPLETED"}),
        }
        stored = Task(id="0b4d-1", extra=extra)
        assert (await fal.check(stored)).video_url == VIDEO
        assert await fal.cancel(stored) == "too_late"

    async def test_an_id_cannot_leave_its_place_in_the_path(self, server: Loopback, fal: Fal) -> None:
        with pytest.raises(CheckFailed):
            await fal.check(Task(id="../../other?x=1#"))
        assert server.seen[0].path == "/queue/fal-ai/kling-video/requests/../../other?x=1#/status"


class TestCancel:
    @pytest.mark.parametrize(
        ("code", "word", "answer"),
        [
            (200, "OK", "confirmed"), (202, "OK", "confirmed"), (400, "ALREADY_COMPLETED", "too_late"),
            (404, "NOT_FOUND", "unknown"), (500, "OK", "unknown"),
        ],
    )  # fmt: skip
    async def test_its_word_is_taken_where_it_is_clear(
        self, server: Loopback, fal: Fal, code: int, word: str, answer: str
    ) -> None:
        server.answers[f"PUT {REQUESTS}/cancel"] = (code, {"status": word})
        assert await fal.cancel(TASK) == answer

    @pytest.mark.parametrize(
        ("status", "headers", "answer"),
        [
            ({"status": "IN_PROGRESS"}, {}, "unknown"),
            ({"status": "IN_QUEUE"}, {}, "unknown"),
            ({"status": "COMPLETED", "error": "x", "error_type": "client_cancelled"}, {}, "confirmed"),
            (
                {"status": "COMPLETED", "error": "x", "error_type": "client_cancelled"}, {"X-Fal-Billable-Units": "5"},
                "unknown",
            ),
        ],
    )  # fmt: skip
    async def test_a_request_to_cancel_is_confirmed_only_by_the_status(
        self, server: Loopback, fal: Fal, status: Any, headers: Any, answer: str
    ) -> None:
        server.answers[f"PUT {REQUESTS}/cancel"] = (202, {"status": "CANCELLATION_REQUESTED"})
        server.answers[f"GET {REQUESTS}/status"] = (200, status)
        server.answers[f"GET {REQUESTS}"] = web.Response(status=499, body=b"{}", headers=headers)
        assert await fal.cancel(TASK) == answer

    async def test_a_video_that_was_quicker_is_too_late_to_cancel(self, server: Loopback, fal: Fal) -> None:
        server.answers |= {
            f"PUT {REQUESTS}/cancel": (202, {"status": "CANCELLATION_REQUESTED"}),
            f"GET {REQUESTS}/status": (200, {"status": "COMPLETED"}),
            f"GET {REQUESTS}": (200, {"video": {"url": VIDEO}}),
        }
        assert await fal.cancel(TASK) == "too_late"


async def test_fal_tells_no_balance(fal: Fal) -> None:
    assert await fal.balance() is None


async def test_an_id_of_another_kind_still_counts_and_none_is_uncertain(server: Loopback, fal: Fal) -> None:
    body = await fal.prepare(order("fal/text/standard", TextToVideo(prompt="a fox")))
    server.answers[f"POST {PATHS['fal/text/standard']}"] = (200, {"request_id": 12345})
    assert (await fal.submit(body)).id == "12345"
    nothing: tuple[Any, ...] = ("", None, True, "x" * 400, "line\nbreak", {})
    for no_id in nothing:
        server.answers[f"POST {PATHS['fal/text/standard']}"] = (200, {"request_id": no_id})
        with pytest.raises(SubmitUncertain):
            await fal.submit(body)
