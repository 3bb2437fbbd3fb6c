"""GMI Cloud: https://console.gmicloud.ai/api/v1, its request queue and what its SDK needs to sign in.

The queue answers on two surfaces: with a key below `/ie/requestqueue/apikey`, with a session below `/ie/requestqueue`.
Where the facts say "unknown", the sandbox decides, and says so here: a bad payload and a policy refusal are 400, an
empty account 402, an unknown model 404 whatever its payload; DELETE takes a waiting request out and is 409 for one that
is worked on; a failed request says why under `error`. `other_shape` turns round what is known both ways: a submit
that answers `queued`, an outcome of `media_urls`, no DELETE at all.
"""

import asyncio
from collections.abc import Iterable
from io import BytesIO
from typing import Any, ClassVar
from uuid import UUID

from aiohttp import web

from bot.media.videos import poster
from bot.sandbox.dialect import TASK, Dialect, Level, Problem, Route, json_object, kept_headers
from bot.sandbox.gallery import BadPicture
from bot.sandbox.gmi_account import GmiAccount
from bot.sandbox.gmi_inputs import MODELS, GmiInput, check
from bot.sandbox.gmi_login import GmiLogin
from bot.sandbox.orders import Order
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Sale, State, Task

_ROOT = "/api/v1"
_QUEUE = f"{_ROOT}/ie/requestqueue"
_BY_KEY = f"{_QUEUE}/apikey"

_STATUS: dict[State, str] = {
    "queued": "queued",
    "running": "processing",
    "done": "success",
    "failed": "failed",
    "cancelled": "cancelled",
}

_PROBLEMS: dict[Problem, tuple[int, str]] = {
    "auth": (401, "Unauthorized"),
    "busy": (429, "rate limit exceeded"),
    "balance": (402, "insufficient balance"),
    "policy": (400, "The request was rejected by the content policy."),
    "error_500": (500, "Internal server error"),
    "error_502": (502, "Bad gateway"),
    "error_503": (503, "Service unavailable"),
    "error_504": (504, "Gateway timeout"),
}

_PICTURE_FAULTS = {
    "download": "image: can't be downloaded",
    "load": "image: can't be decoded",
    "format": "image: must be JPG, JPEG or PNG",
    "too_many_bytes": "image: must be at most 10 MB",
    "too_small": "image: sides must be at least 300 px",
    "shape": "image: aspect ratio must be between 1:2.5 and 2.5:1",
}


