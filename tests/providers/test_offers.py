"""The offers say what the wire does, and what the providers' documentation says."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

import pytest
from aiohttp import web

from bot.errors import SubmitRefused
from bot.kling.effects import PEOPLE, SCENES
from bot.kling.requests import Request, parse_request
from bot.net.door import Door
from bot.providers.base import Order, Provider
from bot.providers.registry import OFFERS, PROVIDERS, build
from bot.providers.router import why_not
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback
from tests.support.orders import KEY, order, read_settings, ref, simplest

Cell = bool | Literal["off"]
"""Whether it is made; `off` where that isn't certain, so that the operator has to switch it on."""

# What each makes with Kling 1.6, from its documentation: workflow, standard, pro.
CAPABILITIES: dict[str, dict[str, tuple[Cell, Cell]]] = {
    "fal": {
        "text": (True, True), "start": (True, True), "end": (False, True), "elements": (True, True),
        "effect": (True, True), "brush": (False, False), "camera in words": (False, False),
        "camera on a picture": (False, False), "extend": (False, False),
    },
    "wavespeed": {
        "text": (True, False), "start": (True, True), "end": (False, True), "elements": (True, "off"),
        "effect": (True, False), "brush": (False, False), "camera in words": (False, False),
        "camera on a picture": (False, False), "extend": (False, False),
    },
    "gmi": {
        "text": (True, True), "start": (True, True), "end": (False, False), "elements": (False, False),
        "effect": (False, False), "brush": (False, False), "camera in words": (False, False),
        "camera on a picture": (False, False), "extend": (False, False),
    },
    "aimlapi": {
        "text": (True, True), "start": (True, True), "end": (False, True), "elements": (True, False),
        "effect": (True, True), "brush": (False, "off"), "camera in words": (False, "off"),
        "camera on a picture": (False, "off"), "extend": (False, False),
    },
    "vidgo": {
        "text": (True, True), "start": (True, True), "end": (False, True), "elements": (True, True),
        "effect": (False, False), "brush": (False, False), "camera in words": (False, False),
        "camera on a picture": (False, False), "extend": (False, False),
    },
    "kling": {
        "text": (True, True), "start": (True, True), "end": (False, True), "elements": (True, True),
        "effect": (True, True), "brush": (False, False), "camera in words": (False, False),
        "camera on a picture": (False, False), "extend": (True, True),
    },
}  # fmt: skip

NEEDED: dict[str, tuple[str, frozenset[str]]] = {
    "text": ("text", frozenset()), "start": ("image", frozenset(("start",))), "end": ("image", frozenset(("end",))),
    "elements": ("elements", frozenset()), "effect": ("effect", frozenset()), "extend": ("extend", frozenset()),
    "brush": ("image", frozenset(("still", "brushes"))), "camera in words": ("text", frozenset(("camera",))),
    "camera on a picture": ("image", frozenset(("camera",))),
}  # fmt: skip
"""The workflow of each kind, and the fields that it takes more than that."""

