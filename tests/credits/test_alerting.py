"""Levels of limits are noted by the hold that reaches them: once, and again only for a ceiling that was raised."""

from bot.credits import alerting, limits
from bot.credits.allowances import allow
from bot.credits.ledger import hold
from bot.credits.limits import Spender
from bot.credits.rules import change_rules
from bot.errors import OverLimit
from tests.support.books import ANA, BEN, DECEMBER, TEAM, Books


def noted(books: Books) -> list[tuple[str, str, int, int]]:
    """Scope without the workspace, period, level and told, as they were noted."""
    rows = books.rows("SELECT scope, period, level, told FROM alerted ORDER BY at, scope, period, level")
    return [(str(scope).removeprefix(f"{TEAM}:"), period, level, told) for scope, period, level, told in rows]


def untold(books: Books) -> list[tuple[str, int]]:
    rows = books.run(alerting.untold)
    return [(str(row["scope"]).removeprefix(f"{TEAM}:"), row["level"]) for row in rows]


def test_a_level_is_noted_once_and_for_each_person_by_themselves(books: Books) -> None:
    """Fails where `latch` takes every hold for news, and where the person is left out of the scope."""
    books.hold("a", 149)
    assert noted(books) == []
    books.hold("b", 1)
    assert noted(books) == [(f"default:{ANA}", "2025-11", 50, 0)]
    books.hold("c", 10)
    books.hold("d", 150, BEN)
    assert untold(books) == [(f"default:{ANA}", 50), (f"default:{BEN}", 50)]
    assert len(noted(books)) == 2


def test_one_step_over_several_levels_tells_of_the_highest(books: Books) -> None:
    books.hold("a", 300)
    assert untold(books) == [(f"default:{ANA}", 100)]
    books.run(alerting.told, books.run(alerting.untold)[0])
    assert untold(books) == []
    assert [(level, told) for _, _, level, told in noted(books)] == [(50, 1), (80, 1), (100, 1)]


def test_a_hold_that_is_refused_or_given_back_notes_nothing_new(books: Books) -> None:
    books.hold("a", 240)
    books.release("a")
    books.hold("b", 240)
    before = noted(books)
    try:
        books.hold("c", 61)
    except OverLimit:
        assert noted(books) == before
    else:
        raise AssertionError("it was taken")


def test_a_raised_ceiling_counts_again_a_lowered_one_does_not(books: Books) -> None:
    """Fails where the ceiling isn't compared (I12)."""
    books.hold("a", 150)
    books.run(alerting.told, books.run(alerting.untold)[0])
    books.set_limit(200)
    books.hold("b", 1)
    books.set_limit(300)
    books.hold("c", 1)
    assert [(level, ceiling) for level, ceiling in books.rows("SELECT level, ceiling FROM alerted ORDER BY level")] == [
        (50, 300)
    ]
    assert untold(books) == []
    books.run(
        allow, workspace=TEAM, person=ANA, credits=100, kind="grant", actor=BEN, reason="", key="k", now=books.now
    )
    books.hold("d", 50)
    assert untold(books) == [(f"default:{ANA}", 50)]


def test_a_new_period_begins_anew(books: Books) -> None:
    books.hold("a", 150)
    books.now = DECEMBER
    books.hold("b", 150)
    assert [period for _, period, _, _ in noted(books)] == ["2025-11", "2025-12"]


def test_everybodys_limit_on_a_tag_is_one(books: Books) -> None:
    books.run(limits.set_limit, workspace=TEAM, scope="tag:acme", credits=100, period="week", label="acme")
    for job, person in (("a", ANA), ("b", BEN)):
        under = Spender(workspace=TEAM, person=person, tag="acme")
        books.run(
            hold, job=job, workspace=TEAM, person=person, credits=40, microusd=0, ceiling=1, now=books.now,
            actor=person, under=under,
        )  # fmt: skip
    assert untold(books) == [("tag:acme", 80)]


def test_switched_off_nothing_is_noted(books: Books) -> None:
    books.run(
        change_rules, workspace=TEAM, changes={"alert_levels": []}, actor=ANA, action="quota alerts", detail="off",
        now=books.now, audit="audit",
    )  # fmt: skip
    books.hold("a", 300)
    assert noted(books) == []
