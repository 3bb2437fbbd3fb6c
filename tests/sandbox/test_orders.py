"""The size of a clip."""

import pytest

from bot.kling.requests import Ratio, Tier
from bot.sandbox.orders import Order, film_size


def order(tier: Tier, ratio: Ratio | None) -> Order:
    return Order(workflow="image", tier=tier, duration=5, ratio=ratio)


@pytest.mark.parametrize(
    ("tier", "ratio", "picture", "size"),
    [
        ("standard", "16:9", None, (1280, 720)),
        ("standard", "9:16", None, (720, 1280)),
        ("standard", "1:1", None, (720, 720)),
        ("pro", "16:9", None, (1920, 1080)),
        ("pro", "9:16", None, (1080, 1920)),
        ("standard", None, None, (1280, 720)),
        ("standard", "1:1", (900, 600), (720, 720)),
        ("standard", None, (900, 600), (1080, 720)),
        ("pro", None, (600, 900), (1080, 1620)),
        ("standard", None, (1001, 999), (722, 720)),
        ("standard", None, (3_000, 1_000), (1800, 720)),
    ],
)
def test_a_ratio_rules_else_the_picture_does(
    tier: Tier, ratio: Ratio | None, picture: tuple[int, int] | None, size: tuple[int, int]
) -> None:
    assert film_size(order(tier, ratio), picture) == size