TEXTS = "prompt negative_prompt duration"
FIELDS = {
    "fal/text/standard": f"{TEXTS} aspect_ratio cfg_scale",
    "fal/text/pro": f"{TEXTS} aspect_ratio cfg_scale",
    "fal/image/standard": f"{TEXTS} start cfg_scale",
    "fal/image/pro": f"{TEXTS} start end aspect_ratio cfg_scale",
    "fal/elements/standard": f"{TEXTS} references aspect_ratio",
    "fal/elements/pro": f"{TEXTS} references aspect_ratio",
    "fal/effect/standard": "scene people duration",
    "fal/effect/pro": "scene people duration",
    "wavespeed/text/standard": f"{TEXTS} cfg_scale",
    "wavespeed/image/standard": f"{TEXTS} start cfg_scale",
    "wavespeed/image/pro": f"{TEXTS} start end cfg_scale",
    "wavespeed/elements/standard": f"{TEXTS} references aspect_ratio",
    "wavespeed/elements/pro": f"{TEXTS} references aspect_ratio",
    "wavespeed/effect/standard": "scene people",
    "gmi/text/standard": f"{TEXTS} aspect_ratio cfg_scale",
    "gmi/text/pro": f"{TEXTS} aspect_ratio cfg_scale",
    "gmi/image/standard": f"{TEXTS} start cfg_scale",
    "gmi/image/pro": f"{TEXTS} start cfg_scale",
    "aimlapi/text/standard": f"{TEXTS} aspect_ratio cfg_scale",
    "aimlapi/text/pro": f"{TEXTS} aspect_ratio cfg_scale",
    "aimlapi/text/pro/motion": f"{TEXTS} aspect_ratio cfg_scale camera",
    "aimlapi/image/standard": f"{TEXTS} start cfg_scale",
    "aimlapi/image/pro": f"{TEXTS} start end cfg_scale",
    "aimlapi/image/pro/motion": f"{TEXTS} start cfg_scale still brushes camera",
    "aimlapi/elements/standard": f"{TEXTS} references aspect_ratio",
    "aimlapi/effect/standard": "scene people duration",
    "aimlapi/effect/pro": "scene people duration",
    "vidgo/text/standard": f"{TEXTS} aspect_ratio cfg_scale",
    "vidgo/text/pro": f"{TEXTS} aspect_ratio cfg_scale",
    "vidgo/image/standard": f"{TEXTS} start cfg_scale",
    "vidgo/image/pro": f"{TEXTS} start end aspect_ratio cfg_scale",
    "vidgo/elements/standard": f"{TEXTS} references aspect_ratio",
    "vidgo/elements/pro": f"{TEXTS} references aspect_ratio",
    "kling/text/standard": f"{TEXTS} aspect_ratio cfg_scale",
    "kling/text/pro": f"{TEXTS} aspect_ratio cfg_scale",
    "kling/image/standard": f"{TEXTS} start cfg_scale",
    "kling/image/pro": f"{TEXTS} start end cfg_scale",
    "kling/elements/standard": f"{TEXTS} references aspect_ratio",
    "kling/elements/pro": f"{TEXTS} references aspect_ratio",
    "kling/effect/standard": "scene people duration",
    "kling/effect/pro": "scene people duration",
    "kling/extend/standard": "job prompt negative_prompt cfg_scale",
    "kling/extend/pro": "job prompt negative_prompt cfg_scale",
}

