"""AI/ML API: https://api.aimlapi.com, its path for every video model and its older one for Kling.

Where the facts say "unknown", the sandbox decides, and says so here: an unknown model or generation is 404, a policy
refusal at submit 400. Masks and a camera move are in the schema although Kling has neither on 1.6: such a generation is
worked on, then fails, unless `motion_works` is ordered. `other_shape` turns round what is known both ways: the code of
a submit (200 on the new path, 201 on the old one), `generation_id` instead of `id`, nulls for what isn't there yet, a
`statusCode` written as text. There is no cancel and no list of generations; the usage logs show what ended.
"""

import re
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from aiohttp import web

from bot.sandbox.aimlapi_account import AimlapiAccount
from bot.sandbox.aimlapi_inputs import MODELS, AimlapiInput, check
from bot.sandbox.aimlapi_wire import credits_of, no
from bot.sandbox.dialect import TASK, Dialect, Level, Problem, Route, json_object, kept_headers
from bot.sandbox.gallery import BadPicture
from bot.sandbox.orders import Order
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Sale, State, Task

_UNIVERSAL = "/v2/video/generations"
_LEGACY = "/v2/generate/video/kling/generation"

_CORRELATION = "X-Client-Request-Id"
_CORRELATION_SHAPE = re.compile(r"[A-Za-z0-9._:-]{1,128}")

_STATUS: dict[State, str] = {
    "queued": "queued",
    "running": "generating",
    "done": "completed",
    "failed": "error",
    "cancelled": "error",
}

_PROBLEMS: dict[Problem, tuple[int, str]] = {
    "auth": (401, "Invalid API key. Use a valid API key from your dashboard."),
    "busy": (429, "Too Many Requests"),
    "balance": (403, "You've run out of credits. Please top up your balance to continue."),
    "policy": (400, "The prompt violates our content policy."),
    "error_500": (500, "Internal server error"),
    "error_502": (502, "Bad Gateway"),
    "error_503": (503, "Service unavailable"),
    "error_504": (504, "Generation timeout"),
}

_PICTURE_FAULTS = {
    "download": "can't be downloaded",
    "load": "can't be decoded",
    "format": "must be JPG, JPEG or PNG",
    "too_many_bytes": "must be at most 10 MB",
    "too_small": "sides must be at least 300 px",
    "shape": "aspect ratio must be between 1:2.5 and 2.5:1",
}


