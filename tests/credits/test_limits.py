"""Limits on every kind of scope: which one stops it, whose spending it counts, when it starts anew."""

import pytest

from bot.credits import ledger, limits, pausing
from bot.credits.limits import Spender
from bot.credits.periods import PeriodKind
from bot.errors import CeilingReached, OverCap, OverLimit, Paused, PoolEmpty
from tests.support.books import ANA, BEN, CEILING, TEAM, Books

DAY = 86_400_000


def limited(books: Books, scope: str, credits: int, period: PeriodKind = "month") -> None:
    books.run(limits.set_limit, workspace=TEAM, scope=scope, credits=credits, period=period)


def under(person: str = ANA, *, waived: bool = False) -> Spender:
    return Spender(
        workspace=TEAM, person=person, groups=("chat:7",), channel="chat:ads", tag="acme", waived=waived
    )  # fmt: skip


def held(books: Books, job: str, credits: int, spender: Spender, *, beside: tuple[int, int] = (0, 0)) -> bool:
    return books.run(
        ledger.hold, job=job, workspace=TEAM, person=spender.person, credits=credits, microusd=5_000 * credits,
        ceiling=CEILING, now=books.now, actor=spender.person, under=spender, beside=beside,
    )  # fmt: skip


PERSONAL = ["default", "role:chat:7", f"person:{ANA}"]
SHARED = ["channel:chat:ads", "tag:acme"]


@pytest.mark.parametrize("scope", PERSONAL + SHARED)
def test_a_limit_stops_what_falls_under_it_and_names_itself(books: Books, scope: str) -> None:
    """Removed: one case after the other of `Spender.falls_under`."""
    limited(books, scope, 100)
    assert held(books, "one", 60, under())
    with pytest.raises(OverLimit) as refused:
        held(books, "two", 41, under())
    assert (refused.value.scope, refused.value.limit, refused.value.used) == (scope, 100, 60)
    assert held(books, "two", 40, under())


@pytest.mark.parametrize("scope", ["role:chat:8", "channel:chat:other", "tag:other", f"person:{BEN}", "role:other:7"])
def test_other_peoples_limits_are_nobody_elses(books: Books, scope: str) -> None:
    limited(books, scope, 0)
    assert held(books, "one", 60, under())


@pytest.mark.parametrize(
    ("scope", "shared"), [*((one, False) for one in PERSONAL[:2]), *((one, True) for one in SHARED)]
)
def test_channels_and_tags_count_everybody_the_others_each(books: Books, scope: str, shared: bool) -> None:
    limited(books, scope, 100)
    assert held(books, "one", 80, under(BEN))
    if not shared:
        assert held(books, "two", 80, under(ANA))
        return
    with pytest.raises(OverLimit):
        held(books, "two", 80, under(ANA))


def test_the_tightest_is_named(books: Books) -> None:
    for scope, credits in zip(PERSONAL, (90, 50, 70), strict=True):
        limited(books, scope, credits)
    with pytest.raises(OverLimit) as refused:
        held(books, "one", 100, under())
    assert refused.value.scope == "role:chat:7"


def test_a_day_is_over_before_a_month(books: Books) -> None:
    limited(books, "tag:acme", 100, "day")
    held(books, "one", 100, under())
    with pytest.raises(OverLimit) as refused:
        held(books, "two", 1, under())
    assert 0 < refused.value.resets_at - books.now <= DAY
    books.now = refused.value.resets_at
    assert held(books, "two", 1, under())


def test_what_comes_back_may_be_used_again_under_the_same_headings(books: Books) -> None:
    limited(books, "channel:chat:ads", 100)
    limited(books, "tag:acme", 100)
    held(books, "one", 100, under())
    books.release("one")
    assert held(books, "two", 100, under())


def test_what_was_approved_passes_the_persons_own_limits_and_no_others(books: Books) -> None:
    """Removed: the two lists of limits in `hold`."""
    limited(books, "default", 10)
    assert held(books, "one", 60, under(waived=True))
    limited(books, "tag:acme", 70)
    with pytest.raises(OverLimit):
        held(books, "two", 60, under(waived=True))


@pytest.mark.parametrize("scope", PERSONAL + SHARED)
def test_what_is_held_next_has_to_fit_as_well(books: Books, scope: str) -> None:
    """Removed: `beside` in each of the checks."""
    limited(books, scope, 100)
    with pytest.raises(OverLimit) as refused:
        held(books, "one", 50, under(), beside=(51, 0))
    assert refused.value.price == 101
    assert held(books, "one", 50, under(), beside=(50, 0))
    assert books.used() == 50


def test_so_it_has_in_the_pool_and_under_the_ceiling_but_the_cap_is_for_one(books: Books) -> None:
    limited(books, "default", 1_000_000)
    with pytest.raises(PoolEmpty):
        held(books, "one", 50, under(), beside=(1_000_000, 0))
    with pytest.raises(CeilingReached):
        held(books, "one", 50, under(), beside=(0, CEILING))
    books.set_rules(job_cap=49)
    with pytest.raises(OverCap):
        held(books, "one", 50, under())
    books.set_rules(job_cap=50)
    assert held(books, "one", 50, under(), beside=(50, 0))


def test_nothing_is_held_while_everything_is_stopped(books: Books) -> None:
    """Removed: `standing.stopped` in `_check_rules`."""
    books.run(pausing.stop_everything, reason="bill", actor="op", now=books.now)
    with pytest.raises(Paused) as refused:
        books.hold("one", 50)
    assert (refused.value.reason, refused.value.everywhere) == ("bill", True)
    assert books.headroom().stopped == "bill"
    books.run(pausing.go_on)
    assert books.hold("one", 50)
    assert books.headroom().stopped is None
