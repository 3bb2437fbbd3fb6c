"""WaveSpeedAI: https://api.wavespeed.ai, version 3.

Where the facts say "unknown", the sandbox decides, and says so here: a bad body is 400, an empty balance 402, an
unknown model or prediction 404; a policy refusal at submit is 400, after work a failed prediction with
`has_nsfw_contents`; a 429 may carry Retry-After. There is no cancel.
"""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

from aiohttp import web

from bot.kling.requests import Tier
from bot.sandbox.dialect import TASK, Dialect, Level, Problem, Route, json_object, kept_headers
from bot.sandbox.gallery import BadPicture
from bot.sandbox.optimizer import MODEL as OPTIMIZER
from bot.sandbox.optimizer import PRICE, OptimizerInput, optimized
from bot.sandbox.orders import Order
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Sale, State, Task
from bot.sandbox.wavespeed_account import WaveSpeedAccount
from bot.sandbox.wavespeed_files import WaveSpeedFiles
from bot.sandbox.wavespeed_inputs import MODELS, WaveSpeedInput, check
from bot.sandbox.wavespeed_wire import no, yes

_SOLD: dict[str, tuple[Tier, type[WaveSpeedInput], int]] = {**MODELS, OPTIMIZER: ("standard", OptimizerInput, PRICE)}
"""Model id → tier, input, price, the optimizer's as well."""

_SYNC_SECONDS = 120.0
"""How long a synchronous submit stays open, before `speed` divides it."""

_STATUS: dict[State, str] = {
    "queued": "created",
    "running": "processing",
    "done": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}

_PROBLEMS: dict[Problem, tuple[int, str]] = {
    "auth": (401, "Invalid API key"),
    "busy": (429, "Too Many Requests"),
    "balance": (402, "Insufficient credits. Please top up."),
    "policy": (400, "Content flagged as potentially sensitive. Please try different prompts or images."),
    "error_500": (500, "Internal Server Error"),
    "error_502": (502, "Bad Gateway"),
    "error_503": (503, "Service Unavailable"),
    "error_504": (504, "Gateway Timeout"),
}

_PICTURE_FAULTS = {
    "download": "failed to download the image",
    "load": "failed to decode the image",
    "format": "unsupported image format, use jpg, jpeg or png",
    "too_many_bytes": "the image is larger than 10 MB",
    "too_small": "image width and height must be at least 300 px",
    "shape": "image aspect ratio must be between 1:2.5 and 2.5:1",
}


