"""Vidgo's client against a server that speaks as the documentation says."""

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo
from bot.providers.base import Body, Failure, Lost, Task, TaskStatus
from bot.providers.registry import OFFERS
from bot.providers.vidgo import Vidgo
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY, order, picture, ref

SUBMIT, UPLOAD = "/api/generate/submit", "/api/common/upload/stream"
TASK = Task(id="task-unified-1757165031-uyujaw3d")
STATUS = f"GET /api/generate/status/{TASK.id}"
VIDEO = "https://storage.vidgo.ai/generated/a.mp4"
A, B = "https://storage.vidgo.ai/temp/1.jpg", "https://storage.vidgo.ai/temp/2.jpg"

BODIES: list[tuple[str, Request, dict[str, Any]]] = [
    (
        "vidgo/text/standard", TextToVideo(prompt="a fox"),
        {"model": "kling-1.6/standard", "input": {
            "prompt": "a fox", "negative_prompt": "", "duration": 5, "aspect_ratio": "16:9", "cfg_scale": 0.5,
        }},
    ),
    (
        "vidgo/text/pro",
        TextToVideo(prompt="a fox", negative_prompt="rain", duration=10, aspect_ratio="9:16", cfg_scale=1, tier="pro"),
        {"model": "kling-1.6/pro", "input": {
            "prompt": "a fox", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16", "cfg_scale": 1.0,
        }},
    ),
    (
        "vidgo/image/standard", ImageToVideo(start=ref(1), prompt="it runs"),
        {"model": "kling-1.6/standard", "input": {
            "prompt": "it runs", "negative_prompt": "", "duration": 5, "start_image_url": A, "cfg_scale": 0.5,
        }},
    ),
    (
        "vidgo/image/pro", ImageToVideo(start=ref(1), prompt="it runs", tier="pro"),
        {"model": "kling-1.6/pro", "input": {
            "prompt": "it runs", "negative_prompt": "", "duration": 5, "start_image_url": A, "cfg_scale": 0.5,
            "aspect_ratio": "16:9",
        }},
    ),
    (
        "vidgo/image/pro", ImageToVideo(start=ref(1), end=ref(2), prompt="it runs", aspect_ratio="1:1", tier="pro"),
        {"model": "kling-1.6/pro", "input": {
            "prompt": "it runs", "negative_prompt": "", "duration": 5, "start_image_url": A, "end_image_url": B,
            "cfg_scale": 0.5, "aspect_ratio": "1:1",
        }},
    ),
    (
        "vidgo/elements/pro", Elements(references=(ref(1), ref(2)), prompt="they meet", tier="pro"),
        {"model": "kling-1.6/pro", "input": {
            "prompt": "they meet", "negative_prompt": "", "duration": 5, "image_urls": [A, B], "aspect_ratio": "16:9",
        }},
    ),
    (
        "vidgo/elements/standard", Elements(references=(ref(1),), prompt="it waits"),
        {"model": "kling-1.6/standard", "input": {
            "prompt": "it waits", "negative_prompt": "", "duration": 5, "image_urls": [A], "aspect_ratio": "16:9",
        }},
    ),
]  # fmt: skip


def uploads(server: Loopback) -> None:
    """Each picture gets the address with its number."""

    async def stored(request: web.Request) -> web.Response:
        number = (await request.read()).partition(b"picture ")[2][:1].decode()
        url = f"https://storage.vidgo.ai/temp/{number}.jpg"
        data = {"file_id": "872d", "file_name": "a.jpg", "file_url": url, "download_url": url}
        return web.json_response({"success": True, "code": 200, "msg": "File uploaded successfully", "data": data})

    server.answers[f"POST {UPLOAD}"] = stored


def status(word: Any, **more: Any) -> tuple[int, Any]:
    data = {
        "task_id": TASK.id, "status": word, "files": [], "created_time": "2025-11-12T10:30:00", "progress": 0,
        "error_message": None,
    }  # fmt: skip
    return 200, {"code": 200, "data": data | more}


