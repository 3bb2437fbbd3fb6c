"""Vidgo: one paid path for everything; the tier is the model, and which fields are there tells the workflow.

Accepted means a 2xx with `data.task_id`. Its envelope has a `code` of its own, which tells what a read brought, but a
200 without an id stays uncertain whatever that says. How it words a refusal isn't documented, so every shape seen at
its callers is read. It lists no tasks: a lost answer is left to an administrator.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.images import nearest_ratio
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, TextToVideo, Tier, Workflow
from bot.net.answer import Answer, dig
from bot.net.door import Door
from bot.providers.base import Body, Json, Order, Provider, State, Task, TaskStatus
from bot.providers.offers import Offer, Price
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.vidgo_uploads import Uploads
from bot.providers.wire import Api, Complaint, failure, web_address, worded

CREDIT_MICROUSD = 5_000
"""What one of Vidgo's credits is taken for; it publishes no price of them in dollars."""

_SEEN = date(2026, 11, 20)
_SOURCE = "product page: 9 credits a second on standard, 15 on pro"
_PRICES: Mapping[Tier, Price] = {
    "standard": Price(of={5: 225_000, 10: 450_000}, source=_SOURCE, seen=_SEEN, confirmed=True),
    "pro": Price(of={5: 375_000, 10: 750_000}, source=_SOURCE, seen=_SEEN, confirmed=True),
}
_NO_CAMERA = "Vidgo takes camera moves as words of the prompt"
_NO_MASKS = "Vidgo has no motion brush"


def _row(workflow: Workflow, tier: Tier, fields: str, **more: Any) -> Offer:
    return Offer(
        provider="vidgo", workflow=workflow, tier=tier, model=f"kling-1.6/{tier}", price=_PRICES[tier],
        fields=frozenset(fields.split()), **more,
    )  # fmt: skip


_TEXT = "prompt negative_prompt duration aspect_ratio cfg_scale"
_ELEMENTS = "references prompt negative_prompt duration aspect_ratio"
_TEXT_REFUSES = {"camera": _NO_CAMERA}
_IMAGE_REFUSES = {"camera": _NO_CAMERA, "still": _NO_MASKS, "brushes": _NO_MASKS}

OFFERS = (
    _row("text", "standard", _TEXT, refuses=_TEXT_REFUSES),
    _row("text", "pro", _TEXT, refuses=_TEXT_REFUSES),
    _row(
        "image", "standard", "start prompt negative_prompt duration cfg_scale", max_pictures=1, refuses=_IMAGE_REFUSES
    ),
    _row(
        "image", "pro", "start end prompt negative_prompt duration aspect_ratio cfg_scale", max_pictures=2,
        refuses=_IMAGE_REFUSES,
    ),
    _row("elements", "standard", _ELEMENTS, max_pictures=4),
    _row("elements", "pro", _ELEMENTS, max_pictures=4),
)  # fmt: skip

_STATES: Mapping[str, State] = {
    "not_started": "queued", "running": "running", "finished": "done", "failed": "failed",
}  # fmt: skip


class VidgoSettings(ProviderSettings):
    """Vidgo: its key and address."""

    key: Key | None = Field(default=None, alias="VIDGO_API_KEY", description="the API key; switches Vidgo on")
    base_url: BaseUrl = Field(
        default="https://api.vidgo.ai", alias="VIDGO_BASE_URL", description="the address of Vidgo's API"
    )


