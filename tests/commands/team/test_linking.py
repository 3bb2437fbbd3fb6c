"""`quota link` and `credits link` as people type them: a code in one chat, the code in the other."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.front import ADA, BEN, CAT, Front, front, shown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made
        await made.check_books()


async def code(house: Front, verb: str, by: str, team: str = "team") -> str:
    """The code that somebody is shown, as it stands there."""
    reply = await house.says(f"{verb} link", by=by, team=team)
    assert reply.private
    assert "ten minutes" in shown(reply)
    found = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", shown(reply))
    assert found
    return found[0]


async def test_two_teams_share_a_pool(house: Front) -> None:
    await house.says('quota topup 700 "PO 1"', by=ADA, team="other")
    word = await code(house, "quota", ADA)
    assert "700 credits of top-ups came along" in shown(await house.says(f"quota link {word}", by=ADA, team="other"))
    await house.says('quota topup 300 "PO 2"', by=ADA)
    assert "1,000 of top-ups" in shown(await house.says("quota", by=ADA, team="other"))
    assert await house.orders(team="other")
    assert "older than ten minutes" in shown(await house.says(f"quota link {word}", by=ADA, team="small"))


async def test_it_takes_an_administrator_on_either_side(house: Front) -> None:
    assert "Only for administrators" in shown(await house.says("quota link"))
    word = await code(house, "quota", ADA)
    assert "Only for administrators" in shown(await house.says(f"quota link {word}", by=BEN, team="other"))
    assert len(await house.rows("SELECT * FROM link_code")) == 1


async def test_who_was_let_in_gives_the_pool_to_nobody_else_and_takes_it_nowhere(house: Front) -> None:
    """Removed: `require_trust` in linking._team (a third team spent the first one's credits)."""
    await house.says(f"quota link {await code(house, 'quota', ADA)}", by=ADA, team="guests")
    assert shown(await house.says("quota link", by=ADA, team="guests")).startswith("Only for the operator")
    word = await code(house, "quota", ADA, "strangers")
    said = shown(await house.says(f"quota link {word}", by=ADA, team="guests"))
    assert said.startswith("Only for the operator")
    assert await house.orders(team="guests")


async def test_two_accounts_become_one_person_whose_jobs_are_theirs(house: Front) -> None:
    await house.says(f"quota link {await code(house, 'quota', ADA)}", by=ADA, team="guests")
    job = await house.finished(by=CAT, team="guests")
    word = await code(house, "credits", BEN)
    said = shown(await house.says(f"credits link {word.lower().replace('-', ' ')}", by=CAT, team="guests"))
    assert "Both accounts are one person now" in said
    assert job in shown(await house.says("status", by=BEN))
    one, other = shown(await house.says("credits", by=BEN)), shown(await house.says("credits", by=CAT, team="guests"))
    assert one == other
    assert "1,450 credits" in one


async def test_a_wrong_code_says_the_same_as_an_old_one_and_five_are_enough(house: Front) -> None:
    word = await code(house, "credits", BEN)
    house.desk.clock.advance(600)
    old = shown(await house.says(f"credits link {word}", by=CAT))
    assert "It is wrong, used, or older than ten minutes." in old
    for _ in range(4):
        assert shown(await house.says("credits link ABCD2345", by=CAT)) == old
    assert "I wait an hour" in shown(await house.says("credits link ABCD2345", by=CAT))


async def test_ones_own_code_and_open_jobs_are_told_apart(house: Front) -> None:
    word = await code(house, "credits", BEN)
    assert "The code is from this very chat" in shown(await house.says(f"credits link {word}", by=BEN))
    await house.says(f"quota link {await code(house, 'quota', ADA)}", by=ADA, team="guests")
    await house.orders(by=CAT, team="guests")
    assert "You have open jobs or approvals" in shown(await house.says(f"credits link {word}", by=CAT, team="guests"))


async def test_two_people_of_one_team_stay_two(house: Front) -> None:
    """Removed: `_SAME_PLACE` in `join_person` (Cat's jobs were Ben's from then on)."""
    word = await code(house, "credits", BEN)
    assert "The code is from this very chat" in shown(await house.says(f"credits link {word}", by=CAT))


async def test_what_is_no_code_is_prose_or_refused(house: Front) -> None:
    assert shown(await house.says("credits link arms and march on --dry")).startswith("It would cost")
    assert "code takes" in shown(await house.says("quota link 12", by=ADA))