def file(url: Any = VIDEO, kind: Any = "video") -> dict[str, Any]:
    return {"file_url": url, "file_type": kind}


@pytest.mark.parametrize(("offer", "request_", "body"), BODIES)
async def test_each_request_goes_out_in_the_documented_words(
    server: Loopback, vidgo: Vidgo, offer: str, request_: Request, body: dict[str, Any]
) -> None:
    uploads(server)
    made = {"task_id": TASK.id, "status": "not_started", "created_time": "2025-11-12T10:30:00"}
    server.answers[f"POST {SUBMIT}"] = (200, {"code": 200, "data": made})
    assert await vidgo.submit(await vidgo.prepare(order(offer, request_))) == TASK
    [seen] = server.asked("POST", SUBMIT)
    assert seen.json == body
    assert type(seen.json["input"]["duration"]) is int
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert dict(seen.query) == {}


@pytest.mark.parametrize(
    ("offer", "request_"),
    [
        ("vidgo/image/pro", ImageToVideo(end=ref(1), prompt="x", tier="pro")),
        ("vidgo/text/standard", Effect(scene="squish", people=(ref(1),))),
        ("vidgo/text/standard", Extend(job="01jd0000000000000000")),
    ],
)
async def test_what_vidgo_does_not_make_is_refused_before_it_is_bought(
    server: Loopback, vidgo: Vidgo, offer: str, request_: Request
) -> None:
    uploads(server)
    with pytest.raises(SubmitRefused):
        await vidgo.prepare(order(offer, request_))


async def test_a_lost_answer_is_looked_for_nowhere(vidgo: Vidgo, server: Loopback) -> None:
    lost = Lost(
        attempt="01jd0000000000000000", offer=OFFERS["vidgo/text/pro"], request=TextToVideo(prompt="x"), body={},
        submitted_at=0,
    )  # fmt: skip
    assert (list(await vidgo.find(lost)), server.seen, vidgo.knows_attempts) == ([], [], False)


async def test_a_number_as_id_is_an_id(server: Loopback, vidgo: Vidgo) -> None:
    server.answers[f"POST {SUBMIT}"] = (201, {"data": {"task_id": 7}})
    assert await vidgo.submit(Body(path=SUBMIT, json={})) == Task(id="7")