class Gmi(Dialect):
    """Requests, models, sessions."""

    name = "gmi"
    levels: ClassVar = {"usual": Level(100), "small": Level(1, 2)}

    def __init__(self, shop: Shop, level: str = "") -> None:
        super().__init__(shop, level)
        self._login = GmiLogin(shop.clock, _ROOT)
        self._account = GmiAccount(shop, self.name, self._document)

    def routes(self) -> Iterable[Route]:
        """The queue on both surfaces, sign-in, thumbnails."""
        for surface in (_BY_KEY, _QUEUE):
            yield Route("POST", f"{surface}/requests", "submit", self._submit)
            yield Route("GET", f"{surface}/requests/{{id}}", "check", self._detail)
            yield Route("DELETE", f"{surface}/requests/{{id}}", "cancel", self._cancel)
            yield from self._account.routes(surface)
        yield from self._login.routes()
        yield Route("GET", "/user-assests/{slug}.jpg", "file", self._thumbnail, open=True)

    def key_of(self, request: web.Request) -> str:
        """`Bearer <key>`, or `Bearer <access token>` of a session everywhere but on the keys' own surface."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        by_key = request.path.startswith(f"/{self.name}{_BY_KEY}/")
        known = scheme == "Bearer" and (by_key or self._login.knows(token))
        return token.strip() if known else ""

    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """An object with `error`, and `message` for the parts of the API that read that."""
        status, words = _PROBLEMS[problem]
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        return web.json_response({"error": words, "message": words}, status=status, headers=headers)

    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The request without its id."""
        return {name: value for name, value in answer.items() if name != "request_id"}

    def environment(self) -> dict[str, str]:
        """One address, that of the keys' surface."""
        return {"GMI_API_KEY": "sandbox", "GMI_BASE_URL": self.base + _BY_KEY}

    def sdk_lines(self) -> dict[str, str]:
        """The SDK has no setting for its address."""
        lines = (
            "import gmicloud._internal._client._iam_client as iam",
            "import gmicloud._internal._client._video_client as video",
            f'iam.IAM_SERVICE_BASE_URL = video.IAM_SERVICE_BASE_URL = "{self.base}{_ROOT}"',
            'client = gmicloud.Client("you@example.org", "sandbox")',
        )
        return {"gmicloud": "import gmicloud\n" + "\n".join(lines)}

    async def _submit(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        model = body.get("model") if body is not None else None
        if body is None or not isinstance(model, str):
            return _no(400, "model is required")
        if model not in MODELS:
            return _no(404, f"model {model} not found, or you do not have access to it")
        if not self.shop.within_rate(self.name):
            return self.problem("busy")
        strict = self.shop.faults.draw(self.name, "submit", "keys") is not None
        found = await self._order(model, body.get("payload"), strict=strict)
        if isinstance(found, Order):
            return await self._sell(request, model, body, found, [])
        if self.shop.faults.draw(self.name, "submit", "body") is None:
            return _no(400, found)
        nothing = Order(workflow="text", tier=MODELS[model][0], duration=5)
        return await self._sell(request, model, body, nothing, [{"message": found}])

    async def _order(self, model: str, payload: Any, *, strict: bool) -> Order | str:
        """The clip that a payload asks for, its picture fetched and checked, or what is wrong with it."""
        tier, shape, _ = MODELS[model]
        found = check(shape, payload, strict=strict)
        if not isinstance(found, GmiInput):
            return found
        try:
            pictures = [await self.shop.gallery.take(found.picture())] if found.picture() else []
        except BadPicture as bad:
            return _PICTURE_FAULTS[bad.reason]
        payload |= {"image": found.picture()} if pictures else {}
        return found.order(tier, tuple(picture.sha256 for picture in pictures))

    async def _sell(
        self, request: web.Request, model: str, body: dict[str, Any], order: Order, refusal: list[dict[str, Any]]
    ) -> web.Response:
        sale = Sale(
            id=str(UUID(bytes=self.shop.clock.randbytes(16), version=4)),
            provider=self.name,
            path=request.path,
            model=model,
            order=order,
            price=MODELS[model][2] * order.duration // 5,
            fields=await self.shop.gallery.without_bytes(body),
            headers=kept_headers(request),
            refusal=refusal,
        )
        request[TASK] = task = self.shop.sell(sale)
        other = self.shop.faults.draw(self.name, "submit", "shape") is not None
        shown = ("request_id", "model", "created_at", "updated_at", "queued_at")
        document = self._document(task)
        answer = {name: document[name] for name in shown}
        return web.json_response(answer | {"status": "queued" if other else "dispatched"})

    async def _detail(self, request: web.Request) -> web.Response:
        task = self.shop.find(self.name, request.match_info["id"])
        if task is None:
            return _no(404, "request not found")
        other = self.shop.faults.draw(self.name, "check", "shape") is not None
        return web.json_response(self._document(task, other))

    async def _cancel(self, request: web.Request) -> web.Response:
        if self.shop.faults.draw(self.name, "cancel", "shape") is not None:
            return _no(405, "method not allowed")
        task = self.shop.find(self.name, request.match_info["id"])
        if task is None:
            return _no(404, "request not found")
        did = self.shop.cancel(task)
        if did in ("goes_on", "too_late"):
            return _no(409, "the request can no longer be cancelled")
        return web.json_response(self._document(task))

    def _document(self, task: Task, other: bool = False) -> dict[str, Any]:
        """The request as details and lists show it; `other` is the newer shape of an outcome. Times in seconds."""
        sold, now = task.sold_at, self.shop.clock.now()
        fresh = task.state == "queued" and now - sold < task.queue_ms // 2
        video = self.shop.video_url(task)
        thumbnail = f"{self.base}/user-assests/{task.slug}.jpg"
        old = {"video_url": video, "thumbnail_image_url": thumbnail}
        new = {"media_urls": [{"id": f"{task.id}-0", "url": video}], "thumbnail_image_url": thumbnail}
        return {
            "request_id": task.id,
            "org_id": task.headers.get("x-organization-id", "sandbox-org"),
            "model": task.model,
            "status": "dispatched" if fresh else _STATUS[task.state],
            "is_public": False,
            "payload": self._echo(task.fields.get("payload")),
            "outcome": None if task.state != "done" else new if other else old,
            "created_at": sold // 1000,
            "updated_at": (task.ended_at or task.started_at or sold) // 1000,
            "queued_at": sold // 1000,
            "qworker_id": "" if task.started_at is None else "sandbox-worker",
            **({"error": _error(task)} if task.state == "failed" else {}),
        }

    def _echo(self, payload: Any) -> Any:
        """The payload as it came, its picture as an address of GMI's own."""
        if not isinstance(payload, dict) or not isinstance(image := payload.get("image"), dict):
            return payload
        return payload | {"image": f"{self.base}/user-assests/{image.get('sha256')}"}

    async def _thumbnail(self, request: web.Request) -> web.Response:
        """The first good frame of a finished clip."""
        named = self.shop.book.find_slug(request.match_info["slug"])
        task = self.shop.find(self.name, named.id) if named is not None else None
        if task is None or task.state != "done":
            return web.Response(status=404, text="not found")
        clip = await self.shop.studio.clip(task.slug, task.order)
        return web.Response(body=await asyncio.to_thread(poster, BytesIO(clip)), content_type="image/jpeg")


def _error(task: Task) -> str:
    if task.fate == "policy":
        return _PROBLEMS["policy"][1]
    return str(task.refusal[0]["message"]) if task.refusal else "Generation failed. Please try again."


def _no(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status)
