"""What AI/ML API's client looks up: the generation of a lost answer in the usage logs, the balance."""

from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed
from bot.kling.requests import TextToVideo
from bot.providers.aimlapi import Aimlapi
from bot.providers.base import Lost, Task
from bot.providers.registry import OFFERS
from tests.support.loopback import Loopback, dropped

LOGS = "GET /v2/logs"
SENT = 1_763_640_000_000  # 2025-11-20 12:00:00 UTC
LOST = Lost(
    attempt="01jd0000000000000000", offer=OFFERS["aimlapi/text/standard"], request=TextToVideo(prompt="a fox"),
    body={"model": "kling-video/v1.6/standard/text-to-video", "prompt": "a fox"}, submitted_at=SENT,
)  # fmt: skip


def row(inference: Any, client: Any) -> dict[str, Any]:
    return {
        "created": "2025-11-20T12:00:01.000Z", "status": "succeeded",
        "model": "kling-video/v1.6/standard/text-to-video", "inference_id": inference, "client_request_id": client,
        "request_id": "req-1",
    }  # fmt: skip


def page(*rows: Any, more: bool = False) -> tuple[int, Any]:
    return 200, {"data": list(rows), "pagination": {"limit": 100, "offset": 0, "total": len(rows), "has_more": more}}


class TestFind:
    async def test_the_logs_of_that_time_are_looked_through_for_our_own_id(
        self, server: Loopback, aimlapi: Aimlapi
    ) -> None:
        server.answers[LOGS] = page(
            row("g0", None), row("g1", LOST.attempt), row("g2", "01jd0000000000000001"), row("g1", LOST.attempt),
            row(None, LOST.attempt), row("", LOST.attempt), None,
        )  # fmt: skip
        assert await aimlapi.find(LOST) == (Task(id="g1"),)
        assert server.seen[0].query == {
            "start": "2025-11-20T11:58:00.000Z", "end": "2025-11-20T12:10:00.000Z", "limit": "100", "offset": "0",
        }  # fmt: skip

    async def test_what_is_not_there_yet_is_no_candidate(self, server: Loopback, aimlapi: Aimlapi) -> None:
        server.answers[LOGS] = page()
        assert await aimlapi.find(LOST) == ()

    async def test_every_page_is_read(self, server: Loopback, aimlapi: Aimlapi) -> None:
        pages = [page(row("g0", None), more=True), page(row("g1", LOST.attempt))]

        async def answer(request: web.Request) -> web.Response:
            return web.json_response(pages[int(request.query["offset"]) // 100][1])

        server.answers[LOGS] = answer
        assert await aimlapi.find(LOST) == (Task(id="g1"),)
        assert len(server.seen) == 2

    async def test_an_endless_list_is_no_answer(self, server: Loopback, aimlapi: Aimlapi) -> None:
        server.answers[LOGS] = page(row("g1", LOST.attempt), more=True)
        with pytest.raises(CheckFailed):
            await aimlapi.find(LOST)
        assert len(server.seen) == 10

    @pytest.mark.parametrize("answer", [(500, {}), (429, {}), (200, {}), (200, {"data": {}}), dropped])
    async def test_logs_that_cannot_be_read_are_no_empty_logs(
        self, server: Loopback, aimlapi: Aimlapi, answer: Any
    ) -> None:
        server.answers[LOGS] = answer
        with pytest.raises(CheckFailed):
            await aimlapi.find(LOST)


@pytest.mark.parametrize(("said", "microusd"), [(123.45, 123_450_000), (0, 0), ("0.000001", 1), (-1.5, -1_500_000)])
async def test_the_balance_is_read_in_micro_dollars(
    server: Loopback, aimlapi: Aimlapi, said: Any, microusd: int
) -> None:
    server.answers["GET /v2/billing"] = (200, {"current_balance": said, "currency": "USD"})
    assert await aimlapi.balance() == microusd


@pytest.mark.parametrize(
    "said",
    [
        {"current_balance": None, "currency": "USD"}, {"current_balance": "lots", "currency": "USD"},
        {"current_balance": "nan", "currency": "USD"}, {"current_balance": 5, "currency": "EUR"},
        {"current_balance": 5}, {}, [],
    ],
)  # fmt: skip
async def test_a_balance_that_is_none_is_not_guessed(server: Loopback, aimlapi: Aimlapi, said: Any) -> None:
    server.answers["GET /v2/billing"] = (200, said)
    with pytest.raises(CheckFailed):
        await aimlapi.balance()
