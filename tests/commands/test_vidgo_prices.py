"""What Vidgo's videos cost, as the person reads it before anything is spent: 9 and 15 of its credits a second."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.front import Front, front, photo, shown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path, on=("vidgo", "kling")) as made:
        yield made


@pytest.mark.parametrize(
    ("flags", "price", "dollars"),
    [("", 45, "$0.225"), ("--d 10", 90, "$0.45"), ("--pro", 75, "$0.375"), ("--pro --d 10", 150, "$0.75")],
)
@pytest.mark.parametrize("pictures", [0, 1, 3], ids=["text", "image", "elements"])
async def test_the_card_names_the_price_of_each_tier_and_length(
    house: Front, flags: str, price: int, dollars: str, pictures: int
) -> None:
    card = shown(await house.says(f"cost a red fox {flags} --via vidgo", *(photo(seed) for seed in range(pictures))))
    assert f"{price} credits ({dollars})" in card
    assert "estimate" not in card.lower()
    assert "at most" not in card.lower()


async def test_the_hold_is_what_the_card_said(house: Front) -> None:
    await house.orders("a red fox --pro --via vidgo --yes")
    assert await house.held() == 75


async def test_it_is_the_cheaper_of_two(house: Front) -> None:
    card = shown(await house.says("cost a red fox"))
    assert "45 credits" in card
    assert card.index("vidgo") < card.index("kling")
