"""What became of credits: sums of jobs, months in the team's own time zone, and indexes for all of it."""

import re

import pytest

from bot.credits import linking, records, reports, spending
from bot.credits.limits import Spender, set_limit
from bot.credits.records import by_provider, changes, held_within, history, month_named
from bot.credits.reports import headroom
from bot.errors import BadValue
from tests.support.books import ANA, BEN, NOVEMBER, TEAM, Books
from tests.support.clock import START

DAY = 86_400_000


def plan(books: Books, sql: str) -> str:
    """How SQLite would answer a question."""
    values = dict.fromkeys(re.findall(r"(?<!:):(\w+)", sql), 1)
    return "\n".join(row["detail"] for row in books.connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (records.OWN, "SEARCH entry USING INDEX entry_by_person (person=? AND workspace=?)"),
        (records.MONTH, "SEARCH e USING INDEX entry_by_person (person=? AND workspace=? AND held_at>? AND held_at<?)"),
        (records.CHANGES, "SEARCH audit USING INDEX audit_of_workspace (workspace=?)"),
        (reports.RECENT, "SEARCH entry USING INDEX entry_by_person (person=? AND workspace=?)"),
        (reports.HELD, "SCAN job USING INDEX job_open"),
        (reports.HELD_BY_LEDGER, "SEARCH h USING INDEX entry_by_person (person=? AND workspace=?)"),
        (spending.SHARES, "SEARCH entry USING COVERING INDEX entry_spent (workspace=? AND held_at>? AND held_at<?)"),
        (spending.TOTAL, "SEARCH entry USING COVERING INDEX entry_spent (workspace=? AND held_at>? AND held_at<?)"),
        (linking.OPEN_PERSON, "SEARCH h USING INDEX entry_by_person (person=?)"),
    ],
)
def test_an_index_answers_it_and_nothing_scans_the_ledger(books: Books, sql: str, index: str) -> None:
    found = plan(books, sql)
    assert index in found
    assert not re.search(r"SCAN (entry|e|h)\b", found)


def test_history_sums_what_each_job_did(books: Books) -> None:
    books.hold("j1", 100)
    books.charge("j1", 60)
    books.correct("j1", 20)
    books.now += 1
    books.hold("j2", 30)
    books.hold("j3", 10, BEN)
    two, one = books.run(history, workspace=TEAM, person=ANA, count=9)
    assert (one.id, one.held, one.charged, one.released, one.corrected, one.kept) == ("j1", 100, 60, 40, 20, 40)
    assert (one.microusd, one.held_at, one.ended_at) == (300_000, START, START)
    assert (two.id, two.held, two.ended_at, two.microusd) == ("j2", 30, None, 150_000)
    assert [record.id for record in books.run(history, workspace=TEAM, person=ANA, count=1)] == ["j2"]


def test_a_month_is_the_teams_own(books: Books) -> None:
    """Auckland's December begins while it is November in Greenwich."""
    month = month_named("2025-12", "Pacific/Auckland")
    assert month.start_ms == 1_764_500_400_000
    for job, books.now in (("before", month.start_ms - 1), ("first", month.start_ms), ("after", month.end_ms)):
        books.hold(job, 1, BEN)
    found = books.run(held_within, workspace=TEAM, start=month.start_ms, end=month.end_ms)
    assert [(one.id, one.person) for one in found] == [("first", "U2")]


@pytest.mark.parametrize("name", ["", "2025", "2025-13", "2025-00", "25-11", "November", "2025-11-20", "9999-12"])
def test_what_is_no_month_is_refused(name: str) -> None:
    with pytest.raises(BadValue):
        month_named(name, "UTC")


def test_by_provider_is_what_was_kept_what_was_lost_and_what_it_cost(books: Books) -> None:
    books.hold("j1", 100)
    books.charge("j1", 60)
    books.correct("j1", 20)
    books.hold("j2", 50)
    books.write_off("j2", 50, 250_000)
    books.hold("open", 10)
    month = month_named(NOVEMBER.removeprefix("refill:"), "UTC")
    found = books.run(held_within, workspace=TEAM, start=month.start_ms, end=month.end_ms)
    (one,) = by_provider(found)
    assert (one.jobs, one.credits, one.variance, one.microusd) == (2, 40, 50, 550_000)


def test_changes_name_people_and_scopes_by_what_they_are_called(books: Books) -> None:
    for number, (scope, label) in enumerate(
        ((f"person:{ANA}", "Ana"), ("role:chat:7", "Designers"), ("tag:acme", "acme"))
    ):
        books.run(
            set_limit, workspace=TEAM, scope=scope, credits=5, period="day", label=label, actor=BEN,
            now=books.now + number, audit=f"a{number}",
        )  # fmt: skip
    found = books.run(changes, workspace=TEAM, count=9)
    assert [(one.actor, one.subject) for one in found] == [("U2", "tag:acme"), ("U2", "role:Designers"), ("U2", "U1")]
    assert len(books.run(changes, workspace=TEAM, person=ANA, count=9)) == 1
    assert len(books.run(changes, workspace=TEAM, person=BEN, count=9)) == 3


def test_what_is_held_for_a_person_is_that_of_their_open_jobs(books: Books) -> None:
    books.hold("j1", 100)
    books.charge("j1", 60)
    books.hold("j2", 30)
    books.hold("j3", 10, BEN)
    assert books.run(headroom, spender=Spender(workspace=TEAM, person=ANA), now=books.now).held == 30
