"""fal: queue.fal.run, rest.fal.ai, v3.fal.media and api.fal.ai, together under one prefix.

Where the facts say "unknown", the sandbox decides, and says so here: a bad body is refused at submit (the fault
`late_refusal` refuses it as the result); a result asked for too early is 400; a cancelled request is COMPLETED with
`client_cancelled`; work that has begun goes on after a cancel (the fault `cancel_stops_work` ends it).
The synchronous host fal.run has the same paths as the queue, so it can't be played beside it.
"""

import json
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from aiohttp import web

from bot.sandbox.dialect import TASK, Dialect, Level, Problem, Route, json_object, kept_headers
from bot.sandbox.fal_inputs import ENDPOINTS, FalInput, check, detail
from bot.sandbox.fal_storage import FalStorage
from bot.sandbox.fal_wire import failure_answer, no, problem_answer, state_of, unprocessable, yes
from bot.sandbox.gallery import BadPicture
from bot.sandbox.orders import Order
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Sale, Task

_PRICES = {"standard": 56_000, "pro": 95_000}
"""Micro-dollars a second. Pro is published for image-to-video; standard is what other prices make likely."""

_PICTURE_FAULTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "download": ("file_download_error", "Failed to download the file.", {}),
    "load": ("image_load_error", "Failed to load the image.", {}),
    "format": (
        "unsupported_image_format",
        "Unsupported image format.",
        {"supported_formats": [".jpg", ".png", ".webp"]},
    ),
    "too_many_bytes": ("file_too_large", "File size exceeds the maximum allowed size.", {"max_size": 10_000_000}),
    "too_small": ("image_too_small", "Image dimensions are too small.", {"min_height": 300, "min_width": 300}),
    "shape": ("image_aspect_ratio_error", "Image aspect ratio is out of range.", {}),
}


