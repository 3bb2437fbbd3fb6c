"""`cancel` for one's own jobs; `quota`, `jobs` and `resolve` for administrators, who leave traces like everybody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.commands.service import Commands
from bot.credits.limits import Spender
from bot.errors import CheckFailed, ProviderReason
from bot.jobs import scripts
from bot.jobs.states import JobState
from bot.messaging import Actor, ActorFacts, Ask
from bot.providers.base import TaskStatus
from tests.support.front import ADA, BEN, CAT, PRICE, Front, front, photo, place, shown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def pool(house: Front) -> tuple[int, int]:
    """What the team has: of the refill, of top-ups."""
    room = await house.house.headroom(Spender(workspace=house.desk.workspace, person=house.desk.person))
    return room.pool_refill, room.pool_topup


async def endings(house: Front, job: str) -> list[tuple[str, int]]:
    """How a job's credits ended."""
    sql = "SELECT kind, amount FROM entry WHERE job = :job AND kind <> 'hold' ORDER BY id"
    return [(row["kind"], row["amount"]) for row in await house.rows(sql, job=job)]


# cancel


@pytest.mark.parametrize("by", [BEN, ADA])
async def test_a_job_that_waits_is_stopped_by_its_owner_or_an_administrator(house: Front, by: str) -> None:
    job = await house.orders()
    assert "Nothing was bought yet, so your credits are released." in shown(await house.says(f"cancel {job}", by=by))
    await house.desk.until_state(job, JobState.CANCELLED)
    assert (await house.held(), await endings(house, job)) == (0, [("release", PRICE)])
    assert house.desk.providers["fal"].bodies == []


async def test_cancel_without_a_job_means_the_newest_one(house: Front) -> None:
    first, second = await house.orders(), await house.orders()
    await house.says("cancel")
    asked = {row["id"]: row["cancel_asked"] for row in await house.rows("SELECT id, cancel_asked FROM job")}
    assert asked == {first: 0, second: 1}


async def test_an_answer_to_a_job_means_that_job(house: Front) -> None:
    first, _ = await house.orders(), await house.orders()
    await house.says("cancel", about=first)
    assert [row["id"] for row in await house.rows("SELECT id FROM job WHERE cancel_asked = 1")] == [first]


async def test_a_job_that_is_being_made_is_only_asked_to_stop(house: Front) -> None:
    job = await house.orders()
    await house.lost(job, running=True)
    assert "Only if fal confirms that are the credits released" in shown(await house.presses(f"cancel:{job}"))
    assert await house.held() == PRICE


async def test_what_the_provider_says_to_a_cancel_decides(house: Front) -> None:
    stopped, goes_on = await house.orders(), await house.orders()
    for job in (stopped, goes_on):
        await house.lost(job, running=True)
    provider = house.desk.providers["fal"]
    provider.cancels = "confirmed"
    await house.presses(f"cancel:{stopped}")
    await house.desk.until_state(stopped, JobState.CANCELLED)
    provider.cancels = "too_late"
    await house.presses(f"cancel:{goes_on}")
    provider.statuses = [TaskStatus(state="done", video_url="https://v3.fal.media/x.mp4", cost=250_000)]
    await house.desk.until_state(goes_on, JobState.DONE)
    assert await endings(house, stopped) == [("release", PRICE)]
    assert await endings(house, goes_on) == [("charge", 50), ("release", PRICE - 50)]


async def test_cancel_pressed_again_says_how_it_stands_and_changes_nothing(house: Front) -> None:
    job = await house.orders()
    await house.lost(job, running=True)
    first = shown(await house.presses(f"cancel:{job}", key="p"))
    before = await house.books()
    assert shown(await house.presses(f"cancel:{job}", key="p")) == first
    assert await house.books() == before
    await house.house.database.run(scripts.cancel_refused, job, now=house.desk.clock.now())
    assert "It can't be stopped any more: fal goes on" in shown(await house.presses(f"cancel:{job}"))


