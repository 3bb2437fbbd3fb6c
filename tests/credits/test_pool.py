"""The numbers are those of `conftest`: a refill of 1,000 a month, 300 for each member, a top-up of 500."""

from datetime import UTC, datetime

import pytest

from bot.credits import limits, pool
from bot.credits.periods import PeriodKind
from bot.errors import BadValue, NotFound, OverLimit
from tests.support.books import DECEMBER, NOVEMBER, TEAM, Books
from tests.support.clock import START

HOUR = 3_600_000
JANUARY = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)


def refills(books: Books) -> list[tuple[object, ...]]:
    return books.rows("SELECT substr(credit, 22), amount, actor FROM entry WHERE kind = 'refill' ORDER BY at, id")


def test_the_first_hold_of_a_period_brings_its_refill_once(books: Books) -> None:
    for number in range(3):
        books.hold(f"j{number}", 1)
    assert refills(books) == [(NOVEMBER, 1_000, "system")]


def test_what_is_left_of_a_period_expires_with_it_and_the_top_up_stays(books: Books) -> None:
    books.hold("j1", 100)
    books.now = DECEMBER
    books.hold("j2", 10)
    assert books.balances() == {"refill:2025-12": 990, "topup": 500, "held": 110}
    assert books.check().expired == 900


def test_periods_that_nobody_used_bring_nothing_and_are_not_made_up_for(books: Books) -> None:
    books.hold("j1", 100)
    books.now = JANUARY
    books.hold("j2", 10)
    assert refills(books) == [(NOVEMBER, 1_000, "system"), ("refill:2026-01", 1_000, "system")]


def test_a_clock_that_is_behind_takes_nothing_from_a_period_begun_by_another(books: Books) -> None:
    books.now = DECEMBER
    books.hold("j1", 10)
    books.now = DECEMBER - 1
    books.hold("j2", 10)
    assert books.balances() == {NOVEMBER: 990, "refill:2025-12": 990, "topup": 500, "held": 20}


def test_a_top_up_adds_what_does_not_expire_once_for_each_key(books: Books) -> None:
    assert books.top_up(70, "a")
    assert not books.top_up(70, "a")
    assert books.top_up(70, "b")
    assert books.balances() == {"topup": 640}
    books.now = JANUARY
    books.hold("j1", 1)
    assert books.balances()["topup"] == 640


def test_a_top_up_says_who_and_why(books: Books) -> None:
    books.top_up(70, "a")
    rows = books.rows("SELECT actor, reason, amount FROM entry WHERE id LIKE '%:topup:a'")
    assert rows == [("admin", "PO 881", 70)]


def test_a_greater_refill_brings_the_difference_at_once(books: Books) -> None:
    books.hold("j1", 100)
    books.set_refill(1_200)
    assert books.balances() == {NOVEMBER: 1_100, "topup": 500, "held": 100}
    assert refills(books) == [(NOVEMBER, 1_000, "system"), (NOVEMBER, 200, "admin")]
    books.now = DECEMBER
    books.hold("j2", 10)
    assert books.balances()["refill:2025-12"] == 1_190


def test_a_smaller_refill_begins_with_the_next_period(books: Books) -> None:
    books.set_refill(10)
    assert books.balances()[NOVEMBER] == 1_000
    books.now = DECEMBER
    books.hold("j1", 1)
    assert books.balances()["refill:2025-12"] == 9


def test_up_and_down_and_up_again_brings_no_more_than_the_greatest(books: Books) -> None:
    for credits in (5_000, 0, 5_000, 10, 4_000):
        books.set_refill(credits)
    assert books.balances()[NOVEMBER] == 5_000


def test_another_kind_of_period_begins_at_once_and_the_old_one_expires(books: Books) -> None:
    books.hold("j1", 100)
    books.set_refill(50, "day")
    assert books.balances() == {"refill:2025-11-20": 50, "topup": 500, "held": 100}
    books.set_refill(1_000)
    assert books.balances() == {"topup": 500, "held": 100}
    books.release("j1")
    assert books.balances() == {NOVEMBER: 100, "topup": 500}


