"""WaveSpeed's list, balance, models and prices, typed out from its documentation."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import Bench, sandbox

LIST = "/wavespeed/api/v3/predictions"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def listed(bench: Bench, **wish: Any) -> list[str]:
    answer = await bench.call("POST", LIST, wish)
    assert answer.status == 200
    return [item["id"] for item in answer.json["data"]["items"]]


async def test_the_list_is_newest_first_and_by_the_page(bench: Bench) -> None:
    ids = [(await bench.sell_wavespeed())["id"] for _ in range(3)]
    assert await listed(bench) == ids[::-1]
    assert await listed(bench, page=1, page_size=2) == [ids[2], ids[1]]
    assert await listed(bench, page=2, page_size=2) == [ids[0]]
    assert (await bench.call("POST", LIST, {"page": 2})).json["data"] == {"page": 2, "items": []}


async def test_the_list_shows_predictions_as_their_result_does(bench: Bench) -> None:
    sold = await bench.sell_wavespeed()
    [item] = (await bench.call("POST", LIST, {})).json["data"]["items"]
    assert item == (await bench.call("GET", sold["urls"]["get"])).json["data"]


async def test_the_list_can_be_narrowed(bench: Bench) -> None:
    bench.box.faults.add("generation_failed", count=1)
    failed = (await bench.sell_wavespeed())["id"]
    await bench.finish()
    done = (await bench.sell_wavespeed())["id"]
    assert await listed(bench, status="failed") == [failed]
    assert await listed(bench, status="created") == [done]
    assert await listed(bench, model="kwaivgi/kling-effects") == []
    assert await listed(bench, model="kwaivgi/kling-v1.6-t2v-standard") == [done, failed]
    assert await listed(bench, created_after="2025-11-20T12:30:00Z") == [done]
    assert await listed(bench, created_before="2025-11-20T12:30:00Z") == [failed]


async def test_the_list_forgets_after_seven_days(bench: Bench) -> None:
    await bench.sell_wavespeed()
    bench.clock.advance(7 * 24 * 3_600 + 1)
    assert await listed(bench) == []


@pytest.mark.parametrize(
    "wish", [{"page": 0}, {"page_size": 101}, {"page_size": 0}, {"page": "1"}, {"created_after": "yesterday"}]
)
async def test_a_list_that_can_not_be_is_400(bench: Bench, wish: dict[str, Any]) -> None:
    assert (await bench.call("POST", LIST, wish)).status == 400


async def test_the_balance_goes_down_with_what_is_sold_and_up_with_what_fails(bench: Bench) -> None:
    async def balance() -> float:
        return float((await bench.call("GET", "/wavespeed/api/v3/balance")).json["data"]["balance"])

    assert await balance() == 1000.0
    await bench.sell_wavespeed(duration=10)
    assert await balance() == 999.5
    bench.box.faults.add("generation_failed")
    await bench.sell_wavespeed()
    assert await balance() == 999.25
    await bench.finish()
    assert await balance() == 999.5


async def test_models_name_their_price_and_schema(bench: Bench) -> None:
    models = (await bench.call("GET", "/wavespeed/api/v3/models")).json["data"]
    assert {model["model_id"] for model in models} == {
        "kwaivgi/kling-v1.6-t2v-standard",
        "kwaivgi/kling-v1.6-i2v-standard",
        "kwaivgi/kling-v1.6-i2v-pro",
        "kwaivgi/kling-v1.6-multi-i2v-standard",
        "kwaivgi/kling-v1.6-multi-i2v-pro",
        "kwaivgi/kling-effects",
    }
    assert all(set(model) == {"model_id", "name", "type", "base_price", "formula", "api_schema"} for model in models)


@pytest.mark.parametrize(("duration", "price"), [(5, 0.25), (10, 0.5)])
async def test_the_price_follows_the_duration(bench: Bench, duration: int, price: float) -> None:
    wish = {"model_id": "kwaivgi/kling-v1.6-i2v-standard", "inputs": {"duration": duration}}
    answer = await bench.call("POST", "/wavespeed/api/v3/model/price", wish)
    assert answer.json["data"] == {
        "model_id": "kwaivgi/kling-v1.6-i2v-standard",
        "price": price,
        "discounted_price": price,
        "currency": "USD",
    }


async def test_an_unknown_model_has_no_price(bench: Bench) -> None:
    assert (await bench.call("POST", "/wavespeed/api/v3/model/price", {"model_id": "x"})).status == 404
