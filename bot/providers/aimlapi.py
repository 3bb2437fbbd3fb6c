"""AI/ML API: one path for every video model, the model's name in the body; polled with the id in the query.

Accepted means a 2xx with an id, under either of its names or in the trace header that documents the same id. Nothing
protects against buying twice: our `X-Client-Request-Id` is correlation only. It comes back in the usage logs, though,
beside the id of the generation, so that a lost answer is found exactly (`find`). An empty account is a 403. Generations
are billed once they are completed; 2,000,000 credits are a dollar.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from pydantic import Field

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.requests import (
    WHOLE_MOVES,
    Camera,
    Effect,
    Elements,
    Extend,
    ImageToVideo,
    TextToVideo,
    Tier,
    Workflow,
)
from bot.net.answer import Answer, dig
from bot.net.door import Door
from bot.providers.base import Body, Failure, Json, Lost, Order, Provider, State, Task, TaskStatus
from bot.providers.offers import Offer, Price
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.wire import (
    MOST_MICROUSD,
    Api,
    Complaint,
    account_balance,
    data_uri,
    failure,
    iso,
    read_picture,
    short_id,
    web_address,
    worded,
)

_PATH = "v2/video/generations"
_LEGACY_PATH = "v2/generate/video/kling/generation"

_CREDITS_A_DOLLAR = 2_000_000

_TRACES = ("x-inference-id", "x-client-request-id", "x-aimlapi-credits-used", "x-aimlapi-usd-spent")
"""What it says about every call beside its answer."""

_PAGE = 100
_PAGES = 10

SCENES = tuple("""
    angel_wing anime_figure bloombloom boss_coming boyfriend brown_bear_hug building_collapse car_explosion celebration
    construction_worker cry_cry dark_wing day_to_night dizzydizzy dollar_rain double_gun expansion fairy_wing felt_felt
    fight fly_fly fuzzyfuzzy girlfriend gun_shot heart_gesture heart_gesture_1 hug hula instant_film instant_kid
    iron_warrior jazz_jazz jelly_jiggle jelly_press jelly_slice jelly_squish jesus_hug jumpdrop kiss let's_ride lie_flat
    lightning_power long_hair magic_broom magic_fireball marry_me media_interview mushroom office_escape_plow pet_bee
    pet_chef pet_dance pet_delivery pet_lion pet_moto_rider pet_warrior pet_wizard piggy_morph pixelpixel plushcut
    polar_bear_hug rocketrocket santa_gifts santa_hug shark_alert siblings skateskate ski_ski smoke_smoke snatched
    splashsplash squish surfsurf swing_swing thumbs_up tiger_hug watermelon_bomb wig_out wool_curly yearbook
    """.split())  # fmt: skip
"""Its effects for 1.6, in our spelling; the same for both tiers."""

_SEEN = date(2026, 11, 20)
_STANDARD = Price(
    of={5: 280_000, 10: 560_000}, upper={5: 420_000, 10: 840_000}, seen=_SEEN, confirmed=False,
    source="Kling's list price; no price of its own is known for 1.6",
)  # fmt: skip
_PRO = Price(
    of={5: 490_000, 10: 980_000}, upper={5: 735_000, 10: 1_470_000}, seen=_SEEN, confirmed=False,
    source="Kling's list price; no price of its own is known for 1.6",
)  # fmt: skip


def _row(workflow: Workflow, tier: Tier, model: str, fields: str, **more: Any) -> Offer:
    return Offer(
        provider="aimlapi", workflow=workflow, tier=tier, model=model, fields=frozenset(fields.split()),
        price=_STANDARD if tier == "standard" else _PRO, usual=(60, 360) if tier == "standard" else (120, 480), **more,
    )  # fmt: skip


_TEXT = "prompt negative_prompt duration aspect_ratio cfg_scale"
_IMAGE = "start prompt negative_prompt duration cfg_scale"
_EFFECTS: Json = {"prompt_required": False, "max_pictures": 2, "scenes": {scene: scene for scene in SCENES}}
_MOTION: Json = {
    "variant": "motion", "enabled": False,
    "note": "unconfirmed: Kling itself lists motion brush and camera control as unsupported on 1.6",
}  # fmt: skip

OFFERS = (
    _row("text", "standard", "kling-video/v1.6/standard/text-to-video", _TEXT),
    _row("text", "pro", "kling-video/v1.6/pro/text-to-video", _TEXT),
    _row(
        "text", "pro", "kling-video/v1.6/pro/text-to-video", f"{_TEXT} camera", only_with=frozenset(("camera",)),
        **_MOTION,
    ),
    _row("image", "standard", "kling-video/v1.6/standard/image-to-video", _IMAGE, max_pictures=1),
    _row(
        "image", "pro", "kling-video/v1.6/pro/image-to-video", f"{_IMAGE} end", max_pictures=2, prompt_required=False,
    ),
    _row(
        "image", "pro", "kling-video/v1.6/pro/image-to-video", f"{_IMAGE} still brushes camera", max_pictures=8,
        prompt_required=False, only_with=frozenset(("still", "brushes", "camera")), **_MOTION,
    ),
    _row(
        "elements", "standard", "kling-video/v1.6/standard/multi-image-to-video",
        "references prompt negative_prompt duration aspect_ratio", min_pictures=2, max_pictures=4,
    ),
    _row("effect", "standard", "klingai/kling-video-v1.6-standard-effects", "scene people duration", **_EFFECTS),
    _row("effect", "pro", "klingai/kling-video-v1.6-pro-effects", "scene people duration", **_EFFECTS),
)  # fmt: skip

_STATES: Mapping[str, State] = {
    "queued": "queued", "generating": "running", "completed": "done", "error": "failed",
}  # fmt: skip


class AimlapiSettings(ProviderSettings):
    """AI/ML API: its key and address."""

    key: Key | None = Field(
        default=None,
        alias="AIML_API_KEY",
        description="the API key; switches AI/ML API on",
        json_schema_extra={"where": "https://aimlapi.com/app/keys"},
    )
    base_url: BaseUrl = Field(
        default="https://api.aimlapi.com", alias="AIML_BASE_URL", description="the address of AI/ML API"
    )
    legacy: bool = Field(
        default=False,
        alias="AIML_LEGACY",
        description="use its older path for Kling, /v2/generate/video/kling/generation, instead of the one for every "
        "model",
    )


class Aimlapi(Provider):
    """AI/ML API for Kling 1.6."""

    name: ClassVar[str] = "aimlapi"
    title: ClassVar[str] = "AI/ML API"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS

    def __init__(self, settings: AimlapiSettings, door: Door) -> None:
        self._door = door
        self._path = _LEGACY_PATH if settings.legacy else _PATH
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=f"Bearer {settings.secret}",
            secret=settings.secret, read=_complaint,
        )  # fmt: skip

    async def prepare(self, order: Order) -> Body:
        """Put the pictures inside the request, spell the request in AI/ML API's words."""
        found = {ref: order.pictures[ref] for ref in order.request.pictures}
        pictures = {ref: data_uri(picture, await read_picture(picture)) for ref, picture in found.items()}
        words = {"model": order.offer.model, **_words(order, pictures)}
        return Body(path=self._path, json=words, headers={"X-Client-Request-Id": order.attempt})

    async def submit(self, body: Body) -> Task:
        """Start the generation. The path it went to and the trace of the call are kept with the task."""
        answer = await self._api.pay(body)
        said = answer.json()
        named = dig(said, "generation_id") or dig(said, "id") or answer.headers.get("x-inference-id")
        return Task(id=self._api.task_id(answer, named), extra={"path": body.path, "trace": self._trace(answer)})

    async def check(self, task: Task) -> TaskStatus:
        """How the generation is; its video and its cost once it is completed. Its log is the trace of both calls."""
        path = _LEGACY_PATH if task.extra.get("path", self._path) == _LEGACY_PATH else _PATH
        answer = await self._api.get(self._api.url(path), params={"generation_id": task.id})
        said = answer.json()
        state = _STATES.get(word) if isinstance(word := dig(said, "status"), str) else None
        if state is None:
            raise self._api.puzzled("unknown status", answer)
        traces = {**_known_traces(task), **self._trace(answer)}
        logs = tuple(f"{name}: {value}" for name, value in traces.items())
        if state == "failed":
            return TaskStatus(state=state, error=self._failure(said), logs=logs)
        if state != "done":
            return TaskStatus(state=state, logs=logs, retry_after=answer.retry_after)
        video = web_address(dig(said, "video", "url"))
        if not video:
            raise self._api.puzzled("completed without a video", answer)
        return TaskStatus(state="done", progress=1.0, video_url=video, cost=_cost(said), logs=logs)

    async def find(self, lost: Lost) -> Sequence[Task]:
        """The generation that the usage logs show beside our own id for the attempt."""
        since, until = lost.window
        window = {"start": iso(since), "end": iso(until)}
        found: dict[str, Task] = {}
        for page in range(_PAGES):
            asked = {**window, "limit": str(_PAGE), "offset": str(page * _PAGE)}
            answer = await self._api.get(self._api.url("v2/logs"), params=asked)
            rows = dig(answer.json(), "data")
            if not isinstance(rows, list):
                raise self._api.puzzled("no list of requests", answer)
            for row in rows:
                inference = short_id(dig(row, "inference_id"))
                if inference and dig(row, "client_request_id") == lost.attempt:
                    found[inference] = self.task(lost.offer, inference)
            if dig(answer.json(), "pagination", "has_more") is not True:
                return tuple(found.values())
        raise CheckFailed(self.name, "unknown", "too many requests to tell")

    async def balance(self) -> int | None:
        """What is left on the account, in micro-dollars."""
        answer = await self._api.get(self._api.url("v2/billing"))
        said = answer.json()
        if dig(said, "currency") != "USD":
            raise self._api.puzzled("no balance in dollars", answer)
        left = account_balance(dig(said, "current_balance"))
        if left is None:
            raise self._api.puzzled("no balance", answer)
        return left

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()

    def _trace(self, answer: Answer) -> Json:
        return {name: self._api.words(answer.headers[name]) for name in _TRACES if answer.headers.get(name)}

    def _failure(self, said: object) -> Failure:
        """Why there is no video. A refusal by content rules has no code of its own: words tell."""
        error = dig(said, "error")
        parts = [error] if isinstance(error, str) else [dig(error, "name"), dig(error, "message")]
        detail = self._api.words(": ".join(part for part in parts if isinstance(part, str) and part)) or "error"
        return failure(detail)


