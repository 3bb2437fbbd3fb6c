"""Who would make a request that was refused: the nearest changes, with the cheapest under each."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.errors import Taker
from bot.kling.requests import Camera, Extend, ImageToVideo, Request, TextToVideo
from bot.providers.offers import Offer, Price
from bot.providers.registry import OFFERS
from bot.providers.takers import who_would
from tests.support.orders import ref

EVERYBODY = ("fal", "wavespeed", "gmi", "aimlapi", "vidgo", "kling")
SQUARE = TextToVideo(prompt="a fox", aspect_ratio="1:1")


def would(request: Request, **more: Any) -> list[tuple[str, int, str, str, str]]:
    options: dict[str, Any] = {"on": EVERYBODY, "credit_microusd": 5_000, **more}
    found = who_would(request, options.pop("offers", OFFERS.values()), **options)
    return [(one.provider, one.credits, one.change, one.field, one.value) for one in found]


@pytest.mark.parametrize(
    ("request_", "more", "who"),
    [
        (SQUARE, {"via": ("wavespeed",)}, [
            ("vidgo", 45, "via", "", ""), ("wavespeed", 56, "field", "aspect_ratio", ""),
        ]),
        (SQUARE, {"on": ("wavespeed",)}, [("wavespeed", 56, "field", "aspect_ratio", "")]),
        (ImageToVideo(start=ref(1), prompt="x", aspect_ratio="9:16"), {}, [
            ("vidgo", 45, "field", "aspect_ratio", ""), ("vidgo", 75, "tier", "", "pro"),
        ]),
        (TextToVideo(prompt="x", tier="pro"), {"on": ("wavespeed",)}, [("wavespeed", 56, "tier", "", "standard")]),
        (TextToVideo(prompt="x", camera=Camera(move="zoom", amount=3), tier="pro"), {}, [
            ("vidgo", 75, "field", "camera", ""),
        ]),
        (ImageToVideo(end=ref(1), prompt="x", tier="pro"), {"on": ("fal",)}, [("kling", 98, "off", "", "")]),
        (Extend(job="01jd0000000000000000"), {"on": ("fal", "kling"), "origin": "fal"}, []),
        (TextToVideo(prompt="x", duration=10), {"budget": 60}, [("vidgo", 45, "duration", "", "5")]),
        (TextToVideo(prompt="x", tier="pro"), {"budget": 44}, []),
    ],
)  # fmt: skip
def test_the_nearest_change_and_the_cheapest_under_it(
    request_: Request, more: dict[str, Any], who: list[tuple[str, int, str, str, str]]
) -> None:
    assert would(request_, **more) == who


def test_an_estimate_is_named_with_its_upper_bound_and_as_one() -> None:
    (found,) = who_would(SQUARE, OFFERS.values(), on=("wavespeed",), credit_microusd=5_000)
    assert found == Taker(provider="wavespeed", credits=56, estimated=True, change="field", field="aspect_ratio")


def row(provider: str, *lacks: str, **more: Any) -> Offer:
    """An offer that honours every field of a text request but those."""
    price = Price(of={5: 250_000}, source="x", seen=date(2026, 11, 20), confirmed=True)
    fields = frozenset(("prompt", "duration", "aspect_ratio", "cfg_scale", "negative_prompt")) - {*lacks}
    made = Offer(provider=provider, workflow="text", tier="standard", model="m", price=price, fields=fields)
    return replace(made, durations=(5,), fixed={"cfg_scale": 0.5, "aspect_ratio": "16:9"}, **more)


def test_a_row_that_is_switched_off_is_named_where_nothing_else_helps() -> None:
    assert would(SQUARE, offers=[row("a", enabled=False)], on=("a",)) == [("a", 50, "disabled", "", "")]
    rows = [row("a", enabled=False), row("a", tier="pro")]
    assert would(SQUARE, offers=rows, on=("a",)) == [("a", 50, "tier", "", "pro")]


def test_one_that_is_down_is_named_only_where_nobody_else_is_there() -> None:
    assert would(SQUARE, via=("wavespeed",), health={"vidgo": "down"})[0][:3] == ("kling", 56, "via")


def test_at_most_three_are_named_the_smallest_changes_first() -> None:
    request = TextToVideo(prompt="x", aspect_ratio="9:16", cfg_scale=0.9, negative_prompt="rain")
    rows = [row("a", "cfg_scale"), row("b", "negative_prompt"), row("c", "aspect_ratio"), row("d", tier="pro")]
    assert [(name, field) for name, _, _, field, _ in would(request, offers=rows, on="abcd")] == [
        ("a", "cfg_scale"), ("b", "negative_prompt"), ("c", "aspect_ratio"),
    ]  # fmt: skip


def test_nothing_is_named_that_needs_two_changes() -> None:
    request = TextToVideo(prompt="x", aspect_ratio="9:16", cfg_scale=0.9)
    assert would(request, offers=[row("a", "cfg_scale", "aspect_ratio")], on=("a",)) == []
