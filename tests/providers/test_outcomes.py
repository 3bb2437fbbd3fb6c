"""What each answer to the paid call means: bought, certainly not, or nobody can tell. Sent once, whatever happens."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from aiohttp import web

from bot.errors import SubmitRefused, SubmitUncertain
from bot.net.door import Door
from bot.providers import wire
from bot.providers.aimlapi import Aimlapi, AimlapiSettings
from bot.providers.base import Body, Provider
from bot.providers.fal import Fal, FalSettings
from bot.providers.gmi import Gmi, GmiSettings
from bot.providers.kling import Kling, KlingSettings
from bot.providers.vidgo import Vidgo, VidgoSettings
from bot.providers.wavespeed import WaveSpeed, WaveSpeedSettings
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, dropped, free_port, piecemeal, reset, silent
from tests.support.orders import KEY

BODY = Body(path="model", json={"prompt": "a fox"})
LOCKED = {"detail": "User is locked. Reason: TOP_UP."}
POLICY = {"detail": [{"loc": ["body", "prompt"], "msg": "flagged", "type": "content_policy_violation"}]}
MISSING = {"detail": [{"loc": ["body", "prompt"], "msg": "field required", "type": "missing"}]}

Outcome = Literal["refused", "uncertain"]

FAL: list[tuple[int, Any, Outcome, str]] = [
    (400, {"detail": "bad", "error_type": "bad_request"}, "refused", "invalid"),
    (401, {"detail": "no key"}, "refused", "auth"),
    (402, {}, "refused", "balance"),
    (403, {"detail": "the key lacks a scope"}, "refused", "auth"),
    (403, LOCKED, "refused", "balance"),
    (403, {"detail": "User is locked. Reason: Exhausted balance."}, "refused", "balance"),
    (404, {"status": "NOT_FOUND"}, "refused", "not_found"),
    (408, {}, "uncertain", "unavailable"),
    (409, {}, "uncertain", "unknown"),
    (413, {}, "refused", "invalid"),
    (418, {}, "uncertain", "unknown"),
    (422, MISSING, "refused", "invalid"),
    (422, POLICY, "refused", "policy"),
    (429, {"detail": "full", "error_type": "concurrent_requests_limit"}, "refused", "busy"),
    (499, {"detail": "x", "error_type": "client_disconnected"}, "uncertain", "unknown"),
    (500, {"detail": "x", "error_type": "internal_error"}, "uncertain", "unavailable"),
    (500, POLICY, "uncertain", "policy"),
    (502, {}, "uncertain", "unavailable"),
    (503, {"detail": "x", "error_type": "runner_scheduling_failure"}, "uncertain", "unavailable"),
    (504, {"detail": "x", "error_type": "request_timeout"}, "uncertain", "unavailable"),
    (301, {}, "uncertain", "unknown"),
    (307, {}, "uncertain", "unknown"),
    (200, {}, "uncertain", "unknown"),
    (200, {"request_id": None, "status": "IN_QUEUE"}, "uncertain", "unknown"),
    (202, [], "uncertain", "unknown"),
    (204, {}, "uncertain", "unknown"),
]

WAVESPEED: list[tuple[int, Any, Outcome, str]] = [
    (400, {"code": 400, "message": "duration must be 5 or 10"}, "refused", "invalid"),
    (400, {"code": 400, "message": "Insufficient credits. Please top up."}, "refused", "balance"),
    (400, {"code": 400, "message": "prompt contains sensitive words"}, "refused", "policy"),
    (401, {"code": 401, "message": "Unauthorized"}, "refused", "auth"),
    (402, {"code": 402, "message": "Payment Required"}, "refused", "balance"),
    (403, {"code": 403, "message": "forbidden"}, "refused", "auth"),
    (404, {"code": 404, "message": "no such model"}, "refused", "not_found"),
    (408, {}, "uncertain", "unavailable"),
    (413, {}, "refused", "invalid"),
    (422, {"code": 422, "message": "NSFW content"}, "refused", "policy"),
    (429, {"code": 429, "message": "Too Many Requests"}, "refused", "busy"),
    (500, {"code": 500, "message": "Insufficient something"}, "uncertain", "unavailable"),
    (502, {}, "uncertain", "unavailable"),
    (503, {}, "uncertain", "unavailable"),
    (504, {}, "uncertain", "unavailable"),
    (302, {}, "uncertain", "unknown"),
    (200, {"code": 200, "data": None}, "uncertain", "unknown"),
    (200, {"code": 403, "message": "forbidden"}, "uncertain", "unknown"),
]


GMI: list[tuple[int, Any, Outcome, str]] = [
    (400, {"error": "duration must be 5 or 10"}, "refused", "invalid"),
    (400, {"error": "Backend error (400). Please try again."}, "refused", "invalid"),
    (400, {"error": "The prompt was rejected by our content policy"}, "refused", "policy"),
    (400, {"error": {"message": "NSFW"}}, "refused", "policy"),
    (400, {"error": "model names are case-sensitive"}, "refused", "invalid"),
    (401, {"error": "unauthorized"}, "refused", "auth"),
    (402, {"error": "payment required"}, "refused", "balance"),
    (403, {"error": "forbidden"}, "refused", "auth"),
    (403, {"message": "insufficient balance"}, "refused", "balance"),
    (404, {"error": "you do not have access to this sensitive model"}, "refused", "not_found"),
    (408, {}, "uncertain", "unavailable"),
    (413, {}, "refused", "invalid"),
    (429, {"error": "rate limit"}, "refused", "busy"),
    (500, {"error": "insufficient workers"}, "uncertain", "unavailable"),
    (502, {}, "uncertain", "unavailable"),
    (503, {"error": "no worker"}, "uncertain", "unavailable"),
    (504, {}, "uncertain", "unavailable"),
    (302, {}, "uncertain", "unknown"),
    (200, {}, "uncertain", "unknown"),
    (200, {"request_id": "", "status": "dispatched"}, "uncertain", "unknown"),
    (200, {"error": "unauthorized"}, "uncertain", "unknown"),
    (201, ["5a7a5466"], "uncertain", "unknown"),
]

CREDITS = "You've run out of credits. Please top up your balance to continue."

AIMLAPI: list[tuple[int, Any, Outcome, str]] = [
    (400, {"message": "Body validation error", "statusCode": "400"}, "refused", "invalid"),
    (400, {"message": ["Expected 5 | 10", "received 7"], "statusCode": 400}, "refused", "invalid"),
    (400, {"error": {"name": "Error", "message": "flagged by moderation"}}, "refused", "policy"),
    (401, {"message": "needs a valid API key", "statusCode": 401}, "refused", "auth"),
    (403, {"message": CREDITS, "path": "/v2/video/generations", "statusCode": 403}, "refused", "balance"),
    (403, {"message": "Forbidden"}, "refused", "auth"),
    (404, {"message": "Not found"}, "refused", "not_found"),
    (408, {}, "uncertain", "unavailable"),
    (413, {}, "refused", "invalid"),
    (422, {}, "refused", "invalid"),
    (429, {"message": "Too Many Requests"}, "refused", "busy"),
    (500, {"message": "The model is under maintenance"}, "uncertain", "unavailable"),
    (502, {"message": "Bad Gateway"}, "uncertain", "unavailable"),
    (503, {"message": "Service unavailable"}, "uncertain", "unavailable"),
    (504, {"message": "Generation timeout"}, "uncertain", "unavailable"),
    (307, {}, "uncertain", "unknown"),
    (200, {"status": "queued"}, "uncertain", "unknown"),
    (201, {"id": None, "generation_id": " "}, "uncertain", "unknown"),
    (200, {"message": CREDITS, "statusCode": 403}, "uncertain", "unknown"),
    (201, "vn9XMO80UyV9BSq6K6G_O", "uncertain", "unknown"),
]

VIDGO: list[tuple[int, Any, Outcome, str]] = [
    (400, {"code": 400, "error": {"message": "cfg_scale can't be used with image_urls"}}, "refused", "invalid"),
    (400, {"code": 400, "msg": "The prompt violates our content policy"}, "refused", "policy"),
    (401, {"code": 401, "message": "Invalid API key"}, "refused", "auth"),
    (402, {"code": 402, "error": {"message": "Insufficient credits"}}, "refused", "balance"),
    (403, {"detail": "Insufficient credits"}, "refused", "balance"),
    (403, {"detail": ["forbidden"]}, "refused", "auth"),
    (404, {"detail": "Not Found"}, "refused", "not_found"),
    (408, {}, "uncertain", "unavailable"),
    (413, {}, "refused", "invalid"),
    (422, {"detail": [{"msg": "field required"}]}, "refused", "invalid"),
    (429, {"code": 429, "error": "Too Many Requests"}, "refused", "busy"),
    (500, {"code": 500, "msg": "Insufficient memory"}, "uncertain", "unavailable"),
    (502, {}, "uncertain", "unavailable"),
    (503, {}, "uncertain", "unavailable"),
    (504, {}, "uncertain", "unavailable"),
    (302, {}, "uncertain", "unknown"),
    (200, {"code": 200, "data": {"status": "not_started"}}, "uncertain", "unknown"),
    (200, {"code": 402, "msg": "Insufficient credits", "data": None}, "uncertain", "unknown"),
    (200, {"task_id": "outside"}, "uncertain", "unknown"),
]

KLING: list[tuple[int, Any, Outcome, str]] = [
    (401, {"code": 1000, "message": "auth failed", "request_id": "r"}, "refused", "auth"),
    (401, {"code": 1004, "message": "expired"}, "refused", "auth"),
    (401, {}, "refused", "auth"),
    (429, {"code": 1100, "message": "account exception"}, "refused", "auth"),
    (429, {"code": 1101, "message": "account in arrears"}, "refused", "balance"),
    (429, {"code": 1102, "message": "resource pack depleted"}, "refused", "balance"),
    (403, {"code": 1103, "message": "no permission"}, "refused", "auth"),
    (400, {"code": 1200, "message": "bad parameter"}, "refused", "invalid"),
    (400, {"code": 1201, "message": "image_tail needs pro"}, "refused", "invalid"),
    (404, {"code": 1202, "message": "no such method"}, "refused", "not_found"),
    (404, {"code": 1203, "message": "no such model"}, "refused", "not_found"),
    (400, {"code": 1300, "message": "platform policy"}, "refused", "policy"),
    (400, {"code": 1301, "message": "content security"}, "refused", "policy"),
    (429, {"code": 1302, "message": "too frequent"}, "refused", "busy"),
    (429, {"code": 1303, "message": "parallel task over resource pack limit"}, "refused", "busy"),
    (429, {"code": 1304, "message": "address not on the list"}, "refused", "auth"),
    (429, {"message": "somebody in between"}, "refused", "busy"),
    (413, {}, "refused", "invalid"),
    (408, {}, "uncertain", "unavailable"),
    (500, {"code": 5000, "message": "internal"}, "uncertain", "unavailable"),
    (503, {"code": 5001, "message": "maintenance"}, "uncertain", "unavailable"),
    (504, {"code": 5002, "message": "backlog"}, "uncertain", "unavailable"),
    (502, {}, "uncertain", "unavailable"),
    (500, {"code": 1301, "message": "content security"}, "uncertain", "policy"),
    (307, {}, "uncertain", "unknown"),
    (200, {"code": 0, "message": "SUCCEED", "data": {}}, "uncertain", "unknown"),
    (200, {"code": 1303, "message": "parallel task over resource pack limit"}, "uncertain", "unknown"),
    (200, {"code": 0, "task_id": "outside"}, "uncertain", "unknown"),
]

TABLES = {"fal": FAL, "wavespeed": WAVESPEED, "gmi": GMI, "aimlapi": AIMLAPI, "vidgo": VIDGO, "kling": KLING}


@pytest.fixture(params=TABLES)
async def provider(request: pytest.FixtureRequest, server: Loopback) -> AsyncIterator[Provider]:
    one = make(request.param, server.url)
    yield one
    await one.close()


def make(name: str, base: str) -> Provider:
    if name == "fal":
        fal = FalSettings.model_validate({"FAL_KEY": KEY, "FAL_BASE_URL": base})
        return Fal(fal, Door(FakeClock(), bases=fal.bases))
    if name == "gmi":
        gmi = GmiSettings.model_validate({"GMI_API_KEY": KEY, "GMI_BASE_URL": base})
        return Gmi(gmi, Door(FakeClock(), bases=gmi.bases))
    if name == "aimlapi":
        aimlapi = AimlapiSettings.model_validate({"AIML_API_KEY": KEY, "AIML_BASE_URL": base})
        return Aimlapi(aimlapi, Door(FakeClock(), bases=aimlapi.bases))
    if name == "vidgo":
        vidgo = VidgoSettings.model_validate({"VIDGO_API_KEY": KEY, "VIDGO_BASE_URL": base})
        return Vidgo(vidgo, Door(FakeClock(), bases=vidgo.bases))
    if name == "kling":
        values = {"KLING_ACCESS_KEY": "11112222-access", "KLING_SECRET_KEY": KEY, "KLING_BASE_URL": base}
        kling = KlingSettings.model_validate(values)
        return Kling(kling, Door(FakeClock(), bases=kling.bases))
    wavespeed = WaveSpeedSettings.model_validate({"WAVESPEED_API_KEY": KEY, "WAVESPEED_BASE_URL": base})
    return WaveSpeed(wavespeed, Door(FakeClock(), bases=wavespeed.bases))


@pytest.mark.parametrize(
    ("name", "status", "said", "outcome", "reason"),
    [(name, *row) for name, rows in TABLES.items() for row in rows],
)
async def test_the_status_of_an_answer_decides(
    server: Loopback, name: str, status: int, said: Any, outcome: Outcome, reason: str
) -> None:
    async def answer(request: web.Request) -> web.Response:
        headers = {"Location": "/model", "Retry-After": "11"}
        return web.json_response(said, status=status, headers=headers)

    server.answers["POST /model"] = answer
    provider = make(name, server.url)
    with pytest.raises(SubmitRefused if outcome == "refused" else SubmitUncertain) as raised:
        await provider.submit(BODY)
    await provider.close()
    assert (raised.value.reason, raised.value.status, raised.value.provider) == (reason, status, name)
    if status >= 300:
        assert raised.value.retry_after == 11.0
    assert len(server.seen) == 1, "the paid call goes out once"


@pytest.mark.parametrize("what", [dropped, reset, piecemeal(b'{"request_id": "a', declared=50, then_close=True)])
async def test_a_connection_that_breaks_leaves_it_uncertain(server: Loopback, provider: Provider, what: Any) -> None:
    server.answers["POST /model"] = what
    with pytest.raises(SubmitUncertain):
        await provider.submit(BODY)
    assert len(server.seen) == 1


@pytest.mark.parametrize("what", [silent, piecemeal(*[b" "] * 1_000, pause=0.01)])
async def test_an_answer_that_does_not_come_in_time_leaves_it_uncertain(
    server: Loopback, provider: Provider, what: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PAY_SECONDS", 0.5)
    server.answers["POST /model"] = what
    with pytest.raises(SubmitUncertain):
        await provider.submit(BODY)
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b"", b"<html>ok</html>", b'{"request_id": "a', b"\xff\xfe", b"[" * 10_000])
async def test_a_2xx_that_cannot_be_read_leaves_it_uncertain(server: Loopback, provider: Provider, body: bytes) -> None:
    server.answers["POST /model"] = web.Response(body=body)
    with pytest.raises(SubmitUncertain):
        await provider.submit(BODY)


async def test_an_answer_too_large_to_read_leaves_it_uncertain(server: Loopback, provider: Provider) -> None:
    server.answers["POST /model"] = web.Response(body=b" " * 3_000_000)
    with pytest.raises(SubmitUncertain):
        await provider.submit(BODY)


@pytest.mark.parametrize("name", TABLES)
async def test_a_connection_that_never_opened_bought_nothing(name: str) -> None:
    provider = make(name, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(SubmitRefused) as refused:
        await provider.submit(BODY)
    await provider.close()
    assert refused.value.reason == "unavailable"


async def test_a_base_address_that_may_not_be_opened_bought_nothing(server: Loopback) -> None:
    settings = FalSettings.model_validate({"FAL_KEY": KEY, "FAL_BASE_URL": server.url})
    provider = Fal(settings, Door(FakeClock()))
    with pytest.raises(SubmitRefused) as refused:
        await provider.submit(BODY)
    await provider.close()
    assert refused.value.reason == "unknown"
    assert server.seen == []


async def test_the_key_is_in_no_error(server: Loopback, provider: Provider) -> None:
    server.answers["POST /model"] = (403, {"detail": f"bad key {KEY}", "message": f"bad key {KEY}"})
    with pytest.raises(SubmitRefused) as refused:
        await provider.submit(BODY)
    assert refused.value.detail == "bad key [hidden]"


async def test_the_words_of_an_error_are_bounded(server: Loopback, provider: Provider) -> None:
    server.answers["POST /model"] = (400, {"detail": "a\n" * 5_000, "message": "a\n" * 5_000})
    with pytest.raises(SubmitRefused) as refused:
        await provider.submit(BODY)
    assert len(refused.value.detail) == wire.WORDS
    assert refused.value.detail.isprintable()


async def test_two_paid_calls_share_no_connection(server: Loopback, provider: Provider) -> None:
    ports = set()

    async def accepted(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.json_response({"request_id": "r1", "data": {"id": "r1", "task_id": "r1"}, "id": "r1"})

    server.answers["POST /model"] = accepted
    for _ in range(2):
        assert (await provider.submit(BODY)).id == "r1"
    assert len(ports) == 2
