"""What Kling itself sells of 1.6: every workflow, extensions too, at list price."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.kling.effects import PEOPLE
from bot.kling.effects import SCENES as KNOWN_SCENES
from bot.kling.requests import Tier, Workflow
from bot.providers.offers import Offer, Price

UNIT_MICROUSD = 140_000
"""What one unit costs; Kling counts in units, 2 for 5 s on standard."""

PATHS: Mapping[Workflow, str] = {
    "text": "text2video", "image": "image2video", "elements": "multi-image2video", "effect": "effects",
    "extend": "video-extend",
}  # fmt: skip
"""The last part of a workflow's path, under which its tasks are made, found and listed."""

EXTENDED = frozenset((PATHS["text"], PATHS["image"], PATHS["extend"]))
"""Whose videos can be gone on from."""

SCENES = KNOWN_SCENES - {"celebration", "emoji", "hula", "iron_warrior", "pet_lion", "thumbs_up", "tiger_hug"}
"""Kling's own list (198) and the four older scenes for two people; ours, and its spelling, has few more."""

TIERED_SCENES = frozenset(("fight", "heart_gesture", "hug", "kiss"))
"""The only scenes that take a model and a mode. All others are made one way, which is sold as standard."""

_SEEN = date(2026, 11, 20)
_LIST = "Kling's price list, at $0.14 a unit"
_PRICES: Mapping[Tier, Price] = {
    "standard": Price(of={5: 280_000, 10: 560_000}, source=_LIST, seen=_SEEN, confirmed=True),
    "pro": Price(of={5: 490_000, 10: 980_000}, source=_LIST, seen=_SEEN, confirmed=True),
}
_EXTENSIONS: Mapping[Tier, Price] = {
    "standard": Price(of={5: 280_000}, source=_LIST, seen=_SEEN, confirmed=True),
    "pro": Price(of={5: 490_000}, source=_LIST, seen=_SEEN, confirmed=True),
}
_EFFECTS: Mapping[Tier, Price] = {
    "standard": Price(
        of={5: 280_000, 10: 560_000}, upper={5: 490_000, 10: 980_000}, seen=_SEEN, confirmed=False,
        source="varies by scene; from a standard clip's list price to a pro one's",
    ),
    "pro": Price(of={5: 490_000, 10: 980_000}, source="as a pro clip", seen=_SEEN, confirmed=False),
}  # fmt: skip
_USUAL: Mapping[Tier, tuple[int, int]] = {"standard": (30, 120), "pro": (60, 300)}

_NO_CAMERA = "Kling has no camera control on 1.6"
_NO_MASKS = "Kling has no motion brush on 1.6"
_IMAGE_REFUSES = {"camera": _NO_CAMERA, "still": _NO_MASKS, "brushes": _NO_MASKS}


def _row(workflow: Workflow, tier: Tier, fields: str, **more: Any) -> Offer:
    return Offer(
        provider="kling", workflow=workflow, tier=tier, model=PATHS[workflow], fields=frozenset(fields.split()),
        usual=_USUAL[tier], **{"price": _PRICES[tier], **more},
    )  # fmt: skip


def _rows(tier: Tier) -> tuple[Offer, ...]:
    words = "prompt negative_prompt duration"
    scenes = SCENES if tier == "standard" else TIERED_SCENES
    image = "start cfg_scale" if tier == "standard" else "start end cfg_scale"
    return (
        _row("text", tier, f"{words} aspect_ratio cfg_scale", refuses={"camera": _NO_CAMERA}),
        _row(
            "image", tier, f"{words} {image}", prompt_required=False, start_required=tier == "standard",
            max_pictures=len(image.split()) - 1, refuses=_IMAGE_REFUSES,
        ),
        _row("elements", tier, f"{words} references aspect_ratio", max_pictures=4),
        _row(
            "effect", tier, "scene people duration", price=_EFFECTS[tier], prompt_required=False,
            max_pictures=max(PEOPLE.get(scene, 1) for scene in scenes), scenes={name: name for name in sorted(scenes)},
        ),
        _row(
            "extend", tier, "job prompt negative_prompt cfg_scale", price=_EXTENSIONS[tier], durations=(5,),
            prompt_required=False,
        ),
    )  # fmt: skip


OFFERS = (*_rows("standard"), *_rows("pro"))
