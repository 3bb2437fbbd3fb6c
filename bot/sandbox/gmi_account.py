"""GMI Cloud's lists: the requests of a model, the models, and what each takes."""

from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web

from bot.sandbox.dialect import Route
from bot.sandbox.gmi_inputs import MODELS
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Task

Document = Callable[[Task, bool], dict[str, Any]]


class GmiAccount:
    """What an account can look up; `document` shows a request, in the newer shape where told."""

    def __init__(self, shop: Shop, provider: str, document: Document) -> None:
        self._shop, self._provider, self._document = shop, provider, document

    def routes(self, surface: str) -> Iterable[Route]:
        """The lists on one surface."""
        return (
            Route("GET", f"{surface}/requests", "list", self._requests),
            Route("GET", f"{surface}/models", "account", self._models),
            Route("GET", f"{surface}/models/{{id}}", "account", self._model),
        )

    async def _requests(self, request: web.Request) -> web.Response:
        """Newest first; one model's where `model_id` names it."""
        wanted = request.query.get("model_id", "")
        other = self._shop.faults.draw(self._provider, "list", "shape") is not None
        self._shop.advance(self._provider)
        tasks = [task for task in self._shop.book.tasks(self._provider) if wanted in ("", task.model)]
        documents = [self._document(task, other) for task in reversed(tasks)]
        return web.json_response({"requests": documents, "total": len(documents)})

    async def _models(self, request: web.Request) -> web.Response:
        """`model_ids` is the documented list; the SDK reads descriptions under `models`."""
        return web.json_response({"model_ids": list(MODELS), "models": [_description(model) for model in MODELS]})

    async def _model(self, request: web.Request) -> web.Response:
        model = request.match_info["id"]
        if model not in MODELS:
            return web.json_response({"error": f"model {model} not found"}, status=404)
        return web.json_response(_description(model))


def _description(model: str) -> dict[str, Any]:
    """A model, its parameters, its price: an integer, as the SDK's type has it, of thousandths of a dollar a second."""
    _, shape, price = MODELS[model]
    parameters = [
        {
            "name": name,
            "display_name": name.replace("_", " ").title(),
            "description": field.description,
            "type": "float" if name == "cfg_scale" else "string",
            "required": field.is_required(),
        }
        for name, field in shape.model_fields.items()
    ]
    return {
        "model": model,
        "brief_description": f"{model} in the sandbox",
        "model_type": "video",
        "external_provider": "Kling",
        "parameters": parameters,
        "price_info": {"price": price // 5_000, "pricing_type": "per_second", "unit": "thousandth of a dollar"},
        "tags": ["sandbox"],
        "created_at": 1_753_427_199,
        "updated_at": 1_753_427_199,
    }
