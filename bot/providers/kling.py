"""Kling's own API: one path a workflow, answers in an envelope whose `code` tells more than the status.

Every task carries the id of our attempt (`external_task_id`, unique within the account), and can be asked for by it:
the answer to a paid call may be lost, the task isn't. That holds only where Kling says so itself: that there is no
such task is taken from 404 with 1203 and from a list that doesn't have it, nothing less. 500, 503 and 504 (5000 to
5002) may be sent again, says Kling, but not that nothing was started: uncertain, like every 2xx without an id.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field, model_validator

from bot.errors import CheckFailed, ProviderReason, SubmitRefused
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, TextToVideo, Tier
from bot.net.answer import Answer, dig
from bot.net.door import Door
from bot.providers.base import Body, Json, Lost, Order, Provider, State, Task, TaskStatus
from bot.providers.kling_offers import EXTENDED, OFFERS, TIERED_SCENES, UNIT_MICROUSD
from bot.providers.kling_token import Token
from bot.providers.offers import Offer
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.wire import (
    MOST_MICROUSD,
    Api,
    Complaint,
    bare_base64,
    failure,
    read_picture,
    short_id,
    status_reason,
    web_address,
)

_MODEL = "kling-v1-6"
_VIDEOS = "v1/videos"
_MODES: Mapping[Tier, str] = {"standard": "std", "pro": "pro"}
_STATES: Mapping[str, State] = {
    "submitted": "queued", "processing": "running", "succeed": "done", "failed": "failed",
}  # fmt: skip

_EXPIRED, _NO_SUCH_TASK = 1004, 1203
_REASONS: Mapping[int, ProviderReason] = {
    1000: "auth", 1001: "auth", 1002: "auth", 1003: "auth", 1004: "auth",
    1100: "auth", 1101: "balance", 1102: "balance", 1103: "auth", 1304: "auth",
    1200: "invalid", 1201: "invalid", 1202: "not_found", 1203: "not_found", 1300: "policy", 1301: "policy",
    1302: "busy", 1303: "busy", 5000: "unavailable", 5001: "unavailable", 5002: "unavailable",
}  # fmt: skip
"""What a code means. 1100 to 1102 and 1304 come with 429, but waiting doesn't help them."""

_PAGE, _PAGES = 500, 20
_DAY_MS = 86_400_000
_OLDEST_MS = 30 * _DAY_MS
_CLOCKS_APART_MS = 120_000
_LONGEST_SECONDS, _ADDED_SECONDS = 180, 4


class KlingSettings(ProviderSettings):
    """Kling itself: its two keys and its address."""

    key: Key | None = Field(
        default=None,
        alias="KLING_ACCESS_KEY",
        description="the access key; together with the secret key it switches Kling's own API on",
    )
    secret_key: Key | None = Field(
        default=None, alias="KLING_SECRET_KEY", description="the secret key that belongs to the access key"
    )
    base_url: BaseUrl = Field(
        default="https://api-singapore.klingai.com", alias="KLING_BASE_URL", description="the address of Kling's API"
    )

    @property
    def signing_key(self) -> str:
        """The secret key itself; empty where there is none."""
        return self.secret_key.get_secret_value() if self.secret_key else ""

    @model_validator(mode="after")
    def _both(self) -> "KlingSettings":
        if self.key and not self.secret_key:
            raise ValueError("KLING_SECRET_KEY: is needed beside KLING_ACCESS_KEY; Kling gives out both together")
        if self.secret_key and not self.key:
            raise ValueError("KLING_ACCESS_KEY: is needed beside KLING_SECRET_KEY; Kling gives out both together")
        return self


