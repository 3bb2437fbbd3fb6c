"""The sandbox's own routes: what was sold, what was called, which faults are ordered, and a page to look at."""

import html
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.dialect import json_object
from bot.sandbox.faults import CALLS, KINDS, BadFault, Faults
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Task

_ORDERABLE: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "provider": str,
    "call": str,
    "count": int,
    "rate": (int, float),
    "delay": (int, float),
}


class Control:
    """`/sandbox/...` and `/`."""

    def __init__(self, shop: Shop, faults: Faults, calls: Counter[str], providers: tuple[str, ...]) -> None:
        self._shop, self._faults, self._calls, self._providers = shop, faults, calls, providers

    def add_routes(self, app: web.Application) -> None:
        """Put every route into the application."""
        app.router.add_get("/", self._page)
        app.router.add_get("/sandbox/sold", self._sold)
        app.router.add_get("/sandbox/calls", self._called)
        app.router.add_get("/sandbox/faults", self._list_faults)
        app.router.add_post("/sandbox/faults", self._order_fault)
        app.router.add_delete("/sandbox/faults", self._clear_faults)
        app.router.add_delete("/sandbox/faults/{number:[0-9]+}", self._clear_faults)

    def sold(self, provider: str = "") -> list[Task]:
        """Everything sold as it stands now, oldest first."""
        for name in self._providers:
            self._shop.advance(name)
        return self._shop.book.tasks(provider)

    async def _sold(self, request: web.Request) -> web.Response:
        tasks = self.sold(request.query.get("provider", ""))
        return web.json_response({"sold": [task.model_dump(mode="json") for task in tasks]})

    async def _called(self, request: web.Request) -> web.Response:
        return web.json_response({"calls": dict(sorted(self._calls.items()))})

    async def _list_faults(self, request: web.Request) -> web.Response:
        return web.json_response({"faults": self._faults.listed(), **_menu()})

    async def _order_fault(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        try:
            fault = self._faults.add(**_checked(body))
        except BadFault as bad:
            return web.json_response({"error": str(bad), **_menu()}, status=400)
        return web.json_response(next(one for one in self._faults.listed() if one["id"] == fault.id))

    async def _clear_faults(self, request: web.Request) -> web.Response:
        number = request.match_info.get("number")
        return web.json_response({"cleared": self._faults.clear(None if number is None else int(number))})

    async def _page(self, request: web.Request) -> web.Response:
        rows = "".join(_row(task, self._shop.video_url(task)) for task in reversed(self.sold()[-200:]))
        return web.Response(text=_PAGE.replace("ROWS", rows), content_type="text/html")


def _menu() -> dict[str, Any]:
    kinds = {name: {"calls": kind.calls, "does": kind.does} for name, kind in KINDS.items()}
    return {"calls": CALLS, "kinds": kinds}


def _checked(body: dict[str, Any] | None) -> dict[str, Any]:
    """The body as arguments of `Faults.add`. Raises BadFault."""
    if body is None or "kind" not in body:
        raise BadFault("send a JSON object with kind and, as wished, provider, call, count or rate, delay")
    for name, value in body.items():
        if name not in _ORDERABLE or not isinstance(value, _ORDERABLE[name]) or isinstance(value, bool):
            raise BadFault(f"not understood: {name}; there are {', '.join(_ORDERABLE)}")
    return body


def _row(task: Task, video_url: str) -> str:
    sold = datetime.fromtimestamp(task.sold_at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    state = html.escape(task.state)
    shown = f'<a href="{html.escape(video_url)}">{state}</a>' if task.state == "done" else state
    what = html.escape(task.order.prompt or task.order.scene)
    cells = (sold, html.escape(task.provider), html.escape(task.model), what, f"${task.price / 1e6:.3f}", shown)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>klingbot sandbox</title><style>
body{font:15px/1.5 system-ui,sans-serif;margin:2.5rem auto;max-width:72rem;padding:0 1rem;color:#1d2230}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .7rem;border-bottom:1px solid #e4e7ee}
th{color:#677}td:nth-child(4){max-width:26rem}code{background:#f2f4f8;padding:.1rem .3rem;border-radius:4px}
</style></head><body><h1>klingbot sandbox</h1>
<p>Nothing here costs money. Everything sold: <code>GET /sandbox/sold</code>; what can go wrong:
<code>GET /sandbox/faults</code>.</p>
<table><tr><th>sold (UTC)</th><th>provider</th><th>model</th><th>prompt</th><th>price</th><th>state</th></tr>
ROWS</table>
</body></html>
"""
