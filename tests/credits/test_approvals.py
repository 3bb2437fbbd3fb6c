"""A question to approvers: one for each ask, decided once, by whoever is first, and not after a day."""

from collections.abc import Callable

import pytest

from bot.credits import approvals
from bot.credits.approvals import LIFE_MS, Approval, Why
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, TEAM, Books

QUESTION = "question000000000000"


def ask(books: Books, state: str = "confirming", name: str = "ask00000000000000000") -> str:
    sql = (
        "INSERT INTO ask (id, key, workspace, person, actor, place, text, options, pictures, state, created_at)"
        " VALUES (?, ?, ?, ?, '{}', '{}', '', '{}', '[]', ?, 0)"
    )
    books.connection.execute(sql, (name, name, TEAM, ANA, state))
    return name


def request(books: Books, about: str | None, *, why: Why = "price", name: str = QUESTION) -> str | None:
    return books.run(
        approvals.request_approval, new_id=name, workspace=TEAM, person=ANA, ask=about, actor={"user": "U1"},
        place={"channel": "general"}, message=None, credits=112, why=why, reason="launch", now=books.now,
    )  # fmt: skip


def stands(books: Books) -> Approval:
    found = books.run(approvals.find_approval, QUESTION)
    assert found is not None
    return found


def state_of(books: Books, about: str) -> str:
    return str(books.rows(f"SELECT state FROM ask WHERE id = '{about}'")[0][0])


def approved(how: approvals.Yes = "approved") -> Callable[[Books], Script[bool]]:
    return lambda books: approvals.approve(QUESTION, how, by=BEN, now=books.now)


DECISIONS: dict[str, Callable[[Books], Script[bool]]] = {
    "approved": approved(),
    "once": approved("once"),
    "denied": lambda books: approvals.deny(QUESTION, by=BEN, note="no", now=books.now),
    "withdrawn": lambda books: approvals.close_approval(QUESTION, "withdrawn", now=books.now),
    "expired": lambda books: approvals.close_approval(QUESTION, "expired", now=books.now),
}


def decide(books: Books, decision: str) -> bool:
    return books.run(DECISIONS[decision], books)


@pytest.mark.parametrize("state", ["quoted", "confirming"])
def test_an_ask_waits_and_has_one_open_question(books: Books, state: str) -> None:
    """I13. Fails without the look for an open one (tried: the second becomes None)."""
    about = ask(books, state)
    assert request(books, about) == QUESTION
    assert request(books, about, name="another0000000000000") == QUESTION
    assert state_of(books, about) == "approving"
    assert [one.id for one in books.run(approvals.open_approvals, TEAM, now=books.now)] == [QUESTION]


@pytest.mark.parametrize("state", ["received", "accepted", "refused", "expired"])
def test_an_ask_that_is_past_it_is_not_asked_about(books: Books, state: str) -> None:
    """Fails without the states in `_APPROVING` (tried): an accepted ask could be bought again."""
    assert request(books, ask(books, state)) is None
    assert books.rows("SELECT id FROM approval") == []


@pytest.mark.parametrize("second", sorted(DECISIONS))
@pytest.mark.parametrize("first", sorted(DECISIONS))
def test_the_first_decision_counts(books: Books, first: str, second: str) -> None:
    """I13. Fails without `state = 'open'` in `_DECIDE` and `_CLOSE` (each tried)."""
    request(books, ask(books))
    assert decide(books, first)
    assert not decide(books, second)
    assert stands(books).state == first
    assert books.rows("SELECT count(*) FROM allowance") == [(int(first == "approved"),)]


@pytest.mark.parametrize(
    ("decision", "after"), [("denied", "refused"), ("withdrawn", "refused"), ("expired", "expired")]
)
def test_a_question_that_comes_to_nothing_closes_its_ask(books: Books, decision: str, after: str) -> None:
    """Fails without `_END_ASK` (tried): the ask would wait for ever."""
    about = ask(books)
    request(books, about)
    decide(books, decision)
    assert state_of(books, about) == after


def test_nobody_decides_after_a_day(books: Books) -> None:
    """I13. Fails without `expires_at > :now` in `_DECIDE` (tried)."""
    request(books, ask(books))
    books.now += LIFE_MS
    assert books.run(approvals.stale_approvals, books.now - 1) == []
    assert books.run(approvals.stale_approvals, books.now) == [QUESTION]
    assert not decide(books, "approved")
    assert not decide(books, "denied")
    assert decide(books, "expired")


@pytest.mark.parametrize(("how", "grown"), [("approved", 112), ("once", 0)])
def test_approve_lets_the_limit_grow_and_once_does_not(books: Books, how: str, grown: int) -> None:
    """Fails without `how == "approved"` in `approve` (tried)."""
    request(books, ask(books))
    decide(books, how)
    assert books.headroom(ANA).left == 300 + grown


def test_more_headroom_is_given_whatever_yes_it_was_and_asked_for_once_at_a_time(books: Books) -> None:
    """Fails without `_WAITING` (tried): approvers would be asked as often as somebody types."""
    assert request(books, None, why="headroom") == QUESTION
    assert request(books, None, why="headroom", name="another0000000000000") == QUESTION
    assert [one.id for one in books.run(approvals.open_of_person, ANA, TEAM, now=books.now)] == [QUESTION]
    assert decide(books, "once")
    assert books.headroom(ANA).left == 412
    assert request(books, None, why="headroom", name="another0000000000000") == "another0000000000000"


def test_another_price_holds_for_what_is_still_open(books: Books) -> None:
    """Fails without `state = 'open'` in `_PRICE` (tried): what was decided would say another price."""
    request(books, ask(books))
    books.run(approvals.price_now, QUESTION, 150)
    decide(books, "approved")
    books.run(approvals.price_now, QUESTION, 900)
    assert (stands(books).credits, books.headroom(ANA).left) == (150, 450)
    assert (stands(books).by, stands(books).decided_at) == ("U2", books.now)
