"""The sixteen promises about credits, a test each; what a flow promises on top is proved in its own room.

Every docstring says what was taken out of the code to see its test fail. The numbers are those of `conftest`: a refill
of 1,000 a month, 300 for each member, a top-up of 500. The random histories of `test_team_machine.py` are about all of
them at once.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from bot.credits import alerting, allowances, approvals, ledger, limits, pool, reports, rules
from bot.credits.accounts import LOCK
from bot.credits.limits import Spender
from bot.errors import (
    BadValue,
    LedgerBroken,
    NotFound,
    OverCap,
    OverLimit,
    Paused,
    PoolEmpty,
    StoreUnavailable,
    TooLate,
)
from bot.jobs import asks
from bot.jobs.asks import Decision, NewAsk, NewJob
from bot.kling.requests import TextToVideo, dump_request
from bot.store.batch import run_batch
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, CEILING, DECEMBER, NOVEMBER, TEAM, Books
from tests.support.crashing import crash_before
from tests.support.tree import ROOT

HOUR = 3_600_000
FOX = dump_request(TextToVideo(prompt="a red fox"))
ME = Spender(workspace=TEAM, person=ANA, channel="chat:ads", tag="acme")


def proved_in(path: str, *tests: str) -> None:
    """The rest of a promise is proved there; it must not get lost."""
    source = (ROOT / "tests" / path).read_text("utf-8")
    assert [name for name in tests if f"def {name}(" not in source and f"{name} = " not in source] == []


def limit(books: Books, scope: str, credits: int) -> None:
    books.run(limits.set_limit, workspace=TEAM, scope=scope, credits=credits, period="day")


def change(books: Books, **changes: object) -> None:
    books.run(
        rules.change_rules, workspace=TEAM, changes=changes, actor="a", action="quota set", detail="", now=books.now,
        audit=str(books.rows("SELECT count(*) FROM audit")),
    )  # fmt: skip


def hold(books: Books, job: str, credits: int, under: Spender) -> bool:
    return books.run(
        ledger.hold, job=job, workspace=TEAM, person=under.person, credits=credits, microusd=credits, ceiling=CEILING,
        now=books.now, actor=under.person, under=under,
    )  # fmt: skip


def ask(books: Books, name: str = "ask") -> str:
    new = NewAsk(
        id=name, key=name, workspace=TEAM, person=ANA, actor={}, place={"platform": "chat", "channel": "ads"},
        message=None, text="a red fox", pictures=[],
    )  # fmt: skip
    books.run(asks.receive, new, now=books.now)
    books.run(asks.quote_ask, name, request=FOX, options={}, quote="{}", confirming=False, now=books.now)
    return name


def accept(books: Books, name: str, *prices: int, decision: Decision | None = None) -> bool:
    jobs = [
        NewJob(id=f"{name}{n}", request=FOX, offers=(), credits=price, microusd=price, status_delivery=f"d{name}{n}")
        for n, price in enumerate(prices)
    ]
    return books.run(
        asks.accept, name, jobs, status_ref={}, ceiling=CEILING, actor=ANA, now=books.now, decision=decision
    )


def request(books: Books, name: str, about: str | None, credits: int) -> str | None:
    return books.run(
        approvals.request_approval, new_id=name, workspace=TEAM, person=ANA, ask=about, actor={}, place={},
        message=None, credits=credits, why="limit" if about else "headroom", reason="", now=books.now,
    )  # fmt: skip


def gift(books: Books, receiver: str, credits: int) -> bool:
    return books.run(allowances.gift, giver=ME, receiver=receiver, credits=credits, reason="", key="k", now=books.now)


def tell(books: Books) -> None:
    for row in books.run(alerting.untold):
        books.run(alerting.told, row)


def test_i1_conservation(books: Books) -> None:
    """Taken out: the expiry in `Holding.back`, `_check_pool`, the debit side in `accounts._changes`."""
    books.set_limit(10_000)
    for job, credits in (("j1", 700), ("j2", 500), ("j3", 100)):
        books.hold(job, credits)
    books.charge("j1", 650)
    books.now = DECEMBER
    books.hold("j4", 10)
    books.release("j2")
    found = books.check()
    assert found.issued == 2 * 1_000 + 500
    assert found.issued - found.spent - found.expired == found.in_pools + found.held
    assert books.headroom().pool_left == found.in_pools
    with pytest.raises(PoolEmpty):
        books.hold("j5", found.in_pools + 1)
    assert books.hold("j5", found.in_pools)


@pytest.mark.parametrize("what", ["hold", "gift", "top_up", "set_refill", "set_timezone"])
def test_i2_whoever_moves_credits_waits_before_it_looks(what: str) -> None:
    """All checks and the hold are one transaction, that begins with the team's lock: who comes next sees the outcome.

    Taken out: `lock` in each of these scripts. What that is for is proved by the races.
    """
    scripts: dict[str, Callable[[], Script[Any]]] = {
        "hold": partial(
            ledger.hold, job="j", workspace=TEAM, person=ANA, credits=1, microusd=0, ceiling=1, now=1, actor=ANA
        ),
        "gift": partial(allowances.gift, giver=ME, receiver=BEN, credits=1, reason="", key="k", now=1),
        "top_up": partial(pool.top_up, workspace=TEAM, credits=1, now=1, actor="a", reason="", key="k"),
        "set_refill": partial(pool.set_refill, workspace=TEAM, credits=1, period="day", now=1, actor="a"),
        "set_timezone": partial(pool.set_timezone, workspace=TEAM, timezone="UTC", now=1),
    }
    assert next(scripts[what]()) == (LOCK, {"id": f"{TEAM}:held"})
    proved_in("credits/test_races.py", "test_two_processes_never_overdraw_the_pool_together")
    proved_in(
        "credits/test_replay.py",
        "test_500_at_once_are_answered_as_if_one_came_after_the_other",
        "test_and_so_they_are_from_two_processes",
    )


def test_i3_one_ending(books: Books) -> None:
    """Taken out: `holding.ended` in `ledger._end`."""
    books.hold("j1", 100)
    endings = (partial(books.charge, "j1", 60), partial(books.release, "j1"), partial(books.write_off, "j1", 9, 9))
    assert [ending() for ending in endings * 2] == [True, False, False, False, False, False]
    assert books.check().spent == 60
    proved_in("credits/test_ledger_endings.py", "test_the_table_itself_refuses_a_second_ending")


def test_i4_never_above_the_quote(books: Books) -> None:
    """Taken out: `min(credits, holding.held)` in `ledger.charge`; `_lost` there."""
    books.hold("j1", 100)
    books.charge("j1", 130)
    assert (books.used(), books.balances()) == (100, {NOVEMBER: 900, "topup": 500})
    assert (books.check().spent, books.check().variance) == (130, 30)


def test_i5_what_was_not_held_ends_nowhere_and_what_is_held_waits(books: Books) -> None:
    """Taken out: `NotFound` in `holding_of`; `STRANDED` in `check`."""
    for ending in (partial(books.charge, "j1", 1), partial(books.release, "j1"), partial(books.write_off, "j1", 1, 1)):
        with pytest.raises(NotFound):
            ending()
    accept(books, ask(books), 50)
    books.now = DECEMBER
    books.hold("j2", 1)
    assert books.balances()["held"] == 51
    books.connection.execute("UPDATE job SET ended_at = 1")
    with pytest.raises(LedgerBroken):
        books.check()
    books.connection.execute("UPDATE job SET ended_at = NULL")
    proved_in("jobs/test_submitting.py", "test_a_worker_that_was_overtaken_does_not_buy")
    proved_in("jobs/test_uncertain.py", "test_before_that_the_hold_stays")


def test_i6_what_comes_to_nothing_leaves_nothing(books: Books) -> None:
    """Taken out: the `microusd` of `ledger.release`; `release` in `holding.BOOKED`; `close_approval` ending its ask."""
    books.hold("j1", 100)
    books.release("j1")
    request(books, "q", ask(books), 50)
    assert books.run(approvals.close_approval, "q", "expired", now=books.now)
    assert (books.used(), books.spent_by_operator()) == (0, {"2025-11": 0})
    assert books.balances() == {NOVEMBER: 1_000, "topup": 500}
    assert books.rows("SELECT state FROM ask") == [("expired",)]


def test_i7_fail_closed(books: Books) -> None:
    """Taken out: `unavailable` in `run_batch`; the NotFound of `policy_of`."""
    books.connection.execute("PRAGMA query_only = 1")
    script = partial(hold, books, "j1", 10, ME)
    with pytest.raises(StoreUnavailable):
        script()
    books.connection.execute("PRAGMA query_only = 0")
    with pytest.raises(NotFound):
        books.run(reports.headroom, spender=Spender(workspace="unknown", person=ANA), now=books.now)
    assert books.balances() == {"topup": 500}
    proved_in("store/test_database.py", "test_a_full_disk_is_told_to_everybody_and_keeps_nothing")


def test_i8_same_bucket_back(books: Books) -> None:
    """Taken out: the proportion in `ledger.charge` (all of it to the refill); `_is_over` in `Holding.back`."""
    books.set_limit(10_000)
    books.hold("j1", 1_200)
    books.charge("j1", 600)
    assert books.balances() == {NOVEMBER: 500, "topup": 400}
    books.hold("j2", 600)
    books.now = DECEMBER
    books.release("j2")
    assert books.balances() == {"topup": 400}
    assert books.headroom().pool_left == 1_400


def test_i9_the_period_is_that_of_the_hold_whatever_the_clocks_do(books: Books) -> None:
    """Taken out: the team's zone in `limits.used_of` (UTC instead); `held_at` in `Holding.follow`."""
    books.now = int(datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp() * 1000)
    books.run(pool.set_timezone, workspace=TEAM, timezone="Europe/Berlin", now=books.now)
    books.set_limit(100, "day")
    books.now = int(datetime(2026, 3, 28, 23, tzinfo=UTC).timestamp() * 1000)  # midnight of a day of 23 hours
    books.hold("j1", 100)
    books.now += 23 * HOUR - 1
    with pytest.raises(OverLimit) as caught:
        books.hold("j2", 1)
    assert caught.value.resets_at == books.now + 1
    books.now += 1
    books.charge("j1", 70)
    assert books.used() == 0
    books.hold("j2", 100)