class Aimlapi(Dialect):
    """Generations and the account."""

    name = "aimlapi"
    levels: ClassVar = {"usual": Level(100), "small": Level(1, 2)}
    at_root = True

    def __init__(self, shop: Shop, level: str = "") -> None:
        super().__init__(shop, level)
        self._account = AimlapiAccount(shop, self.name)

    def routes(self) -> Iterable[Route]:
        """Both paths of generations, then the account's."""
        for path in (_UNIVERSAL, _LEGACY):
            yield Route("POST", path, "submit", self._submit)
            yield Route("GET", path, "check", self._poll)
        yield from self._account.routes()

    def key_of(self, request: web.Request) -> str:
        """`Bearer <key>`."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme == "Bearer" else ""

    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """An error object."""
        response = no(self.shop.clock, _UNIVERSAL, *_PROBLEMS[problem])
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer without its id under either name."""
        return {name: value for name, value in answer.items() if name not in ("id", "generation_id")}

    def environment(self) -> dict[str, str]:
        """One address."""
        return {"AIML_API_KEY": "sandbox", "AIML_BASE_URL": self.base}

    def sdk_lines(self) -> dict[str, str]:
        """The SDK drops the path of its address, so that it finds its paths at the root."""
        client = f'client = AIMLAPI(api_key="sandbox", base_url="{self.shop.base}/v1")'
        return {"aimlapi-sdk-python": f"from aimlapi import AIMLAPI\n{client}"}

    async def _submit(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        if body is None:
            return self._no(request, 400, "Body validation error: Expected object")
        model = body.get("model")
        if not isinstance(model, str) or model not in MODELS:
            return self._no(request, 404, f"Model {model} not found")
        if not self.shop.within_rate(self.name):
            return self.problem("busy")
        found = await self._order(model, body)
        if isinstance(found, tuple):
            return await self._sell(request, model, body, *found)
        if self.shop.faults.draw(self.name, "submit", "body") is None:
            return self._no(request, 400, f"Body validation error: {found}")
        nothing = Order(workflow="text", tier=MODELS[model][0], duration=5)
        return await self._sell(request, model, body, nothing, found)

    async def _order(self, model: str, body: dict[str, Any]) -> tuple[Order, str] | str:
        """The clip that a body asks for and why it will fail all the same, or what is wrong with the body."""
        tier, shape, _ = MODELS[model]
        found = check(shape, body, strict=self.shop.faults.draw(self.name, "submit", "keys") is not None)
        if not isinstance(found, AimlapiInput):
            return found
        try:
            hashes = [(await self.shop.gallery.take(value)).sha256 for value in found.pictures()]
            for mask in found.masks():
                await self.shop.gallery.take(mask)
        except BadPicture as bad:
            return f"image: {_PICTURE_FAULTS[bad.reason]}"
        fails = found.motion and self.shop.faults.draw(self.name, "submit", "motion") is None
        refusal = "This model doesn't support motion brush and camera control" if fails else ""
        return found.order(tier, tuple(hashes)), refusal

    async def _sell(
        self, request: web.Request, model: str, body: dict[str, Any], order: Order, refusal: str
    ) -> web.Response:
        sale = Sale(
            id=self._new_id(model),
            provider=self.name,
            path=request.path,
            model=model,
            order=order,
            price=MODELS[model][2] * order.duration // 5,
            fields=await self.shop.gallery.without_bytes(body),
            headers=_kept(request),
            refusal=[{"message": refusal}] if refusal else [],
        )
        request[TASK] = task = self.shop.sell(sale)
        other = self.shop.faults.draw(self.name, "submit", "shape") is not None
        answer = {"generation_id" if other else "id": task.id, "status": "queued", "meta": _meta(task)}
        created = request.path.endswith(_LEGACY) is not other
        return _traced(request, task, web.json_response(answer, status=201 if created else 200))

    def _new_id(self, model: str) -> str:
        """Both kinds of id that were seen: short ones, and those of effects, with the model's name in them."""
        random = self.shop.clock.randbytes(16)
        tier, shape, _ = MODELS[model]
        if shape.workflow != "effect":
            return random.hex()[:21]
        return f"{UUID(bytes=random, version=4)}:kling-video/v1.6/{tier}/effects"

    async def _poll(self, request: web.Request) -> web.Response:
        wanted = request.query.get("generation_id", "")
        if not wanted:
            return self._no(request, 400, "Query validation error: generation_id: Required")
        task = self.shop.find(self.name, wanted)
        if task is None:
            return self._no(request, 404, f"Generation with id {wanted} not found")
        answer: dict[str, Any] = {"id": task.id, "status": _STATUS[task.state]}
        if self.shop.faults.draw(self.name, "check", "shape") is not None:
            answer |= {"video": None, "error": None}
        if task.state == "done":
            answer |= {"video": {"url": self.shop.video_url(task), "duration": task.order.duration + 0.1}}
            answer |= {"meta": _meta(task)}
        elif task.ended:
            answer |= {"error": _error(task)}
        return _traced(request, task, web.json_response(answer))

    def _no(self, request: web.Request, status: int, message: str) -> web.Response:
        as_text = self.shop.faults.draw(self.name, "submit", "shape") is not None if request.method == "POST" else False
        return no(self.shop.clock, request.path, status, message, as_text=as_text)


def _kept(request: web.Request) -> dict[str, str]:
    """Headers for the book; a correlation that isn't well-formed is dropped without a word."""
    kept = kept_headers(request)
    if not _CORRELATION_SHAPE.fullmatch(kept.get(_CORRELATION.lower(), "")):
        kept.pop(_CORRELATION.lower(), None)
    return kept


def _traced(request: web.Request, task: Task, response: web.Response) -> web.Response:
    """The answer with what it says of every call: ids and cost."""
    response.headers["x-inference-id"] = task.id
    response.headers["x-aimlapi-credits-used"] = str(credits_of(task.price))
    response.headers["x-aimlapi-usd-spent"] = f"{task.price / 1_000_000:.9f}"
    if _CORRELATION_SHAPE.fullmatch(sent := request.headers.get(_CORRELATION, "")):
        response.headers["x-client-request-id"] = sent
    return response


def _meta(task: Task) -> dict[str, Any]:
    return {"usage": {"credits_used": credits_of(task.price)}}


def _error(task: Task) -> dict[str, str]:
    if task.fate == "policy":
        return {"name": "Error", "message": "The request was flagged as sensitive by moderation."}
    message = str(task.refusal[0]["message"]) if task.refusal else "Generation failed. Please try again."
    return {"name": "GenerationError", "message": message}
