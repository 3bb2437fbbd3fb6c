"""The numbers are those of `conftest`: a refill of 1,000 a month, 300 for each member, a top-up of 500."""

import sqlite3
from collections.abc import Callable

import pytest

from bot.errors import BadValue, NotFound
from tests.support.books import DECEMBER, NOVEMBER, Books

DAY = 86_400_000


def test_a_charge_takes_what_was_held(books: Books) -> None:
    books.hold("j1", 45)
    assert books.charge("j1", 45)
    assert books.balances() == {NOVEMBER: 955, "topup": 500}
    assert books.entries("j1")[1:] == [("j1:end:1", "held", "sys:spent", "45", "charge")]
    assert books.check().spent == 45


def test_what_is_over_goes_back(books: Books) -> None:
    books.hold("j1", 95)
    books.charge("j1", 90)
    assert books.balances() == {NOVEMBER: 910, "topup": 500}
    assert books.used() == 90


@pytest.mark.parametrize(("charged", "refill", "topup"), [(90, 6, 4), (95, 3, 2), (99, 0, 1), (1, 59, 40)])
def test_what_is_over_goes_back_in_the_proportion_it_was_taken(
    books: Books, charged: int, refill: int, topup: int
) -> None:
    books.set_limit(5_000)
    books.hold("first", 940)
    books.hold("j1", 100)  # 60 of the refill, 40 of the top-up
    books.charge("j1", charged)
    balances = books.balances()
    assert (balances.get(NOVEMBER, 0), balances["topup"]) == (refill, 460 + topup)


def test_never_more_than_the_hold_is_charged_and_the_rest_is_a_variance(books: Books) -> None:
    books.hold("j1", 45)
    books.charge("j1", 60)
    assert books.balances() == {NOVEMBER: 955, "topup": 500}
    assert books.entries("j1")[1:] == [
        ("j1:end:1", "held", "sys:spent", "45", "charge"),
        ("j1:end:2", "sys:variance", "sys:spent", "15", "variance"),
    ]
    assert (books.check().spent, books.check().variance) == (60, 15)
    assert books.used() == 45


@pytest.mark.parametrize(("cost", "month"), [(200_000, 200_000), (225_000, 225_000), (300_000, 300_000), (0, 0)])
def test_a_charge_puts_the_real_cost_into_the_operators_month(books: Books, cost: int, month: int) -> None:
    books.hold("j1", 45, microusd=225_000)
    books.now = DECEMBER + DAY  # the month it was held in
    books.charge("j1", 45, microusd=cost)
    assert books.spent_by_operator() == {"2025-11": month}


def test_a_release_gives_everything_back(books: Books) -> None:
    books.set_limit(5_000)
    books.hold("first", 940)
    books.hold("j1", 100)
    assert books.release("j1")
    assert books.balances() == {NOVEMBER: 60, "topup": 500, "held": 940}
    assert books.used() == 940
    assert books.spent_by_operator() == {"2025-11": 940 * 5_000}
    assert books.rows("SELECT reason FROM entry WHERE job = 'j1' AND kind = 'release'") == [("failed",)] * 2


def test_what_comes_back_after_its_period_expires_and_the_top_up_part_does_not(books: Books) -> None:
    books.set_limit(5_000)
    books.hold("first", 940)
    books.hold("j1", 100)
    books.now = DECEMBER
    books.release("j1")
    assert books.balances() == {"topup": 500, "held": 940}
    assert books.check().expired == 60
    books.hold("j2", 1)
    assert books.balances()["refill:2025-12"] == 999


def test_a_clock_that_is_behind_lets_nothing_expire(books: Books) -> None:
    books.now = DECEMBER
    books.hold("j1", 10)
    books.now = DECEMBER - 1
    books.release("j1")
    assert books.balances() == {"refill:2025-12": 1_000, "topup": 500}


Ending = Callable[[Books], bool]
ENDINGS: dict[str, Ending] = {
    "charge": lambda books: books.charge("j1", 45),
    "release": lambda books: books.release("j1"),
    "write off": lambda books: books.write_off("j1", 45, 225_000),
}


