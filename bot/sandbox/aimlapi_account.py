"""AI/ML API's other routes: the balance, the charges, the usage logs, the models with their prices."""

import re
from collections.abc import Iterable

from aiohttp import web

from bot.sandbox.aimlapi_inputs import MODELS
from bot.sandbox.aimlapi_wire import amount, iso, moment_of, no
from bot.sandbox.dialect import Route
from bot.sandbox.lanes import Window
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Task

_TOPPED_UP = 1_000_000_000
"""Micro-dollars that the account began with."""

_UNITS = {"h": 3_600_000, "d": 86_400_000}
_LONGEST_WINDOW = 92 * _UNITS["d"]
_LOGS_A_MINUTE = 200


class AimlapiAccount:
    """What an account can look up. A generation is charged once it is completed; the logs show what ended."""

    def __init__(self, shop: Shop, provider: str) -> None:
        self._shop, self._provider = shop, provider
        self._window = Window(_LOGS_A_MINUTE, round(60_000 / shop.speed))

    def routes(self) -> Iterable[Route]:
        """Every path of the account; the models need no key."""
        return (
            Route("GET", "/v2/billing", "account", self._balance),
            Route("GET", "/v2/billing/transactions", "account", self._charges),
            Route("GET", "/v2/logs", "list", self._logs),
            Route("GET", "/v1/models", "account", self._models, open=True),
        )

    def _tasks(self) -> list[Task]:
        """Newest first."""
        self._shop.advance(self._provider)
        return self._shop.book.tasks(self._provider)[::-1]

    async def _balance(self, request: web.Request) -> web.Response:
        spent = sum(task.price for task in self._tasks() if task.state == "done")
        return web.json_response({"current_balance": (_TOPPED_UP - spent) / 1_000_000, "currency": "USD"})

    async def _charges(self, request: web.Request) -> web.Response:
        charges = [
            {
                "created_at": iso(task.ended_at or task.sold_at),
                "direction": "CHARGE",
                "type": "MODEL_USAGE",
                "amount": amount(task.price),
                "model": task.model,
                "reference_id": task.id,
            }
            for task in self._tasks()
            if task.state == "done"
        ]
        return web.json_response({"data": charges, "pagination": {"next_cursor": None, "has_more": False}})

    async def _logs(self, request: web.Request) -> web.Response:
        """Requests that ended, newest first, in a window of time, by the page."""
        if not self._window.take(self._shop.clock.now()):
            return self._no(request, 429, "Too Many Requests")
        try:
            since, until = self._asked_for(request)
            limit, offset = int(request.query.get("limit", "50")), int(request.query.get("offset", "0"))
        except ValueError:
            return self._no(request, 400, "Give either period or start and end, not more than 92 days")
        if not 1 <= limit <= 100 or offset < 0:
            return self._no(request, 400, "limit must be 1 to 100, offset at least 0")
        models = request.query.getall("model", [])
        found = [
            task
            for task in self._tasks()
            if task.ended and since <= task.sold_at <= until and (not models or task.model in models)
        ]
        page = [_log(task) for task in found[offset : offset + limit]]
        more = len(found) > offset + limit
        pagination = {"limit": limit, "offset": offset, "total": len(found), "has_more": more}
        return web.json_response({"data": page, "pagination": pagination})

    def _asked_for(self, request: web.Request) -> tuple[int, int]:
        """The window of time, in milliseconds. Raises ValueError."""
        period, start, end = (request.query.get(name) for name in ("period", "start", "end"))
        if period and not start and not end:
            found = re.fullmatch(r"([1-9][0-9]{0,3})([hd])", period)
            if found is None:
                raise ValueError(period)
            now = self._shop.clock.now()
            since, until = now - int(found[1]) * _UNITS[found[2]], now
        elif start and end and not period:
            since, until = moment_of(start), moment_of(end)
        else:
            raise ValueError("either period or start and end")
        if not 0 <= until - since <= _LONGEST_WINDOW:
            raise ValueError("window")
        return since, until

    async def _models(self, request: web.Request) -> web.Response:
        """What is on sale; `include=pricing` adds prices, in a shape that is this sandbox's guess."""
        with_prices = request.query.get("include") == "pricing"
        models = [
            {
                "id": model,
                "type": "video",
                "info": {"name": model, "developer": "Kling AI"},
                "features": ["video/generation"],
                "endpoints": ["/v2/video/generations"],
                **({"pricing": {"unit": "second", **amount(price // 5)}} if with_prices else {}),
            }
            for model, (_, _, price) in MODELS.items()
        ]
        return web.json_response({"object": "list", "data": models})

    def _no(self, request: web.Request, status: int, message: str) -> web.Response:
        return no(self._shop.clock, request.path, status, message)


def _log(task: Task) -> dict[str, object]:
    done = task.state == "done"
    return {
        "created": iso(task.sold_at),
        "status": "succeeded" if done else "failed",
        "origin": "api",
        "model": task.model,
        "cost": amount(task.price if done else 0),
        "tokens": {"input": 0, "output": 0, "total": 0},
        "request_id": None,
        "inference_id": task.id,
        "client_request_id": task.headers.get("x-client-request-id"),
    }
