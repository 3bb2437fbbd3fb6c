"""The gate before every call: the key, and the faults that act on any call."""

import json
from collections import Counter
from typing import Any

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.dialect import TASK, Dialect, Handler, Problem, Route
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.shop import Shop

_NGINX = (
    "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n"
    "<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body></html>\r\n"
)

_PROBLEMS: dict[str, Problem] = {
    "rate_limited": "busy",
    "rate_limited_bare": "busy",
    "balance_exhausted": "balance",
    "policy_at_submit": "policy",
    "error_500": "error_500",
    "error_502": "error_502",
    "error_503": "error_503",
    "error_504": "error_504",
}


def hang_up(request: web.Request) -> web.Response:
    """Close the connection without an answer; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def pause(faults: Faults, clock: Clock, provider: str, call: str) -> None:
    """Let the latency pass that is ordered for this call."""
    fault = faults.draw(provider, call, "wait")
    if fault is not None:
        await clock.sleep(fault.delay)


class Gate:
    """Wraps one provider's handlers; `calls` counts what was called with which status."""

    def __init__(self, dialect: Dialect, shop: Shop, calls: Counter[str]) -> None:
        self._dialect, self._shop, self._calls = dialect, shop, calls

    def wrap(self, route: Route) -> Handler:
        """The route's handler behind the gate."""

        async def handle(request: web.Request) -> web.StreamResponse:
            response = await self._answer(request, route)
            closed = request.transport is None or request.transport.is_closing()
            self._calls[f"{self._dialect.name} {route.call} {'closed' if closed else response.status}"] += 1
            return response

        return handle

    async def _answer(self, request: web.Request, route: Route) -> web.StreamResponse:
        if not route.open and (refused := self._dialect.refusal(request)) is not None:
            return refused
        await pause(self._shop.faults, self._shop.clock, self._dialect.name, route.call)
        fault = self._draw(route, "before")
        if fault is not None:
            return self._instead(fault, request)
        response = await route.handler(request)
        if response.status >= 300 or not isinstance(response, web.Response):
            return response
        fault = self._draw(route, "after")
        return response if fault is None else self._spoilt(fault, request, response)

    def _draw(self, route: Route, stage: Any) -> Fault | None:
        return self._shop.faults.draw(self._dialect.name, route.call, stage)

    def _instead(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.kind == "closed":
            return hang_up(request)
        if fault.kind == "nginx_503":
            return web.Response(status=503, text=_NGINX, content_type="text/html")
        retry_after = fault.delay if fault.kind == "rate_limited" else None
        return self._dialect.problem(_PROBLEMS[fault.kind], retry_after)

    def _spoilt(self, fault: Fault, request: web.Request, response: web.Response) -> web.Response:
        """The answer to a call that did its work, as the client gets to see it."""
        task = request.get(TASK)
        if task is not None:
            self._shop.answered(task, fault.kind)
        if fault.kind == "accept_then_drop":
            return hang_up(request)
        text = response.text or ""
        if fault.kind == "malformed_json":
            text = text[: len(text) // 2]
        elif fault.kind == "no_id":
            text = json.dumps(self._dialect.without_id(json.loads(text)))
        return web.Response(status=response.status, text=text, content_type="application/json")