class WaveSpeed(Dialect):
    """Predictions, uploads, the account."""

    name = "wavespeed"
    levels: ClassVar = {
        "gold": Level(3_000, 3_000),
        "bronze": Level(2, 2),
        "silver": Level(300, 500),
        "ultra": Level(10_000, 5_000),
    }

    def __init__(self, shop: Shop, level: str = "") -> None:
        super().__init__(shop, level)
        self._files = WaveSpeedFiles(shop, f"/{self.name}")
        self._account = WaveSpeedAccount(shop, self.name, self._document)

    def routes(self) -> Iterable[Route]:
        """The model's path comes last: it takes any."""
        return (
            *self._files.routes(),
            *self._account.routes(),
            Route("GET", "/api/v3/predictions/{id}/result", "check", self._result),
            Route("GET", "/api/v3/predictions/{id}", "check", self._result),
            Route("POST", "/api/v3/{model:.+}", "submit", self._submit),
        )

    def key_of(self, request: web.Request) -> str:
        """`Bearer <key>`."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme == "Bearer" else ""

    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """The envelope with a code and a message."""
        response = no(*_PROBLEMS[problem])
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The prediction without its id and address."""
        data = {name: value for name, value in answer["data"].items() if name not in ("id", "urls")}
        return answer | {"data": data}

    def environment(self) -> dict[str, str]:
        """One address."""
        return {"WAVESPEED_API_KEY": "sandbox", "WAVESPEED_BASE_URL": self.base}

    def sdk_lines(self) -> dict[str, str]:
        """The SDK takes an address."""
        return {"wavespeed": f'import wavespeed\nclient = wavespeed.Client("sandbox", base_url="{self.base}")'}

    async def _submit(self, request: web.Request) -> web.Response:
        model = request.match_info["model"]
        if model not in _SOLD:
            return no(404, f"model not found: {model}")
        if not self.shop.within_rate(self.name):
            return self.problem("busy")
        body = await json_object(request)
        if body is None:
            return no(400, "request body must be a JSON object")
        strict = self.shop.faults.draw(self.name, "submit", "keys") is not None
        found = await self._order(model, body, strict=strict)
        if isinstance(found, Order):
            return await self._sell(request, model, body, found, [])
        if self.shop.faults.draw(self.name, "submit", "body") is None:
            return no(400, found)
        nothing = Order(workflow="text", tier=_SOLD[model][0], duration=5)
        return await self._sell(request, model, body, nothing, [{"message": found}])

    async def _order(self, model: str, body: dict[str, Any], *, strict: bool) -> Order | str:
        """The clip that a body asks for, pictures fetched and checked, or what is wrong with it."""
        tier, shape, _ = _SOLD[model]
        found = check(shape, body, strict=strict)
        if not isinstance(found, WaveSpeedInput):
            return found
        hashes: list[str] = []
        for value in found.pictures():
            try:
                hashes.append((await self.shop.gallery.take(value)).sha256)
            except BadPicture as bad:
                return _PICTURE_FAULTS[bad.reason]
        return found.order(tier, tuple(hashes))

    async def _sell(
        self, request: web.Request, model: str, body: dict[str, Any], order: Order, refusal: list[dict[str, Any]]
    ) -> web.Response:
        sale = Sale(
            id=self.shop.clock.randbytes(16).hex(),
            provider=self.name,
            path=request.path,
            model=model,
            order=order,
            price=_SOLD[model][2] * order.duration // 5,
            fields=await self.shop.gallery.without_bytes(body),
            query=dict(request.query),
            headers=kept_headers(request),
            refusal=refusal,
            text="" if refusal or model != OPTIMIZER else optimized(body["text"], body.get("mode", "image")),
        )
        request[TASK] = task = self.shop.sell(sale)
        if body.get("enable_sync_mode") is not True:
            return yes(await self._document(task))
        if await self.shop.wait(task, _SYNC_SECONDS / self.shop.speed, rendered=True):
            return yes(await self._document(task))
        message = f"Sync mode timed out. The task is still running, query {self._address(task)} for its result."
        return yes(await self._document(task) | {"code": 5004, "status": "processing", "error": message})

    async def _result(self, request: web.Request) -> web.Response:
        task = self.shop.find(self.name, request.match_info["id"])
        return no(404, "prediction not found") if task is None else yes(await self._document(task))

    async def _document(self, task: Task) -> dict[str, Any]:
        """The prediction as every answer shows it."""
        done = task.state == "done"
        worked = (task.ended_at or 0) - (task.started_at or 0) if task.ended else 0
        return {
            "id": task.id,
            "model": task.model,
            "outputs": [await self._output(task)] if done else [],
            "urls": {"get": self._address(task)},
            "has_nsfw_contents": [False] if done else [True] if task.ended and task.fate == "policy" else [],
            "status": _STATUS[task.state],
            "created_at": datetime.fromtimestamp(task.sold_at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "error": "" if done or not task.ended else _error(task),
            "timings": {"inference": worked},
        }

    async def _output(self, task: Task) -> str:
        if task.text:
            return task.text
        if not task.fields.get("enable_base64_output"):
            return self.shop.video_url(task)
        return "data:video/mp4;base64," + base64.b64encode(await self.shop.studio.clip(task.slug, task.order)).decode()

    def _address(self, task: Task) -> str:
        return f"{self.base}/api/v3/predictions/{task.id}/result"


def _error(task: Task) -> str:
    if task.fate == "policy":
        return _PROBLEMS["policy"][1]
    return str(task.refusal[0]["message"]) if task.refusal else "Generation failed. Please try again."