async def test_cancel_promises_no_release_where_the_job_was_handed_over_just_then(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await house.orders()
    owns = house.house.require_owner

    async def and_then_it_moves_on(*args: Any) -> None:
        await owns(*args)
        await house.lost(job, running=True)

    monkeypatch.setattr(type(house.house), "require_owner", lambda self, *args: and_then_it_moves_on(*args))
    said = shown(await house.says(f"cancel {job}"))
    assert "Only if fal confirms" in said
    assert "Nothing was bought" not in said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (JobState.DONE, "The video is made already."),
        (JobState.FETCHING, "It will be charged."),
        (JobState.FAILED, "It has ended already, without a video."),
    ],
)
async def test_cancel_that_comes_too_late_says_so(house: Front, state: JobState, said: str) -> None:
    job = await house.orders()
    ended = house.desk.clock.now() if state is not JobState.FETCHING else None

    def put() -> Any:
        yield (
            "UPDATE job SET state = :state, ended_at = :ended WHERE id = :job",
            {"state": state, "ended": ended, "job": job},
        )

    await house.house.database.run(put)
    assert said in shown(await house.says(f"cancel {job}"))


# quota


async def test_quota_shows_the_pool_and_the_limit(house: Front) -> None:
    said = shown(await house.says("quota", by=ADA))
    assert "10,000 of the refill (resets 1 December)" in said
    assert "Everybody, each: 1,500 credits a month" in said
    assert "Asked before spending: above 100 credits" in said


async def test_a_limit_holds_from_the_next_video_on(house: Front) -> None:
    await house.orders()
    assert "Everybody, each: 60 credits a week" in shown(await house.says("quota set default 60/week", by=ADA))
    assert "4 credits left, and this costs 56" in shown(await house.says("a fox"))
    assert (await house.says("a fox", by=CAT)).card is None
    await house.says("quota set default 112/week", by=ADA)
    assert (await house.says("a fox")).card is None


async def test_a_top_up_is_added_once_however_often_its_message_comes(house: Front) -> None:
    for _ in range(3):
        assert shown(await house.says('quota topup 5000 "PO 881"', by=ADA, key="m")).startswith("Changed")
    assert await pool(house) == (10_000, 5_000)
    await house.says("quota topup 500", by=ADA, key="n")
    assert await pool(house) == (10_000, 5_500)


async def test_a_top_up_is_written_down_with_who_and_why(house: Front) -> None:
    await house.says('quota topup 5000 "PO 881"', by=ADA)
    (entry,) = await house.rows("SELECT * FROM entry WHERE kind = 'topup'")
    (ada,) = await house.rows("SELECT person FROM person_identity WHERE platform_user = 'ada'")
    assert (entry["amount"], entry["reason"], entry["actor"]) == (5_000, "PO 881", ada["person"])
    await house.check_books()


async def test_a_refill_comes_at_once_where_it_is_more(house: Front) -> None:
    await house.says("quota refill 12000/month", by=ADA)
    assert await pool(house) == (12_000, 0)
    await house.says("quota refill 500/month", by=ADA)
    assert await pool(house) == (12_000, 0)
    await house.check_books()


async def test_a_team_that_nobody_admitted_can_spend_once_the_operator_filled_its_pool(house: Front) -> None:
    assert "quota topup" in shown(await house.says("a fox", team="strangers"))
    policy = replace(house.house.policy, admins=frozenset((f"fake:{ADA}",)))
    house.commands = Commands(replace(house.house, policy=policy))
    await house.says("quota topup 100", by=ADA, team="strangers")
    assert (await house.says("a fox", team="strangers")).card is None
    assert await pool(house) == (10_000, 0)


@pytest.mark.parametrize("line", ["quota topup 100", "quota refill 10000/month"])
async def test_whoever_adds_the_bot_to_a_team_of_their_own_gives_themselves_no_credits(house: Front, line: str) -> None:
    said = shown(await house.says(line, by=ADA, team="strangers"))
    assert said.startswith("Only for the operator")
    assert "KLINGBOT_WORKSPACES" in said
    assert "The pool has 0 credits left" in shown(await house.says("a fox", team="strangers"))
    assert shown(await house.says("quota set default 10/month", by=ADA, team="strangers")).startswith("Changed")


