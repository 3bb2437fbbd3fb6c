"""Headroom that moves: given once, in one transaction, never more than there is, and gone with its period."""

import pytest

from bot.credits import allowances
from bot.credits.limits import Spender
from bot.errors import BadValue, OverLimit, PoolEmpty
from tests.support.books import ANA, BEN, DECEMBER, TEAM, Books


def give(books: Books, credits: int, *, to: str = BEN, key: str = "k") -> bool:
    giver = Spender(workspace=TEAM, person=ANA)
    return books.run(
        allowances.gift, giver=giver, receiver=to, credits=credits, reason="thanks", key=key, now=books.now
    )


def left(books: Books) -> tuple[int, int]:
    return books.headroom(ANA).left, books.headroom(BEN).left


def test_a_gift_moves_headroom_and_makes_no_credits(books: Books) -> None:
    """I10. Fails without the giver's row, and without the receiver's (each tried: `_GIVE` once)."""
    pool = books.headroom(ANA).pool_left
    assert give(books, 50)
    assert left(books) == (250, 350)
    assert books.headroom(ANA).pool_left == pool
    assert books.rows("SELECT sum(credits) FROM allowance") == [(0,)]


def test_the_same_gift_again_gives_nothing(books: Books) -> None:
    """I10. Fails without the look at `_THERE` (tried: the key's second row breaks the transaction)."""
    assert give(books, 50)
    assert not give(books, 50)
    assert left(books) == (250, 350)


@pytest.mark.parametrize("credits", [0, -1])
def test_only_a_positive_number_of_credits_can_be_given(books: Books, credits: int) -> None:
    """I10. Fails without `check_positive` (tried): a gift below zero would be a theft."""
    with pytest.raises(BadValue):
        give(books, credits)
    assert left(books) == (300, 300)


def test_nobody_gives_to_themselves(books: Books) -> None:
    """I10. Fails without the look at who receives it (tried)."""
    with pytest.raises(BadValue):
        give(books, 50, to=ANA)
    assert books.rows("SELECT * FROM allowance") == []


def test_nobody_gives_more_than_they_have_left(books: Books) -> None:
    """I10. Fails without the loop over the giver's limits (tried); what is held counts, and what was given."""
    books.hold("a", 200)
    with pytest.raises(OverLimit) as caught:
        give(books, 101)
    assert (caught.value.limit, caught.value.used) == (300, 200)
    assert give(books, 60)
    with pytest.raises(OverLimit):
        give(books, 41, key="again")
    assert left(books) == (40, 360)


def test_who_has_no_limit_gives_no_more_than_the_pool_has(books: Books) -> None:
    """I10. Fails without the look at the pool (tried)."""
    books.connection.execute("DELETE FROM spending_limit")
    with pytest.raises(PoolEmpty):
        give(books, 1_501)


def test_a_gift_ends_with_the_period_that_it_was_given_in(books: Books) -> None:
    """Fails where an allowance isn't bound to the period of its moment (tried: without `at >= :start`)."""
    give(books, 50)
    books.now = DECEMBER
    assert left(books) == (300, 300)


def test_what_was_granted_counts_once(books: Books) -> None:
    """Fails without the look at `_THERE` in `allow` (tried)."""
    for expected in (True, False):
        assert expected is books.run(
            allowances.allow, workspace=TEAM, person=BEN, credits=40, kind="grant", actor=ANA, reason="", key="g",
            now=books.now,
        )  # fmt: skip
    assert left(books) == (300, 340)
    since = books.run(allowances.allowances_of, workspace=TEAM, person=BEN, since=books.now)
    assert [(credits, kind) for credits, kind, _, _ in since] == [(40, "grant")]


def test_allowances_are_append_only(books: Books) -> None:
    """I11. Fails without either trigger of the migration (tried)."""
    give(books, 50)
    for sql in ("UPDATE allowance SET credits = 1", "DELETE FROM allowance"):
        with pytest.raises(Exception, match="append-only"):
            books.connection.execute(sql)
