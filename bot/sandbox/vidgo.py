"""Vidgo: https://api.vidgo.ai.

Where the facts say "unknown", the sandbox decides, and says so here: a bad body and a policy refusal are 400, an empty
account 402, an unknown task 404, a wrong key 401, each as `{"code", "error": {"message"}}`; `other_shape` goes through
the other shapes that callers have seen, a refusal inside a 200 among them. Seconds may be a number or a text. Data URIs
are refused: only addresses are documented. There is no cancel and no list; nobody is called back.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

from aiohttp import web

from bot.sandbox.dialect import TASK, Dialect, Level, Problem, Route, json_object, kept_headers
from bot.sandbox.gallery import BadPicture
from bot.sandbox.orders import Order
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Sale, State, Task
from bot.sandbox.vidgo_files import FORMATS, VidgoFiles
from bot.sandbox.vidgo_inputs import CREDIT_MICROUSD, CREDITS_A_SECOND, MODELS, Wish, check
from bot.sandbox.vidgo_wire import Refusals, yes

_TOPPED_UP = 20_000
"""Credits that the account began with."""

_STATUS: dict[State, str] = {
    "queued": "not_started",
    "running": "running",
    "done": "finished",
    "failed": "failed",
    "cancelled": "failed",
}

_PROBLEMS: dict[Problem, tuple[int, str]] = {
    "auth": (401, "Invalid API key"),
    "busy": (429, "Too Many Requests"),
    "balance": (402, "Insufficient credits"),
    "policy": (400, "The prompt violates our content policy"),
    "error_500": (500, "Internal server error"),
    "error_502": (502, "Bad gateway"),
    "error_503": (503, "Service unavailable"),
    "error_504": (504, "Gateway timeout"),
}

_PICTURE_FAULTS = {
    "download": "image can't be downloaded",
    "load": "image can't be decoded",
    "format": "image must be JPEG, PNG or WebP",
    "too_many_bytes": "image must be at most 10 MB",
    "too_small": "image sides must be at least 300 px",
    "shape": "image aspect ratio must be between 1:2.5 and 2.5:1",
}


class Vidgo(Dialect):
    """Tasks, uploads, the balance."""

    name = "vidgo"
    levels: ClassVar = {"usual": Level(20), "small": Level(1, 2)}

    def __init__(self, shop: Shop, level: str = "") -> None:
        super().__init__(shop, level)
        self._refusals = Refusals(shop.faults, self.name)
        self._files = VidgoFiles(shop, f"/{self.name}", self._refusals)

    def routes(self) -> Iterable[Route]:
        """Every path."""
        return (
            *self._files.routes(),
            Route("POST", "/api/generate/submit", "submit", self._submit),
            Route("GET", "/api/generate/status/{id}", "check", self._status),
            Route("GET", "/api/user/balance", "account", self._balance),
        )

    def key_of(self, request: web.Request) -> str:
        """`Bearer <key>`."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme == "Bearer" else ""

    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """An error object, unless another shape is ordered."""
        response = self._refusals.no(*_PROBLEMS[problem])
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The envelope with a task that has no id."""
        return answer | {"data": {name: value for name, value in answer["data"].items() if name != "task_id"}}

    def environment(self) -> dict[str, str]:
        """One address."""
        return {"VIDGO_API_KEY": "sandbox", "VIDGO_BASE_URL": self.base}

    def sdk_lines(self) -> dict[str, str]:
        """Vidgo has no SDK."""
        return {}

    async def _submit(self, request: web.Request) -> web.Response:
        if not self.shop.within_rate(self.name):
            return self.problem("busy")
        body = await json_object(request)
        if body is None:
            return self._refusals.no(400, "request body must be a JSON object")
        strict = self.shop.faults.draw(self.name, "submit", "keys") is not None
        found = await self._order(body, strict=strict)
        if isinstance(found, Order):
            return await self._sell(request, body, found, [])
        if self.shop.faults.draw(self.name, "submit", "body") is None:
            return self._refusals.no(400, found)
        nothing = Order(workflow="text", tier=MODELS.get(str(body.get("model")), "standard"), duration=5)
        return await self._sell(request, body, nothing, [{"message": found}])

    async def _order(self, body: dict[str, Any], *, strict: bool) -> Order | str:
        """The clip that a body asks for, pictures fetched and checked, or what is wrong with it."""
        found = check(body, strict=strict)
        if not isinstance(found, Wish):
            return found
        hashes: list[str] = []
        for address in found.input.pictures():
            if not self._files.is_there(address):
                return _PICTURE_FAULTS["download"]
            try:
                hashes.append((await self.shop.gallery.take(address, FORMATS)).sha256)
            except BadPicture as bad:
                return _PICTURE_FAULTS[bad.reason]
        return found.input.order(found.tier, tuple(hashes))

    async def _sell(
        self, request: web.Request, body: dict[str, Any], order: Order, refusal: list[dict[str, Any]]
    ) -> web.Response:
        now, chance = self.shop.clock.now(), self.shop.clock.randbytes(4)
        sale = Sale(
            id=f"task-unified-{now // 1000}-{chance.hex()}",
            provider=self.name,
            path=request.path,
            model=str(body.get("model")),
            order=order,
            price=CREDITS_A_SECOND[order.tier] * order.duration * CREDIT_MICROUSD,
            fields=await self.shop.gallery.without_bytes(body),
            query=dict(request.query),
            headers=kept_headers(request),
            refusal=refusal,
        )
        request[TASK] = task = self.shop.sell(sale)
        return yes({"task_id": task.id, "status": "not_started", "created_time": _time(task)})

    async def _status(self, request: web.Request) -> web.Response:
        task = self.shop.find(self.name, request.match_info["id"])
        return self._refusals.no(404, "Task not found", "check") if task is None else yes(self._document(task))

    def _document(self, task: Task) -> dict[str, Any]:
        """The task as its status shows it."""
        done, failed = task.state == "done", task.ended and task.state != "done"
        file = {"file_url": self.shop.video_url(task), "file_type": "video"}
        running = int(100 * task.share_done(self.shop.clock.now())) if task.state == "running" else 0
        return {
            "task_id": task.id,
            "status": _STATUS[task.state],
            "files": [file] if done else [],
            "created_time": _time(task),
            "progress": 100 if done else min(running, 99),
            "error_message": _error(task) if failed else None,
        }

    async def _balance(self, request: web.Request) -> web.Response:
        self.shop.advance(self.name)
        paid = sum(task.price for task in self.shop.book.tasks(self.name) if task.state == "done")
        return yes({"email": "you@example.org", "credits_amount": _TOPPED_UP - paid // CREDIT_MICROUSD})


def _error(task: Task) -> str:
    if task.fate == "policy":
        return _PROBLEMS["policy"][1]
    return str(task.refusal[0]["message"]) if task.refusal else "Generation failed"


def _time(task: Task) -> str:
    """When a task was made, without a zone, as Vidgo writes it."""
    return datetime.fromtimestamp(task.sold_at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
