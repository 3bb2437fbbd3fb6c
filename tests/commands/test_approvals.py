"""What needs an approver: asked for where approvers read, decided once, and bought with the decision or not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.commands.service import Commands
from bot.credits.pool import top_up
from bot.credits.rules import change_rules
from bot.jobs import asks
from bot.messaging.failures import PlaceGone
from tests.support.approvals import actions, card, denies, gone, led, left, question, state, states, told
from tests.support.front import ADA, BEN, CAT, PRICE, Front, front, shown, words
from tests.support.interrupting import break_once

DEAR = 112
"""Credits of ten seconds: above the threshold of these tests."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield await led(made)


async def test_what_is_dearer_than_the_threshold_is_asked_about_shown_to_approvers_and_bought_with_their_yes(
    house: Front,
) -> None:
    """I13. Fails without the threshold (tried: `check_threshold` away buys it at once)."""
    asked = await house.says("a red fox --d 10")
    assert asked.card is not None
    assert "Needs approval: What costs more than 100 credits is approved by somebody" in shown(asked)
    assert asked.card.buttons[0].label == "Ask for approval (112 credits)"
    reply = await house.presses(asked.card.buttons[0].action)
    assert (reply.private, reply.replaces, actions(reply)) == (True, True, ["withdraw"])
    assert "Who decides: Leads or an administrator" in shown(reply)
    assert await house.counted() == (0, 0, 0)
    (row,) = await house.rows("SELECT id FROM approval")
    open_card = await card(house, row["id"])
    assert open_card.title == "Ben asks for 112 credits"
    assert actions(open_card) == ["approve", "approve-once", "deny"]
    assert "Left for Ben: 1,500 credits now, resets 1 December; 1,500 after Approve, 1,388 after Approve once" in words(
        open_card
    )
    done = await house.presses(open_card.buttons[0].action, by=CAT)
    assert shown(done).startswith("Approved\nIt is under way")
    assert (await house.held(), await left(house)) == (DEAR, 1_500)
    after = await card(house, row["id"])
    assert (after.title, after.buttons) == ("Approved by Cat", ())
    assert "When: " in words(after)
    assert await states(house) == ("accepted", "approved")
    await house.check_books()


async def test_approve_once_is_for_this_job_alone(house: Front) -> None:
    about = await question(house)
    await house.presses(f"approve-once:{about}.{DEAR}", by=ADA)
    assert (await left(house), (await card(house, about)).title) == (1_500 - DEAR, "Approved once by Ada")


async def test_what_is_beyond_the_own_limit_alone_can_be_approved(house: Front) -> None:
    """Fails without `waived` (tried: the hold is refused after the yes)."""
    await house.limit(60)
    await house.orders()
    asked = await house.says("a blue cat")
    assert asked.card is not None
    assert "Your limit is 60 credits a month: 4 credits left, and this costs 56" in shown(asked)
    assert asked.card.buttons[0].label == "Ask for approval (56 credits)"
    waits = await house.presses(asked.card.buttons[0].action)
    assert "4 credits left, and this costs 56" in shown(waits)
    (row,) = await house.rows("SELECT id FROM approval")
    assert "It is beyond Ben's own limit." in words(await card(house, row["id"]))
    await house.presses(f"approve-once:{row['id']}.{PRICE}", by=CAT)
    assert (len(await house.rows("SELECT id FROM job")), await left(house)) == (2, 0)
    await house.check_books()


@pytest.mark.parametrize("limit", ["quota set job 20", "quota set <#general> 20/month", "quota pause"])
async def test_what_no_approver_can_lift_is_refused_as_before(house: Front, limit: str) -> None:
    """Fails where every OverLimit can be approved (tried: `is_personal` away)."""
    await house.says(limit, by=ADA)
    assert not shown(await house.says("a red fox --d 10 --yes")).startswith("Waiting")
    assert await house.rows("SELECT id FROM approval") == []