def test_back_and_forth_between_kinds_brings_no_more_than_one_refill_each(books: Books) -> None:
    kinds: tuple[PeriodKind, ...] = ("day", "week", "month")
    for kind in kinds * 3:
        books.set_refill(1_000, kind)
    issued = {account: amount for account, amount, _ in refills(books)}
    assert issued == {NOVEMBER: 1_000, "refill:2025-11-20": 1_000, "refill:2025-W47": 1_000}


def test_a_time_zone_where_it_is_still_yesterday_leaves_todays_refill_for_today(books: Books) -> None:
    books.set_refill(50, "day")
    books.now = START + 15 * HOUR  # three in the morning of the 21st, UTC
    books.hold("j1", 10)
    books.run(pool.set_timezone, workspace=TEAM, timezone="America/Los_Angeles", now=books.now)
    assert books.balances() == {"refill:2025-11-21": 40, "topup": 500, "held": 10}  # the 20th had its refill
    books.set_refill(50, "day")
    books.now += 8 * HOUR
    books.hold("j2", 40)
    assert books.balances() == {"topup": 500, "held": 50}


def test_a_time_zone_where_yesterday_had_no_refill_yet_brings_it_and_takes_none(books: Books) -> None:
    books.set_refill(0, "day")
    books.now = START + 39 * HOUR  # three in the morning of the 22nd, UTC
    books.set_refill(50, "day")
    books.run(pool.set_timezone, workspace=TEAM, timezone="America/Los_Angeles", now=books.now)
    assert books.balances() == {"refill:2025-11-21": 50, "refill:2025-11-22": 50, "topup": 500}
    books.now += 8 * HOUR
    assert books.headroom().pool_refill == 50
    books.hold("j1", 50)
    assert books.balances() == {"refill:2025-11-21": 50, "topup": 500, "held": 50}


def test_a_time_zone_where_it_is_tomorrow_begins_tomorrow_once(books: Books) -> None:
    books.set_refill(50, "day")
    for zone in ("Pacific/Auckland", "UTC", "Pacific/Auckland"):
        books.run(pool.set_timezone, workspace=TEAM, timezone=zone, now=books.now)
    assert books.balances() == {"refill:2025-11-21": 50, "topup": 500}


def test_a_refill_where_none_was_comes_at_once(books: Books) -> None:
    books.connection.execute("UPDATE workspace SET refill = 0")
    books.hold("j1", 1)
    assert refills(books) == []
    books.set_refill(10)
    assert books.balances() == {NOVEMBER: 10, "topup": 499, "held": 1}
    books.set_refill(25)
    assert books.balances()[NOVEMBER] == 25


def test_a_new_limit_holds_from_the_next_hold_on(books: Books) -> None:
    books.hold("j1", 300)
    books.set_limit(301)
    books.hold("j2", 1)
    books.set_limit(0)
    with pytest.raises(OverLimit) as caught:
        books.hold("j3", 1)
    assert (caught.value.limit, caught.value.used) == (0, 301)


@pytest.mark.parametrize(
    ("scope", "credits", "period"),
    [
        ("everybody", 10, "month"),
        ("role:designers", 10, "month"),
        ("tag:", 10, "month"),
        ("person", 10, "month"),
        ("default", -1, "month"),
        ("default", 10**12 + 1, "day"),
        ("default", 1, "year"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(books: Books, scope: str, credits: int, period: PeriodKind) -> None:
    with pytest.raises(BadValue):
        books.run(limits.set_limit, workspace=TEAM, scope=scope, credits=credits, period=period)


@pytest.mark.parametrize(("credits", "period"), [(-1, "month"), (1, "year")])
def test_a_refill_that_makes_no_sense_is_refused(books: Books, credits: int, period: PeriodKind) -> None:
    with pytest.raises(BadValue):
        books.set_refill(credits, period)
    books.hold("j1", 1)
    assert books.balances()[NOVEMBER] == 999


def test_an_unknown_workspace_is_not_found(books: Books) -> None:
    with pytest.raises(NotFound):
        books.run(pool.top_up, workspace="none", credits=5, now=START, actor="a", reason="", key="k")
    with pytest.raises(NotFound):
        books.run(pool.set_refill, workspace="none", credits=5, period="month", now=START, actor="a")
    with pytest.raises(NotFound):
        books.run(limits.set_limit, workspace="none", scope="default", credits=5, period="month")
