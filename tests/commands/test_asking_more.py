"""More headroom without a video: asked of approvers, given by somebody else; and who is asked where."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.approvals import actions, card, led, left, question, state, told
from tests.support.front import ADA, BEN, CAT, Front, front, shown, words


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield await led(made)


async def test_a_redelivered_message_asks_once(house: Front) -> None:
    """Fails without `approving` in `go_on` (tried: nothing is said)."""
    for _ in range(2):
        assert shown(await house.says("a red fox --d 10 --yes", key="m")).startswith("Waiting for approval: 112")
        assert shown(await house.says('credits ask 200 "launch week"', key="n")).startswith("Waiting for approval: 200")
    await house.desk.settle()
    assert len(house.desk.messenger.messages) == len(await house.rows("SELECT id FROM approval")) == 2


async def test_more_headroom_is_asked_for_given_and_told(house: Front) -> None:
    """I10. Fails where a redelivery asks under an id of its own (tried): what was given could be given again."""
    reply = await house.says('credits ask 200 "launch week"', key="n")
    assert "launch week" in shown(reply)
    (row,) = await house.rows("SELECT id, ask, why FROM approval")
    assert (row["ask"], row["why"]) == (None, "headroom")
    found = await card(house, row["id"])
    assert (found.title, actions(found)) == ("Ben asks for a limit higher by 200 credits", ["approve", "deny"])
    assert "1. Ben: 200 credits" in shown(await house.says("approvals", by=CAT))
    assert shown(await house.presses(found.buttons[0].action, by=CAT)).startswith("Approved")
    assert await left(house) == 1_700
    (answer,) = await told(house)
    assert "Your own limit is higher by 200 credits" in words(answer.card)
    assert shown(await house.says('credits ask 200 "launch week"', key="n")).startswith("Approved by Cat")
    assert shown(await house.says("credits ask 200", key="other")).startswith("Waiting for approval")
    await house.check_books()


async def test_approvers_are_asked_in_their_channel_or_alone_or_where_it_was_asked(house: Front) -> None:
    await house.says("help", by=CAT)
    said = shown(await house.says("quota approve-over 100 by @Cat in <#leads>", by=ADA))
    assert "Cat or an administrator decides, and is asked in #leads." in said
    await card(house, await question(house), "leads")
    await house.says("quota approve-over 100 in off", by=ADA)
    house.desk.messenger.takes_direct = True
    await house.says("a blue cat --d 10 --yes", by=ADA)
    (row,) = await house.rows("SELECT id FROM approval ORDER BY asked_at DESC, id DESC LIMIT 1")
    await card(house, row["id"], "direct-cat")
    house.desk.messenger.takes_direct = False
    await house.says("a green owl --d 10 --yes", by=ADA)
    (row,) = await house.rows("SELECT id FROM approval ORDER BY asked_at DESC, id DESC LIMIT 1")
    await card(house, row["id"], "general")


async def test_a_gift_is_told_to_who_got_it_and_nobody_else(house: Front) -> None:
    await house.says("help", by=CAT)
    house.desk.messenger.takes_direct = True
    for _ in range(2):
        reply = await house.says('credits gift 50 @cat "thanks"', key="m")
        assert shown(reply).startswith("Cat got 50 credits of yours")
    assert (await left(house), await left(house, CAT)) == (1_450, 1_550)
    await house.desk.settle()
    (message,) = house.desk.messenger.messages.values()
    assert (message.place.channel, message.card.title) == ("direct-cat", "Ben gave you 50 credits")
    assert "thanks" in words(message.card)


@pytest.mark.parametrize(
    "line",
    [
        "credits gift 50 @ben", "credits gift 0 @cat", "credits gift -5 @cat", "credits gift 1501 @cat",
        "credits gift 50 @nobody", "credits gift 50", "credits gift 99999999999999999999 @cat", "credits gift 50 #ads",
        "credits ask 0", "credits ask -1 x", "credits ask", "quota approve-over some", "quota approve-over 5 by #ads",
        "quota approve-own perhaps",
    ],
)  # fmt: skip
async def test_what_cannot_be_given_or_asked_for_changes_nothing(house: Front, line: str) -> None:
    """I10. What is no number of credits is refused as it is read, and again in `credits` (tried in its own tests)."""
    await house.says("help", by=CAT)
    before, by = await house.books(), ADA if line.startswith("quota") else BEN
    reply = await house.says(line, by=by)
    assert reply.card is not None
    assert reply.card.tone == "warning", shown(reply)
    assert await house.books() == before
    assert await house.rows("SELECT id FROM allowance UNION ALL SELECT id FROM approval") == []


@pytest.mark.parametrize("line", ["credits gift wrapped boxes fall", "credits ask the crowd to dance"])
async def test_words_that_only_look_like_it_are_a_video(house: Front, line: str) -> None:
    assert (await house.says(line)).card is None
    assert len(await house.rows("SELECT id FROM job")) == 1


async def test_members_are_told_that_more_can_be_asked_for(house: Front) -> None:
    await house.limit(1)
    assert "credits ask 200" in shown(await house.says("credits"))


async def test_a_decision_can_be_typed_by_a_questions_ending(house: Front) -> None:
    """Fails where anything but one ending is taken (tried: the first that there is)."""
    about = await question(house)
    listed = shown(await house.says("approvals", by=CAT))
    assert f"approvals approve {about[-6:]}" in listed
    assert shown(await house.says("approvals")).startswith("Nothing to decide")
    assert shown(await house.says("approvals approve 00000", by=CAT)).startswith("No such ask")
    for mistyped in ("zzzzzz", "k3f9q.", "12"):  # once it was the words of a video, and bought
        assert shown(await house.says(f"approvals approve {mistyped}", by=CAT)).startswith("No such ask")
    assert shown(await house.says(f"approvals approve {about[-6:]}")).startswith("No such ask")
    reply = await house.says(f'approvals deny {about[-6:]} "too dear"', by=CAT)
    assert (shown(reply).splitlines()[0], await state(house, about)) == ("Denied by Cat", "denied")
    other = await question(house, "a blue cat --d 10 --yes")
    assert shown(await house.says(f"approvals once {other[-6:]}", by=CAT)).startswith("Approved once")


async def test_who_asks_again_is_told_that_the_first_one_is_still_open(house: Front) -> None:
    assert "still open" not in shown(await house.says('credits ask 200 "launch week"'))
    again = shown(await house.says('credits ask 300 "more"'))
    assert "200 credits" in again
    assert "This one is still open. To ask for something else, withdraw it first." in again
    assert len(await house.rows("SELECT id FROM approval")) == 1
