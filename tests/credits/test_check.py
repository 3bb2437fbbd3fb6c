"""What the check finds where somebody or something got past the scripts."""

import sqlite3
from contextlib import closing

import pytest

from bot.credits.check import Totals, check
from bot.errors import LedgerBroken
from bot.store.batch import run_view
from tests.support.books import ANA, TEAM, Books

HELD, TOPUP, NOVEMBER = (f"{TEAM}:{account}" for account in ("held", "topup", "refill:2025-11"))


@pytest.fixture
def books(books: Books) -> Books:
    """One job that runs, one that was charged, one that failed, one that was written off."""
    books.hold("open", 10)
    books.hold("done", 20)
    books.charge("done", 25)
    books.hold("failed", 30)
    books.release("failed")
    books.hold("lost", 40)
    books.write_off("lost", 40, 200_000)
    return books


def damaged(books: Books, *statements: str) -> list[tuple[str, int, int]]:
    """The differences found in a copy that was tampered with."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        books.connection.backup(copy)
        copy.row_factory = sqlite3.Row
        for statement in ("DROP TRIGGER entry_never_changes", "DROP TRIGGER entry_never_goes", *statements):
            copy.execute(statement)
        with pytest.raises(LedgerBroken) as caught:
            run_view(copy, check)
        return list(caught.value.differences)


def test_a_whole_ledger_is_told_where_all_credits_are(books: Books) -> None:
    totals = books.check()
    assert totals == Totals(issued=1_500, in_pools=1_470, held=10, spent=65, expired=0, variance=45)
    assert totals.issued == totals.in_pools + totals.held + totals.spent + totals.expired - totals.variance


def test_a_balance_that_no_entry_made(books: Books) -> None:
    assert damaged(books, f"UPDATE account SET balance = 501 WHERE id = '{TOPUP}'") == [(TOPUP, 501, 500)]


def test_a_balance_that_is_gone(books: Books) -> None:
    assert damaged(books, f"DELETE FROM account WHERE id = '{TOPUP}'") == [(TOPUP, 0, 500)]


def test_an_entry_that_was_changed(books: Books) -> None:
    found = damaged(books, "UPDATE entry SET amount = 21 WHERE id = 'done:hold:refill'")
    assert found == [(HELD, 10, 11), (NOVEMBER, 970, 969), (HELD, 11, 10), ("job:done", 21, 20)]


def test_a_job_that_ended_twice(books: Books) -> None:
    again = f"""
    INSERT INTO entry (id, workspace, debit, credit, amount, kind, job, person, period, actor, reason, held_at, at)
    SELECT 'done:end:9', workspace, debit, '{NOVEMBER}', amount, 'release', job, person, period, actor, '', held_at, at
    FROM entry WHERE id = 'done:end:1'
    """
    moved = [
        f"UPDATE account SET balance = balance - 10 WHERE id = '{HELD}'",
        f"UPDATE account SET balance = balance + 20 WHERE id = '{NOVEMBER}'",
    ]
    assert ("job:done", 20, 40) in damaged(books, again, *moved)


def test_an_ending_without_a_hold(books: Books) -> None:
    assert ("job:done", 0, 20) in damaged(books, "DELETE FROM entry WHERE id = 'done:hold:refill'")


def test_more_corrected_than_charged(books: Books) -> None:
    books.correct("done", 20)
    wrong = "UPDATE entry SET amount = 21 WHERE kind = 'correction'"
    assert ("job:done", 20, 20) in damaged(books, wrong)


def test_a_month_of_the_operator_that_is_not_the_sum_of_its_entries(books: Books) -> None:
    right = 50_000 + 125_000 + 200_000
    assert damaged(books, "UPDATE usage SET used = 1") == [("operator:2025-11", 1, right)]
    assert damaged(books, "DELETE FROM usage") == [("operator:2025-11", 0, right)]


def test_credits_stranded_in_a_job_that_has_ended(books: Books) -> None:
    ask = f"""
    INSERT INTO ask (id, key, workspace, person, actor, place, text, options, pictures, state, created_at)
    VALUES ('ask', 'k', '{TEAM}', '{ANA}', '', '', '', '', '', 'accepted', 1)
    """
    job = f"""
    INSERT INTO job (id, ask, workspace, person, place, request, offers, credits, microusd, state, progress, ended_at,
        created_at)
    VALUES ('open', 'ask', '{TEAM}', '{ANA}', '', '', '', 10, 0, 'failed', '', 5, 1)
    """
    assert damaged(books, ask, job) == [("job:open", 10, 0)]