class TestUploads:
    async def test_a_picture_is_uploaded_as_a_form(self, server: Loopback, vidgo: Vidgo) -> None:
        uploads(server)
        await vidgo.prepare(order("vidgo/image/standard", ImageToVideo(start=ref(1), prompt="x")))
        [seen] = server.seen
        assert seen.headers["authorization"] == f"Bearer {KEY}"
        head = f'name="file"; filename="{ref(1)[5:21]}.jpg"\r\nContent-Type: image/jpeg\r\n\r\npicture 1 pi'
        assert head.encode() in seen.body

    async def test_the_same_picture_is_uploaded_once_in_71_hours(
        self, server: Loopback, vidgo: Vidgo, clock: FakeClock
    ) -> None:
        uploads(server)
        wanted = order("vidgo/elements/pro", Elements(references=(ref(1), ref(2)), prompt="x", tier="pro"))
        for _ in range(3):
            assert (await vidgo.prepare(wanted)).json["input"]["image_urls"] == [A, B]
        assert len(server.seen) == 2
        clock.advance(71 * 3_600 - 1)
        await vidgo.prepare(wanted)
        assert len(server.seen) == 2
        clock.advance(1)
        await vidgo.prepare(wanted)
        assert len(server.seen) == 4

    async def test_a_sixth_in_a_minute_waits_without_asking(
        self, server: Loopback, vidgo: Vidgo, clock: FakeClock
    ) -> None:
        uploads(server)
        for number in (1, 2, 3, 4, 5):
            await vidgo.prepare(order("vidgo/image/standard", ImageToVideo(start=ref(number), prompt="x")))
            clock.advance(5)
        sixth = order("vidgo/image/standard", ImageToVideo(start=ref(1), prompt="x"))
        other = replace(sixth, pictures={ref(1): picture(6, width=600, height=400, size=12)})
        with pytest.raises(CheckFailed) as waits:
            await vidgo.prepare(other)
        assert (waits.value.reason, waits.value.retry_after, len(server.seen)) == ("busy", 35.0, 5)
        clock.advance(35)
        assert (await vidgo.prepare(other)).json["input"]["start_image_url"] == "https://storage.vidgo.ai/temp/6.jpg"

    async def test_a_clock_that_is_set_back_does_not_make_uploads_wait(
        self, server: Loopback, vidgo: Vidgo, clock: FakeClock
    ) -> None:
        uploads(server)
        one = order("vidgo/image/standard", ImageToVideo(start=ref(1), prompt="x"))
        for number in (1, 2, 3, 4, 5, 6):
            clock.time -= 3_600_000 if number == 6 else 0
            await vidgo.prepare(replace(one, pictures={ref(1): picture(number, width=600, height=400, size=12)}))
        assert len(server.seen) == 6

    @pytest.mark.parametrize(("headers", "wait"), [({}, 12.0), ({"Retry-After": "33"}, 33.0)])
    async def test_too_many_of_others_wait_as_well(
        self, server: Loopback, vidgo: Vidgo, headers: dict[str, str], wait: float
    ) -> None:
        server.answers[f"POST {UPLOAD}"] = web.Response(status=429, body=b'{"code": 429}', headers=headers)
        with pytest.raises(CheckFailed) as waits:
            await vidgo.prepare(order("vidgo/image/standard", ImageToVideo(start=ref(1), prompt="x")))
        assert (waits.value.reason, waits.value.retry_after) == ("busy", wait)

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ((401, {"msg": "no such key"}), "auth"), ((402, {"msg": "Insufficient credits"}), "balance"),
            ((400, {"msg": "Unsupported format"}), "invalid"), ((200, {"code": 401, "msg": "no"}), "auth"),
        ],
    )  # fmt: skip
    async def test_an_upload_refused_for_good_ends_it(
        self, server: Loopback, vidgo: Vidgo, answer: Any, reason: str
    ) -> None:
        server.answers[f"POST {UPLOAD}"] = answer
        with pytest.raises(SubmitRefused) as refused:
            await vidgo.prepare(order("vidgo/image/standard", ImageToVideo(start=ref(1), prompt="x")))
        assert refused.value.reason == reason

    @pytest.mark.parametrize(
        "answer",
        [(500, {}), (404, {}), (200, {}), (200, {"data": {"file_url": "file:///x"}}), (200, {"code": 500}), dropped],
    )
    async def test_an_upload_that_brings_no_address_is_tried_later(
        self, server: Loopback, vidgo: Vidgo, answer: Any
    ) -> None:
        server.answers[f"POST {UPLOAD}"] = answer
        with pytest.raises(CheckFailed):
            await vidgo.prepare(order("vidgo/image/standard", ImageToVideo(start=ref(1), prompt="x")))


