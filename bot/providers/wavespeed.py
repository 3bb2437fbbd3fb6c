"""WaveSpeedAI: one path a model, answers in an envelope (`code`, `message`, `data`), tasks called predictions.

Accepted means a 2xx with `data.id`. A 200 without one is uncertain, even where its envelope has an error code in it:
nothing documents that such an answer starts nothing, and the list of predictions (`find`) can tell. Nothing documents
503 either.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.requests import Duration, Effect, Elements, Extend, ImageToVideo, TextToVideo, Tier, Workflow
from bot.net.answer import Answer, dig
from bot.net.door import Door
from bot.providers.base import Body, Failure, Json, Lost, Order, PictureFile, State, Task, TaskStatus
from bot.providers.enhancer import Enhanced, Enhancer
from bot.providers.offers import Offer, Price, Prices
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.wire import (
    UPLOAD_SECONDS,
    Api,
    Complaint,
    account_balance,
    data_uri,
    is_policy,
    iso,
    micro_dollars,
    picture_name,
    plain_text,
    read_picture,
    short_id,
    web_address,
    worded,
)

log = logging.getLogger(__name__)

_API = "api/v3"
_ENHANCER = "wavespeed-ai/prompt-optimizer"
_MOST_TEXT = 10_000

_PAGE = 100
_PAGES = 10

_SCENES = """
    angel_wing anime_figure bloombloom boss_coming brown_bear_hug building_collapse car_explosion celebration
    construction_worker cry_cry dark_wing day_to_night dizzydizzy dollar_rain double_gun emoji expansion fairy_wing
    felt_felt fly_fly fuzzyfuzzy girlfriend gun_shot heart_gesture_1 hula instant_film instant_kid iron_warrior
    jazz_jazz jelly_jiggle jelly_press jelly_slice jelly_squish jesus_hug jumpdrop let's_ride lie_flat
    lightning_power long_hair magic_broom magic_fireball marry_me media_interview mushroom pet_bee pet_chef
    pet_dance pet_delivery pet_lion pet_moto_rider pet_warrior pet_wizard piggy_morph pixelpixel plushcut
    polar_bear_hug rocketrocket santa_gifts santa_hug shark_alert siblings skateskate ski_ski smoke_smoke snatched
    splashsplash squish surfsurf swing_swing thumbs_up tiger_hug watermelon_bomb wig_out wool_curly yearbook
    """
SCENES: Mapping[str, str] = {
    **{scene: scene for scene in _SCENES.split()},
    "boyfriend": "boylfriend",
    "office_escape_plow": "offic_escape_plow",
}
"""Our names of effects to the spelling of its model page, mistakes included."""

_SEEN = date(2026, 11, 20)
_IMAGE_STANDARD = Price(of={5: 250_000, 10: 500_000}, source="model page", seen=_SEEN, confirmed=True)
_STANDARD = Price(
    of={5: 250_000, 10: 500_000}, upper={5: 280_000, 10: 560_000}, seen=_SEEN, confirmed=False,
    source="as standard image-to-video; upper bound is Kling's list price",
)  # fmt: skip
_PRO = Price(of={5: 490_000, 10: 980_000}, source="Kling's list price", seen=_SEEN, confirmed=False)
_EFFECT = Price(
    of={5: 250_000}, upper={5: 280_000}, seen=_SEEN, confirmed=False,
    source="as standard image-to-video; upper bound is Kling's list price",
)  # fmt: skip


def _row(workflow: Workflow, tier: Tier, model: str, price: Price, fields: str, **more: Any) -> Offer:
    return Offer(
        provider="wavespeed", workflow=workflow, tier=tier, model=f"kwaivgi/{model}", price=price,
        fields=frozenset(fields.split()), **more,
    )  # fmt: skip


_IMAGE = "start prompt negative_prompt duration cfg_scale"
_MULTI = "references prompt negative_prompt duration aspect_ratio"

OFFERS = (
    _row(
        "text", "standard", "kling-v1.6-t2v-standard", _STANDARD, "prompt negative_prompt duration cfg_scale",
        fixed={"aspect_ratio": "16:9"},
    ),
    _row("image", "standard", "kling-v1.6-i2v-standard", _IMAGE_STANDARD, _IMAGE, max_pictures=1),
    _row("image", "pro", "kling-v1.6-i2v-pro", _PRO, f"{_IMAGE} end", max_pictures=2),
    _row("elements", "standard", "kling-v1.6-multi-i2v-standard", _STANDARD, _MULTI, max_pictures=4),
    _row(
        "elements", "pro", "kling-v1.6-multi-i2v-pro", _PRO, _MULTI, max_pictures=4, enabled=False,
        note="body unconfirmed",
    ),
    _row(
        "effect", "standard", "kling-effects", _EFFECT, "scene people", durations=(5,), fixed={"duration": 5},
        prompt_required=False, max_pictures=1, scenes=SCENES,
    ),
)  # fmt: skip

_STATES: Mapping[str, State] = {
    "created": "queued", "processing": "running", "completed": "done", "failed": "failed", "cancelled": "cancelled",
    "timeout": "failed", "deleted": "failed",
}  # fmt: skip


class WaveSpeedSettings(ProviderSettings):
    """WaveSpeedAI: its key and address."""

    key: Key | None = Field(
        default=None,
        alias="WAVESPEED_API_KEY",
        description="the API key; switches WaveSpeedAI on",
        json_schema_extra={"where": "https://wavespeed.ai/accesskey"},
    )
    base_url: BaseUrl = Field(
        default="https://api.wavespeed.ai", alias="WAVESPEED_BASE_URL", description="the address of WaveSpeedAI's API"
    )


class WaveSpeed(Enhancer):
    """WaveSpeedAI's v3 API for Kling 1.6, and its prompt enhancer."""

    name: ClassVar[str] = "wavespeed"
    title: ClassVar[str] = "WaveSpeedAI"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS
    concurrency: ClassVar[int] = 2
    """Of the first level of account (bronze): a third prediction waits there."""
    enhancement_microusd: ClassVar[int] = 1_000  # its model page

    def __init__(self, settings: WaveSpeedSettings, door: Door) -> None:
        self._door = door
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=f"Bearer {settings.secret}",
            secret=settings.secret, read=_complaint,
        )  # fmt: skip

    async def prepare(self, order: Order) -> Body:
        """Upload the pictures, spell the request in WaveSpeed's words."""
        addresses = {ref: await self._hand_over(order.pictures[ref]) for ref in order.request.pictures}
        return Body(path=f"{_API}/{order.offer.model}", json=_body(order, addresses))

    async def submit(self, body: Body) -> Task:
        """Start the prediction."""
        answer = await self._api.pay(body)
        return Task(id=self._api.task_id(answer, dig(answer.json(), "data", "id")))

    async def check(self, task: Task) -> TaskStatus:
        """How the prediction is; its video and the flags of its safety check once it is completed."""
        answer, data, word, state = await self._prediction(task)
        flags = dig(data, "has_nsfw_contents")
        flagged = isinstance(flags, list) and any(flag is True for flag in flags)
        if state in ("failed", "cancelled"):
            return TaskStatus(state=state, flagged=flagged, error=self._failure(data, word, flagged))
        if state != "done":
            return TaskStatus(state=state, retry_after=answer.retry_after)
        output = dig(data, "outputs", 0)
        video = web_address(output) or web_address(dig(output, "url"))
        if not video:
            raise self._api.puzzled("completed without a video", answer)
        return TaskStatus(state="done", progress=1.0, video_url=video, flagged=flagged)

    async def prepare_enhancement(self, prompt: str, picture: PictureFile | None) -> Body:
        """The enhancer's body, for a prompt of a video; the picture is uploaded."""
        words: Json = {"text": prompt, "mode": "video", "style": "default", "enable_sync_mode": False}
        if picture is not None:
            words["image"] = await self._hand_over(picture)
        return Body(path=f"{_API}/{_ENHANCER}", json=words)

    async def check_enhancement(self, task: Task) -> Enhanced:
        """The improved prompt is the first output, a text where a video's is an address."""
        answer, data, word, state = await self._prediction(task)
        if state in ("failed", "cancelled"):
            return Enhanced(state="failed", detail=self._failure(data, word, flagged=False).detail)
        if state != "done":
            return Enhanced(state="running", retry_after=answer.retry_after)
        text = dig(data, "outputs", 0)
        if not isinstance(text, str) or not text.strip() or web_address(text.strip()):
            return Enhanced(state="failed", detail="no text")
        return Enhanced(state="done", text=plain_text(text.strip()[:_MOST_TEXT]))

    async def _prediction(self, task: Task) -> tuple[Answer, object, str, State]:
        """A look at a prediction: the answer, its data, its status in WaveSpeed's word and in ours."""
        answer = await self._api.get(self._api.url(f"{_API}/predictions/{quote(task.id, safe='')}/result"))
        data = dig(answer.json(), "data")
        word = dig(data, "status")
        state = _STATES.get(word) if isinstance(word, str) else None
        if state is None:
            raise self._api.puzzled("unknown status", answer)
        return answer, data, str(word), state

    async def find(self, lost: Lost) -> Sequence[Task]:
        """Predictions of the same model from around the lost call, whose input is ours as far as it is shown."""
        since, until = lost.window
        window = {"created_after": iso(since), "created_before": iso(until)}
        found: list[Task] = []
        for page in range(1, _PAGES + 1):
            question = {"page": page, "page_size": _PAGE, "model": lost.offer.model, **window}
            answer = self._api.expect(await self._api.ask("POST", self._api.url(f"{_API}/predictions"), json=question))
            items = dig(answer.json(), "data", "items")
            if not isinstance(items, list):
                raise self._api.puzzled("no list of predictions", answer)
            candidates = [item for item in items if _may_be(item, lost, since, until)]
            found += [Task(id=name) for item in candidates if (name := short_id(dig(item, "id")))]
            if len(items) < _PAGE:
                return found
        raise CheckFailed(self.name, "unknown", "too many predictions to tell")

    async def balance(self) -> int | None:
        """What is left on the account, in micro-dollars."""
        answer = await self._api.get(self._api.url(f"{_API}/balance"))
        left = account_balance(dig(answer.json(), "data", "balance"))
        if left is None:
            raise self._api.puzzled("no balance", answer)
        return left

    async def prices(self, offers: Sequence[Offer]) -> Mapping[str, Prices]:
        """What the account pays for each model and length, its discount taken off; all lengths or none."""
        found = {}
        for offer in offers:
            of = {length: price for length in offer.durations if (price := await self._price(offer, length))}
            if len(of) == len(offer.durations):
                found[offer.id] = of
        return found

    async def _price(self, offer: Offer, length: Duration) -> int | None:
        """Micro-dollars for a clip; None where it doesn't tell of that model."""
        question = {"model_id": offer.model, "inputs": {"prompt": "a boat", "duration": length}}
        answer = await self._api.ask("POST", self._api.url(f"{_API}/model/price"), json=question)
        if answer.status in (401, 402, 403, 429) or answer.status >= 500:
            self._api.expect(answer)
        said = dig(answer.json(), "data") if answer.ok else None
        if dig(said, "currency") not in ("USD", None, ""):
            return None
        return micro_dollars(dig(said, "discounted_price")) or micro_dollars(dig(said, "price"))

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()

    def _failure(self, data: object, word: str, flagged: bool) -> Failure:
        detail = self._api.words(dig(data, "error")) or word
        if word == "cancelled":
            return Failure(reason="cancelled", detail=detail)
        return Failure(reason="policy" if flagged or is_policy(detail) else "provider", detail=detail)

    async def _hand_over(self, picture: PictureFile) -> str:
        """A picture's address after its upload, or the picture itself where the upload answers but doesn't work."""
        data = await read_picture(picture)
        url = self._api.url(f"{_API}/media/upload/binary")
        files = {"file": (picture_name(picture), data, picture.mime)}
        answer = await self._api.ask("POST", url, files=files, within=UPLOAD_SECONDS)
        said = self._api.complaint(answer)
        if answer.status in (401, 402, 403):
            raise SubmitRefused(self.name, said.reason, said.detail, answer.status)
        if answer.status == 429:
            self._api.expect(answer)
        address = web_address(dig(answer.json(), "data", "download_url")) if answer.ok else None
        if address is None:
            log.warning("upload to WaveSpeed failed: status %s, %s", answer.status, said.detail)
        return address or data_uri(picture, data)


