import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError, web

from adapters.web.hub import Hub
from bot.server import Server
from tests.support.page import page
from tests.support.serving import serving


@asynccontextmanager
async def listening(hub: Hub) -> AsyncIterator[ClientSession]:
    async def socket(request: web.Request) -> web.StreamResponse:
        return await hub.serve(request, request.query["person"])

    def prepare(server: Server) -> None:
        server.add("GET", "/socket", socket)

    async with serving(prepare=prepare) as (_, client):
        try:
            yield client
        finally:
            await hub.stop()


async def test_everybody_meant_is_told_in_order() -> None:
    hub = Hub()
    async with (
        listening(hub) as client,
        client.ws_connect("/socket?person=ana") as ana,
        client.ws_connect("/socket?person=ben") as ben,
    ):
        hub.tell({"n": 1}, lambda person: True)
        hub.tell({"n": 2}, lambda person: person == "ben")
        hub.tell({"n": 3}, lambda person: True)
        assert [(await ana.receive_json(timeout=5))["n"] for _ in range(2)] == [1, 3]
        assert [(await ben.receive_json(timeout=5))["n"] for _ in range(3)] == [1, 2, 3]


async def test_a_page_that_is_too_slow_is_dropped_and_the_others_are_told_on() -> None:
    hub = Hub(backlog=3)
    async with listening(hub) as client, client.ws_connect("/socket?person=ana") as slow:
        for number in range(10):
            hub.tell({"n": number}, lambda person: True)
        message = await slow.receive(timeout=5)
        assert message.type in (WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR)
        async with client.ws_connect("/socket?person=ana") as again:
            hub.tell({"n": "next"}, lambda person: True)
            assert (await again.receive_json(timeout=5)) == {"n": "next"}


async def test_what_a_page_says_is_not_listened_to() -> None:
    hub = Hub()
    async with listening(hub) as client, client.ws_connect("/socket?person=ana") as ana:
        await ana.send_str("<script>")
        await ana.send_bytes(b"\x00")
        hub.tell({"n": 1}, lambda person: True)
        assert (await ana.receive_json(timeout=5)) == {"n": 1}


async def test_a_page_that_says_too_much_is_closed() -> None:
    hub = Hub()
    async with listening(hub) as client, client.ws_connect("/socket?person=ana") as ana:
        await ana.send_str("x" * 5_000)
        assert (await ana.receive(timeout=5)).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)


async def test_a_page_that_left_is_forgotten() -> None:
    hub = Hub(most=1)
    async with listening(hub) as client:
        async with client.ws_connect("/socket?person=ana"):
            assert hub.full
        for _ in range(100):
            if not hub.full:
                break
            await asyncio.sleep(0.01)
        assert not hub.full


async def test_there_is_an_end_to_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    async with page() as house:
        monkeypatch.setattr(house.messenger.hub, "_most", 1)
        async with house.browser.listen("ana"):
            with pytest.raises(WSServerHandshakeError) as caught:
                async with house.browser.listen("ben"):
                    pass
            assert caught.value.status == 503


async def test_stopping_says_goodbye() -> None:
    hub = Hub()
    async with listening(hub) as client, client.ws_connect("/socket?person=ana") as ana:
        receiving = asyncio.create_task(ana.receive(timeout=5))
        await asyncio.sleep(0)
        await hub.stop()
        message = await receiving
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