# Micro-dollars: likely for 5 s and 10 s, at most for 5 s and 10 s, and whether the provider's own page says so.
PRICES: dict[str, tuple[int, int | None, int, int | None, bool]] = {
    "fal/text/standard": (250_000, 500_000, 280_000, 560_000, False),
    "fal/text/pro": (475_000, 950_000, 490_000, 980_000, False),
    "fal/image/standard": (250_000, 500_000, 280_000, 560_000, False),
    "fal/image/pro": (475_000, 950_000, 475_000, 950_000, True),
    "fal/elements/standard": (250_000, 500_000, 280_000, 560_000, False),
    "fal/elements/pro": (475_000, 950_000, 490_000, 980_000, False),
    "fal/effect/standard": (250_000, 500_000, 280_000, 560_000, False),
    "fal/effect/pro": (475_000, 950_000, 490_000, 980_000, False),
    "wavespeed/text/standard": (250_000, 500_000, 280_000, 560_000, False),
    "wavespeed/image/standard": (250_000, 500_000, 250_000, 500_000, True),
    "wavespeed/image/pro": (490_000, 980_000, 490_000, 980_000, False),
    "wavespeed/elements/standard": (250_000, 500_000, 280_000, 560_000, False),
    "wavespeed/elements/pro": (490_000, 980_000, 490_000, 980_000, False),
    "wavespeed/effect/standard": (250_000, None, 280_000, None, False),
    "gmi/text/standard": (280_000, 560_000, 350_000, 700_000, False),
    "gmi/text/pro": (490_000, 980_000, 612_500, 1_225_000, False),
    "gmi/image/standard": (280_000, 560_000, 350_000, 700_000, False),
    "gmi/image/pro": (490_000, 980_000, 612_500, 1_225_000, False),
    "aimlapi/text/standard": (280_000, 560_000, 420_000, 840_000, False),
    "aimlapi/text/pro": (490_000, 980_000, 735_000, 1_470_000, False),
    "aimlapi/text/pro/motion": (490_000, 980_000, 735_000, 1_470_000, False),
    "aimlapi/image/standard": (280_000, 560_000, 420_000, 840_000, False),
    "aimlapi/image/pro": (490_000, 980_000, 735_000, 1_470_000, False),
    "aimlapi/image/pro/motion": (490_000, 980_000, 735_000, 1_470_000, False),
    "aimlapi/elements/standard": (280_000, 560_000, 420_000, 840_000, False),
    "aimlapi/effect/standard": (280_000, 560_000, 420_000, 840_000, False),
    "aimlapi/effect/pro": (490_000, 980_000, 735_000, 1_470_000, False),
    "vidgo/text/standard": (225_000, 450_000, 225_000, 450_000, True),
    "vidgo/text/pro": (375_000, 750_000, 375_000, 750_000, True),
    "vidgo/image/standard": (225_000, 450_000, 225_000, 450_000, True),
    "vidgo/image/pro": (375_000, 750_000, 375_000, 750_000, True),
    "vidgo/elements/standard": (225_000, 450_000, 225_000, 450_000, True),
    "vidgo/elements/pro": (375_000, 750_000, 375_000, 750_000, True),
    "kling/text/standard": (280_000, 560_000, 280_000, 560_000, True),
    "kling/text/pro": (490_000, 980_000, 490_000, 980_000, True),
    "kling/image/standard": (280_000, 560_000, 280_000, 560_000, True),
    "kling/image/pro": (490_000, 980_000, 490_000, 980_000, True),
    "kling/elements/standard": (280_000, 560_000, 280_000, 560_000, True),
    "kling/elements/pro": (490_000, 980_000, 490_000, 980_000, True),
    "kling/effect/standard": (280_000, 560_000, 490_000, 980_000, False),
    "kling/effect/pro": (490_000, 980_000, 490_000, 980_000, False),
    "kling/extend/standard": (280_000, None, 280_000, None, True),
    "kling/extend/pro": (490_000, None, 490_000, None, True),
}

CHANGES: dict[str, dict[str, Any]] = {
    "text": {
        "prompt": "a dog", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16", "cfg_scale": 0.7,
        "camera": {"move": "zoom", "amount": 3},
    },
    "image": {
        "prompt": "it sits", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16", "cfg_scale": 0.7,
        "start": ref(3), "end": ref(4), "still": ref(5), "camera": {"move": "zoom", "amount": 3},
        "brushes": ({"mask": ref(5), "path": ({"x": 1, "y": 2}, {"x": 3, "y": 4})},),
    },
    "elements": {
        "prompt": "they part", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16",
        "references": (ref(3), ref(4)),
    },
    "effect": {"scene": "expansion", "people": (ref(3),), "duration": 10},
    "effect of two": {"scene": "kiss", "people": (ref(3), ref(4)), "duration": 10},
    "extend": {"job": "01jd000000000000000b", "prompt": "it rains", "negative_prompt": "sun", "cfg_scale": 0.7},
}  # fmt: skip
"""Another value for each field of a request."""

PLAIN: dict[str, Sequence[dict[str, Any]]] = {
    "aimlapi/text/pro/motion": ({"camera": {"move": "zoom", "amount": 1}},),
    "aimlapi/image/pro/motion": ({"still": ref(2)}, {"camera": {"move": "zoom", "amount": 1}}),
    "kling/effect/pro": ({"scene": "hug", "people": (ref(1), ref(2))},),
}
"""What a request has to ask for, so that the row serves it at all; where that can be more than one thing, each."""

