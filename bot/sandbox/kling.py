"""Kling itself: https://api-singapore.klingai.com, the five paths of its model 1.6 and the account's packs.

Where the facts say "unknown", the sandbox decides, and says so here: what 1.6 can't do, a repeated `external_task_id`
and a picture that can't be used are 1201; another model is 1203; an extension's other fields are ignored, refused with
`strict_keys`; an extension comes whole, alone with `extension_alone`. A full account refuses with 1303, since a task
keeps its place from its sale on. `other_shape` takes the other code where two mean the same: 1102 for 1101, 1300 for
1301, 1303 for 1302. There is no cancel; nobody is called back.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from aiohttp import web

from bot.sandbox.dialect import TASK, Dialect, Level, Problem, Route, json_object, kept_headers
from bot.sandbox.gallery import BadPicture
from bot.sandbox.kling_account import KlingAccount
from bot.sandbox.kling_inputs import PATHS, UNIT_MICROUSD, UNITS, ExtendInput, KlingInput, check
from bot.sandbox.kling_keys import ACCESS_KEY, SIGNING_KEY
from bot.sandbox.kling_keys import check as check_key
from bot.sandbox.kling_wire import Envelope, Refused
from bot.sandbox.orders import Order
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Sale, State, Task

_STATUS: dict[State, str] = {
    "queued": "submitted",
    "running": "processing",
    "done": "succeed",
    "failed": "failed",
    "cancelled": "failed",
}

_PROBLEMS: dict[Problem, tuple[int, int, str]] = {
    "auth": (1000, 1000, "Authentication failed"),
    "busy": (1302, 1303, "The request is too frequent"),
    "balance": (1101, 1102, "Account balance not enough"),
    "policy": (1301, 1300, "The content is against the content security policy"),
    "error_500": (5000, 5000, "Internal server error"),
    "error_503": (5001, 5001, "Server is temporarily unavailable"),
    "error_504": (5002, 5002, "Server timed out"),
}
"""The usual code, the other one, words."""

_EXTENDED = ("text2video", "image2video", "video-extend")
_ADDED = 5
_LONGEST = 180
_KEPT_MS = 30 * 86_400_000
_PICTURES = ("image", "image_tail", "images")


class Kling(Dialect):
    """Tasks of five workflows, each below its own path."""

    name = "kling"
    levels: ClassVar = {"large": Level(20), "trial": Level(5)}

    def __init__(self, shop: Shop, level: str = "") -> None:
        super().__init__(shop, level)
        self._places = self.levels[level or "large"].places
        self._envelope = Envelope(shop.clock)
        self._account = KlingAccount(shop, self.name, self._envelope)

    def routes(self) -> Iterable[Route]:
        """The five paths, each to make, list and look; the packs."""
        for path in PATHS:
            yield Route("POST", f"/v1/videos/{path}", "submit", self._submit)
            yield Route("GET", f"/v1/videos/{path}", "list", self._list)
            yield Route("GET", f"/v1/videos/{path}/{{id}}", "check", self._task)
        yield Route("GET", "/account/costs", "account", self._account.costs)

    def key_of(self, request: web.Request) -> str:
        """The token."""
        return request.headers.get("Authorization", "")

    def refusal(self, request: web.Request) -> web.Response | None:
        """1000 to 1004, by what is wrong with the token."""
        try:
            check_key(self.key_of(request), self.shop.clock.now() / 1000)
        except Refused as refused:
            return self._envelope.no(refused.code, refused.words)
        return None

    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """A code of the table; what comes from before Kling has none."""
        if problem == "error_502":
            return self._envelope.no(502, "Bad gateway", 502)
        usual, other, words = _PROBLEMS[problem]
        twin = usual != other and self.shop.faults.draw(self.name, "submit", "shape") is not None
        response = self._envelope.no(other if twin else usual, words)
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The envelope with a task that has no id."""
        return answer | {"data": {name: value for name, value in answer["data"].items() if name != "task_id"}}

    def environment(self) -> dict[str, str]:
        """Two keys and one address."""
        return {"KLING_ACCESS_KEY": ACCESS_KEY, "KLING_SECRET_KEY": SIGNING_KEY, "KLING_BASE_URL": self.base}

    def sdk_lines(self) -> dict[str, str]:
        """Kling's nodes for ComfyUI have a client without a setting for its address."""
        lines = (
            f'client = api.Client("{ACCESS_KEY}", "{SIGNING_KEY}", in_china=False)',
            f'client._area = types.SimpleNamespace(value="{self.base}")',
        )
        return {"ComfyUI-KLingAI-API": "import types\nfrom py import api\n" + "\n".join(lines)}

    async def _submit(self, request: web.Request) -> web.Response:
        path = request.path.rpartition("/")[2]
        if not self.shop.within_rate(self.name):
            return self.problem("busy")
        body = await json_object(request)
        if body is None:
            return self._envelope.no(1200, "request body must be a JSON object")
        try:
            found = self._checked(path, body)
            order = await self._order(found)
        except Refused as refused:
            if self.shop.faults.draw(self.name, "submit", "body") is None:
                return self._envelope.no(refused.code, refused.words)
            order = Order(workflow="text", tier="standard", duration=5)
            return await self._sell(request, path, body, order, [{"message": refused.words}])
        self.shop.advance(self.name)
        if sum(not task.ended for task in self.shop.book.tasks(self.name)) >= self._places:
            return self._envelope.no(1303, "parallel task over resource pack limit")
        return await self._sell(request, path, body, order, [])

    def _checked(self, path: str, body: dict[str, Any]) -> KlingInput:
        faults = self.shop.faults
        strict = faults.draw(self.name, "submit", "keys") is not None
        end_alone = bool(body.get("image_tail")) and not body.get("image")
        end_needs_start = end_alone and faults.draw(self.name, "submit", "end") is not None
        found = check(path, body, strict=strict, end_needs_start=end_needs_start)
        if found.external_task_id and self._named(found.external_task_id) is not None:
            raise Refused(1201, f"external_task_id {found.external_task_id} was used before")
        return found

    async def _order(self, found: KlingInput) -> Order:
        """The clip that an input asks for, pictures fetched and checked. Raises Refused."""
        if isinstance(found, ExtendInput):
            return self._extension(found)
        hashes: list[str] = []
        for value in found.pictures():
            try:
                hashes.append((await self.shop.gallery.take(_uri(value))).sha256)
            except BadPicture as bad:
                raise Refused(1201, f"image: {bad.reason.replace('_', ' ')}") from None
        return found.order(tuple(hashes))

    def _extension(self, found: ExtendInput) -> Order:
        parent = next((task for task in self._tasks(*_EXTENDED) if _video_id(task) == found.video_id), None)
        if parent is None or parent.state != "done":
            raise Refused(1201, f"video_id {found.video_id} can't be extended")
        if self.shop.clock.now() - (parent.ended_at or 0) > _KEPT_MS:
            raise Refused(1201, "the video is older than 30 days")
        if parent.order.duration + _ADDED > _LONGEST:
            raise Refused(1201, "the video would be longer than 3 minutes")
        alone = self.shop.faults.draw(self.name, "submit", "extension") is not None
        before = 0 if alone else parent.order.duration
        return Order(
            workflow="extend", tier=parent.order.tier, duration=before + _ADDED, ratio=parent.order.ratio,
            prompt=found.prompt, pictures=parent.order.pictures[:1], parent=parent.slug, before=before,
        )  # fmt: skip

    async def _sell(
        self, request: web.Request, path: str, body: dict[str, Any], order: Order, refusal: list[dict[str, Any]]
    ) -> web.Response:
        sale = Sale(
            id=str(8 * 10**17 + int.from_bytes(self.shop.clock.randbytes(7))),
            provider=self.name,
            path=request.path,
            model=path,
            order=order,
            price=round(UNITS[order.tier] * order.new_seconds / 5 * UNIT_MICROUSD),
            fields=await self.shop.gallery.without_bytes(_with_uris(body)),
            headers=kept_headers(request),
            refusal=refusal,
        )
        request[TASK] = task = self.shop.sell(sale)
        kept = ("task_id", "task_status", "task_info", "created_at", "updated_at")
        document = self._document(task)
        return self._envelope.yes({name: document[name] for name in kept})

    async def _task(self, request: web.Request) -> web.Response:
        """By its id or the client's own, below its own path only."""
        wanted, path = request.match_info["id"], request.path.split("/")[-2]
        task = self.shop.find(self.name, wanted) or self._named(wanted)
        if task is None or task.model != path:
            return self._envelope.no(1203, f"task {wanted} not found")
        return self._envelope.yes(self._document(task))

    async def _list(self, request: web.Request) -> web.Response:
        """A path's tasks, newest first."""
        page, size = request.query.get("pageNum", "1"), request.query.get("pageSize", "30")
        if not (page.isdecimal() and 1 <= int(page) <= 1_000 and size.isdecimal() and 1 <= int(size) <= 500):
            return self._envelope.no(1201, "pageNum is 1 to 1000, pageSize 1 to 500")
        tasks = self._tasks(request.path.rpartition("/")[2])[::-1]
        first = (int(page) - 1) * int(size)
        return self._envelope.yes([self._document(task) for task in tasks[first : first + int(size)]])

    def _tasks(self, *paths: str) -> list[Task]:
        """Tasks of these paths as they stand now, oldest first."""
        self.shop.advance(self.name)
        return [task for task in self.shop.book.tasks(self.name) if task.model in paths]

    def _named(self, name: str) -> Task | None:
        """The task with the client's own id."""
        return next((task for task in self._tasks(*PATHS) if task.fields.get("external_task_id") == name), None)

    def _document(self, task: Task) -> dict[str, Any]:
        """The task as every answer shows it."""
        done, failed = task.state == "done", task.ended and task.state != "done"
        info = {"external_task_id": task.fields["external_task_id"]} if task.fields.get("external_task_id") else {}
        document: dict[str, Any] = {
            "task_id": task.id,
            "task_status": _STATUS[task.state],
            "task_status_msg": _error(task) if failed else "",
            "task_info": info | self._parent(task),
            "watermark_info": {"enabled": False},
            "created_at": task.sold_at,
            "updated_at": task.ended_at or task.started_at or task.sold_at,
        }
        if done:
            document["final_unit_deduction"] = f"{task.price / UNIT_MICROUSD:g}"
            document["task_result"] = {"videos": [self._video(task) | {"watermark_url": ""}]}
        return document

    def _parent(self, task: Task) -> dict[str, Any]:
        parent = self.shop.book.find_slug(task.order.parent) if task.order.parent else None
        return {} if parent is None else {"parent_video": self._video(parent)}

    def _video(self, task: Task) -> dict[str, str]:
        return {
            "id": _video_id(task), "url": self.shop.video_url(task), "duration": f"{task.order.duration:.1f}",
        }  # fmt: skip


def _video_id(task: Task) -> str:
    return f"{task.id[::-1]}-1"


def _error(task: Task) -> str:
    if task.fate == "policy":
        return "Failure to pass the risk control system"
    return str(task.refusal[0]["message"]) if task.refusal else "Service busy, generation failed"


def _uri(value: str) -> str:
    """Bare base64 as the gallery takes it; an address as it is."""
    return value if value.startswith(("http://", "https://", "data:")) else f"data:;base64,{value}"


def _with_uris(value: Any, name: str = "") -> Any:
    """A body whose pictures the gallery knows for what they are."""
    if isinstance(value, dict):
        return {key: _with_uris(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_uris(inner, name) for inner in value]
    return _uri(value) if isinstance(value, str) and name in _PICTURES else value
