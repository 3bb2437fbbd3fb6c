"""GMI Cloud: a request queue. The model's name and its payload go in, a request with an outcome comes out.

Accepted means a 2xx with `request_id`. There is no key against buying twice, but requests are listed with their
payload (`find`). Pictures travel inside the request: an upload is mentioned by its documentation, never described. A
cancel isn't documented at all; some clients send a DELETE, so we do too, and believe only the status that follows it.
Models' names are taken as case-sensitive. Its thumbnails are not used: the poster comes out of the video itself.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.requests import ImageToVideo, TextToVideo, Tier, Workflow
from bot.net.answer import Answer, dig
from bot.net.door import Door
from bot.providers.base import Body, Cancelled, Failure, Json, Lost, Order, Provider, State, Task, TaskStatus
from bot.providers.offers import Offer, Price
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.wire import Api, Complaint, data_uri, failure, read_picture, short_id, web_address, worded

_SEEN = date(2026, 11, 20)
_STANDARD = Price(
    of={5: 280_000, 10: 560_000}, upper={5: 350_000, 10: 700_000}, seen=_SEEN, confirmed=False,
    source="Kling's list price; resellers of it ask up to $0.30 for 5 s",
)  # fmt: skip
_PRO = Price(
    of={5: 490_000, 10: 980_000}, upper={5: 612_500, 10: 1_225_000}, seen=_SEEN, confirmed=False,
    source="tables of others say 0.098, which is Kling's list price for a second",
)  # fmt: skip

_MODELS: dict[tuple[Workflow, Tier], str] = {
    ("text", "standard"): "Kling-Text2Video-V1.6-Standard",
    ("text", "pro"): "Kling-Text2Video-V1.6-Pro",
    ("image", "standard"): "Kling-Image2Video-V1.6-Standard",
    ("image", "pro"): "Kling-Image2Video-V1.6-Pro",
}


def _row(workflow: Workflow, tier: Tier, fields: str, **more: Any) -> Offer:
    return Offer(
        provider="gmi", workflow=workflow, tier=tier, model=_MODELS[workflow, tier], fields=frozenset(fields.split()),
        price=_STANDARD if tier == "standard" else _PRO, usual=(60, 360) if tier == "standard" else (120, 480),
        prompt_required=False, **more,
    )  # fmt: skip


_WORDS = "prompt negative_prompt duration cfg_scale"

OFFERS = (
    _row("text", "standard", f"{_WORDS} aspect_ratio"),
    _row("text", "pro", f"{_WORDS} aspect_ratio"),
    _row("image", "standard", f"{_WORDS} start", max_pictures=1),
    _row(
        "image", "pro", f"{_WORDS} start", max_pictures=1,
        refuses={"end": "its page for Kling 1.6 has no end frame, although some clients send one"},
    ),
)  # fmt: skip

_STATES: Mapping[str, State] = {
    "created": "queued", "queued": "queued", "dispatched": "queued", "processing": "running", "success": "done",
    "failed": "failed", "cancelled": "cancelled",
}  # fmt: skip


class GmiSettings(ProviderSettings):
    """GMI Cloud: its key, its address, and the organization where the key serves several."""

    key: Key | None = Field(
        default=None,
        alias="GMI_API_KEY",
        description="the API key; switches GMI Cloud on",
        json_schema_extra={"where": "https://console.gmicloud.ai"},
    )
    base_url: BaseUrl = Field(
        default="https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey",
        alias="GMI_BASE_URL",
        description="the address of GMI Cloud's request queue",
    )
    organization: str = Field(
        default="",
        alias="GMI_ORGANIZATION",
        pattern=r"^[A-Za-z0-9._-]{0,100}$",
        description="the id of the organization that pays, where the key serves several",
    )


class Gmi(Provider):
    """GMI Cloud's request queue for Kling 1.6."""

    name: ClassVar[str] = "gmi"
    title: ClassVar[str] = "GMI Cloud"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS

    def __init__(self, settings: GmiSettings, door: Door) -> None:
        self._door = door
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=f"Bearer {settings.secret}",
            secret=settings.secret, read=_complaint,
            headers={"X-Organization-ID": settings.organization} if settings.organization else None,
        )  # fmt: skip

    async def prepare(self, order: Order) -> Body:
        """Put the picture inside the request, spell the request in GMI's words."""
        found = [order.pictures[ref] for ref in order.request.pictures]
        pictures = [data_uri(picture, await read_picture(picture)) for picture in found]
        return Body(path="requests", json={"model": order.offer.model, "payload": _payload(order, pictures)})

    async def submit(self, body: Body) -> Task:
        """Queue the request."""
        answer = await self._api.pay(body)
        return Task(id=self._api.task_id(answer, dig(answer.json(), "request_id")))

    async def check(self, task: Task) -> TaskStatus:
        """How the request is, and its video once it succeeded, in either shape of an outcome."""
        answer = await self._api.get(self._address(task))
        said = answer.json()
        state = _STATES.get(word) if isinstance(word := dig(said, "status"), str) else None
        if state is None:
            raise self._api.puzzled("unknown status", answer)
        if state in ("failed", "cancelled"):
            return TaskStatus(state=state, error=self._failure(said, state))
        if state != "done":
            return TaskStatus(state=state, retry_after=answer.retry_after)
        video = _video(dig(said, "outcome"))
        if not video:
            raise self._api.puzzled("success without a video", answer)
        return TaskStatus(state="done", progress=1.0, video_url=video)

    async def cancel(self, task: Task) -> Cancelled:
        """Send the undocumented DELETE; only the documented status `cancelled` afterwards confirms anything."""
        answer = await self._api.ask("DELETE", self._address(task))
        if not answer.ok:
            return "unknown"
        try:
            now = await self.check(task)
        except CheckFailed:
            return "unknown"
        if now.state == "cancelled":
            return "confirmed"
        return "too_late" if now.state == "done" else "unknown"

    async def find(self, lost: Lost) -> Sequence[Task]:
        """Requests of the same model from around the lost call, whose payload is ours as far as it is shown."""
        answer, items = await self._requests(lost.offer.model)
        since, until = lost.window
        total, moments = dig(answer.json(), "total"), [_moment(item) for item in items]
        reaches_back = any(moment is not None and moment < since for moment in moments)
        if type(total) is int and total > len(items) and not reaches_back:
            raise CheckFailed(self.name, "unknown", "the list is cut off before the time in question")
        found = [item for item in items if _may_be(item, lost, since, until)]
        if len(found) == 1 and not _tells_enough(found[0]):
            raise CheckFailed(self.name, "unknown", "a request that shows too little to tell whose it is")
        return [Task(id=name) for item in found if (name := short_id(dig(item, "request_id")))]

    async def models(self) -> Collection[str] | None:
        """The models it lists; requests are listed first, which certainly needs the key. Raises CheckFailed."""
        await self._requests(self.offers[0].model)
        answer = await self._api.get(self._api.url("models"))
        names = dig(answer.json(), "model_ids")
        if not isinstance(names, list):
            raise self._api.puzzled("no list of models", answer)
        return frozenset(name for found in names if (name := short_id(found)))

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()

    def _address(self, task: Task) -> str:
        return self._api.url(f"requests/{quote(task.id, safe='')}")

    async def _requests(self, model: str) -> tuple[Answer, list[Any]]:
        answer = await self._api.get(self._api.url("requests"), params={"model_id": model})
        items = dig(answer.json(), "requests")
        if items is None and dig(answer.json(), "total") == 0:
            items = []
        if not isinstance(items, list):
            raise self._api.puzzled("no list of requests", answer)
        return answer, items

    def _failure(self, said: object, state: State) -> Failure:
        """Why there is no video. Where the reason stands isn't documented; clients have seen it at the top."""
        places = (("error",), ("error", "message"), ("outcome", "error"), ("outcome", "error", "message"))
        detail = next((words for place in places if (words := self._api.words(dig(said, *place)))), str(state))
        if state == "cancelled":
            return Failure(reason="cancelled", detail=detail)
        return failure(detail)