def _words(order: Order, pictures: Mapping[str, str]) -> Json:
    """A request in AI/ML API's words; `pictures` has each one's data URI."""
    request = order.request
    for name in ("end", "still", "brushes", "camera"):
        if getattr(request, name, None) and name not in order.offer.fields:
            raise SubmitRefused("aimlapi", "invalid", name)
    match request:
        case TextToVideo():
            words: Json = {"aspect_ratio": request.aspect_ratio, "cfg_scale": request.cfg_scale}
            if request.camera:
                words |= _text_camera(request.camera)
        case ImageToVideo():
            words = _image(request, pictures)
        case Elements():
            references = [pictures[ref] for ref in request.references]
            words = {"image_list": references, "aspect_ratio": request.aspect_ratio}
        case Effect():
            people = [pictures[ref] for ref in request.people]
            scene = order.offer.scenes[request.scene]
            image = people[0] if len(people) == 1 else people
            return {"image_url": image, "effect_scene": scene, "duration": request.duration}
        case Extend():
            raise SubmitRefused("aimlapi", "invalid", "extend")
    texts = {"prompt": request.prompt, "negative_prompt": request.negative_prompt}
    return {**words, **texts, "duration": request.duration}


def _image(request: ImageToVideo, pictures: Mapping[str, str]) -> Json:
    if not request.start:
        raise SubmitRefused("aimlapi", "invalid", "start")
    words: Json = {"image_url": pictures[request.start], "cfg_scale": request.cfg_scale}
    if request.end:
        words["tail_image_url"] = pictures[request.end]
    if request.still:
        words["static_mask"] = pictures[request.still]
    if request.brushes:
        words["dynamic_masks"] = [
            {"mask": pictures[brush.mask], "trajectories": [{"x": point.x, "y": point.y} for point in brush.path]}
            for brush in request.brushes
        ]
    if request.camera:
        words["camera_control"] = _image_camera(request.camera)
    return words


