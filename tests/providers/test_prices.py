"""What providers say of their prices now, and whether they know our key: read without trust, asked without cost."""

from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed
from bot.providers.fal import Fal
from bot.providers.registry import OFFERS
from bot.providers.wavespeed import WaveSpeed
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY

FAL = [offer for offer in OFFERS.values() if offer.provider == "fal"]
WAVESPEED = [offer for offer in OFFERS.values() if offer.provider == "wavespeed"]
LIST = "GET /api/v1/models/pricing"
CALL = "POST /api/v3/model/price"
PRO = "fal-ai/kling-video/v1.6/pro/image-to-video"


def listed(**more: Any) -> dict[str, Any]:
    entry = {"endpoint_id": PRO, "unit_price": 0.095, "unit": "seconds", "currency": "USD", **more}
    return {"prices": [entry], "next_cursor": None, "has_more": False}


async def test_fal_is_asked_once_for_all_its_endpoints(server: Loopback, fal: Fal) -> None:
    server.answers[LIST] = (200, listed())
    assert await fal.prices(FAL) == {"fal/image/pro": {5: 475_000, 10: 950_000}}
    (asked,) = server.asked("GET", "/api/v1/models/pricing")
    assert asked.headers["authorization"] == f"Key {KEY}"
    assert asked.query["endpoint_id"].split(",") == sorted(
        f"fal-ai/kling-video/v1.6/{tier}/{name}"
        for tier in ("standard", "pro")
        for name in ("text-to-video", "image-to-video", "elements", "effects")
    )


@pytest.mark.parametrize(
    "more",
    [
        {"unit": "video"},
        {"unit": None},
        {"currency": "EUR"},
        {"unit_price": "free"},
        {"unit_price": 0},
        {"unit_price": -1},
        {"unit_price": float("inf")},
        {"unit_price": None},
        {"unit_price": [0.1]},
        {"endpoint_id": "fal-ai/kling-video/v2/master/text-to-video"},
        {"endpoint_id": None},
    ],
)
async def test_what_fal_says_of_something_else_is_not_told(server: Loopback, fal: Fal, more: dict[str, Any]) -> None:
    server.answers[LIST] = (200, listed(**more))
    assert await fal.prices(FAL) == {}


@pytest.mark.parametrize("answer", [(200, {}), (200, []), (200, {"prices": {}}), (500, {}), (401, {}), dropped])
async def test_no_list_is_an_error_and_not_a_price(server: Loopback, fal: Fal, answer: Any) -> None:
    server.answers[LIST] = answer
    with pytest.raises(CheckFailed):
        await fal.prices(FAL)


async def test_a_ticket_for_uploads_tells_that_fal_knows_the_key(server: Loopback, fal: Fal) -> None:
    server.answers["POST /rest/storage/auth/token"] = (200, {"token": "t", "base_url": "https://v3.fal.media"})
    assert await fal.ping()
    (asked,) = server.seen
    assert (asked.query, asked.json) == ({"storage_type": "fal-cdn-v3"}, {})


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [
        (401, {"detail": "Cannot access application"}, "auth"),
        (403, {"detail": "User is locked. Reason: Exhausted balance."}, "balance"),
        (503, {}, "unavailable"),
    ],
)
async def test_fal_s_no_says_why(server: Loopback, fal: Fal, status: int, said: Any, reason: str) -> None:
    server.answers["POST /rest/storage/auth/token"] = (status, said)
    with pytest.raises(CheckFailed) as refused:
        await fal.ping()
    assert refused.value.reason == reason


async def test_wavespeed_is_asked_for_each_model_and_length(server: Loopback, wavespeed: WaveSpeed) -> None:
    async def price(request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        if "effects" in asked["model_id"]:
            return web.json_response({"code": 404, "message": "no such model"}, status=404)
        dollars = 0.25 * asked["inputs"]["duration"] / 5
        return web.json_response({"code": 200, "data": {"model_id": asked["model_id"], "price": dollars}})

    server.answers[CALL] = price
    found = await wavespeed.prices(WAVESPEED)
    assert found == {
        offer.id: {5: 250_000, 10: 500_000} for offer in WAVESPEED if offer.workflow != "effect"
    }  # fmt: skip
    assert [seen.json["inputs"] for seen in server.seen[:2]] == [
        {"prompt": "a boat", "duration": 5}, {"prompt": "a boat", "duration": 10},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "microusd"),
    [
        ({"price": 0.5, "discounted_price": 0.4, "discount_rate": 0.8}, 400_000),
        ({"price": 0.5, "discounted_price": 0}, 500_000),
        ({"price": "0.5", "currency": "USD"}, 500_000),
        ({"price": 0.5, "currency": "CNY"}, None),
        ({"price": None}, None),
        ({}, None),
        (None, None),
    ],
)
async def test_a_price_at_wavespeed_is_what_the_account_pays(
    server: Loopback, wavespeed: WaveSpeed, data: Any, microusd: int | None
) -> None:
    server.answers[CALL] = (200, {"code": 200, "data": data})
    found = await wavespeed.prices([OFFERS["wavespeed/effect/standard"]])
    assert found == ({} if microusd is None else {"wavespeed/effect/standard": {5: microusd}})


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_a_no_of_wavespeed_ends_the_asking(server: Loopback, wavespeed: WaveSpeed, status: int) -> None:
    server.answers[CALL] = (status, {"code": status, "message": "no"})
    with pytest.raises(CheckFailed):
        await wavespeed.prices(WAVESPEED)
    assert len(server.seen) == 1
