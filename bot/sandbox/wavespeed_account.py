"""WaveSpeed's other routes: the list of predictions, the balance, the models and their prices."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.dialect import Route, json_object
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Task
from bot.sandbox.wavespeed_inputs import MODELS
from bot.sandbox.wavespeed_wire import no, yes

_TOPPED_UP = 1_000_000_000
"""Micro-dollars that the account began with."""

_HISTORY_MS = 7 * 24 * 3600 * 1000

Document = Callable[[Task], Awaitable[dict[str, Any]]]


class WaveSpeedAccount:
    """What an account can look up; `document` shows a prediction."""

    def __init__(self, shop: Shop, provider: str, document: Document) -> None:
        self._shop, self._provider, self._document = shop, provider, document

    def routes(self) -> Iterable[Route]:
        """Every path of the account."""
        return (
            Route("POST", "/api/v3/predictions", "list", self._list),
            Route("GET", "/api/v3/balance", "account", self._balance),
            Route("GET", "/api/v3/models", "account", self._models),
            Route("POST", "/api/v3/model/price", "account", self._price),
        )

    async def _list(self, request: web.Request) -> web.Response:
        """Predictions of the last seven days, newest first, filtered and by the page."""
        wish = await json_object(request) or {}
        page, size = wish.get("page", 1), wish.get("page_size", 20)
        if not isinstance(page, int) or not isinstance(size, int) or page < 1 or not 1 <= size <= 100:
            return no(400, "page must be at least 1, page_size 1 to 100")
        try:
            oldest, newest = (_moment(wish.get(name)) for name in ("created_after", "created_before"))
        except ValueError:
            return no(400, "created_after and created_before must be ISO 8601 times")
        self._shop.advance(self._provider)
        since = max(oldest or 0, self._shop.clock.now() - _HISTORY_MS)
        tasks = [
            task
            for task in reversed(self._shop.book.tasks(self._provider))
            if task.sold_at >= since
            and (newest is None or task.sold_at <= newest)
            and wish.get("model") in (None, "", task.model)
        ]
        documents = [await self._document(task) for task in tasks]
        wanted = [document for document in documents if wish.get("status") in (None, "", document["status"])]
        return yes({"page": page, "items": wanted[(page - 1) * size : page * size]})

    async def _balance(self, request: web.Request) -> web.Response:
        self._shop.advance(self._provider)
        spent = sum(task.price for task in self._shop.book.tasks(self._provider) if task.state != "failed")
        return yes({"balance": (_TOPPED_UP - spent) / 1_000_000})

    async def _models(self, request: web.Request) -> web.Response:
        return yes(
            [
                {
                    "model_id": model,
                    "name": model,
                    "type": "text-to-video" if shape.workflow == "text" else "image-to-video",
                    "base_price": price / 1_000_000,
                    "formula": "base_price * duration / 5",
                    "api_schema": shape.model_json_schema(),
                }
                for model, (_, shape, price) in MODELS.items()
            ]
        )

    async def _price(self, request: web.Request) -> web.Response:
        wish = await json_object(request) or {}
        model, inputs = wish.get("model_id"), wish.get("inputs")
        if model not in MODELS:
            return no(404, f"model not found: {model}")
        duration = inputs.get("duration", 5) if isinstance(inputs, dict) else 5
        price = MODELS[model][2] * (2 if duration == 10 else 1) / 1_000_000
        return yes({"model_id": model, "price": price, "discounted_price": price, "currency": "USD"})


def _moment(value: Any) -> int | None:
    """Milliseconds of an ISO time; None for none. Raises ValueError."""
    if value in (None, ""):
        return None
    moment = datetime.fromisoformat(str(value))
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
