import pytest

from bot.credits.amounts import MOST, check_not_negative, check_positive, credits_for
from bot.errors import BadValue


@pytest.mark.parametrize(
    ("microusd", "credits"),
    [(0, 0), (1, 1), (4_999, 1), (5_000, 1), (5_001, 2), (225_000, 45), (475_000, 95), (10**12, 200_000_000)],
)
def test_a_price_is_rounded_up_to_whole_credits(microusd: int, credits: int) -> None:
    assert credits_for(microusd) == credits


def test_a_credit_may_be_worth_something_else() -> None:
    assert credits_for(475_000, credit_microusd=10_000) == 48


@pytest.mark.parametrize("amount", [0, -1, MOST + 1, 2**63, True, 1.0, "5"])
def test_only_bounded_whole_numbers_above_nothing_are_positive(amount: int) -> None:
    with pytest.raises(BadValue) as caught:
        check_positive("credits", amount)
    assert caught.value.field == "credits"


@pytest.mark.parametrize("amount", [-1, MOST + 1, False, 0.0])
def test_nothing_is_not_negative_but_no_number_is_no_number(amount: int) -> None:
    check_not_negative("microusd", 0)
    check_not_negative("microusd", MOST)
    with pytest.raises(BadValue):
        check_not_negative("microusd", amount)


@pytest.mark.parametrize(("microusd", "credit"), [(-1, 5_000), (1, 0), (1, -5)])
def test_no_price_is_worked_out_from_nonsense(microusd: int, credit: int) -> None:
    with pytest.raises(BadValue):
        credits_for(microusd, credit)
