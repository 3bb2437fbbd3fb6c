import asyncio
import io
import logging
import time

import pytest
from aiohttp import web

from bot.server import Figures, Health, Server
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock
from tests.support.serving import serving


async def figures() -> Figures:
    return Figures(credits_held=7)


async def test_health_is_open_and_says_ok() -> None:
    async with serving() as (_, client), client.get("/health", headers={"Host": "bot.example"}) as answer:
        assert (answer.status, await answer.json()) == (200, {"ok": True, "parts": []})


async def test_health_is_503_where_a_part_is_silent() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.watch("gateway", 60)
    clock.advance(3_600)
    async with serving(clock=clock, health=health) as (_, client), client.get("/health") as answer:
        assert (answer.status, (await answer.json())["ok"]) == (503, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "bot.example"}, 403),
        ({"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"Host": "bot.example", "Authorization": "Bearer let-me-in-please"}, 200),
        ({"Host": "bot.example", "Authorization": "Bearer wrong"}, 403),
    ],
)
async def test_metrics_are_for_this_computer_or_the_token(headers: dict[str, str], status: int) -> None:
    running = serving(figures=figures, access_token="let-me-in-please")
    async with running as (_, client), client.get("/metrics", headers=headers) as answer:
        assert answer.status == status
        assert ("klingbot_credits_held 7.0" in await answer.text()) is (status == 200)


async def test_without_a_token_no_token_opens_metrics() -> None:
    headers = {"Host": "bot.example", "Authorization": "Bearer "}
    async with serving(figures=figures) as (_, client), client.get("/metrics", headers=headers) as answer:
        assert answer.status == 403


async def test_an_adapters_route_is_served_with_careful_headers() -> None:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    running = serving(prepare=lambda server: server.add("GET", "/hello/{name}", hello))
    async with running as (_, client), client.get("/hello/fox") as answer:
        assert await answer.text() == "hello"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("POST", "/health", 405, "method"),
        ("GET", "/files/x/y", 403, "forbidden"),
    ],
)
async def test_errors_are_a_few_words_of_json(method: str, path: str, status: int, code: str) -> None:
    async with serving() as (_, client), client.request(method, path) as answer:
        assert (answer.status, await answer.json()) == (status, {"error": code})


async def test_a_mistake_of_ours_shows_nothing_and_logs_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_request: web.Request) -> web.Response:
        raise ValueError("what happened")

    running = serving(prepare=lambda server: server.add("GET", "/fail/{name}", fail))
    async with running as (_, client), client.get("/fail/name?sig=SECRET") as answer:
        assert (answer.status, await answer.json()) == (500, {"error": "internal"})
    assert "GET /fail/{name} failed" in caplog.text
    assert "what happened" in caplog.text
    assert "SECRET" not in caplog.text


async def test_requests_leave_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as (_, client), client.get("/nothing?sig=SECRET") as answer:
        assert answer.status == 404
    assert "SECRET" not in caplog.text


async def test_a_big_body_is_refused() -> None:
    async def read(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async with serving(prepare=lambda server: server.add("POST", "/read", read)) as (_, client):
        async with client.post("/read", data=io.BytesIO(bytes(1024 * 1024))) as answer:
            assert answer.status == 200
        async with client.post("/read", data=io.BytesIO(bytes(1024 * 1024 + 1))) as answer:
            assert (answer.status, await answer.json()) == (413, {"error": "too_large"})


@pytest.mark.parametrize("begun", [b"", b"GET /health HTTP/1.1\r\nHost: local"])
async def test_a_connection_that_does_not_ask_is_closed(begun: bytes) -> None:
    async with serving(header_seconds=0.05) as (server, _):
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(begun)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_connection_that_asked_may_take_its_time() -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(0.1)
        return web.Response(text="done")

    running = serving(header_seconds=0.05, prepare=lambda server: server.add("GET", "/slow", slow))
    async with running as (_, client), client.get("/slow") as answer:
        assert await answer.text() == "done"


async def test_stopping_lets_what_is_under_way_end_and_takes_nothing_new() -> None:
    begun = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        begun.set()
        await asyncio.sleep(0.05)
        return web.Response(text="done")

    async with serving(prepare=lambda server: server.add("GET", "/slow", slow)) as (server, client):
        address = server.address
        under_way = asyncio.create_task(client.get("/slow"))
        await begun.wait()
        await server.stop()
        assert (await under_way).status == 200
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)


async def test_stopping_does_not_wait_for_a_handler_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()
    monkeypatch.setattr("bot.server.server._STOP_SECONDS", 1.1)

    async def stuck(_request: web.Request) -> web.Response:
        begun.set()
        await asyncio.Event().wait()
        return web.Response()

    async with serving(prepare=lambda server: server.add("GET", "/stuck", stuck)) as (server, client):
        asking = asyncio.create_task(client.get("/stuck"))
        await begun.wait()
        before = time.monotonic()
        await server.stop()
        assert time.monotonic() - before < 3
        asking.cancel()


async def test_a_server_without_a_start_stops() -> None:
    clock = FakeClock()
    server = Server(host="127.0.0.1", port=8080, clock=clock, signing_key=b"k", blobs=FakeBlobs(), health=Health(clock))
    assert server.address == ("127.0.0.1", 8080)
    await server.stop()
