"""What each answer to the paid call means: bought, certainly not, or nobody can tell. Sent once, whatever happens."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from aiohttp import web

from bot.errors import SubmitRefused, SubmitUncertain
from bot.net.door import Door
from bot.providers import wire
from bot.providers.base import Body, Provider
from bot.providers.fal import Fal, FalSettings
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


@pytest.fixture(params=["fal", "wavespeed"])
async def provider(request: pytest.FixtureRequest, server: Loopback) -> AsyncIterator[Provider]:
    one = make(request.param, server.url)
    yield one
    await one.close()


def make(name: str, base: str) -> Provider:
    if name == "fal":
        fal = FalSettings.model_validate({"FAL_KEY": KEY, "FAL_BASE_URL": base})
        return Fal(fal, Door(FakeClock(), bases=fal.bases))
    wavespeed = WaveSpeedSettings.model_validate({"WAVESPEED_API_KEY": KEY, "WAVESPEED_BASE_URL": base})
    return WaveSpeed(wavespeed, Door(FakeClock(), bases=wavespeed.bases))


@pytest.mark.parametrize(
    ("name", "status", "said", "outcome", "reason"),
    [("fal", *row) for row in FAL] + [("wavespeed", *row) for row in WAVESPEED],
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
    monkeypatch.setattr(wire, "PAY_SECONDS", 0.1)
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


@pytest.mark.parametrize("name", ["fal", "wavespeed"])
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
        return web.json_response({"request_id": "r1", "data": {"id": "r1"}})

    server.answers["POST /model"] = accepted
    for _ in range(2):
        assert (await provider.submit(BODY)).id == "r1"
    assert len(ports) == 2