async def test_nobody_buys_beside_the_approval(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """I13. Fails without the states in `_ACCEPT`, and where `accept` trusts the look before it (each tried)."""
    await question(house)
    (row,) = await house.rows("SELECT id FROM ask")
    assert not await house.house.database.run(
        asks.accept, row["id"], [], status_ref={}, ceiling=0, actor="", now=house.desk.clock.now()
    )
    assert shown(await house.presses(f"confirm:{row['id']}.{DEAR}")).startswith("Too late for that\nIt waits")
    assert shown(await house.presses(f"drop:{row['id']}")).startswith("Too late for that\nIt waits")
    await house.says("quota approve-over off", by=ADA)
    lower = partial(
        house.house.database.run, change_rules, workspace=house.desk.workspace, changes={"approve_over": 10},
        actor="", action="", detail="", now=0, audit="x",
    )  # fmt: skip
    house.desk.messenger.after_post = [lower]
    assert shown(await house.says("a blue cat --yes")).startswith("That needs approval")
    assert await house.counted() == (0, 0, 0)


async def test_a_no_has_a_reason_and_is_told_where_it_was_asked(house: Front) -> None:
    about = await question(house)
    asked = await house.presses(f"deny:{about}", by=CAT)
    assert asked.form is not None
    assert (asked.form.action, asked.form.fields[0].required) == (f"deny:{about}", True)
    assert await state(house, about) == "open"
    reply = await denies(house, about)
    assert shown(reply).startswith("Denied by Cat")
    assert await states(house) == ("refused", "denied")
    (answer,) = await told(house)
    assert (answer.place.channel, answer.card.title) == ("general", "Denied by Cat")
    assert "Reason: too dear for a draft" in words(answer.card)
    assert (await card(house, about)).buttons == ()
    assert await house.held() == 0


async def test_who_can_no_longer_be_told_there_is_told_alone(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    about = await question(house)
    await house.desk.settle()
    house.desk.messenger.takes_direct = True
    house.desk.messenger.post_failures = [PlaceGone("archived")]
    await denies(house, about)
    (answer,) = await told(house)
    assert answer.place.channel == "direct-ben"


async def test_two_approvers_at_once_are_one_decision_and_one_job(house: Front) -> None:
    """I13. Fails where neither the question nor its ask is compared and set (tried: both; one alone holds as well)."""
    about = await question(house)
    replies = await asyncio.gather(*(house.presses(f"approve:{about}.{DEAR}", by=by) for by in (ADA, CAT, ADA, CAT)))
    titles = sorted(shown(reply).splitlines()[0] for reply in replies)
    assert titles[0] == "Approved"
    assert len(set(titles[1:])) == 1
    assert titles[1] in ("Approved by Ada", "Approved by Cat")
    assert (len(await house.rows("SELECT id FROM job")), await house.held(), await left(house)) == (1, DEAR, 1_500)
    await house.check_books()


async def test_a_no_that_overtakes_a_yes_counts_and_the_status_card_goes(house: Front) -> None:
    about = await question(house)
    await card(house, about)
    before = len(house.desk.messenger.messages)
    house.desk.messenger.after_post = [lambda: denies(house, about)]
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=ADA)).startswith("Denied by Cat")
    assert (len(await house.rows("SELECT id FROM job")), await house.held()) == (0, 0)
    assert len(house.desk.messenger.messages) == before
    assert await states(house) == ("refused", "denied")


async def test_nobody_approves_their_own_unless_the_team_lets_them(house: Front) -> None:
    """I13. Fails without the look at who asked (tried)."""
    about = await question(house, by=ADA)
    for action in (f"approve:{about}.{DEAR}", f"approve-once:{about}.{DEAR}", f"deny:{about}"):
        assert shown(await house.presses(action, by=ADA)).startswith("Somebody else decides")
    assert shown(await house.says("approvals", by=ADA)).startswith("Nothing to decide")
    assert await state(house, about) == "open"
    assert "They may approve their own." in shown(await house.says("quota approve-own on", by=ADA))
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=ADA)).startswith("Approved")
    assert (await house.rows("SELECT action, detail FROM audit ORDER BY at, id"))[-1] == {
        "action": "quota approve-own", "detail": "on",
    }  # fmt: skip


async def test_only_approvers_who_are_members_now_decide(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """I13, I15. Fails without the look at the approver's role, and without `active` (each tried)."""
    about = await question(house)
    house.desk.messenger.members = {}
    for action in (f"approve:{about}", f"deny:{about}"):
        assert shown(await house.presses(action, by=CAT)).startswith("Only for approvers")
    house.desk.clock.advance(61)  # what the platform says is believed for a minute
    gone(house, monkeypatch, CAT, groups=("r1",))
    assert shown(await house.presses(f"approve:{about}", by=CAT)).startswith("Only for approvers")
    assert shown(await house.presses(f"approve:{about}", by=CAT, team="small")).startswith("No such ask")
    assert await states(house) == ("approving", "open")


async def test_nothing_is_bought_for_somebody_who_left(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """I15. Fails where the person who asked isn't looked up again (tried: `spender_of` without `require_member`)."""
    about = await question(house)
    gone(house, monkeypatch, BEN)
    house.desk.clock.advance(61)  # what the platform says is believed for a minute
    reply = await house.presses(f"approve:{about}.{DEAR}", by=ADA)
    assert reply.card is not None
    assert reply.card.tone == "warning"
    assert (await states(house), await house.counted()) == (("approving", "open"), (0, 0, 0))


async def test_after_a_day_it_is_dropped_and_the_person_told(house: Front) -> None:
    """I13, I6. Fails without the sweep over stale questions (tried)."""
    about = await question(house)
    await card(house, about)
    house.desk.clock.advance(24 * 3600 - 60)
    await house.sweeps()
    assert await state(house, about) == "open"
    house.desk.clock.advance(61)
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=ADA)).startswith("Nobody decided within 24 hours")
    await house.sweeps()
    await house.sweeps()
    assert await states(house) == ("expired", "expired")
    (answer,) = await told(house)
    assert answer.card.title == "Nobody decided within 24 hours"
    assert (await card(house, about)).buttons == ()
    assert await house.held() == 0