VARIED = [(name, plain) for name in OFFERS for plain in PLAIN.get(name, ({},))]


@pytest.fixture
async def providers(server: Loopback) -> AsyncIterator[dict[str, Provider]]:
    """All providers; each upload gets an address made of its bytes."""

    async def stored(request: web.Request) -> web.Response:
        content = await request.read()
        number = content[content.index(b"picture ") + 8 :][:1].decode()
        return web.json_response({"data": {"download_url": f"https://static.wavespeed.ai/{number}.jpg"}})

    for upload in ("/api/v3/media/upload/binary", "/api/common/upload/stream"):
        server.answers[f"POST {upload}"] = stored
    for job in ("01jd000000000000000a", "01jd000000000000000b"):
        made_there = {"task_status": "succeed", "task_result": {"videos": [{"id": f"video of {job}"}]}}
        server.answers[f"GET /v1/videos/text2video/{job}"] = (200, {"code": 0, "data": made_there})
    names = [f"{name}_BASE_URL" for name in ("FAL", "WAVESPEED", "GMI", "AIML", "VIDGO", "KLING")] + ["FAL_REST_URL"]
    keys = [f"{name}_API_KEY" for name in ("WAVESPEED", "GMI", "AIML", "VIDGO")]
    keys += ["FAL_KEY", "KLING_ACCESS_KEY", "KLING_SECRET_KEY"]
    settings = read_settings({**dict.fromkeys(keys, KEY), **dict.fromkeys(names, server.url)})
    doors = {name: Door(FakeClock(), bases=one.bases) for name, one in settings.items()}
    made = build(settings, doors)
    yield made
    for provider in made.values():
        await provider.close()


def capability(provider: str, kind: str, tier: str) -> Cell:
    workflow, fields = NEEDED[kind]
    rows = [
        offer for offer in OFFERS.values() if (offer.provider, offer.workflow, offer.tier) == (provider, workflow, tier)
    ]
    makers = [offer for offer in rows if fields <= offer.fields]
    return any(offer.enabled for offer in makers) or ("off" if makers else False)


def test_the_offers_are_the_capability_table() -> None:
    found = {
        provider: {kind: (capability(provider, kind, "standard"), capability(provider, kind, "pro")) for kind in kinds}
        for provider, kinds in CAPABILITIES.items()
    }
    assert found == CAPABILITIES
    assert set(CAPABILITIES) == set(PROVIDERS)


def test_the_offers_take_the_documented_fields() -> None:
    assert {name: set(offer.fields) for name, offer in OFFERS.items()} == {
        name: set(fields.split()) for name, fields in FIELDS.items()
    }


def test_the_prices_are_those_seen() -> None:
    found = {
        name: (
            offer.price.of[5], offer.price.of.get(10), offer.price.ceiling(5),
            offer.price.ceiling(10) if 10 in offer.price.of else None, offer.price.confirmed,
        )
        for name, offer in OFFERS.items()
    }  # fmt: skip
    assert found == PRICES


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_an_offer_is_consistent_in_itself(offer: Any) -> None:
    assert offer.id.startswith(f"{offer.provider}/")
    assert offer in PROVIDERS[offer.provider].provider.offers
    assert set(offer.durations) == set(offer.price.of)
    assert all(offer.price.ceiling(length) >= offer.price.expected(length) for length in offer.durations)
    assert not offer.price.confirmed or not offer.price.upper
    assert offer.price.source
    assert set(offer.scenes) <= SCENES
    assert bool(offer.scenes) == (offer.workflow == "effect")
    assert max((PEOPLE.get(scene, 1) for scene in offer.scenes), default=0) <= offer.max_pictures
    assert offer.enabled or offer.note


