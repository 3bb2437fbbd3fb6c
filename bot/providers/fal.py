"""fal.ai: a queue in front of the models. Submit, ask for the status, fetch the result, which also tells of failure.

Never bought twice: fal has no idempotency key, so the paid POST goes out once (its own SDK sends it again, and can
pay twice). fal's *own* retries stay on (no `X-Fal-No-Retry`): they rerun one request id inside the queue, and only an
output is billed. A 429 says that the queue took nothing; a 503 says no such thing here, since it may come from behind
the queue.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

from pydantic import Field

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.images import nearest_ratio
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Ratio, TextToVideo
from bot.net.answer import Answer, dig, one_line
from bot.net.door import Door
from bot.providers.base import Body, Cancelled, Failure, Json, Order, PictureFile, Provider, State, Task, TaskStatus
from bot.providers.fal_offers import APP, OFFERS
from bot.providers.fal_prices import listed_prices
from bot.providers.offers import Offer, Prices
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.wire import (
    UPLOAD_SECONDS,
    Api,
    Complaint,
    data_uri,
    picture_name,
    read_picture,
    status_reason,
    web_address,
)

log = logging.getLogger(__name__)

SMALL = 128_000
"""Bytes up to which a picture goes inside the request, which saves two calls."""

_LOG_LINES = 20
_KEPT = json.dumps({"expiration_duration_seconds": 7 * 24 * 3600})
"""How long fal keeps pictures and videos: long enough to fetch them after any breakdown of ours, not for ever."""


class FalSettings(ProviderSettings):
    """fal: its key and addresses."""

    key: Key | None = Field(
        default=None,
        alias="FAL_KEY",
        description="the API key, as id:secret; switches fal on",
        json_schema_extra={"where": "https://fal.ai/dashboard/keys"},
    )
    base_url: BaseUrl = Field(
        default="https://queue.fal.run", alias="FAL_BASE_URL", description="the address of fal's queue"
    )
    rest_url: BaseUrl = Field(
        default="https://rest.fal.ai", alias="FAL_REST_URL", description="the address where uploads to fal begin"
    )

    api_url: BaseUrl = Field(
        default="https://api.fal.ai", alias="FAL_API_BASE_URL", description="the address where fal tells its prices"
    )

    @property
    def bases(self) -> tuple[str, ...]:
        """Queue, uploads and prices."""
        return (self.base_url, self.rest_url, self.api_url)


class Fal(Provider):
    """fal's queue API for Kling 1.6."""

    name: ClassVar[str] = "fal"
    title: ClassVar[str] = "fal.ai"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS

    def __init__(self, settings: FalSettings, door: Door) -> None:
        self._door = door
        self._rest_url, self._api_url = settings.rest_url, settings.api_url
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=f"Key {settings.secret}", secret=settings.secret,
            read=_complaint,
        )  # fmt: skip

    async def prepare(self, order: Order) -> Body:
        """Upload the pictures, spell the request in fal's words."""
        addresses = {ref: await self._hand_over(order.pictures[ref]) for ref in order.request.pictures}
        return Body(
            path=order.offer.model,
            json=_body(order, addresses),
            headers={"X-Fal-Object-Lifecycle-Preference": _KEPT},
        )

    async def submit(self, body: Body) -> Task:
        """Queue the request. The addresses fal hands out are kept with the task."""
        answer = await self._api.pay(body)
        said = answer.json()
        handed_out = {name: dig(said, name) for name in ("status_url", "response_url", "cancel_url")}
        task_id = self._api.task_id(answer, dig(said, "request_id"))
        return Task(id=task_id, extra={name: url for name, url in handed_out.items() if self._api.is_inside(url)})

    async def check(self, task: Task) -> TaskStatus:
        """Queue position and logs while it runs; the result once the queue says COMPLETED, whichever way it went."""
        answer = await self._api.get(self._address(task, "status_url", "/status"), params={"logs": "1"})
        said = answer.json()
        word, logs = dig(said, "status"), self._logs(said)
        if word == "IN_QUEUE":
            position = dig(said, "queue_position")
            known = position if type(position) is int and position >= 0 else None
            return TaskStatus(state="queued", queue_position=known, logs=logs, retry_after=answer.retry_after)
        if word == "IN_PROGRESS":
            return TaskStatus(state="running", logs=logs, retry_after=answer.retry_after)
        if word == "COMPLETED":
            return await self._result(task, said, logs)
        raise self._api.puzzled("unknown status", answer)

    async def cancel(self, task: Task) -> Cancelled:
        """Ask fal to stop.

        Its 202 is only a promise to try: the status is looked at for whether the queue let go of it.
        """
        answer = await self._api.ask("PUT", self._address(task, "cancel_url", "/cancel"))
        word = dig(answer.json(), "status")
        if word == "ALREADY_COMPLETED":
            return "too_late"
        if not answer.ok:
            return "unknown"
        if word == "OK":
            return "confirmed"
        now = await self.check(task)
        if now.state == "cancelled" and not (now.error and now.error.billed):
            return "confirmed"
        return "too_late" if now.state == "done" else "unknown"

    async def ping(self) -> bool:
        """A ticket for uploads is free and needs the key."""
        await self._ticket()
        return True

    async def prices(self, offers: Sequence[Offer]) -> Mapping[str, Prices]:
        """From its list of prices, where those are by the second."""
        return await listed_prices(self._api, self._api_url, offers)

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()

    def _address(self, task: Task, name: str, ending: str) -> str:
        """The address fal handed out, if it is still below the configured base, else the documented one.

        The key goes with every call, so an address that points elsewhere is never used.
        """
        handed_out = task.extra.get(name)
        if isinstance(handed_out, str) and self._api.is_inside(handed_out):
            return handed_out
        return self._api.url(f"{APP}/requests/{quote(task.id, safe='')}{ending}")

    def _logs(self, said: object) -> tuple[str, ...]:
        lines = dig(said, "logs")
        messages = [dig(line, "message") for line in lines] if isinstance(lines, list) else []
        return tuple(self._api.words(message) for message in messages if message)[-_LOG_LINES:]

    async def _result(self, task: Task, said: object, logs: tuple[str, ...]) -> TaskStatus:
        """What came of a completed task.

        It failed where its status says so, or the result answers with a typed 4xx. Anything else without a video is
        asked for again later: a 5xx that passes must not lose a paid video.
        """
        answer = await self._api.ask("GET", self._address(task, "response_url", ""))
        video = web_address(dig(answer.json(), "video", "url")) if answer.ok else None
        if video:
            return TaskStatus(state="done", progress=1.0, video_url=video, logs=logs)
        error = dig(said, "error")
        typed = bool(_kinds(answer)) and status_reason(answer.status) in ("invalid", "unknown")
        if not error and not dig(said, "error_type") and not (typed and answer.status < 500):
            self._api.expect(answer)
            raise self._api.puzzled("completed without a video", answer)
        failure = self._failure(answer, one_line(str(error or ""), 300), str(dig(said, "error_type") or ""))
        state: State = "cancelled" if failure.reason == "cancelled" else "failed"
        return TaskStatus(state=state, error=failure, logs=logs)

    def _failure(self, answer: Answer, error: str, error_type: str) -> Failure:
        """Why a completed task has no video: from the failing result, else from the status."""
        complaint = self._api.complaint(answer)
        kinds = {*_kinds(answer), error_type}
        told = bool(_kinds(answer)) and not answer.ok
        detail = complaint.detail if told else self._api.words(error or error_type)
        billed = _number(answer.headers.get("x-fal-billable-units", "")) > 0
        if "client_cancelled" in kinds:
            return Failure(reason="cancelled", detail=detail, billed=billed)
        if "content_policy_violation" in kinds:
            return Failure(reason="policy", detail=detail, billed=billed)
        ours = told and complaint.reason == "invalid" and not _may_repeat(answer) and not kinds & _THEIRS
        return Failure(reason="invalid" if ours else "provider", detail=detail, billed=billed)

    async def _hand_over(self, picture: PictureFile) -> str:
        """A picture as fal takes it: uploaded, or inside the request when it is small or no upload works."""
        data = await read_picture(picture)
        if len(data) <= SMALL:
            return data_uri(picture, data)
        ways: tuple[Callable[[PictureFile, bytes], Awaitable[str]], ...] = (self._to_cdn, self._to_storage)
        for way in ways:
            try:
                return await way(picture, data)
            except CheckFailed as error:
                if error.reason in ("auth", "balance"):
                    raise SubmitRefused(self.name, error.reason, error.detail, error.status) from None
                log.warning("upload to fal failed: %s", error)
        return data_uri(picture, data)

    async def _ticket(self) -> Answer:
        """Leave to upload files."""
        url, params = f"{self._rest_url}/storage/auth/token", {"storage_type": "fal-cdn-v3"}
        return self._api.expect(await self._api.ask("POST", url, params=params, json={}))

    async def _to_cdn(self, picture: PictureFile, data: bytes) -> str:
        ticket = await self._ticket()
        said = ticket.json()
        base = web_address(dig(said, "base_url"))
        if not base or not dig(said, "token"):
            raise self._api.puzzled("no upload token", ticket)
        headers = {
            "Authorization": f"{dig(said, 'token_type')} {dig(said, 'token')}", "Content-Type": picture.mime,
            "X-Fal-File-Name": picture_name(picture), "X-Fal-Object-Lifecycle": _KEPT,
        }  # fmt: skip
        url = f"{base.rstrip('/')}/files/upload"
        return self._stored(await self._put("POST", url, data, headers), "access_url")

    async def _to_storage(self, picture: PictureFile, data: bytes) -> str:
        ticket = self._api.expect(
            await self._api.ask(
                "POST", f"{self._rest_url}/storage/upload/initiate", params={"storage_type": "gcs"},
                json={"file_name": picture_name(picture), "content_type": picture.mime},
                headers={"X-Fal-Object-Lifecycle-Preference": _KEPT},
            )
        )  # fmt: skip
        upload_url = web_address(dig(ticket.json(), "upload_url"))
        if not upload_url:
            raise self._api.puzzled("no upload address", ticket)
        await self._put("PUT", upload_url, data, {"Content-Type": picture.mime})
        return self._stored(ticket, "file_url")

    async def _put(self, method: str, url: str, data: bytes, headers: dict[str, str]) -> Answer:
        """Send bytes to where fal says, without our key."""
        answer = await self._api.ask(
            method, url, content=data, headers=headers, within=UPLOAD_SECONDS, authorized=False
        )  # fmt: skip
        return self._api.expect(answer)

    def _stored(self, answer: Answer, name: str) -> str:
        url = web_address(dig(answer.json(), name))
        if not url:
            raise self._api.puzzled("no address of the upload", answer)
        return url