def _payload(order: Order, pictures: Sequence[str]) -> Json:
    """A request in GMI's words, with the pictures that it needs."""
    request = order.request
    match request:
        case TextToVideo():
            words: Json = {"aspect_ratio": request.aspect_ratio}
        case ImageToVideo() if request.pictures == (request.start,):
            words = {"image": pictures[0]}
        case _:
            raise SubmitRefused("gmi", "invalid", request.workflow)
    return {
        **words, "prompt": request.prompt, "negative_prompt": request.negative_prompt,
        "duration": str(request.duration), "cfg_scale": request.cfg_scale,
    }  # fmt: skip


def _video(outcome: object) -> str | None:
    """The video's address out of either shape: `video_url`, or the first of `media_urls`."""
    if found := web_address(dig(outcome, "video_url")):
        return found
    listed = dig(outcome, "media_urls")
    addresses = [web_address(dig(one, "url")) for one in listed] if isinstance(listed, list) else []
    return next(filter(None, addresses), None)


def _complaint(answer: Answer) -> Complaint:
    """`{"error": "..."}`; elsewhere in its API the words stand under `message`."""
    said = answer.json()
    words = next((text for text in (dig(said, "error"), dig(said, "error", "message"), dig(said, "message"))
                  if isinstance(text, str) and text), answer.text())  # fmt: skip
    return worded(answer.status, words)


def _may_be(item: object, lost: Lost, since: int, until: int) -> bool:
    """Whether a listed request could be the lost one: nothing it shows says otherwise."""
    if short_id(dig(item, "request_id")) is None:
        return False
    if dig(item, "model") not in (None, "", lost.offer.model):
        return False
    made = _moment(item)
    if made is not None and not since <= made <= until:
        return False
    ours, shown = dig(dict(lost.body), "payload"), dig(item, "payload")
    if not isinstance(ours, dict) or not isinstance(shown, dict):
        return True
    compared = [name for name in ours if name in shown and name != "image"]  # both sides shorten or move pictures
    return all(shown[name] == ours[name] or str(shown[name]) == str(ours[name]) for name in compared)


def _tells_enough(item: object) -> bool:
    """Whether a request that contradicts nothing also shows something: its prompt, and when it was made."""
    return isinstance(dig(item, "payload", "prompt"), str) and _moment(item) is not None


def _moment(item: object) -> int | None:
    """Milliseconds UTC out of its unix seconds."""
    seconds = dig(item, "created_at")
    return seconds * 1000 if type(seconds) is int and 0 < seconds < 10**11 else None