@pytest.mark.parametrize("line", ["quota", "quota set default 1/day", "quota topup 1", "quota refill 1/day", "jobs"])
async def test_members_may_neither_look_nor_change(house: Front, line: str) -> None:
    await house.says("help", by=CAT)
    before = await house.books()
    assert shown(await house.says(line, by=CAT)).startswith("Only for administrators")
    assert await house.books() == before


@pytest.mark.parametrize("named", ["fake:cat", "fake:team:cat"])
async def test_an_administrator_may_be_named_in_the_settings(house: Front, named: str) -> None:
    policy = replace(house.house.policy, admins=frozenset((named,)))
    house.commands = Commands(replace(house.house, policy=policy))
    assert shown(await house.says("quota", by=CAT)).startswith("The team's pool")
    assert shown(await house.says("quota", by=BEN)).startswith("Only for administrators")
    elsewhere = shown(await house.says("quota", by=CAT, team="other")).startswith("The team's pool")
    assert elsewhere is (named == "fake:cat")


async def test_an_administrator_who_has_left_is_none(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    async def left(actor: Actor) -> ActorFacts:
        return ActorFacts(name="Ada", admin=True, active=False)

    monkeypatch.setattr(house.desk.messenger, "actor", left)
    assert shown(await house.says("quota topup 5", by=ADA)).startswith("Only for administrators")


async def test_nobody_is_an_administrator_of_a_platform_that_is_switched_off(house: Front) -> None:
    house.commands = Commands(replace(house.house, messengers={}))
    assert shown(await house.says("quota topup 5", by=ADA)).startswith("Only for administrators")


async def test_the_command_line_is_an_administrator(house: Front) -> None:
    asks = Actor(platform="cli", workspace="team", user="root")
    reply = await house.commands.ask(Ask(key="1", actor=asks, place=place(), text="quota"))
    assert shown(reply).startswith("The team's pool")


# jobs and resolve


async def test_jobs_lists_everybodys_open_ones_those_that_need_a_word_first(house: Front) -> None:
    fox = await house.orders("a red fox")
    cat = await house.orders("a blue cat", by=CAT)
    await house.lost(cat)
    said = shown(await house.says("jobs", by=ADA))
    assert said.startswith("2 open jobs")
    assert said.index(cat) < said.index(fox)
    assert ("Cat: a blue cat" in said, "Ben: a red fox" in said) == (True, True)
    assert shown(await house.says("jobs", by=ADA, team="other")).startswith("No jobs")


@pytest.mark.parametrize("way", ["resolve {job} {how}", "resolve-{how}:{job}"])
@pytest.mark.parametrize(("how", "ending"), [("charge", ("charge", PRICE)), ("release", ("release", PRICE))])
async def test_a_word_ends_a_lost_job_once(house: Front, way: str, how: str, ending: tuple[str, int]) -> None:
    job = await house.orders()
    await house.lost(job)
    line = way.format(job=job, how=how)
    speak = house.presses if line.startswith("resolve-") else house.says
    assert how in shown(await speak(line, by=ADA))
    assert (await house.state(job), await endings(house, job)) == (JobState.FAILED, [ending])
    before = await house.books()
    assert shown(await speak(line, by=ADA)).startswith("Too late for that")
    assert shown(await house.says(f"resolve {job} release", by=ADA)).startswith("Too late for that")
    assert await house.books() == before
    await house.check_books()


async def test_whose_word_it_was_stands_in_the_ledger(house: Front) -> None:
    job = await house.orders()
    await house.lost(job)
    await house.presses(f"resolve-release:{job}", by=ADA)
    (ada,) = await house.rows("SELECT person FROM person_identity WHERE platform_user = 'ada'")
    (entry,) = await house.rows("SELECT actor, reason FROM entry WHERE kind = 'release'")
    assert (entry["actor"], entry["reason"]) == (ada["person"], "released_by_admin")


async def test_a_named_task_goes_on_and_its_video_comes(house: Front) -> None:
    job = await house.orders("animate she waves --via wavespeed", photo())
    attempt = await house.lost(job)
    said = shown(await house.says(f"resolve {job} task 5f3c", by=ADA))
    assert "It goes on with that task at wavespeed, and the video still comes." in said
    (row,) = await house.rows("SELECT * FROM attempt WHERE id = :id", id=attempt)
    assert (row["task_id"], row["outcome"]) == ("5f3c", "accepted")
    house.desk.providers["wavespeed"].statuses = [TaskStatus(state="done", video_url="https://x.org/v.mp4")]
    await house.desk.until_state(job, JobState.DONE)
    assert await endings(house, job) == [("charge", 50)]
    assert house.desk.providers["wavespeed"].bodies == []


async def test_a_task_that_is_another_jobs_is_not_taken(house: Front) -> None:
    first, second = await house.orders(), await house.orders()
    attempt = await house.lost(first, running=True)
    await house.lost(second)
    before = await house.books()
    said = shown(await house.says(f"resolve {second} task task-{attempt}", by=ADA))
    assert "it belongs to another job already" in said
    assert await house.books() == before


@pytest.mark.parametrize("reason", ["not_found", "invalid"])
async def test_a_task_that_the_provider_does_not_know_is_not_taken(house: Front, reason: ProviderReason) -> None:
    """The right id can still be named: a job that goes on with a wrong one would lose the video that was bought."""
    job = await house.orders()
    await house.lost(job)
    provider = house.desk.providers[(await house.desk.view(job)).attempts[-1].provider]
    provider.statuses = [CheckFailed(provider.name, reason, "no such task", 404), *provider.statuses]
    assert "There is no task “5f3d” here." in shown(await house.says(f"resolve {job} task 5f3d", by=ADA))
    assert await house.state(job) is JobState.UNCERTAIN
    await house.says(f"resolve {job} task 5f3c", by=ADA)
    assert await house.state(job) is JobState.RUNNING


async def test_a_task_is_taken_where_the_provider_can_not_be_asked(house: Front) -> None:
    job = await house.orders()
    await house.lost(job)
    provider = house.desk.providers[(await house.desk.view(job)).attempts[-1].provider]
    provider.statuses = [CheckFailed(provider.name, "unavailable", "away"), *provider.statuses]
    await house.says(f"resolve {job} task 5f3c", by=ADA)
    assert await house.state(job) is JobState.RUNNING


async def test_a_job_that_hangs_can_be_settled_but_takes_no_other_task(house: Front) -> None:
    job = await house.orders()
    await house.lost(job, running=True)
    assert shown(await house.says(f"resolve {job} task other", by=ADA)).startswith("Too late for that")
    await house.says(f"resolve {job} release", by=ADA)
    assert (await house.state(job), await house.held()) == (JobState.FAILED, 0)


async def test_a_job_whose_provider_is_gone_for_good_can_be_settled(house: Front) -> None:
    """Its finished video waits for that provider to be switched on again, and its credits with it."""
    job = await house.orders()
    provider = (await house.desk.view(job)).provider
    house.desk.providers[provider].statuses = [TaskStatus(state="done", video_url="https://x.org/v.mp4")]
    await house.desk.until_state(job, JobState.FETCHING)
    del house.desk.providers[provider]
    await house.desk.settle()
    assert "release" in shown(await house.says(f"resolve {job} release", by=ADA))
    assert (await house.state(job), await house.held()) == (JobState.FAILED, 0)


async def test_a_word_on_another_teams_job_is_not_heard(house: Front) -> None:
    job = await house.orders()
    await house.lost(job)
    await house.says("help", by=ADA, team="other")
    before = await house.books()
    for said in (
        await house.says(f"resolve {job} charge", by=ADA, team="other"),
        await house.presses(f"resolve-charge:{job}", by=ADA, team="other"),
        await house.says(f"cancel {job}", by=ADA, team="other"),
        await house.presses(f"cancel:{job}", by=ADA, team="other"),
    ):
        assert shown(said).startswith("No such job")
    assert await house.books() == before


async def test_a_decision_wakes_the_runner(house: Front) -> None:
    job = await house.orders()
    await house.lost(job)
    house.rings.clear()
    await house.presses(f"resolve-release:{job}", by=ADA)
    assert len(house.rings) == 1