async def test_an_old_price_is_made_anew_and_bought_where_it_is_no_higher(house: Front) -> None:
    """I13. Fails where an old quote is taken as it is (tried: its `expires_at` stays)."""
    about = await question(house)
    house.desk.clock.advance(601)
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=CAT)).startswith("Approved")
    (row,) = await house.rows("SELECT quoted_at FROM ask")
    assert (row["quoted_at"], await house.held()) == (house.desk.clock.now(), DEAR)


async def test_a_price_that_went_up_is_shown_and_asked_anew_and_nothing_is_bought(house: Front) -> None:
    """I13. Fails without the comparison with what was asked for, and without the one with the button (each tried)."""
    about = await question(house)
    old = (await card(house, about)).buttons[0].action
    house.desk.clock.advance(601)
    doubled(house)
    for _ in range(2):
        reply = await house.presses(old, by=CAT)
        assert "The price went up from 112 to 224 credits; please decide anew." in shown(reply)
    assert (await states(house), await house.held()) == (("approving", "open"), 0)
    new = await card(house, about)
    assert new.title == "Ben asks for 224 credits"
    assert shown(await house.presses(new.buttons[0].action, by=CAT)).startswith("Approved")
    assert (await house.held(), await left(house)) == (224, 1_500)


def doubled(house: Front) -> None:
    """A credit is worth half as much, so that everything costs twice as many."""
    house.commands = Commands(replace(house.house, policy=replace(house.house.policy, credit_microusd=2_500)))


async def test_a_hold_that_is_refused_decides_nothing(house: Front) -> None:
    """I2, I13. Fails where the yes is written in a transaction of its own (tried: `approve` run before `admit`)."""
    about = await question(house)
    await card(house, about)
    before = await house.books()
    run, now = house.house.database.run, house.desk.clock.now()

    async def emptied() -> None:
        await run(emptying, house.desk.workspace)

    house.desk.messenger.after_post = [emptied]  # the look has passed, the status card is there
    assert "The pool has 0 credits left, and this costs 112" in shown(
        await house.presses(f"approve:{about}.{DEAR}", by=CAT)
    )
    assert (await states(house), await left(house)) == (("approving", "open"), 1_500)
    assert (await house.books())["messages"] == before["messages"]
    await run(top_up, workspace=house.desk.workspace, credits=500, now=now, actor="", reason="", key="k")
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=CAT)).startswith("Approved")


def emptying(workspace: str) -> Any:
    """Everything that the team has is gone."""
    yield "UPDATE workspace SET refill = 0 WHERE id = :id", {"id": workspace}


async def test_a_crash_between_the_yes_and_the_job_leaves_nothing_lost_or_doubled(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I5, I13. Fails where the yes is written in a transaction of its own (tried, as above)."""
    about = await question(house)
    break_once(monkeypatch, "accept")
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=CAT)).startswith("Sorry")
    assert (await states(house), await house.held(), await left(house)) == (("approving", "open"), 0, 1_500)
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=CAT)).startswith("Approved")
    (ask,) = await house.rows("SELECT id FROM ask")
    posted = [one for one in house.desk.messenger.messages if one == ask["id"]]
    assert (len(await house.rows("SELECT id FROM job")), len(posted), await house.held()) == (1, 1, DEAR)
    assert await house.rows("SELECT sum(credits) AS sum FROM allowance") == [{"sum": DEAR}]


async def test_what_a_crash_left_behind_goes_with_a_no(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    about = await question(house)
    (ask,) = await house.rows("SELECT id FROM ask")
    break_once(monkeypatch, "accept")
    await house.presses(f"approve:{about}.{DEAR}", by=CAT)
    assert ask["id"] in house.desk.messenger.messages
    await denies(house, about)
    assert ask["id"] not in house.desk.messenger.messages


async def test_what_waits_can_be_withdrawn_by_who_asked_and_nobody_else(house: Front) -> None:
    about = await question(house)
    assert shown(await house.presses(f"withdraw:{about}", by=CAT)).startswith("Not yours")
    assert actions(await house.says("approvals")) == ["withdraw"]
    reply = await house.presses(f"withdraw:{about}")
    assert (shown(reply).splitlines()[0], reply.replaces) == ("Withdrawn", True)
    assert await states(house) == ("refused", "withdrawn")
    assert shown(await house.presses(f"withdraw:{about}")).startswith("Too late")
    assert shown(await house.presses(f"approve:{about}.{DEAR}", by=CAT)).startswith("Withdrawn")
    assert (await card(house, about)).title == "Withdrawn"


async def test_a_decision_while_the_card_is_being_posted_is_shown_on_it(house: Front) -> None:
    """Fails where only posted notices are drawn anew (tried)."""
    about = await question(house)
    house.desk.messenger.after_post = [lambda: denies(house, about)]
    assert (await card(house, about)).title == "Denied by Cat"


async def test_several_videos_are_approved_in_one(house: Front) -> None:
    about = await question(house, "a red fox --n 2 --yes")
    assert "2 × 5 s" in words(await card(house, about))
    await house.presses(f"approve:{about}.{DEAR}", by=CAT)
    assert (len(await house.rows("SELECT id FROM job")), await house.held(), await left(house)) == (2, DEAR, 1_500)