def _body(order: Order, addresses: Mapping[str, str]) -> Json:
    """A request in WaveSpeed's words; `addresses` has each picture's."""
    request = order.request
    match request:
        case TextToVideo():
            words: Json = {"prompt": request.prompt, "guidance_scale": request.cfg_scale}
        case ImageToVideo():
            if not request.start:
                raise SubmitRefused("wavespeed", "invalid", "start")
            words = {"image": addresses[request.start], "prompt": request.prompt, "guidance_scale": request.cfg_scale}
            if request.end:
                words["end_image"] = addresses[request.end]
        case Elements():
            pictures = [addresses[ref] for ref in request.references]
            words = {"prompt": request.prompt, "images": pictures, "aspect_ratio": request.aspect_ratio}
        case Effect():
            return {"effect_scene": order.offer.scenes[request.scene], "image": addresses[request.people[0]]}
        case Extend():
            raise SubmitRefused("wavespeed", "invalid", "extend")
    return {**words, "negative_prompt": request.negative_prompt, "duration": request.duration}


def _complaint(answer: Answer) -> Complaint:
    """Its envelope outside of 2xx. The codes for an empty balance and for policy aren't documented: words tell."""
    said = answer.json()
    return worded(answer.status, str(dig(said, "message") or dig(said, "error") or answer.text()))


_PICTURE_FIELDS = frozenset(("image", "end_image", "images"))
"""Not compared: both sides shorten or move pictures. A prompt is, also one that begins with an address."""


def _may_be(item: object, lost: Lost, since: int, until: int) -> bool:
    """Whether a listed prediction could be the lost one: nothing it shows says otherwise."""
    if short_id(dig(item, "id")) is None or dig(item, "model") not in (None, "", lost.offer.model):
        return False
    made = _moment(dig(item, "created_at"))
    if made is not None and not since <= made <= until:
        return False
    shown = dig(item, "input")
    if not isinstance(shown, dict):
        return True
    compared = [name for name in lost.body if name in shown and name not in _PICTURE_FIELDS]
    return all(shown[name] == lost.body[name] or str(shown[name]) == str(lost.body[name]) for name in compared)


def _moment(text: object) -> int | None:
    """Milliseconds UTC from an ISO time."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