@pytest.mark.parametrize("first", ENDINGS)
@pytest.mark.parametrize("second", ENDINGS)
def test_a_job_ends_once(books: Books, first: str, second: str) -> None:
    books.hold("j1", 45)
    assert ENDINGS[first](books)
    before = (books.balances(), books.entries("j1"), books.spent_by_operator())
    assert not ENDINGS[second](books)
    assert (books.balances(), books.entries("j1"), books.spent_by_operator()) == before


@pytest.mark.parametrize("second", ENDINGS)
def test_the_table_itself_refuses_a_second_ending(books: Books, second: str, monkeypatch: pytest.MonkeyPatch) -> None:
    books.hold("j1", 45)
    books.release("j1")
    monkeypatch.setattr("bot.credits.holding.Holding.ended", False)
    with pytest.raises(sqlite3.IntegrityError):
        ENDINGS[second](books)


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_ends_that_was_not_held(books: Books, ending: str) -> None:
    with pytest.raises(NotFound) as caught:
        ENDINGS[ending](books)
    assert (caught.value.what, caught.value.name) == ("hold", "j1")


def test_a_write_off_gives_all_back_and_keeps_the_cost(books: Books) -> None:
    books.hold("j1", 45, microusd=225_000)
    assert books.write_off("j1", 44, 220_000)
    assert books.balances() == {NOVEMBER: 1_000, "topup": 500}
    assert books.used() == 0
    assert books.spent_by_operator() == {"2025-11": 220_000}
    assert books.entries("j1")[1:] == [
        ("j1:end:1", "held", NOVEMBER, "45", "release"),
        ("j1:end:2", "sys:variance", "sys:spent", "44", "variance"),
    ]
    assert (books.check().spent, books.check().variance) == (44, 44)


def test_a_correction_gives_back_at_most_what_was_charged(books: Books) -> None:
    books.hold("j1", 95)
    books.charge("j1", 90)
    assert books.correct("j1", 50, "first")
    with pytest.raises(BadValue) as caught:
        books.correct("j1", 41, "second")
    assert caught.value.allowed == ("1…40",)
    assert books.correct("j1", 40, "third")
    with pytest.raises(BadValue) as caught:
        books.correct("j1", 1, "fourth")
    assert caught.value.allowed == ()
    assert books.balances() == {NOVEMBER: 1_000, "topup": 500}
    assert books.used() == 0
    assert books.check().spent == 0
    assert books.spent_by_operator() == {"2025-11": 450_000}


def test_the_same_correction_again_gives_nothing(books: Books) -> None:
    books.hold("j1", 90)
    books.charge("j1", 90)
    assert books.correct("j1", 50)
    assert not books.correct("j1", 50)
    assert books.balances() == {NOVEMBER: 960, "topup": 500}
    assert books.rows("SELECT actor, reason FROM entry WHERE kind = 'correction'") == [("admin", "blurred")]


def test_small_corrections_add_up_to_what_one_would_give(books: Books) -> None:
    books.set_limit(5_000)
    books.hold("first", 998)
    books.hold("j1", 3)  # 2 of the refill, 1 of the top-up
    books.charge("j1", 3)
    for number in range(3):
        books.correct("j1", 1, str(number))
    assert books.balances() == {NOVEMBER: 2, "topup": 500, "held": 998}


def test_a_correction_of_a_period_that_is_over_expires_like_a_release(books: Books) -> None:
    books.hold("j1", 90)
    books.charge("j1", 90)
    books.now = DECEMBER
    books.correct("j1", 90)
    assert books.balances() == {NOVEMBER: 910, "topup": 500}
    assert books.check().expired == 90


@pytest.mark.parametrize("ending", ["none", "release", "write off"])
def test_only_a_charge_is_corrected(books: Books, ending: str) -> None:
    books.hold("j1", 45)
    if ending != "none":
        ENDINGS[ending](books)
    with pytest.raises(NotFound):
        books.correct("j1", 1)


def test_another_teams_job_is_not_found(books: Books) -> None:
    books.hold("j1", 45)
    books.charge("j1", 45)
    with pytest.raises(NotFound):
        books.correct("j1", 1, workspace="other000000000000000")