class Fal(Dialect):
    """The queue, its results and the uploads."""

    name = "fal"
    levels: ClassVar = {"new": Level(2), "grown": Level(40)}

    def __init__(self, shop: Shop, level: str = "") -> None:
        super().__init__(shop, level)
        self._storage = FalStorage(shop, f"/{self.name}")

    def routes(self) -> Iterable[Route]:
        """The storage first: its paths have fewer variables."""
        request = "/fal-ai/kling-video/requests/{id}"
        return (
            *self._storage.routes(),
            Route("GET", "/v1/models/pricing", "account", self._pricing),
            Route("GET", request + "/status/stream", "check", self._stream),
            Route("GET", request + "/status", "check", self._status),
            Route("GET", request + "/response", "check", self._result),
            Route("GET", request, "check", self._result),
            Route("PUT", request + "/cancel", "cancel", self._cancel),
            Route("POST", "/{endpoint:.+}", "submit", self._submit),
        )

    def key_of(self, request: web.Request) -> str:
        """`Key <key>`; the CDN's upload token comes as `Bearer`."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        on_cdn = request.path.startswith(f"/{self.name}/files/")
        return key.strip() if scheme == "Key" or (on_cdn and scheme == "Bearer") else ""

    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """Body rules answer with a list, everything else with a string and its type, which the header repeats."""
        response = problem_answer(problem, self._new_id())
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Only the state is left."""
        return {"status": answer["status"]}

    def environment(self) -> dict[str, str]:
        """One address for the queue and one for the rest."""
        addresses = dict.fromkeys(("FAL_BASE_URL", "FAL_REST_URL", "FAL_API_BASE_URL"), self.base)
        return {"FAL_KEY": "sandbox:sandbox", **addresses}

    def sdk_lines(self) -> dict[str, str]:
        """fal-client has no setting for plain http: its module globals are the way."""
        lines = (
            "import fal_client.client as fal",
            f'fal.QUEUE_URL_FORMAT = fal.RUN_URL_FORMAT = "{self.base}/"',
            f'fal.REST_URL = fal.CDN_URL = "{self.base}"',
        )
        return {"fal-client": "\n".join(lines)}

    async def _submit(self, request: web.Request) -> web.Response:
        endpoint = request.match_info["endpoint"]
        if endpoint not in ENDPOINTS:
            return no(404, f"Application '{endpoint}' not found", self._new_id())
        body = await json_object(request)
        if body is None:
            return unprocessable([detail("json_invalid", (), "JSON decode error", None)], self._new_id())
        limit = request.query.get("fal_max_queue_length", "")
        if limit.isdigit() and len(self.shop.waiting(self.name)) >= int(limit):
            return no(429, "Queue is full.", self._new_id(), "queue_full")
        strict = self.shop.faults.draw(self.name, "submit", "keys") is not None
        found = await self._order(endpoint, body, strict=strict)
        if isinstance(found, Order):
            return await self._sell(request, endpoint, body, found, [])
        if self.shop.faults.draw(self.name, "submit", "body") is None:
            return unprocessable(found, self._new_id())
        nothing = Order(workflow="text", tier=ENDPOINTS[endpoint][0], duration=5)
        return await self._sell(request, endpoint, body, nothing, found)

    async def _order(self, endpoint: str, body: dict[str, Any], *, strict: bool) -> Order | list[dict[str, Any]]:
        """The clip that a body asks for, pictures fetched and checked, or what is wrong with it."""
        tier, model = ENDPOINTS[endpoint]
        found = check(model, body, strict=strict)
        if not isinstance(found, FalInput):
            return found
        hashes: list[str] = []
        for loc, value in found.pictures():
            try:
                picture = await self.shop.gallery.take(value, ("JPEG", "PNG", "WEBP"))
            except BadPicture as bad:
                kind, message, ctx = _PICTURE_FAULTS[bad.reason]
                return [detail(kind, loc, message, value[:200], **ctx)]
            hashes.append(picture.sha256)
        return found.order(tier, tuple(hashes))

    async def _sell(
        self, request: web.Request, endpoint: str, body: dict[str, Any], order: Order, refusal: list[dict[str, Any]]
    ) -> web.Response:
        sale = Sale(
            id=self._new_id(),
            provider=self.name,
            path=request.path,
            model=endpoint,
            order=order,
            price=_PRICES[order.tier] * order.duration,
            fields=await self.shop.gallery.without_bytes(body),
            query=dict(request.query),
            headers=kept_headers(request),
            refusal=refusal,
        )
        request[TASK] = task = self.shop.sell(sale)
        address = self._address(task)
        answer = {
            "status": "IN_QUEUE",
            "request_id": task.id,
            "response_url": address,
            "status_url": f"{address}/status",
            "cancel_url": f"{address}/cancel",
            "queue_position": max(len(self.shop.waiting(self.name)) - 1, 0),
        }
        return yes(answer, task.id)

    async def _status(self, request: web.Request) -> web.Response:
        task = self.shop.find(self.name, request.match_info["id"])
        if task is None:
            return self._not_found()
        return yes(self._state(task, request), task.id, 200 if task.ended else 202)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, one whenever the state changes, until it is COMPLETED."""
        task = self.shop.find(self.name, request.match_info["id"])
        if task is None:
            return self._not_found()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "x-fal-request-id": task.id})
        await response.prepare(request)
        said = ""
        while True:
            state = json.dumps(self._state(task, request))
            if state != said:
                await response.write(f"data: {state}\n\n".encode())
            said = state
            if task.ended:
                return response
            await self.shop.wait(task, 0.5)

    async def _result(self, request: web.Request) -> web.Response:
        task = self.shop.find(self.name, request.match_info["id"])
        if task is None:
            return self._not_found()
        if not task.ended:
            return no(400, "Request is still in progress", task.id)
        if task.state != "done":
            return failure_answer(task)
        video = {
            "url": self.shop.video_url(task),
            "content_type": "video/mp4",
            "file_name": "output.mp4",
            "file_size": await self.shop.video_bytes(task),
        }
        response = yes({"video": video}, task.id)
        response.headers["X-Fal-Billable-Units"] = str(task.order.duration)
        return response

    async def _cancel(self, request: web.Request) -> web.Response:
        task = self.shop.find(self.name, request.match_info["id"])
        if task is None:
            return self._not_found()
        if self.shop.cancel(task) == "too_late":
            return yes({"status": "ALREADY_COMPLETED"}, task.id, 400)
        return yes({"status": "CANCELLATION_REQUESTED"}, task.id, 202)

    async def _pricing(self, request: web.Request) -> web.Response:
        """api.fal.ai: the prices of the endpoints asked for, all where none is; unknown ones are 404."""
        asked = [name for value in request.query.getall("endpoint_id", []) for name in value.split(",") if name]
        if any(name not in ENDPOINTS for name in asked):
            return no(404, "Endpoint not found", self._new_id())
        prices = [
            {
                "endpoint_id": name,
                "unit_price": _PRICES[ENDPOINTS[name][0]] / 1_000_000,
                "unit": "seconds",
                "currency": "USD",
            }
            for name in asked or ENDPOINTS
        ]
        return web.json_response({"prices": prices, "next_cursor": None, "has_more": False})

    def _address(self, task: Task) -> str:
        return f"{self.base}/fal-ai/kling-video/requests/{task.id}"

    def _state(self, task: Task, request: web.Request) -> dict[str, Any]:
        logs = request.query.get("logs", "").lower() in ("1", "true")
        waiting = self.shop.waiting(self.name)
        return state_of(task, self._address(task), waiting, self.shop.clock.now(), logs=logs)

    def _not_found(self) -> web.Response:
        return yes({"status": "NOT_FOUND"}, self._new_id(), 404)

    def _new_id(self) -> str:
        return str(uuid.UUID(bytes=self.shop.clock.randbytes(16), version=4))
