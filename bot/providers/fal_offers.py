"""What fal sells of Kling 1.6: the rows, and what they cost as far as anybody knows."""

from datetime import date
from typing import Any

from bot.kling.effects import SCENES as KNOWN_SCENES
from bot.kling.requests import Tier, Workflow
from bot.providers.offers import Offer, Price

APP = "fal-ai/kling-video"
"""What every endpoint's name begins with."""

_PATHS: dict[Workflow, str] = {
    "text": "text-to-video", "image": "image-to-video", "elements": "elements", "effect": "effects",
}  # fmt: skip

SCENES = KNOWN_SCENES - {
    "crystal_horse", "fight", "fortune_god_transform", "horse_year_firework", "hula", "iron_warrior",
    "lateral_shift_transition", "new_year_feast", "pet_lion", "pet_vlogger", "ring_in_new", "thumbs_up",
}  # fmt: skip
"""fal lists every effect we know but these for 1.6 (JS SDK 1.10.1), in our spelling."""

_SEEN = date(2026, 11, 20)
_PRO_IMAGE = Price(
    of={5: 475_000, 10: 950_000}, source="model page: $0.095 a second", seen=_SEEN, confirmed=True
)  # fmt: skip
_PRO = Price(
    of={5: 475_000, 10: 950_000}, upper={5: 490_000, 10: 980_000}, seen=_SEEN, confirmed=False,
    source="as pro image-to-video; upper bound is Kling's list price",
)  # fmt: skip
_STANDARD = Price(
    of={5: 250_000, 10: 500_000}, upper={5: 280_000, 10: 560_000}, seen=_SEEN, confirmed=False,
    source="estimates run from $0.045 to $0.056 a second; $0.25 for 5 s is the only figure seen in print",
)  # fmt: skip


def _row(workflow: Workflow, tier: Tier, fields: str, **more: Any) -> Offer:
    model = f"{APP}/v1.6/{tier}/{_PATHS[workflow]}"
    price = _STANDARD if tier == "standard" else _PRO_IMAGE if workflow == "image" else _PRO
    usual = (60, 360) if tier == "standard" else (120, 480)
    return Offer(
        provider="fal", workflow=workflow, tier=tier, model=model, price=price, fields=frozenset(fields.split()),
        usual=usual, **more,
    )  # fmt: skip


_TEXT = "prompt negative_prompt duration aspect_ratio cfg_scale"
_ELEMENTS = "references prompt negative_prompt duration aspect_ratio"
_EFFECT = "scene people duration"
_EFFECTS: dict[str, Any] = {
    "prompt_required": False,
    "max_pictures": 2,
    "scenes": {scene: scene for scene in sorted(SCENES)},
}

_NO_MASKS = dict.fromkeys(("still", "brushes"), "fal's page describes masks, its schema for 1.6 has none")

OFFERS = (
    _row("text", "standard", _TEXT),
    _row("text", "pro", _TEXT),
    _row(
        "image", "standard", "start prompt negative_prompt duration cfg_scale", max_pictures=1, refuses=_NO_MASKS,
    ),
    _row(
        "image", "pro", "start end prompt negative_prompt duration aspect_ratio cfg_scale", max_pictures=2,
        refuses=_NO_MASKS,
    ),
    _row("elements", "standard", _ELEMENTS, max_pictures=4),
    _row("elements", "pro", _ELEMENTS, max_pictures=4),
    _row("effect", "standard", _EFFECT, **_EFFECTS),
    _row("effect", "pro", _EFFECT, **_EFFECTS),
)  # fmt: skip