def _text_camera(camera: Camera) -> Json:
    """A camera move for words alone: a move that is whole by name, any other with its amount."""
    if camera.move in WHOLE_MOVES:
        return {"camera_control": camera.move}
    return {"advanced_camera_control": {"movement_type": camera.move, "movement_value": camera.amount}}


def _image_camera(camera: Camera) -> Json:
    """A camera move for a picture: an object here, with all six amounts where the move has one."""
    if camera.move in WHOLE_MOVES:
        return {"type": camera.move}
    still = dict.fromkeys(("horizontal", "vertical", "pan", "tilt", "roll", "zoom"), 0)
    return {"type": "simple", "config": {**still, camera.move: camera.amount}}


def _known_traces(task: Task) -> Json:
    kept = task.extra.get("trace")
    return kept if isinstance(kept, dict) else {}


def _cost(said: object) -> int | None:
    """Micro-dollars of a completed generation; None where it doesn't say, or nothing that can be a price."""
    used = dig(said, "meta", "usage", "credits_used")
    if isinstance(used, bool) or not isinstance(used, int | float) or not 0 < used < _CREDITS_A_DOLLAR**2:
        return None
    microusd = math.ceil(used * 1_000_000 / _CREDITS_A_DOLLAR)
    return microusd if microusd <= MOST_MICROUSD else None


def _complaint(answer: Answer) -> Complaint:
    """An object with `message`, at the top or under `error`; hints about a bad body may come as a list."""
    said = answer.json()
    for text in (dig(said, "message"), dig(said, "error", "message"), dig(said, "error")):
        words = "; ".join(map(str, text[:5])) if isinstance(text, list) else text
        if isinstance(words, str) and words:
            return worded(answer.status, words)
    return worded(answer.status, answer.text())