_THEIRS = frozenset(
    ("downstream_service_error", "downstream_service_unavailable", "generation_timeout", "internal_server_error",
     "no_media_generated")
)  # fmt: skip
"""Kinds of error that our input is not to blame for, whatever status they come with."""


def _body(order: Order, addresses: dict[str, str]) -> Json:
    """A request in fal's words; `addresses` has each picture's."""
    request = order.request
    match request:
        case TextToVideo():
            words: Json = {
                "prompt": request.prompt,
                "aspect_ratio": request.aspect_ratio,
                "cfg_scale": request.cfg_scale,
            }
        case ImageToVideo():
            words = _image(request, order, addresses)
        case Elements():
            pictures = [addresses[ref] for ref in request.references]
            words = {"prompt": request.prompt, "input_image_urls": pictures, "aspect_ratio": request.aspect_ratio}
        case Effect():
            people = [addresses[ref] for ref in request.people]
            scene = order.offer.scenes[request.scene]
            return {"effect_scene": scene, "input_image_urls": people, "duration": str(request.duration)}
        case Extend():
            raise SubmitRefused("fal", "invalid", "extend")
    return {**words, "negative_prompt": request.negative_prompt, "duration": str(request.duration)}


def _image(request: ImageToVideo, order: Order, addresses: dict[str, str]) -> Json:
    if not request.start:
        raise SubmitRefused("fal", "invalid", "start")
    words: Json = {
        "prompt": request.prompt, "image_url": addresses[request.start], "cfg_scale": request.cfg_scale,
    }  # fmt: skip
    if request.end:
        words["tail_image_url"] = addresses[request.end]
    if "aspect_ratio" in order.offer.fields:
        words["aspect_ratio"] = request.aspect_ratio or _shape(order.pictures[request.start])
    return words


