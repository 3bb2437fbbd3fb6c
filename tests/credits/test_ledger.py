"""The numbers are those of `conftest`: a refill of 1,000 a month, 300 for each member, a top-up of 500."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.credits import ledger
from bot.credits.amounts import MOST
from bot.errors import BadValue, CeilingReached, NotFound, OverLimit, PoolEmpty, Refusal
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, DECEMBER, NOVEMBER, TEAM, Books
from tests.support.clock import START

HOUR = 3_600_000


def test_a_hold_moves_credits_from_the_refill_to_held(books: Books) -> None:
    assert books.hold("j1", 45)
    assert books.balances() == {NOVEMBER: 955, "topup": 500, "held": 45}
    assert books.entries("j1") == [("j1:hold:refill", NOVEMBER, "held", "45", "hold")]
    assert books.spent_by_operator() == {"2025-11": 225_000}


def test_an_entry_says_who_when_and_for_what(books: Books) -> None:
    books.hold("j1", 45)
    (row,) = books.rows(
        "SELECT workspace, job, person, period, microusd, actor, held_at, at FROM entry WHERE job = 'j1'"
    )
    assert row == (TEAM, "j1", ANA, "2025-11", 225_000, ANA, START, START)


def test_the_refill_is_spent_before_the_top_up(books: Books) -> None:
    books.set_limit(2_000)
    books.hold("j1", 990)
    books.hold("j2", 30)
    assert books.balances() == {"topup": 480, "held": 1_020}
    assert books.entries("j2") == [
        ("j2:hold:refill", NOVEMBER, "held", "10", "hold"),
        ("j2:hold:topup", "topup", "held", "20", "hold"),
    ]
    books.hold("j3", 5)
    assert books.entries("j3") == [("j3:hold:topup", "topup", "held", "5", "hold")]
    assert books.balances() == {"topup": 475, "held": 1_025}


def test_holding_again_changes_nothing_whatever_became_of_the_first(books: Books) -> None:
    books.hold("j1", 45)
    assert not books.hold("j1", 45)
    books.charge("j1", 45)
    assert not books.hold("j1", 45)
    books.hold("j2", 45)
    books.release("j2")
    assert not books.hold("j2", 250)
    assert books.balances() == {NOVEMBER: 955, "topup": 500}


def test_the_pool_may_be_emptied_but_not_overdrawn(books: Books) -> None:
    books.set_limit(5_000)
    books.hold("j1", 1_400)
    with pytest.raises(PoolEmpty) as caught:
        books.hold("j2", 101)
    assert (caught.value.left, caught.value.price, caught.value.resets_at) == (100, 101, DECEMBER)
    assert books.hold("j2", 100)
    assert books.balances() == {"held": 1_500}


def test_without_a_refill_an_empty_pool_never_resets(books: Books) -> None:
    books.set_limit(5_000)
    books.set_refill(0)
    with pytest.raises(PoolEmpty) as caught:
        books.hold("j1", 1_501)
    assert caught.value.resets_at is None


def test_the_limit_counts_what_is_held_and_charged_but_not_what_came_back(books: Books) -> None:
    books.hold("j1", 100)
    books.hold("j2", 100)
    books.charge("j2", 90)
    books.hold("j3", 100)
    books.release("j3")
    with pytest.raises(OverLimit) as caught:
        books.hold("j4", 111)
    facts = caught.value
    assert (facts.scope, facts.limit, facts.used, facts.price) == ("default", 300, 190, 111)
    assert (facts.resets_at, facts.period) == (DECEMBER, "month")
    assert books.hold("j4", 110)


def test_each_member_has_a_limit_of_their_own(books: Books) -> None:
    books.hold("j1", 300, ANA)
    with pytest.raises(OverLimit):
        books.hold("j2", 1, ANA)
    assert books.hold("j2", 300, BEN)


def test_the_limit_begins_anew_with_its_period_in_the_time_zone_of_the_team(books: Books) -> None:
    books.connection.execute("UPDATE workspace SET timezone = 'America/New_York'")
    books.set_limit(50, "day")
    books.now = int(datetime(2025, 11, 21, 4, 59, tzinfo=UTC).timestamp() * 1000)  # 23:59 of the 20th in New York
    books.hold("j1", 50)
    with pytest.raises(OverLimit) as caught:
        books.hold("j2", 1)
    assert caught.value.resets_at == books.now + 60_000
    books.now += 60_000
    assert books.hold("j2", 50)


def test_what_ends_later_counts_in_the_period_it_was_held_in(books: Books) -> None:
    books.hold("j1", 300)
    books.now = DECEMBER
    books.charge("j1", 200)
    assert books.hold("j2", 300)
    books.now = DECEMBER - 1
    assert books.used() == 200


def test_the_operators_ceiling_stands_above_all_pools(books: Books) -> None:
    books.hold("j1", 10, microusd=600, ceiling=1_000)
    with pytest.raises(CeilingReached) as caught:
        books.hold("j2", 10, BEN, microusd=401, ceiling=1_000)
    facts = caught.value
    assert (facts.ceiling, facts.used, facts.price, facts.resets_at) == (1_000, 600, 401, DECEMBER)
    assert books.hold("j2", 10, BEN, microusd=400, ceiling=1_000)
    books.now = DECEMBER
    assert books.hold("j3", 10, microusd=1_000, ceiling=1_000)


def test_the_ceiling_holds_for_the_very_first_job_too(books: Books) -> None:
    with pytest.raises(CeilingReached):
        books.hold("j1", 10, microusd=1_001, ceiling=1_000)
    assert books.spent_by_operator() == {}


def test_the_operators_month_is_in_utc_whatever_the_team_has(books: Books) -> None:
    books.connection.execute("UPDATE workspace SET timezone = 'Asia/Tokyo'")
    books.now = DECEMBER - HOUR  # December in Tokyo already
    books.hold("j1", 10, microusd=50)
    assert books.spent_by_operator() == {"2025-11": 50}
    assert books.balances()["refill:2025-12"] == 990


@pytest.mark.parametrize(
    "refused",
    [
        lambda books: books.hold("j2", 1_501),
        lambda books: books.hold("j2", 301),
        lambda books: books.hold("j2", 10, ceiling=1),
    ],
    ids=["pool", "limit", "ceiling"],
)
def test_a_refused_hold_changes_nothing_even_if_the_script_goes_on(
    books: Books, refused: Callable[[Books], None]
) -> None:
    before = (books.balances(), books.rows("SELECT count(*) FROM entry"), books.spent_by_operator())
    with pytest.raises(Refusal):
        refused(books)

    def go_on() -> Script[None]:
        try:
            yield from ledger.hold(
                job="j2", workspace=TEAM, person=ANA, credits=301, microusd=1, ceiling=1, now=START, actor=ANA
            )
        except Refusal:
            return

    books.run(go_on)
    assert (books.balances(), books.rows("SELECT count(*) FROM entry"), books.spent_by_operator()) == before


def test_several_holds_in_one_script_are_taken_together_or_not_at_all(books: Books) -> None:
    def both(credits: int) -> Script[None]:
        for job in ("j1", "j2"):
            yield from ledger.hold(
                job=job, workspace=TEAM, person=ANA, credits=credits, microusd=1, ceiling=9, now=START, actor=ANA
            )

    with pytest.raises(OverLimit):
        books.run(both, 151)
    assert books.entries("j1") == []
    books.run(both, 150)
    assert books.balances()["held"] == 300


def test_an_unknown_workspace_holds_nothing(books: Books) -> None:
    with pytest.raises(NotFound) as caught:
        books.run(
            ledger.hold, job="j", workspace="none", person=ANA, credits=1, microusd=0, ceiling=1, now=START, actor=ANA
        )
    assert caught.value.what == "workspace"


Amount = Callable[[Books, int], object]
CREDITS: dict[str, Amount] = {
    "hold": lambda books, amount: books.hold("j2", amount, microusd=0),
    "charge": lambda books, amount: books.charge("j1", amount, microusd=0),
    "write off": lambda books, amount: books.write_off("j1", amount, 0),
    "correct": lambda books, amount: books.correct("j1", amount),
    "top up": lambda books, amount: books.top_up(amount),
}
MONEY: dict[str, Amount] = {
    "hold": lambda books, amount: books.hold("j2", 5, microusd=amount),
    "ceiling": lambda books, amount: books.hold("j2", 5, ceiling=amount),
    "charge": lambda books, amount: books.charge("j1", 45, microusd=amount),
    "write off": lambda books, amount: books.write_off("j1", 45, amount),
}


@pytest.mark.parametrize("amount", [0, -5, MOST + 1, True, 4.5])
@pytest.mark.parametrize("script", CREDITS)
def test_only_whole_positive_credits_are_taken(books: Books, script: str, amount: int) -> None:
    books.hold("j1", 45)
    with pytest.raises(BadValue):
        CREDITS[script](books, amount)


@pytest.mark.parametrize("amount", [-1, MOST + 1, True])
@pytest.mark.parametrize("script", MONEY)
def test_money_is_whole_and_never_below_nothing(books: Books, script: str, amount: int) -> None:
    books.hold("j1", 45)
    with pytest.raises(BadValue):
        MONEY[script](books, amount)


def test_a_balance_below_nothing_breaks_the_tables_rule(books: Books) -> None:
    books.hold("j1", 45)
    with pytest.raises(sqlite3.IntegrityError):
        books.connection.execute("UPDATE account SET balance = balance - 46 WHERE id LIKE '%:held'")
