"""Linking: codes that can't be guessed, pools and accounts joined whole or not at all, and no way around a limit."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.credits import linking
from bot.credits.allowances import gift
from bot.credits.approvals import request_approval
from bot.credits.ledger import hold
from bot.credits.limits import Spender, set_limit
from bot.credits.linking import ALPHABET, Linked, join_person, join_team, offer
from bot.credits.people import ensure_person, ensure_workspace
from bot.credits.policy import Policy
from bot.credits.pool import top_up
from bot.credits.reports import headroom
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, CEILING, TEAM, Books, limited
from tests.support.clock import FakeClock

T = TypeVar("T")

OTHER, CAT = "other000000000000000", "cat00000000000000000"
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
CODE = "ABCD2345"


@pytest.fixture
def books() -> Iterator[Books]:
    opened = two_teams()
    yield opened
    opened.check()
    opened.connection.close()


def two_teams() -> Books:
    """TEAM with 1,000 a month and 500 of top-ups, where each may use 300; OTHER with the same, where Cat is.

    Ben's account is elsewhere.
    """
    books = Books(Policy(refill=1_000, limits=limited(300)))
    books.connection.execute("UPDATE person_identity SET platform_workspace = 'T9' WHERE platform_user = 'U2'")
    books.top_up(500)
    there = {"platform": "web", "platform_workspace": "W2"}
    policy = Policy(refill=1_000, limits=limited(300))
    books.run(ensure_workspace, **there, name="other", policy=policy, now=books.now, new_id=OTHER)
    books.run(ensure_person, **there, platform_user="U9", name="Cat", now=books.now, new_id=CAT)
    books.run(top_up, workspace=OTHER, credits=500, now=books.now, actor="admin", reason="", key="k")
    return books


def used(books: Books, job: str, credits: int, person: str, team: str = TEAM) -> None:
    """Hold and charge."""
    books.run(
        hold, job=job, workspace=team, person=person, credits=credits, microusd=0, ceiling=CEILING, now=books.now,
        actor=person,
    )  # fmt: skip
    books.charge(job, credits, 0)


def offered(books: Books, kind: linking.Kind, *, workspace: str = TEAM, person: str = ANA, code: str = CODE) -> None:
    books.run(offer, kind, code, workspace=workspace, person=person, now=books.now)


def join_other(books: Books, code: str = CODE, *, person: str = CAT, audit: str = "a1") -> object:
    return books.run(join_team, code, workspace=OTHER, person=person, now=books.now, audit=audit)


def join_ben(books: Books, code: str = CODE, *, audit: str = "a1") -> object:
    """Ben's account becomes Ana's."""
    return books.run(join_person, code, workspace=TEAM, person=BEN, now=books.now, audit=audit)


def state(books: Books) -> list[object]:
    """All that joining may change; tries apart."""
    tables = ("workspace", "person_identity", "workspace_identity", "entry", "account", "allowance", "spending_limit")
    return [books.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in (*tables, "audit")]


def test_codes_have_no_look_alikes_and_come_of_chance() -> None:
    clock = FakeClock()
    codes = {linking.new_code(clock) for _ in range(300)}
    assert len(codes) == 300
    assert set("".join(codes)) == set(ALPHABET)
    assert not set(ALPHABET) & set("01IO")
    assert {len(code) for code in codes} == {8}


def test_only_the_hash_of_a_code_is_kept(books: Books) -> None:
    offered(books, "workspace")
    assert CODE not in str(books.rows("SELECT * FROM link_code"))


def test_a_pool_joins_with_its_top_ups_and_without_its_refill(books: Books) -> None:
    used(books, "j1", 100, CAT, OTHER)
    offered(books, "workspace")
    assert join_other(books) == Linked(kind="workspace", into=TEAM, moved=500)
    assert books.rows("SELECT platform, workspace FROM workspace_identity ORDER BY 1") == [
        ("chat", TEAM),
        ("web", TEAM),
    ]
    assert books.headroom(CAT).pool_topup == 1_000
    moves = "SELECT kind, debit, credit, amount FROM entry WHERE reason = 'linked' ORDER BY kind"
    assert books.rows(moves) == [
        ("expire", f"{OTHER}:refill:2025-11", "sys:expired", 900), ("topup", f"{OTHER}:topup", f"{TEAM}:topup", 500),
    ]  # fmt: skip
    assert books.rows(f"SELECT sum(balance) FROM account WHERE workspace = '{OTHER}'") == [(0,)]
    assert books.rows("SELECT DISTINCT action, actor FROM audit") == [("quota link", CAT)]
    with pytest.raises(Exception, match="PoolEmpty"):
        used(books, "j2", 1, CAT, OTHER)


@pytest.mark.parametrize("kind", ["workspace", "person"])
def test_used_old_and_wrong_codes_are_the_same(books: Books, kind: linking.Kind) -> None:
    join = join_other if kind == "workspace" else join_ben
    offered(books, kind)
    books.now += linking.LIFE_MS
    before = state(books)
    assert join(books) == join(books, "WRNG2345") == "code"
    offered(books, "person" if kind == "workspace" else "workspace")
    assert join(books) == "code"
    assert state(books) == before
    offered(books, kind)
    assert isinstance(join(books), Linked)
    assert join(books, audit="a2") == "code"


def test_a_new_code_takes_the_place_of_the_old_one(books: Books) -> None:
    offered(books, "workspace")
    offered(books, "workspace", code="NEWC2345")
    assert join_other(books) == "code"
    assert isinstance(join_other(books, "NEWC2345"), Linked)


def test_after_five_wrong_codes_the_right_one_waits_an_hour(books: Books) -> None:
    offered(books, "workspace")
    for number in range(5):
        assert join_other(books, f"WRNG{number + 2}345") == "code"
    assert join_other(books) == "tries"
    books.now += HOUR
    offered(books, "workspace")
    assert isinstance(join_other(books), Linked)


def test_the_same_ask_again_changes_nothing(books: Books) -> None:
    offered(books, "workspace")
    join_other(books)
    before = state(books)
    assert join_other(books) == Linked(kind="workspace", into=OTHER)
    assert state(books) == before


def test_nothing_joins_itself(books: Books) -> None:
    offered(books, "workspace", workspace=OTHER, person=CAT)
    assert join_other(books) == "itself"
    offered(books, "person", person=BEN)
    assert join_ben(books) == "itself"


def test_nothing_joins_while_something_of_it_is_open(books: Books) -> None:
    offered(books, "workspace")
    offered(books, "person", code="PERS2345")
    books.hold("j1", 10, BEN)
    books.run(
        hold, job="j2", workspace=OTHER, person=CAT, credits=10, microusd=0, ceiling=CEILING, now=books.now, actor=CAT
    )
    before = state(books)
    assert join_ben(books, "PERS2345") == join_other(books) == "open"
    assert state(books) == before
    books.release("j1")
    books.release("j2")
    for team, person, name in ((TEAM, BEN, "p1"), (OTHER, CAT, "p2")):
        books.run(
            request_approval, new_id=name, workspace=team, person=person, ask=None, actor={}, place={}, message=None,
            credits=5, why="headroom", reason="", now=books.now,
        )  # fmt: skip
    assert join_ben(books, "PERS2345") == join_other(books) == "open"


def test_an_account_that_joins_brings_what_it_used_day_for_day(books: Books) -> None:
    """Without the rows of kind `link`, Ana could use 300 more."""
    books.run(set_limit, workspace=TEAM, scope=f"person:{ANA}", credits=100, period="day")
    books.now -= 9 * DAY
    used(books, "old", 150, BEN)
    books.now += 9 * DAY
    used(books, "new", 30, BEN)
    used(books, "own", 20, ANA)
    offered(books, "person")
    assert join_ben(books) == Linked(kind="person", into=ANA)
    left = {one.limit.period: one.left for one in books.headroom(ANA).limits}
    assert left == {"month": 300 - 150 - 30 - 20, "day": 100 - 30 - 20}
    assert books.rows("SELECT DISTINCT person FROM person_identity WHERE platform = 'chat'") == [(ANA,)]
    with pytest.raises(Exception, match="OverLimit"):
        used(books, "more", 101, ANA)


def test_what_was_given_away_before_is_gone_after(books: Books) -> None:
    giver = Spender(workspace=TEAM, person=BEN)
    books.run(gift, giver=giver, receiver=ANA, credits=200, reason="", key="g", now=books.now)
    offered(books, "person")
    join_ben(books)
    assert books.headroom(ANA).left == 300


def test_the_tighter_own_limit_stays(books: Books) -> None:
    books.run(set_limit, workspace=TEAM, scope=f"person:{BEN}", credits=5, period="day", label="Ben")
    books.run(set_limit, workspace=TEAM, scope=f"person:{ANA}", credits=200, period="month", label="Ana")
    offered(books, "person")
    join_ben(books)
    own = "SELECT scope, credits, period FROM spending_limit WHERE scope LIKE 'person:%'"
    assert books.rows(own) == [(f"person:{ANA}", 5, "day")]


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.sampled_from([ANA, BEN]), st.integers(1, 60), st.integers(0, 5 * DAY)), min_size=1, max_size=8
    )
)
def test_linking_is_no_way_around_a_limit(spends: list[tuple[str, int, int]]) -> None:
    """However two accounts spend before, together they have after it what one account would have had.

    Tried without `_carry`, and with all of it put on the day of the linking: both fail.
    """
    together, apart = two_teams(), two_teams()
    for books in (together, apart):
        books.run(set_limit, workspace=TEAM, scope="default", credits=10_000, period="month")
        books.run(set_limit, workspace=TEAM, scope=f"person:{ANA}", credits=900, period="week")
        books.run(set_limit, workspace=TEAM, scope="role:chat:all", credits=400, period="day")
    for number, (person, credits, later) in enumerate(sorted(spends, key=lambda one: one[2])):
        for books in (together, apart):
            at, books.now = books.now, books.now + later
            used(books, f"j{number}", credits, person if books is apart else ANA)
            books.now = at
    for books in (together, apart):
        books.now += max(later for _, _, later in spends)
    offered(apart, "person")
    assert isinstance(join_ben(apart), Linked)
    me = Spender(workspace=TEAM, person=ANA, groups=("chat:all",))
    one, two = (books.run(headroom, spender=me, now=books.now) for books in (together, apart))
    assert [limit.left for limit in one.limits] == [limit.left for limit in two.limits]
    apart.check()


@pytest.mark.parametrize("kind", ["workspace", "person"])
def test_joining_is_whole_or_nothing(kind: linking.Kind) -> None:
    """A crash before any one of its statements leaves everything as it was, and trying again joins."""
    books, count = two_teams(), 0
    used(books, "j1", 50, BEN)
    offered(books, kind)
    before = state(books)

    def join() -> Script[Linked | linking.Refused]:
        if kind == "workspace":
            return join_team(CODE, workspace=OTHER, person=CAT, now=books.now, audit="a1")
        return join_person(CODE, workspace=TEAM, person=BEN, now=books.now, audit="a1")

    while True:
        try:
            joined = books.run(_cut, join, count)
        except Crash:
            assert state(books) == before
            count += 1
        else:
            break
    assert count > 12
    assert isinstance(joined, Linked)
    books.check()


class Crash(Exception):
    """The process is gone."""


def _cut(make: Callable[[], Script[T]], most: int) -> Script[T]:
    """A script that dies after so many statements."""
    script = make()
    try:
        statement = next(script)
        for _ in range(most):
            statement = script.send((yield statement))
    except StopIteration as done:
        result: T = done.value
        return result
    raise Crash