class Kling(Provider):
    """Kling's API for its model 1.6."""

    name: ClassVar[str] = "kling"
    title: ClassVar[str] = "Kling"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS
    knows_attempts: ClassVar[bool] = True
    concurrency: ClassVar[int] = 5
    """Of a trial pack; from a task's start to its end, and a further one is refused."""

    def __init__(self, settings: KlingSettings, door: Door) -> None:
        self._door = door
        self._token = Token(settings.secret, settings.signing_key, door.clock)
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=self._token.header,
            secret=(settings.secret, settings.signing_key), read=_complaint,
        )  # fmt: skip
        self._account_free_at = 0

    async def prepare(self, order: Order) -> Body:
        """Put the pictures into the request; of the video to go on from, ask for its id."""
        pictures = {ref: bare_base64(await read_picture(order.pictures[ref])) for ref in order.request.pictures}
        continued = await self._continued(order.parent) if isinstance(order.request, Extend) else ""
        words = _body(order, pictures, continued)
        return Body(path=f"{_VIDEOS}/{order.offer.model}", json={**words, "external_task_id": order.attempt})

    async def submit(self, body: Body) -> Task:
        """Start the task. Its workflow is kept: no other path knows it."""
        answer = await self._api.pay(body)
        task_id = self._api.task_id(answer, dig(answer.json(), "data", "task_id"))
        return _task(body.path.rpartition("/")[2], task_id)

    async def check(self, task: Task) -> TaskStatus:
        """How the task is; its video and what it cost in units once it has one."""
        answer = await self._read(self._address(task))
        data = self._data(answer)
        state = _STATES.get(word) if isinstance(word := dig(data, "task_status"), str) else None
        if state is None:
            raise self._api.puzzled("unknown status", answer)
        if state == "failed":
            detail = self._api.words(dig(data, "task_status_msg")) or "failed"
            return TaskStatus(state=state, error=failure(detail))
        if state != "done":
            return TaskStatus(state=state, retry_after=answer.retry_after)
        video = web_address(dig(data, "task_result", "videos", 0, "url"))
        if not video:
            raise self._api.puzzled("succeed without a video", answer)
        return TaskStatus(
            state="done", progress=1.0, video_url=video, cost=_cost(dig(data, "final_unit_deduction"))
        )  # fmt: skip

    def task(self, offer: Offer, task_id: str) -> Task:
        """A task that somebody knows only the id of."""
        return _task(offer.model, task_id)

    async def find(self, lost: Lost) -> Sequence[Task]:
        """The task that carries the attempt's id. None: neither its own path nor the list knows it.

        Raises CheckFailed for whatever is less than that certain.
        """
        answer = await self._read(self._address(_task(lost.offer.model, lost.attempt)))
        if answer.status == 404 and _code(answer) == _NO_SUCH_TASK:
            return await self._listed(lost)
        data = self._data(answer)
        if _name(data) in (None, "", lost.attempt) and (task_id := short_id(dig(data, "task_id"))):
            return [_task(lost.offer.model, task_id)]
        raise self._api.puzzled("another task", answer)

    async def balance(self) -> int | None:
        """What is left of the account's packs for video, in micro-dollars. Asked once a second at most."""
        now = self._door.clock.now()
        self._account_free_at = max(now, self._account_free_at) + 1_000
        await self._door.clock.sleep((self._account_free_at - 1_000 - now) / 1000)
        window = {"start_time": str(now - 365 * _DAY_MS), "end_time": str(now)}
        answer = await self._read(self._api.url("account/costs"), window)
        packs = dig(self._data(answer), "resource_pack_subscribe_infos")
        if not isinstance(packs, list):
            raise self._api.puzzled("no packs", answer)
        of_video = _of_video(packs)
        left = [_microusd(dig(pack, "remaining_quantity")) for pack in of_video if dig(pack, "status") == "online"]
        known = [amount for amount in left if amount is not None]
        return sum(known) if of_video and len(known) == len(left) else None

    async def ping(self) -> bool:
        """The list of packs needs the key, also where none of them is of video."""
        await self.balance()
        return True

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()

    def _address(self, task: Task) -> str:
        workflow = quote(str(task.extra.get("workflow", "")), safe="")
        return self._api.url(f"{_VIDEOS}/{workflow}/{quote(task.id, safe='')}")

    async def _read(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """A read, whatever comes back; with a new token where the old one has run out by Kling's clock."""
        answer = await self._api.ask("GET", url, params=params)
        if _code(answer) != _EXPIRED:
            return answer
        self._token.forget()
        return await self._api.ask("GET", url, params=params)

    def _data(self, answer: Answer) -> Any:
        """What an answer brought. Raises CheckFailed for a refusal, also one inside a 2xx."""
        self._api.expect(answer)
        if _code(answer) in (None, 0):
            return dig(answer.json(), "data")
        said = self._api.complaint(answer)
        raise CheckFailed(self.name, said.reason, said.detail, answer.status, answer.retry_after)

    async def _listed(self, lost: Lost) -> Sequence[Task]:
        """The attempt's task out of the list of its workflow; empty when it was read up to its empty page without it.

        A page that isn't full is not the last one for certain, and a task from then without an id could be ours.
        """
        for page in range(1, _PAGES + 1):
            question = {"pageNum": str(page), "pageSize": str(_PAGE)}
            answer = await self._read(self._api.url(f"{_VIDEOS}/{lost.offer.model}"), question)
            items = self._data(answer)
            if not isinstance(items, list):
                raise self._api.puzzled("no list of tasks", answer)
            if ours := [short_id(dig(item, "task_id")) for item in items if _name(item) == lost.attempt]:
                if ours[0] is None:
                    raise self._api.puzzled("our task without an id", answer)
                return [_task(lost.offer.model, ours[0])]
            if any(_is_nameless(item, lost.submitted_at) for item in items):
                raise CheckFailed(self.name, "unknown", "a task from then that doesn't say whose it is")
            if not items:
                return ()
        raise CheckFailed(self.name, "unknown", "too many tasks to tell")

    async def _continued(self, parent: Task | None) -> str:
        """The id of the video to go on from, which has to be one that Kling extends."""
        if parent is None or parent.extra.get("workflow") not in EXTENDED:
            raise SubmitRefused(self.name, "invalid", "only text-to-video, image-to-video and extensions go on")
        answer = await self._read(self._address(parent))
        data = self._data(answer)
        video = dig(data, "task_result", "videos", 0)
        made_at, seconds = dig(data, "updated_at"), _decimal(dig(video, "duration"))
        if type(made_at) is int and self._door.clock.now() - made_at > _OLDEST_MS:
            raise SubmitRefused(self.name, "invalid", "older than 30 days")
        if seconds is not None and seconds + _ADDED_SECONDS > _LONGEST_SECONDS:
            raise SubmitRefused(self.name, "invalid", "longer than 3 minutes")
        named = short_id(dig(video, "id"))
        if dig(data, "task_status") != "succeed" or named is None:
            raise self._api.puzzled("no video to go on from", answer)
        return named


def _task(workflow: str, task_id: str) -> Task:
    return Task(id=task_id, extra={"workflow": workflow})


def _body(order: Order, pictures: Mapping[str, str], continued: str) -> Json:
    """A request in Kling's words; `pictures` has each one in base64, `continued` the id of the video to go on from."""
    request = order.request
    mode = {"model_name": _MODEL, "mode": _MODES[request.tier]}
    match request:
        case TextToVideo():
            words: Json = {**mode, "cfg_scale": request.cfg_scale, "aspect_ratio": request.aspect_ratio}
        case ImageToVideo():
            words = {**mode, "cfg_scale": request.cfg_scale}
            frames = {"image": request.start, "image_tail": request.end}
            words |= {name: pictures[ref] for name, ref in frames.items() if ref}
        case Elements():
            images = [{"image": pictures[ref]} for ref in request.references]
            words = {**mode, "image_list": images, "aspect_ratio": request.aspect_ratio}
        case Effect():
            people = [pictures[ref] for ref in request.people]
            of_people: Json = {"images": people} if len(people) > 1 else {"image": people[0]}
            chosen = mode if request.scene in TIERED_SCENES else {}
            put_in = {**chosen, **of_people, "duration": str(request.duration)}
            return {"effect_scene": order.offer.scenes[request.scene], "input": put_in}
        case Extend():
            return _extension(request, continued)
    return {
        **words, "prompt": request.prompt, "negative_prompt": request.negative_prompt,
        "duration": str(request.duration),
    }  # fmt: skip


def _extension(request: Extend, continued: str) -> Json:
    """Model and mode are the video's own.

    Kling's two references disagree on whether an extension takes the last two fields: they are sent where somebody
    chose them. Left out they are what our defaults are.
    """
    words: Json = {"video_id": continued, "prompt": request.prompt}
    if request.negative_prompt:
        words["negative_prompt"] = request.negative_prompt
    if request.cfg_scale != 0.5:
        words["cfg_scale"] = request.cfg_scale
    return words


def _complaint(answer: Answer) -> Complaint:
    """What a refusal means: its code, or its status where there is none that is known."""
    words = dig(answer.json(), "message")
    code = _code(answer)
    reason = _REASONS.get(code) if code is not None else None
    return Complaint(reason or status_reason(answer.status), words if isinstance(words, str) else answer.text())


def _code(answer: Answer) -> int | None:
    code = dig(answer.json(), "code")
    return code if type(code) is int else None


def _name(task: object) -> object:
    """The id of ours that a task carries."""
    return dig(task, "task_info", "external_task_id")


def _is_nameless(task: object, called_at: int) -> bool:
    """Whether a task could be of a call made at that time (ms), as it carries no id of anybody's."""
    made_at = dig(task, "created_at")
    return not _name(task) and not (type(made_at) is int and made_at < called_at - _CLOCKS_APART_MS)


def _of_video(packs: Sequence[object]) -> list[object]:
    """Packs whose units are those of videos: the units of others cost something else."""
    names = [str(dig(pack, "resource_pack_name")).lower() for pack in packs]
    return [pack for pack, name in zip(packs, names, strict=True) if "video" in name or "视频" in name]


def _decimal(value: object) -> Decimal | None:
    """A number that may be written as text; None for anything that isn't a plain amount."""
    try:
        found = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and 0 <= found < 10**9 else None


def _cost(units: object) -> int | None:
    """What a clip cost, in micro-dollars; None where that isn't told or can't be."""
    found = _microusd(units)
    return found if found is not None and found <= MOST_MICROUSD else None


def _microusd(units: object) -> int | None:
    """Units of Kling in micro-dollars; None where it isn't an amount."""
    found = _decimal(units)
    return None if found is None else round(found * UNIT_MICROUSD)
