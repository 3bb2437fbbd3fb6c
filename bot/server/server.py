"""The house's one HTTP server: health, metrics, files, and what adapters add."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.clock import Clock
from bot.server.files import Blobs, Files
from bot.server.guard import has_bearer, is_local
from bot.server.health import Health
from bot.server.metrics import Metrics, ReadFigures

_log = logging.getLogger(__name__)

_BODY_BYTES = 1024 * 1024
_KEEPALIVE_SECONDS = 75.0
_STOP_SECONDS = 5.0
_DEFAULTS = {
    hdrs.CACHE_CONTROL: "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ERRORS = {
    400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method", 408: "too_slow",
    410: "expired", 411: "length", 413: "too_large", 415: "media_type", 416: "range", 429: "too_many",
    503: "unavailable",
}  # fmt: skip


class Server:
    """Implements `bot.messaging.Routes`. Writes no access log: its paths carry signatures."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        clock: Clock,
        signing_key: bytes,
        blobs: Blobs,
        health: Health,
        figures: ReadFigures | None = None,
        access_token: str = "",
        header_seconds: float = 10.0,
    ) -> None:
        self._host = host
        self._port = port
        self._token = access_token
        self._header_seconds = header_seconds
        self._health = health
        self._metrics = Metrics(figures)
        self._files = Files(clock, signing_key, blobs)
        self._silent: dict[asyncio.BaseProtocol, asyncio.TimerHandle] = {}
        self._listener: asyncio.Server | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._app = web.Application(middlewares=[self._heard, _answer_errors], client_max_size=_BODY_BYTES)
        self._app.on_response_prepare.append(_set_defaults)
        self._runner = web.AppRunner(
            self._app, access_log=None, keepalive_timeout=_KEEPALIVE_SECONDS, shutdown_timeout=_STOP_SECONDS - 1
        )
        self.add("GET", "/health", self._serve_health)
        self.add("GET", "/metrics", self._serve_metrics)
        self.add("GET", "/files/{sha256}/{name}", self._files.serve)

    def add(self, method: str, path: str, handler: Callable[[Any], Awaitable[Any]]) -> None:
        """Serve a path (aiohttp's pattern syntax); GET serves HEAD too. Before `start` only."""
        if method == hdrs.METH_GET:
            self._app.router.add_get(path, handler)
        else:
            self._app.router.add_route(method, path, handler)

    def link(self, sha256: str, name: str) -> str:
        """A signed path that streams a stored file under a file name, good for a day."""
        return self._files.link(sha256, name)

    def local(self, request: web.Request) -> bool:
        """Whether the request comes from this very computer."""
        return is_local(request)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port listened on, the real one where 0 was asked for."""
        if self._listener is None:
            return self._host, self._port
        host, port = self._listener.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def start(self) -> None:
        """Listen. Raises OSError where the address can't be had."""
        await self._runner.setup()
        self._listener = await asyncio.get_running_loop().create_server(self._connection, self._host, self._port)
        self._watcher = asyncio.create_task(self._metrics.watch_loop())

    async def stop(self) -> None:
        """Stop listening, let what is under way end within five seconds, cut the rest. Adapters stop before."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None
        for timer in self._silent.values():
            timer.cancel()
        self._silent.clear()
        await self._runner.cleanup()

    def _connection(self) -> asyncio.Protocol:
        """A new connection; it has to ask soon: aiohttp by itself would wait for the first headers for ever."""
        if self._runner.server is None:
            raise RuntimeError("connection before start")
        protocol = self._runner.server()
        loop = asyncio.get_running_loop()
        self._silent[protocol] = loop.call_later(self._header_seconds, self._hang_up, protocol)
        return protocol

    def _hang_up(self, protocol: web.RequestHandler) -> None:
        del self._silent[protocol]
        protocol.force_close()

    @web.middleware
    async def _heard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        timer = self._silent.pop(request.protocol, None)
        if timer is not None:
            timer.cancel()
        return await handler(request)

    async def _serve_health(self, _request: web.Request) -> web.Response:
        report = await self._health.check()
        return web.json_response(report.json(), status=200 if report.ok else 503)

    async def _serve_metrics(self, request: web.Request) -> web.Response:
        if not is_local(request) and not has_bearer(request, self._token):
            raise web.HTTPForbidden
        text = await self._metrics.scrape()
        return web.Response(body=text, headers={hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8"})


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors become a few words of JSON. The log says more, under the route's pattern: the path may be secret."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _error(error.status, _ERRORS.get(error.status, "refused"), error.headers)
    except ConnectionError:
        raise  # the other side hung up; nobody is left to answer
    except Exception:
        _log.exception("%s %s failed", request.method, _pattern(request))
        return _error(500, "internal")


def _error(status: int, code: str, headers: Mapping[str, str] | None = None) -> web.Response:
    kept = {name: headers[name] for name in (hdrs.ALLOW, hdrs.CONTENT_RANGE) if headers and name in headers}
    return web.json_response({"error": code}, status=status, headers=kept)


def _pattern(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "?" if resource is None else resource.canonical


async def _set_defaults(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _DEFAULTS.items():
        response.headers.setdefault(name, value)
    response.headers.popall(hdrs.SERVER, None)