@pytest.mark.parametrize("credits", [0, -1, 10**12 + 1, True])
def test_i10_positive_whole_credits_only(books: Books, credits: int) -> None:
    """Taken out: `check_positive` in `hold`, `gift`, `top_up` and `request_approval`; `type(…) is not int`."""
    for script in (
        partial(hold, books, "j1", credits, ME),
        partial(gift, books, BEN, credits),
        partial(books.top_up, credits, "other"),
        partial(request, books, "q", None, credits),
    ):
        with pytest.raises(BadValue):
            script()


@pytest.mark.parametrize("statement", range(10))
def test_i10_a_gift_is_whole_or_not_there(books: Books, statement: int) -> None:
    """Taken out: the refusal of a gift to oneself; `ROLLBACK TO` in `run_batch`."""
    with pytest.raises(BadValue):
        gift(books, ANA, 10)
    make = partial(allowances.gift, giver=ME, receiver=BEN, credits=10, reason="", key="k", now=books.now)
    (outcome,) = run_batch(books.connection, [partial(crash_before, statement, make)])
    there = books.rows("SELECT sum(credits), count(*) FROM allowance")
    assert there == [(None, 0) if outcome.error else (0, 2)]
    assert gift(books, BEN, 10) == (outcome.error is not None)
    assert books.rows("SELECT sum(credits), count(*) FROM allowance") == [(0, 2)]