class Vidgo(Provider):
    """Vidgo's API for Kling 1.6."""

    name: ClassVar[str] = "vidgo"
    title: ClassVar[str] = "Vidgo"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS

    def __init__(self, settings: VidgoSettings, door: Door) -> None:
        self._door = door
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=f"Bearer {settings.secret}",
            secret=settings.secret, read=_complaint,
        )  # fmt: skip
        self._uploads = Uploads(self._api, door.clock)

    async def prepare(self, order: Order) -> Body:
        """Upload the pictures, spell the request in Vidgo's words."""
        pictures = order.request.pictures
        addresses = {ref: await self._uploads.address(order.pictures[ref]) for ref in pictures}
        return Body(
            path="api/generate/submit", json={"model": order.offer.model, "input": _input(order, addresses)}
        )  # fmt: skip

    async def submit(self, body: Body) -> Task:
        """Start the task."""
        answer = await self._api.pay(body)
        return Task(id=self._api.task_id(answer, dig(answer.json(), "data", "task_id")))

    async def check(self, task: Task) -> TaskStatus:
        """How far the task is, in percent while it runs; its video once it is finished."""
        answer = await self._api.get(self._api.url(f"api/generate/status/{quote(task.id, safe='')}"))
        data = dig(answer.json(), "data")
        state = _STATES.get(word) if isinstance(word := dig(data, "status"), str) else None
        if state is None:
            raise self._other("unknown status", answer)
        if state == "failed":
            detail = self._api.words(dig(data, "error_message")) or "failed"
            return TaskStatus(state=state, error=failure(detail))
        if state != "done":
            return TaskStatus(state=state, progress=_share(dig(data, "progress")), retry_after=answer.retry_after)
        video = _video(dig(data, "files"))
        if not video:
            raise self._other("finished without a video", answer)
        return TaskStatus(state="done", progress=1.0, video_url=video)

    async def balance(self) -> int | None:
        """What is left on the account, in micro-dollars, a credit at half a cent."""
        answer = await self._api.get(self._api.url("api/user/balance"))
        left = dig(answer.json(), "data", "credits_amount")
        if isinstance(left, bool) or not isinstance(left, int | float) or not 0 <= left < 1e12:
            raise self._other("no balance", answer)
        return round(left * CREDIT_MICROUSD)

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()

    def _other(self, what: str, answer: Answer) -> CheckFailed:
        """A 2xx without what was asked for: a refusal where its envelope says so, otherwise a puzzle."""
        if _status(answer) == answer.status:
            return self._api.puzzled(what, answer)
        said = self._api.complaint(answer)
        return CheckFailed(self.name, said.reason, said.detail, answer.status, answer.retry_after)


def _input(order: Order, addresses: Mapping[str, str]) -> Json:
    """The fields of a request; which of them there are is what tells Vidgo the workflow."""
    request = order.request
    match request:
        case TextToVideo():
            words: Json = {"aspect_ratio": request.aspect_ratio, "cfg_scale": request.cfg_scale}
        case ImageToVideo():
            words = _image(request, order, addresses)
        case Elements():
            pictures = [addresses[ref] for ref in request.references]
            words = {"image_urls": pictures, "aspect_ratio": request.aspect_ratio}
        case Effect() | Extend():
            raise SubmitRefused("vidgo", "invalid", request.workflow)
    return {
        "prompt": request.prompt, "negative_prompt": request.negative_prompt, "duration": request.duration, **words,
    }  # fmt: skip


def _image(request: ImageToVideo, order: Order, addresses: Mapping[str, str]) -> Json:
    if not request.start:
        raise SubmitRefused("vidgo", "invalid", "start")
    words: Json = {"start_image_url": addresses[request.start], "cfg_scale": request.cfg_scale}
    if request.end:
        words["end_image_url"] = addresses[request.end]
    if "aspect_ratio" in order.offer.fields:
        picture = order.pictures[request.start]
        words["aspect_ratio"] = request.aspect_ratio or nearest_ratio(picture.width, picture.height)
    return words


def _complaint(answer: Answer) -> Complaint:
    """What a refusal means, its words in any of the shapes seen. A 200 may carry the real status in its envelope."""
    said = answer.json()
    named = (dig(said, "error", "message"), dig(said, "msg"), dig(said, "message"), dig(said, "detail"))
    words = next((text for text in (*named, dig(said, "error")) if isinstance(text, str) and text), answer.text())
    return worded(_status(answer), words)


def _status(answer: Answer) -> int:
    """The status of an answer, or the one that a 2xx carries in its envelope where that is a refusal."""
    code = dig(answer.json(), "code")
    return code if answer.ok and type(code) is int and 300 <= code < 600 else answer.status


def _share(percent: object) -> float | None:
    """0 to 1 from 0 to 100; None for anything else."""
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
        return None
    return percent / 100


def _video(files: object) -> str | None:
    """The address of the first file that is a video, as far as it says what it is."""
    listed = files if isinstance(files, list) else []
    videos = [one for one in listed if dig(one, "file_type") in (None, "", "video")]
    return next((url for one in videos if (url := web_address(dig(one, "file_url")))), None)
