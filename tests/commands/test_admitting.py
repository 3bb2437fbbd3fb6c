"""Between the look and the held credits anything may happen: then nothing is held, and the card goes again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.credits.pool import top_up
from bot.jobs.states import JobState
from bot.messaging import MessageRef
from bot.messaging.failures import MessengerError, PlaceGone, TryLater
from tests.support.desk import CEILING
from tests.support.front import ADA, BEN, CAT, PRICE, Front, actor, front, photo, shown
from tests.support.interrupting import break_once


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def jobs(house: Front) -> int:
    return len(await house.rows("SELECT id FROM job"))


async def small_pool(house: Front) -> str:
    """A workspace whose pool lasts for one video; everybody has spoken there."""
    await house.says(f"quota topup {PRICE}", by=ADA, team="small")
    for person in (BEN, CAT):
        await house.says("help", by=person, team="small")
    return "small"


async def test_two_people_and_one_pool_the_slower_one_is_told_and_has_nothing_held(house: Front) -> None:
    team = await small_pool(house)
    house.desk.messenger.after_post = [lambda: house.says("a blue cat", by=CAT, team=team)]  # Ben's look has passed
    reply = await house.says("a red fox", by=BEN, team=team)
    assert "The pool has 0 credits left, and this costs 56" in shown(reply)
    assert reply.private
    (job,) = await house.rows("SELECT person.name AS name FROM job JOIN person ON person.id = job.person")
    assert job["name"] == "Cat"
    (message,) = house.desk.messenger.messages.values()
    assert message.key == (await house.rows("SELECT id FROM ask WHERE state = 'accepted'"))[0]["id"]
    assert await house.held() == PRICE
    assert sorted(row["state"] for row in await house.rows("SELECT state FROM ask")) == ["accepted", "refused"]
    await house.check_books()


async def test_many_people_and_one_pool_never_hold_more_than_there_is(house: Front) -> None:
    team = await small_pool(house)
    replies = await asyncio.gather(*(house.says("a fox", by=f"person-{number}", team=team) for number in range(12)))
    assert sum(reply.card is None for reply in replies) == 1
    assert (await jobs(house), await house.held(), len(house.desk.messenger.messages)) == (1, PRICE, 1)
    await house.check_books()


async def lowered(house: Front) -> None:
    await house.limit(10)


async def spent_by_another_team(house: Front) -> None:
    await house.says("a blue cat", by=CAT, team="small")


@pytest.mark.parametrize(
    ("meanwhile", "ceiling", "said"),
    [
        (lowered, CEILING, "Your limit is 10 credits a month"),
        (spent_by_another_team, 300_000, "$0.28 are used, and this costs $0.28"),
    ],
)
async def test_every_limit_is_checked_again_when_it_counts(
    tmp_path: Path, meanwhile: Callable[[Front], Awaitable[None]], ceiling: int, said: str
) -> None:
    async with front(tmp_path, ceiling=ceiling) as house:
        await small_pool(house)
        house.desk.messenger.after_post = [partial(meanwhile, house)]
        assert said in shown(await house.says("a red fox"))
        mine = await house.rows("SELECT id FROM job WHERE workspace = :team", team=house.desk.workspace)
        assert mine == []
        await house.check_books()


async def test_a_refused_yes_leaves_its_question_to_be_answered_again(house: Front) -> None:
    ask = await house.asked()
    house.desk.messenger.after_post = [partial(lowered, house)]
    assert "Your limit is 10 credits" in shown(await house.presses(f"confirm:{ask}"))
    assert house.desk.messenger.messages == {}
    await house.says("quota set default 500/month", by=ADA)
    assert shown(await house.presses(f"confirm:{ask}")).startswith("Yes")
    assert (await jobs(house), await house.held()) == (1, 112)


async def test_no_card_is_shown_for_what_the_look_refuses(house: Front) -> None:
    await house.says("quota set job 10", by=ADA)
    assert "may cost at most 10 credits" in shown(await house.says("a red fox", photo()))
    assert house.desk.messenger.posts == 0
    assert await house.rows("SELECT id FROM ask") == []


async def test_no_card_is_shown_for_a_yes_that_the_look_refuses(house: Front) -> None:
    ask = await house.asked()
    await lowered(house)
    assert "Your limit is 10 credits" in shown(await house.presses(f"confirm:{ask}"))
    assert house.desk.messenger.posts == 0


async def test_storage_that_goes_away_after_the_card_holds_nothing_and_takes_the_card_back(house: Front) -> None:
    await house.says("help")
    before = await house.books()
    house.desk.messenger.after_post = [partial(house.storage, there=False)]
    assert shown(await house.says("a red fox", key="m")).startswith("My storage is away")
    assert {**await house.books(), "asks": []} == before
    await house.storage(there=True)
    assert (await house.says("a red fox", key="m")).card is None
    assert (await jobs(house), await house.held(), len(house.desk.messenger.messages)) == (1, PRICE, 1)


async def test_a_crash_after_the_card_is_expired_by_the_sweep_which_takes_the_card_away(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def power_cut(row: object, ref: object) -> bool:
        raise asyncio.CancelledError

    monkeypatch.setattr("bot.commands.admitting.Admission._accept", lambda self, row, refs, *_: power_cut(row, refs))
    with pytest.raises(asyncio.CancelledError):
        await house.says("a red fox")
    assert (len(house.desk.messenger.messages), await house.held()) == (1, 0)
    house.desk.clock.advance(590)
    await house.sweeps()
    assert len(house.desk.messenger.messages) == 1
    house.desk.clock.advance(11)
    await house.sweeps()
    assert house.desk.messenger.messages == {}
    assert [row["state"] for row in await house.rows("SELECT state FROM ask")] == ["expired"]


async def test_a_message_that_comes_again_after_a_crash_is_not_made_at_a_price_that_has_run_out(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_once(monkeypatch, "accept")
    assert shown(await house.says("a red fox", key="m")).startswith("Sorry")
    house.desk.clock.advance(601)
    reply = await house.says("a red fox", key="m")
    assert reply.card is not None
    assert reply.card.title == "Make it for at most 56 credits?"
    assert (await jobs(house), await house.held()) == (0, 0)
    assert shown(await house.presses(reply.card.buttons[0].action)).startswith("Yes")
    assert (await jobs(house), await house.held()) == (1, PRICE)


async def test_an_ask_that_expires_while_its_card_is_posted_is_not_made(house: Front) -> None:
    ask = await house.asked()

    async def much_later() -> None:
        house.desk.clock.advance(24 * 3600 + 1)
        await house.sweeps()

    house.desk.messenger.after_post = [much_later]
    assert "older than a day" in shown(await house.presses(f"confirm:{ask}"))
    assert (await jobs(house), await house.held(), house.desk.messenger.messages) == (0, 0, {})


@pytest.mark.parametrize("failure", [PlaceGone("archived"), TryLater("slow_down")])
async def test_a_card_that_cannot_be_posted_holds_nothing_and_closes_the_ask(
    house: Front, failure: MessengerError
) -> None:
    house.desk.messenger.post_failures = [failure]
    assert f"The platform says: {failure.why.replace('_', ' ')}" in shown(await house.says("a red fox"))
    assert [row["state"] for row in await house.rows("SELECT state FROM ask")] == ["refused"]
    assert await house.held() == 0


async def test_a_card_that_cannot_be_taken_back_does_not_hide_why(
    house: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def stays(ref: MessageRef) -> None:
        raise TryLater("slow down")

    monkeypatch.setattr(house.desk.messenger, "delete", stays)
    house.desk.messenger.after_post = [partial(lowered, house)]
    assert "Your limit is 10 credits" in shown(await house.says("a red fox"))
    assert "a status card stays though nothing is made" in caplog.text


async def test_the_job_goes_on_in_the_card_that_was_posted(house: Front) -> None:
    job = await house.orders("animate she waves", photo())
    await house.desk.until_state(job, JobState.RUNNING)
    await house.desk.run_until(lambda: house.desk.messenger.edits)
    (message,) = house.desk.messenger.messages.values()
    assert message.card.title == "status:running"
    assert house.desk.messenger.posts == 1


async def test_a_top_up_counts_at_once(house: Front) -> None:
    assert "0 credits left" in shown(await house.says("a fox", team="small"))
    (team,) = await house.rows("SELECT workspace FROM workspace_identity WHERE platform_workspace = 'small'")
    await house.house.database.run(
        top_up, workspace=team["workspace"], credits=PRICE, now=house.desk.clock.now(), actor="cli", reason="", key="1"
    )
    assert (await house.says("a fox", team="small")).card is None


async def test_who_asked_is_who_pays(house: Front) -> None:
    await house.orders(by=CAT)
    (entry,) = await house.rows("SELECT person, actor FROM entry WHERE kind = 'hold'")
    (cat,) = await house.rows("SELECT person FROM person_identity WHERE platform_user = :user", user=actor(CAT).user)
    assert (entry["person"], entry["actor"]) == (cat["person"], cat["person"])
