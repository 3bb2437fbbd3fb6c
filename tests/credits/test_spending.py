"""What was spent, shared out and by day, as the ledger has it; answered by the index that was made for it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.credits import ledger, spending
from bot.credits.limits import Spender
from bot.credits.spending import Spending
from bot.errors import NotFound
from tests.support.books import ANA, BEN, CEILING, TEAM, Books
from tests.support.clock import START

DAY = 86_400_000


def bought(books: Books, job: str, credits: int, person: str = ANA, tag: str = "", provider: str = "fal") -> None:
    """A job that was held for and charged."""
    under = Spender(workspace=TEAM, person=person, tag=tag)
    books.run(
        ledger.hold, job=job, workspace=TEAM, person=person, credits=credits, microusd=0, ceiling=CEILING,
        under=under, now=books.now, actor=person,
    )  # fmt: skip
    books.run(ledger.charge, job=job, credits=credits, microusd=0, now=books.now, actor="system", provider=provider)


def report(books: Books, start: int, end: int, timezone: str = "UTC") -> Spending:
    return books.run(spending.spending, workspace=TEAM, start=start, end=end, timezone=timezone)


def at(moment: str, timezone: str = "UTC") -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(timezone)).timestamp() * 1000)


def test_it_is_shared_out_by_person_tag_provider_and_day_without_what_was_given_back(books: Books) -> None:
    bought(books, "a", 100, ANA, "acme")
    bought(books, "b", 40, BEN, provider="vidgo")
    books.now += DAY
    bought(books, "c", 60, ANA)
    books.correct("a", 30)  # counts on the day of its hold
    books.hold("open", 20)
    found = report(books, START - DAY, books.now + DAY)
    assert found.total == 170
    assert [(one.key, one.name, one.credits) for one in found.people] == [(ANA, "U1", 130), (BEN, "U2", 40)]
    assert [(one.key, one.credits) for one in found.tags] == [("", 100), ("acme", 70)]
    assert [(one.key, one.credits) for one in found.providers] == [("fal", 130), ("vidgo", 40)]
    assert [one.credits for one in found.days] == [0, 110, 60, 0]
    assert books.run(spending.spent_between, workspace=TEAM, start=START, end=START + 1) == 110
    assert books.run(spending.first_spent, TEAM) == START


def test_what_was_given_back_whole_is_nobodys_share(books: Books) -> None:
    bought(books, "a", 100)
    books.correct("a", 100)
    found = report(books, START, START + DAY)
    assert (found.total, found.people, found.providers) == (0, (), ())


def test_days_are_those_of_the_team_also_where_one_has_25_hours(books: Books) -> None:
    for job, moment in (("a", "2026-10-24T23:50"), ("b", "2026-10-25T00:10"), ("c", "2026-10-25T23:50")):
        books.now = at(moment, "Europe/Berlin")
        bought(books, job, 10)
    found = report(books, at("2026-10-24", "Europe/Berlin"), at("2026-10-27", "Europe/Berlin"), "Europe/Berlin")
    assert [(one.day, one.credits) for one in found.days] == [("2026-10-24", 10), ("2026-10-25", 20), ("2026-10-26", 0)]
    assert found.days[2].start_ms - found.days[1].start_ms == 25 * 3_600_000


@pytest.mark.parametrize("sql", [spending.SHARES, spending.TOTAL, spending.FIRST])
def test_the_index_answers_alone(books: Books, sql: str) -> None:
    question = {"workspace": TEAM, "start": 0, "end": 1}
    plan = [row[3] for row in books.connection.execute(f"EXPLAIN QUERY PLAN {sql}", question)]
    assert any("USING COVERING INDEX entry_spent (workspace=?" in step for step in plan), plan


def test_a_pool_that_is_used_too_fast_says_when_it_is_empty(books: Books) -> None:
    books.now = at("2025-11-11")  # ten days into a month of 30, with 1,000 and 500 to spend
    bought(books, "a", 200, ANA)
    bought(books, "b", 250, BEN)
    books.hold("c", 50)
    found = books.run(spending.burndown, workspace=TEAM, now=books.now)
    assert (found.spent, found.held, found.left, found.per_day) == (450, 50, 1_000, 50)
    assert found.exhausted_at is None  # 20 days more: the refill comes first
    bought(books, "d", 50, BEN)
    found = books.run(spending.burndown, workspace=TEAM, now=books.now)
    assert (found.per_day, found.exhausted_at) == (55, at("2025-11-11") + 950 * 10 * DAY // 550)


def test_an_idle_pool_and_one_on_its_first_day_divide_by_nothing(books: Books) -> None:
    books.now = at("2025-12-01") + 1
    idle = books.run(spending.burndown, workspace=TEAM, now=books.now)
    assert (idle.spent, idle.per_day, idle.exhausted_at, idle.left) == (0, 0, None, 1_500)
    bought(books, "a", 100)
    assert books.run(spending.burndown, workspace=TEAM, now=books.now).per_day == 100


def test_a_workspace_that_nobody_knows_has_no_pool(books: Books) -> None:
    with pytest.raises(NotFound):
        books.run(spending.burndown, workspace="nobody", now=books.now)
