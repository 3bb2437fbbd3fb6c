import pytest

from bot.credits import people
from bot.credits.policy import ADMITTED, NOT_ADMITTED, Policy, policy_of
from bot.credits.rules import Rules
from bot.errors import NotFound, PoolEmpty
from tests.support.books import ANA, TEAM, Books, limited
from tests.support.clock import START


def meet(books: Books, workspace: str, new_id: str, name: str = "team", policy: Policy = ADMITTED) -> str:
    return books.run(
        people.ensure_workspace,
        platform="chat",
        platform_workspace=workspace,
        name=name,
        policy=policy,
        now=START,
        new_id=new_id,
    )


def greet(books: Books, user: str, new_id: str, name: str = "Cleo", workspace: str = "T1") -> str:
    return books.run(
        people.ensure_person,
        platform="chat",
        platform_workspace=workspace,
        platform_user=user,
        name=name,
        now=START,
        new_id=new_id,
    )


def test_a_workspace_gets_its_id_when_it_is_first_met_and_keeps_it(books: Books) -> None:
    assert meet(books, "T2", "w2") == "w2"
    assert meet(books, "T2", "w3") == "w2"
    assert books.rows("SELECT count(*) FROM workspace") == [(2,)]


def test_a_person_gets_an_id_when_first_met_and_keeps_it(books: Books) -> None:
    assert greet(books, "U9", "p9") == "p9"
    assert greet(books, "U9", "p10") == "p9"
    assert greet(books, "U1", "p11") == ANA


def test_the_same_user_id_in_another_workspace_is_somebody_else(books: Books) -> None:
    assert greet(books, "U1", "p9", workspace="T2") == "p9"


def test_names_follow_the_platform_but_an_empty_one_changes_nothing(books: Books) -> None:
    meet(books, "T1", "unused", name="New name")
    greet(books, "U1", "unused", name="Ana Maria")
    for name in ("New name", ""):
        meet(books, "T1", "unused", name=name)
        greet(books, "U1", "unused", name="")
    assert books.rows("SELECT name FROM workspace") == [("New name",)]
    assert books.rows(f"SELECT name FROM person WHERE id = '{ANA}'") == [("Ana Maria",)]


def test_an_admitted_workspace_starts_with_the_policy_at_install(books: Books) -> None:
    meet(books, "T2", "w2", policy=ADMITTED)
    assert books.run(policy_of, "w2") == Policy(
        timezone="UTC",
        refill=10_000,
        refill_period="month",
        confirm_over=100,
        limits=limited(1_500, "month"),
        rules=Rules(job_cap=400, approve_over=200, alert_levels=(50, 80, 100)),
    )


def test_a_workspace_that_is_not_admitted_starts_with_an_empty_pool(books: Books) -> None:
    books.connection.execute("DELETE FROM workspace_identity")
    meet(books, "T1", "w2", policy=NOT_ADMITTED)
    policy = books.run(policy_of, "w2")
    assert (policy.refill, policy.limits) == (0, limited(1_500))


def test_without_a_limit_only_the_pool_counts() -> None:
    books = Books(Policy(refill=1_000, limits=()))
    books.hold("j1", 1_000)
    with pytest.raises(PoolEmpty):
        books.hold("j2", 1)
    books.connection.close()


def test_meeting_a_workspace_again_leaves_its_policy_alone(books: Books) -> None:
    books.set_limit(77, "day")
    meet(books, "T1", "unused", policy=ADMITTED)
    policy = books.run(policy_of, TEAM)
    assert (policy.refill, policy.limits) == (1_000, limited(77, "day"))


def test_an_unknown_workspace_has_no_policy(books: Books) -> None:
    with pytest.raises(NotFound):
        books.run(policy_of, "none")
