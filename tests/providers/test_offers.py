"""The offers say what the wire does, and what the providers' documentation says."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.kling.effects import PEOPLE, SCENES
from bot.kling.requests import Request, parse_request
from bot.net.door import Door
from bot.providers import wavespeed
from bot.providers.base import Provider
from bot.providers.registry import OFFERS, PROVIDERS, build, read_settings
from bot.providers.router import why_not
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback
from tests.support.orders import KEY, order, ref, simplest

# What fal and WaveSpeed make with Kling 1.6, from their documentation: workflow, standard, pro.
CAPABILITIES: dict[str, dict[str, tuple[bool, bool]]] = {
    "fal": {
        "text": (True, True), "start": (True, True), "end": (False, True), "elements": (True, True),
        "effect": (True, True), "extend": (False, False),
    },
    "wavespeed": {
        "text": (True, False), "start": (True, True), "end": (False, True), "elements": (True, False),
        "effect": (True, False), "extend": (False, False),
    },
}  # fmt: skip

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
}

CHANGES: dict[str, dict[str, Any]] = {
    "text": {"prompt": "a dog", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16", "cfg_scale": 0.7},
    "image": {
        "prompt": "it sits", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16", "cfg_scale": 0.7,
        "start": ref(3), "end": ref(4),
    },
    "elements": {
        "prompt": "they part", "negative_prompt": "rain", "duration": 10, "aspect_ratio": "9:16",
        "references": (ref(3),),
    },
    "effect": {"scene": "expansion", "people": (ref(3),), "duration": 10},
}  # fmt: skip
"""Another value for each field of a request."""


@pytest.fixture
async def providers(server: Loopback) -> AsyncIterator[dict[str, Provider]]:
    """All providers; each upload gets an address made of its bytes."""

    async def stored(request: web.Request) -> web.Response:
        content = await request.read()
        number = content[content.index(b"picture ") + 8 :][:1].decode()
        return web.json_response({"data": {"download_url": f"https://static.wavespeed.ai/{number}.jpg"}})

    server.answers["POST /api/v3/media/upload/binary"] = stored
    names = ("FAL_BASE_URL", "FAL_REST_URL", "WAVESPEED_BASE_URL")
    settings = read_settings({"FAL_KEY": KEY, "WAVESPEED_API_KEY": KEY, **dict.fromkeys(names, server.url)})
    doors = {name: Door(FakeClock(), bases=one.bases) for name, one in settings.items()}
    made = build(settings, doors)
    yield made
    for provider in made.values():
        await provider.close()


def capability(provider: str, kind: str, tier: str) -> bool:
    workflow = {"start": "image", "end": "image"}.get(kind, kind)
    offer = OFFERS.get(f"{provider}/{workflow}/{tier}")
    return offer is not None and offer.enabled and (kind != "end" or "end" in offer.fields)


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


@pytest.mark.parametrize("name", [name for name, offer in OFFERS.items() if offer.enabled])
async def test_a_field_changes_the_body_exactly_where_the_offer_says_so(
    name: str, providers: dict[str, Provider]
) -> None:
    offer = OFFERS[name]
    provider = providers[offer.provider]
    plain = simplest(offer.workflow, offer.tier)
    body = (await provider.prepare(order(offer, plain))).json
    for field, value in changes(plain):
        changed = parse_request({**plain.model_dump(), field: value})
        other = (await provider.prepare(order(offer, changed))).json
        assert (other != body) == (field in offer.fields), field
        refused = why_not(changed, offer)
        assert (refused is None) == (field in offer.fields), field
        assert sum(1 for key in {**body, **other} if body.get(key) != other.get(key)) == (field in offer.fields), field


def changes(request: Request) -> list[tuple[str, Any]]:
    """Every field of a request but workflow and tier, with another value that Kling allows."""
    fields = [field for field in type(request).model_fields if field not in ("workflow", "tier")]
    values = CHANGES[request.workflow]
    assert set(fields) == set(values)
    return [(field, values[field]) for field in fields if field != "end" or request.tier == "pro"]


def test_the_scenes_are_those_of_the_documentation() -> None:
    assert set(OFFERS["fal/effect/standard"].scenes) == set(FAL_SCENES.split())
    assert set(OFFERS["fal/effect/pro"].scenes) == set(FAL_SCENES.split())
    assert all(ours == theirs for ours, theirs in OFFERS["fal/effect/pro"].scenes.items())
    assert set(wavespeed.SCENES.values()) == set(WAVESPEED_SCENES.split())
    assert len(FAL_SCENES.split()) == 197
    assert len(WAVESPEED_SCENES.split()) == len(wavespeed.SCENES) == 77


def test_every_known_scene_is_on_sale_somewhere_or_known_from_elsewhere() -> None:
    sold = {scene for offer in OFFERS.values() for scene in offer.scenes}
    assert SCENES - sold == {"fight"}


FAL_SCENES = """
    hug kiss heart_gesture squish expansion fuzzyfuzzy bloombloom dizzydizzy jelly_press jelly_slice jelly_squish
    jelly_jiggle pixelpixel yearbook instant_film anime_figure rocketrocket fly_fly disappear lightning_power
    bullet_time bullet_time_360 media_interview day_to_night let's_ride jumpdrop swish_swish running_man jazz_jazz
    swing_swing skateskate building_sweater pure_white_wings black_wings golden_wing pink_pink_wings rampage_ape
    a_list_look countdown_teleport firework_2026 instant_christmas birthday_star firework celebration tiger_hug_pro
    pet_lion_pro guardian_spirit squeeze_scream inner_voice memory_alive guess_what eagle_snatch hug_from_past
    instant_kid dollar_rain cry_cry building_collapse mushroom jesus_hug shark_alert lie_flat polar_bear_hug
    brown_bear_hug office_escape_plow watermelon_bomb boss_coming wig_out car_explosion tiger_hug siblings
    construction_worker snatched felt_felt plushcut drunk_dance drunk_dance_pet daoma_dance bouncy_dance
    smooth_sailing_dance new_year_greeting lion_dance prosperity great_success golden_horse_fortune red_packet_box
    lucky_horse_year lucky_red_packet lucky_money_come lion_dance_pet dumpling_making_pet fish_making_pet
    pet_red_packet lantern_glow expression_challenge overdrive heart_gesture_dance poping martial_arts running nezha
    motorcycle_dance subject_3_dance ghost_step_dance phantom_jewel zoom_out cheers_2026 kiss_pro fight_pro hug_pro
    heart_gesture_pro dollar_rain_pro pet_bee_pro santa_random_surprise magic_match_tree happy_birthday
    thumbs_up_pro surprise_bouquet bouquet_drop 3d_cartoon_1_pro glamour_photo_shoot box_of_joy
    first_toast_of_the_year my_santa_pic santa_gift steampunk_christmas snowglobe christmas_photo_shoot
    ornament_crash santa_express particle_santa_surround coronation_of_frost spark_in_the_snow scarlet_and_snow
    cozy_toon_wrap bullet_time_lite magic_cloak balloon_parade jumping_ginger_joy c4d_cartoon_pro venomous_spider
    throne_of_king luminous_elf woodland_elf japanese_anime_1 american_comics snowboarding witch_transform
    vampire_transform pumpkin_head_transform demon_transform mummy_transform zombie_transform cute_pumpkin_transform
    cute_ghost_transform knock_knock_halloween halloween_escape baseball trampoline trampoline_night pucker_up
    feed_mooncake flyer dishwasher pet_chinese_opera magic_fireball gallery_ring pet_moto_rider muscle_pet
    pet_delivery mythic_style steampunk 3d_cartoon_2 pet_chef santa_gifts santa_hug girlfriend boyfriend
    heart_gesture_1 pet_wizard smoke_smoke gun_shot double_gun pet_warrior long_hair pet_dance wool_curly pet_bee
    marry_me piggy_morph ski_ski magic_broom splashsplash surfsurf fairy_wing angel_wing dark_wing emoji
"""

WAVESPEED_SCENES = """
    emoji let's_ride snatched magic_broom felt_felt jumpdrop celebration splashsplash hula surfsurf fairy_wing
    angel_wing dark_wing skateskate plushcut jelly_press jelly_slice jelly_squish jelly_jiggle pixelpixel yearbook
    instant_film anime_figure rocketrocket bloombloom dizzydizzy fuzzyfuzzy squish expansion santa_gifts santa_hug
    girlfriend boylfriend heart_gesture_1 pet_wizard pet_lion smoke_smoke thumbs_up pet_chef pet_delivery
    instant_kid dollar_rain cry_cry building_collapse gun_shot mushroom double_gun pet_warrior lightning_power
    jesus_hug magic_fireball shark_alert long_hair lie_flat polar_bear_hug brown_bear_hug jazz_jazz
    offic_escape_plow fly_fly watermelon_bomb pet_dance boss_coming wool_curly iron_warrior pet_moto_rider pet_bee
    marry_me swing_swing day_to_night piggy_morph wig_out car_explosion ski_ski tiger_hug siblings
    construction_worker media_interview
"""