class TestCheck:
    @pytest.mark.parametrize(
        ("answer", "found"),
        [
            (status("not_started"), TaskStatus(state="queued", progress=0.0)),
            (status("running", progress=42), TaskStatus(state="running", progress=0.42)),
            (status("running", progress=12.5), TaskStatus(state="running", progress=0.125)),
            (status("running", progress="42"), TaskStatus(state="running")),
            (status("running", progress=101), TaskStatus(state="running")),
            (status("running", progress=None), TaskStatus(state="running")),
            (status("finished", files=[file()]), TaskStatus(state="done", progress=1.0, video_url=VIDEO)),
            (
                status("finished", files=[file("https://x.org/a.jpg", "image"), file(kind=None)]),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            ((200, {"data": {"status": "running"}}), TaskStatus(state="running")),
            ((200, {"code": 500, "data": {"status": "running"}}), TaskStatus(state="running")),
            (
                status("failed", error_message="The prompt violates our content policy"),
                TaskStatus(
                    state="failed", error=Failure(reason="policy", detail="The prompt violates our content policy")
                ),
            ),
            (
                status("failed", error_message="upstream\nbroke"),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="upstream broke")),
            ),
            (status("failed"), TaskStatus(state="failed", error=Failure(reason="provider", detail="failed"))),
        ],
    )  # fmt: skip
    async def test_each_status_is_understood(
        self, server: Loopback, vidgo: Vidgo, answer: Any, found: TaskStatus
    ) -> None:
        server.answers[STATUS] = answer
        assert await vidgo.check(TASK) == found
        assert server.seen[0].headers["authorization"] == f"Bearer {KEY}"

    @pytest.mark.parametrize(
        "answer",
        [
            status("paused"), status(["failed"]), status(None), status("finished"), status("finished", files={}),
            status("finished", files=[file("file:///x"), file(None), None]),
            status("finished", files=[file(kind="image")]), (200, {}), (200, []), (200, None),
        ],
    )  # fmt: skip
    async def test_what_is_not_understood_is_never_a_failure(self, server: Loopback, vidgo: Vidgo, answer: Any) -> None:
        server.answers[STATUS] = answer
        with pytest.raises(CheckFailed) as failed:
            await vidgo.check(TASK)
        assert failed.value.reason == "unknown"

    @pytest.mark.parametrize(
        ("answer", "reason", "said"),
        [
            ((401, {"code": 401, "error": {"message": f"no, {KEY}"}}), "auth", "no, [hidden]"),
            ((404, {"code": 404, "msg": "no task"}), "not_found", "no task"),
            ((429, {"message": "slower"}), "busy", "slower"),
            ((500, {"detail": "broken"}), "unavailable", "broken"),
            ((200, {"code": 404, "msg": "no task", "data": None}), "not_found", "no task"),
            ((200, {"code": 429, "message": "slower"}), "busy", "slower"),
            ((200, {"code": 503}), "unavailable", '{"code": 503}'),
        ],
    )
    async def test_a_refusal_is_read_in_every_shape_and_changes_nothing(
        self, server: Loopback, vidgo: Vidgo, answer: Any, reason: str, said: str
    ) -> None:
        server.answers[STATUS] = answer
        with pytest.raises(CheckFailed) as failed:
            await vidgo.check(TASK)
        assert (failed.value.reason, failed.value.detail) == (reason, said)


class TestBalance:
    @pytest.mark.parametrize(("credits", "microusd"), [(123, 615_000), (0, 0), (0.5, 2_500)])
    async def test_a_credit_is_half_a_cent(self, server: Loopback, vidgo: Vidgo, credits: float, microusd: int) -> None:
        data = {"email": "a@example.org", "credits_amount": credits}
        server.answers["GET /api/user/balance"] = (200, {"code": 200, "data": data})
        assert await vidgo.balance() == microusd

    @pytest.mark.parametrize(
        "answer",
        [
            (401, {}), (200, {"code": 401, "msg": "no"}), (200, {"data": {}}), (200, {"data": {"credits_amount": "9"}}),
            (200, {"data": {"credits_amount": True}}), (200, {"data": {"credits_amount": -1}}), dropped,
        ],
    )  # fmt: skip
    async def test_what_is_no_amount_is_no_balance(self, server: Loopback, vidgo: Vidgo, answer: Any) -> None:
        server.answers["GET /api/user/balance"] = answer
        with pytest.raises(CheckFailed):
            await vidgo.balance()


async def test_a_200_that_says_no_is_uncertain(server: Loopback, vidgo: Vidgo) -> None:
    """Nothing documents that it starts nothing."""
    server.answers[f"POST {SUBMIT}"] = (200, {"code": 402, "msg": "Insufficient credits", "data": None})
    with pytest.raises(SubmitUncertain) as lost:
        await vidgo.submit(Body(path=SUBMIT, json={}))
    assert "Insufficient credits" in lost.value.detail
