"""The numbers are those of `conftest`: a refill of 1,000 a month, 300 for each member, a top-up of 500."""

import pytest

from bot.credits import reports
from bot.credits.limits import Spender, Used
from bot.credits.periods import period_of
from bot.credits.policy import Policy
from bot.credits.reports import Headroom, JobCredits
from bot.credits.rules import Rules
from bot.errors import NotFound
from tests.support.books import ANA, BEN, DECEMBER, TEAM, Books, limited
from tests.support.clock import START

NOVEMBER_PERIOD = period_of(START, "UTC", "month")


def test_before_anybody_held_anything_the_refill_is_there_already(books: Books) -> None:
    assert books.headroom() == Headroom(
        pool_refill=1_000,
        pool_topup=500,
        pool_held=0,
        pool_resets_at=DECEMBER,
        limits=(Used(limit=limited(300)[0], period=NOVEMBER_PERIOD, used=0, extra=0),),
        held=0,
        confirm_over=100,
        rules=Rules(job_cap=None),
    )
    room = books.headroom()
    assert (room.pool_left, room.left, room.binds) == (1_500, 300, room.own)


def test_used_is_held_and_charged_and_held_the_part_that_runs_still(books: Books) -> None:
    books.hold("j1", 100)
    books.hold("j2", 100)
    books.charge("j2", 90)
    books.hold("j3", 50)
    books.release("j3")
    books.hold("j4", 7, BEN)
    ana, ben = books.headroom(ANA), books.headroom(BEN)
    assert (books.used(ANA), ana.held, ana.left, ana.pool_held) == (190, 100, 110, 107)
    assert (books.used(BEN), ben.held, ben.left, ben.pool_refill) == (7, 7, 293, 803)


def test_the_pool_binds_where_it_has_less_than_the_limit_leaves(books: Books) -> None:
    books.set_limit(5_000)
    books.hold("j1", 1_400)
    room = books.headroom(BEN)
    assert (room.pool_left, room.left, room.binds) == (100, 100, None)


def test_a_limit_lowered_below_what_is_used_leaves_nothing(books: Books) -> None:
    books.hold("j1", 200)
    books.set_limit(150)
    assert books.headroom().left == 0


def test_without_a_limit_and_a_refill_there_is_nothing_to_reset() -> None:
    books = Books(Policy(refill=0, limits=()))
    room = books.headroom()
    assert (room.limits, room.own, room.left, room.binds, room.pool_resets_at) == ((), None, 0, None, None)
    books.connection.close()


def test_the_next_period_looks_whole_before_it_is_opened(books: Books) -> None:
    books.hold("j1", 100)
    books.now = DECEMBER
    room = books.headroom()
    assert (room.pool_refill, room.pool_held, books.used(), room.held) == (1_000, 100, 0, 100)


def test_an_unknown_workspace_has_no_headroom(books: Books) -> None:
    with pytest.raises(NotFound):
        books.run(reports.headroom, spender=Spender(workspace="none", person=ANA), now=START)


def test_the_latest_jobs_come_first_with_what_became_of_them(books: Books) -> None:
    for number, job in enumerate(("j1", "j2", "j3", "j4")):
        books.now = START + number
        books.hold(job, 50)
    books.charge("j2", 45)
    books.correct("j2", 5)
    books.release("j3")
    assert books.run(reports.recent, workspace=TEAM, person=ANA, count=3) == [
        JobCredits(job="j4", held_at=START + 3, held=50, charged=0, released=0, corrected=0),
        JobCredits(job="j3", held_at=START + 2, held=50, charged=0, released=50, corrected=0),
        JobCredits(job="j2", held_at=START + 1, held=50, charged=45, released=5, corrected=5),
    ]
    assert books.run(reports.recent, workspace=TEAM, person=BEN) == []