def _shape(picture: PictureFile) -> Ratio:
    return nearest_ratio(picture.width, picture.height)


def _complaint(answer: Answer) -> Complaint:
    """Both of fal's error shapes: a list of `detail` (the model's) and a string with `error_type` (the queue's)."""
    said = answer.json()
    detail = dig(said, "detail")
    if isinstance(detail, list):
        words = "; ".join(str(dig(item, "msg") or dig(item, "type") or "") for item in detail[:5])
    else:
        words = str(detail or dig(said, "error") or dig(said, "message") or answer.text())
    kinds = _kinds(answer)
    if "content_policy_violation" in kinds:
        return Complaint("policy", words)
    if answer.status == 403 and any(
        sign in words.lower() for sign in ("user is locked", "exhausted balance", "top_up")
    ):
        return Complaint("balance", words)
    if "concurrent_requests_limit" in kinds:
        return Complaint("busy", words)
    return Complaint(status_reason(answer.status), words)


def _kinds(answer: Answer) -> list[str]:
    """What fal calls the error, from the body or the header."""
    said = answer.json()
    detail = dig(said, "detail")
    listed = [dig(item, "type") for item in detail] if isinstance(detail, list) else []
    named = [dig(said, "error_type"), answer.headers.get("x-fal-error-type")]
    return [kind for kind in [*listed, *named] if isinstance(kind, str) and kind]


def _may_repeat(answer: Answer) -> bool:
    """Its word that the same request may succeed; the header had two names."""
    said = answer.headers.get("x-fal-needs-retry") or answer.headers.get("x-fal-retryable") or ""
    return said.lower() in ("1", "true", "yes")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
