"""WaveSpeed's prompt enhancer against a server that speaks as the documentation says."""

from typing import Any

import pytest

from bot.errors import CheckFailed, ProviderError, SubmitRefused, SubmitUncertain
from bot.providers import registry
from bot.providers.base import Task
from bot.providers.enhancer import Enhanced
from bot.providers.wavespeed import WaveSpeed
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY, picture

SUBMIT = "POST /api/v3/wavespeed-ai/prompt-optimizer"
RESULT = "GET /api/v3/predictions/9b1d-1/result"
TASK = Task(id="9b1d-1")


def prediction(status: str, **more: Any) -> tuple[int, Any]:
    data = {
        "id": "9b1d-1", "model": "wavespeed-ai/prompt-optimizer", "outputs": [], "has_nsfw_contents": [],
        "urls": {"get": "https://api.wavespeed.ai/api/v3/predictions/9b1d-1/result"}, "status": status,
        "created_at": "2025-06-01T10:00:00.123Z", "error": "", "timings": {"inference": 0}, **more,
    }  # fmt: skip
    return 200, {"code": 200, "message": "success", "data": data}


async def test_the_words_go_out_as_documented(server: Loopback, wavespeed: WaveSpeed) -> None:
    server.answers[SUBMIT] = prediction("created")
    assert await wavespeed.submit(await wavespeed.prepare_enhancement("a fox", None)) == TASK
    [seen] = server.asked("POST", "/api/v3/wavespeed-ai/prompt-optimizer")
    assert seen.json == {"text": "a fox", "mode": "video", "style": "default", "enable_sync_mode": False}
    assert seen.headers["authorization"] == f"Bearer {KEY}"


async def test_the_picture_goes_with_them(server: Loopback, wavespeed: WaveSpeed) -> None:
    address = "https://static.wavespeed.ai/media/1.jpg"
    server.answers["POST /api/v3/media/upload/binary"] = (200, {"code": 200, "data": {"download_url": address}})
    body = await wavespeed.prepare_enhancement("she waves", picture(1, width=400, height=300, size=12))
    assert body.json["image"] == address


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, {"code": 400, "message": "text is required"}), SubmitRefused),
        ((401, {"code": 401, "message": "no"}), SubmitRefused),
        ((429, {"code": 429, "message": "Too Many Requests"}), SubmitRefused),
        ((500, {}), SubmitUncertain),
        ((503, {}), SubmitUncertain),
        ((200, {"code": 5004, "data": {}}), SubmitUncertain),
        (dropped, SubmitUncertain),
    ],
)
async def test_it_is_paid_for_with_one_call_whatever_comes_back(
    server: Loopback, wavespeed: WaveSpeed, answer: Any, outcome: type[ProviderError]
) -> None:
    server.answers[SUBMIT] = answer
    body = await wavespeed.prepare_enhancement("a fox", None)
    with pytest.raises(outcome):
        await wavespeed.submit(body)
    assert len(server.asked("POST", "/api/v3/wavespeed-ai/prompt-optimizer")) == 1


@pytest.mark.parametrize(
    ("answer", "enhanced"),
    [
        (prediction("created"), Enhanced(state="running")),
        (prediction("processing"), Enhanced(state="running")),
        (prediction("completed", outputs=[" A fox at dawn.\n"]), Enhanced(state="done", text="A fox at dawn.")),
        (prediction("completed", outputs=["x" * 20_000]), Enhanced(state="done", text="x" * 10_000)),
        (prediction("completed", outputs=[]), Enhanced(state="failed", detail="no text")),
        (prediction("completed", outputs=["  "]), Enhanced(state="failed", detail="no text")),
        (prediction("completed", outputs=[{"text": "x"}]), Enhanced(state="failed", detail="no text")),
        (prediction("completed", outputs=["https://x.test/a.txt"]), Enhanced(state="failed", detail="no text")),
        (prediction("failed", error="too busy"), Enhanced(state="failed", detail="too busy")),
        (prediction("cancelled"), Enhanced(state="failed", detail="cancelled")),
    ],
)
async def test_each_status_is_understood(
    server: Loopback, wavespeed: WaveSpeed, answer: Any, enhanced: Enhanced
) -> None:
    server.answers[RESULT] = answer
    assert await wavespeed.check_enhancement(TASK) == enhanced


@pytest.mark.parametrize("answer", [(404, {}), (500, {}), (200, {"data": {"status": "dreaming"}}), (200, []), dropped])
async def test_a_look_that_fails_changes_nothing(server: Loopback, wavespeed: WaveSpeed, answer: Any) -> None:
    server.answers[RESULT] = answer
    with pytest.raises(CheckFailed):
        await wavespeed.check_enhancement(TASK)


def test_its_price_is_the_documented_one_and_it_is_known_by_its_setting() -> None:
    assert WaveSpeed.enhancement_microusd == 1_000
    assert registry.enhancers() == (("WaveSpeedAI", "WAVESPEED_API_KEY"),)