@pytest.mark.parametrize(("name", "asked"), VARIED)
async def test_a_field_changes_the_body_exactly_where_the_offer_says_so(
    name: str, asked: dict[str, Any], providers: dict[str, Provider]
) -> None:
    offer = OFFERS[name]
    provider = providers[offer.provider]
    plain = parse_request({**simplest(offer.workflow, offer.tier).model_dump(), **asked})
    body = await words(provider, order(offer, plain), {})
    for field, value in changes(plain):
        changed = parse_request({**plain.model_dump(), field: value})
        other = await words(provider, order(offer, changed), body)
        assert (other != body) == (field in offer.fields), field
        refused = why_not(changed, offer)
        assert (refused is None) == (field in offer.fields), field
        assert sum(1 for key in {**body, **other} if body.get(key) != other.get(key)) == (field in offer.fields), field


async def words(provider: Provider, wanted: Order, refused: dict[str, Any]) -> dict[str, Any]:
    """The fields of the outgoing body, those that stand one level deeper too; `refused` where there is none."""
    try:
        body = (await provider.prepare(wanted)).json
    except SubmitRefused:
        return refused
    deeper = {name: inner for name, inner in body.items() if name in ("payload", "input")}
    return {**body, **dict.fromkeys(deeper), **{name: value for one in deeper.values() for name, value in one.items()}}


def changes(request: Request) -> list[tuple[str, Any]]:
    """Every field of a request but workflow and tier, with another value that Kling allows."""
    fields = [field for field in type(request).model_fields if field not in ("workflow", "tier")]
    values = CHANGES["effect of two" if request.workflow == "effect" and len(request.people) == 2 else request.workflow]
    assert set(fields) == set(values)
    return [(field, values[field]) for field in fields if field not in _apart(request)]


def _apart(request: Request) -> set[str]:
    """What no request may have beside what this one has."""
    if getattr(request, "still", None):
        return {"end", "camera"}
    if request.workflow == "image" and request.camera:
        return {"end", "still", "brushes"}
    return {"end"} if request.tier == "standard" else set()


def test_a_variant_is_off_says_why_and_serves_only_what_it_is_there_for() -> None:
    variants = {name: (offer.model, offer.only_with) for name, offer in OFFERS.items() if offer.provider == "aimlapi"
                and offer.variant}  # fmt: skip
    assert variants == {
        "aimlapi/text/pro/motion": ("kling-video/v1.6/pro/text-to-video", frozenset(("camera",))),
        "aimlapi/image/pro/motion": (
            "kling-video/v1.6/pro/image-to-video", frozenset(("still", "brushes", "camera")),
        ),
    }  # fmt: skip
    note = "unconfirmed: Kling itself lists motion brush and camera control as unsupported on 1.6"
    assert {(OFFERS[name].enabled, OFFERS[name].note) for name in variants} == {(False, note)}


def test_fal_says_why_it_takes_no_masks() -> None:
    why = "fal's page describes masks, its schema for 1.6 has none"
    for tier in ("standard", "pro"):
        assert OFFERS[f"fal/image/{tier}"].refuses == {"still": why, "brushes": why}


def test_elements_need_as_many_pictures_as_the_provider_says() -> None:
    one = parse_request({"workflow": "elements", "references": (ref(1),), "prompt": "x"})
    refused = why_not(one, OFFERS["aimlapi/elements/standard"])
    assert refused is not None
    assert refused.reason == "picture_count"
    assert why_not(one, OFFERS["fal/elements/standard"]) is None


def test_kling_and_vidgo_say_why_they_take_no_masks_and_no_camera_moves() -> None:
    camera, masks = "Kling has no camera control on 1.6", "Kling has no motion brush on 1.6"
    for tier in ("standard", "pro"):
        assert OFFERS[f"kling/text/{tier}"].refuses == {"camera": camera}
        assert OFFERS[f"kling/image/{tier}"].refuses == {"camera": camera, "still": masks, "brushes": masks}
        assert set(OFFERS[f"vidgo/text/{tier}"].refuses) == {"camera"}
        assert set(OFFERS[f"vidgo/image/{tier}"].refuses) == {"camera", "still", "brushes"}