def test_i11_append_only(books: Books) -> None:
    """Taken out: each of the triggers; `actor` and `reason` in `Holding.follow`."""
    books.hold("j1", 10)
    books.charge("j1", 10)
    books.correct("j1", 4)
    gift(books, BEN, 10)
    change(books, effects=False)
    for table in ("entry", "allowance", "audit"):
        for statement in (f"UPDATE {table} SET at = 1", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                books.connection.execute(statement)
    rows = books.rows("SELECT kind, actor, reason, amount FROM entry WHERE job = 'j1' AND kind <> 'hold' ORDER BY kind")
    assert rows == [("charge", "system", "", 10), ("correction", "admin", "blurred", 4)]


def test_i12_an_alert_comes_once_and_again_only_for_a_raised_limit(books: Books) -> None:
    """Taken out: the condition on `ceiling` in `alerting._LATCH`."""
    books.hold("j1", 245)
    assert [row["level"] for row in books.run(alerting.untold)] == [80]
    tell(books)
    books.hold("j2", 1)
    assert books.run(alerting.untold) == []
    books.set_limit(320)
    books.hold("j3", 20)
    assert [row["level"] for row in books.run(alerting.untold)] == [80]
    tell(books)
    books.set_limit(300)
    books.hold("j4", 1)
    assert books.run(alerting.untold) == []


def test_i13_an_approval_holds_once_and_no_more_than_was_asked_for(books: Books) -> None:
    """Taken out: `state = 'open'` and `expires_at` in `_DECIDE`, `approval.credits >= :credits` in `_ACCEPT_APPROVED`.

    Who may decide, the requester not among them, is for the flow to say: it knows people's groups.
    """
    books.set_limit(0)
    request(books, "q", ask(books), 250)
    assert not accept(books, "ask", 250)  # it waits now, so nothing but a decision takes it
    assert books.balances() == {"topup": 500}
    yes = Decision(approval="q", how="once", by=BEN)
    with pytest.raises(TooLate):
        accept(books, "ask", 251, decision=yes)
    assert [accept(books, "ask", 250, decision=yes) for _ in range(2)] == [True, False]
    assert books.balances() == {NOVEMBER: 750, "topup": 500, "held": 250}
    request(books, "late", ask(books, "second"), 10)
    books.now += approvals.LIFE_MS
    assert not accept(books, "second", 10, decision=Decision(approval="late", how="once", by=BEN))


def test_i14_nobody_is_outside_the_ledger(books: Books) -> None:
    """Not even what was approved: only the person's own limits are waived.

    Taken out: each check of `ledger.hold`, by putting it under `if not spender.waived`; `person` in `_held`.
    """
    books.set_limit(0)
    limit(books, "channel:chat:ads", 60)
    limit(books, "tag:acme", 50)
    above = Spender(workspace=TEAM, person=ANA, channel="chat:ads", waived=True)
    tagged = Spender(workspace=TEAM, person=ANA, tag="acme", waived=True)
    elsewhere = Spender(workspace=TEAM, person=ANA, waived=True)
    for under, credits, error in (
        (above, 61, OverLimit), (tagged, 51, OverLimit), (elsewhere, 1_501, PoolEmpty), (elsewhere, 1_001, OverCap)
    ):  # fmt: skip
        change(books, job_cap=1_000 if error is OverCap else None)
        with pytest.raises(error):
            hold(books, "j1", credits, under)
    change(books, paused="")
    with pytest.raises(Paused):
        hold(books, "j1", 1, elsewhere)
    change(books, paused=None, job_cap=400)
    assert hold(books, "j1", 40, tagged)
    assert books.rows("SELECT person, tag, amount FROM entry WHERE job = 'j1'") == [(ANA, "acme", 40)]


def test_i15_who_leaves_has_only_what_they_are_told_to_have_now(books: Books) -> None:
    """The ledger remembers no role and no membership: the flow tells it at each hold, and withdraws what is open.

    Taken out: `groups` in `Spender.falls_under` (every role is theirs); `state = 'open'` in `_DECIDE`.
    """
    limit(books, "role:chat:design", 20)
    hold(books, "j1", 10, Spender(workspace=TEAM, person=ANA))
    with pytest.raises(OverLimit):
        hold(books, "j2", 11, Spender(workspace=TEAM, person=ANA, groups=("chat:design",)))
    assert hold(books, "j2", 11, Spender(workspace=TEAM, person=ANA))
    request(books, "q", ask(books), 50)
    request(books, "more", None, 50)
    waiting = books.run(approvals.open_of_person, ANA, TEAM, now=books.now)
    assert sorted(one.id for one in waiting) == ["more", "q"]
    for one in waiting:
        assert books.run(approvals.close_approval, one.id, "withdrawn", now=books.now)
    assert not accept(books, "ask", 50, decision=Decision(approval="q", how="once", by=BEN))
    assert not books.run(approvals.approve, "more", "approved", by=BEN, now=books.now)
    proved_in("commands/test_membership.py", "test_who_left_orders_nothing_and_can_still_look")


def test_i16_a_fan_out_is_held_together_and_charged_apart(books: Books) -> None:
    """Taken out: `beside` in `asks.accept`; `ROLLBACK TO` in `run_batch`."""
    books.set_limit(150)
    with pytest.raises(OverLimit) as caught:
        accept(books, ask(books), 60, 50, 41)
    assert (caught.value.price, caught.value.used) == (151, 0)
    change(books, job_cap=50)
    with pytest.raises(OverCap):
        accept(books, "ask", 50, 40, 51)
    assert (books.used(), books.rows("SELECT state FROM ask")) == (0, [("quoted",)])
    assert accept(books, "ask", 50, 50, 49)
    assert [books.charge("ask0", 50), books.release("ask1"), books.charge("ask2", 40)] == [True] * 3
    assert (books.used(), books.check().spent) == (90, 90)
