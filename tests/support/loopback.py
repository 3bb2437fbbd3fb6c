"""A local HTTP server that does to each request what a test wants, down to breaking the connection; made-up names."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Seen:
    """One request as the server read it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    json: Any


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Loopback:
    """The running server. `answers` maps `METHOD path` to what happens, else a 404; `seen` keeps every request."""

    url: str
    answers: dict[str, Handler | web.Response | tuple[int, Any]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def asked(self, method: str, path: str) -> list[Seen]:
        return [request for request in self.seen if (request.method, request.path) == (method, path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        json = None if request.content_type != "application/json" else await request.json()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.path, dict(request.query), headers, body, json))
        answer = self.answers.get(f"{request.method} {request.path}", (404, {"status": "NOT_FOUND"}))
        if isinstance(answer, tuple):
            return web.json_response(answer[1], status=answer[0])
        if isinstance(answer, web.Response):
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        return await answer(request)


@asynccontextmanager
async def loopback() -> AsyncIterator[Loopback]:
    """A server on a port of its own; ends with it stopped."""
    server = Loopback("")
    app = web.Application(client_max_size=50_000_000)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def dropped(request: web.Request) -> web.StreamResponse:
    """The request was read, then the connection closes without a word."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def reset(request: web.Request) -> web.StreamResponse:
    """The request was read, then the connection is torn down."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def silent(request: web.Request) -> web.StreamResponse:
    """The request was read, nothing ever comes back."""
    await asyncio.sleep(60)
    return web.Response()


def piecemeal(*pieces: bytes, declared: int | None = None, pause: float = 0.0, then_close: bool = False) -> Handler:
    """An answer in pieces with pauses between them; with a wrong length, or broken off, where asked for."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={} if declared is None else {"Content-Length": str(declared)})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(pause)
        if then_close and request.transport is not None:
            request.transport.abort()
        return response

    return handler


class Names:
    """A resolver with made-up answers, which may change from one question to the next; the last one stays.

    `Names(a_example=[["1.1.1.1"], ["10.0.0.1"]])` knows `a.example`. An IP address stands for itself.
    """

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(rounds) for name, rounds in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        if host not in self._answers:
            raise OSError("no such name")
        rounds = self._answers[host]
        return rounds.pop(0) if len(rounds) > 1 else rounds[0]
