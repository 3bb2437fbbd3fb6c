"""`status`, `show`, `credits` and `help`: true, and without a trace."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.jobs.states import JobState
from bot.messaging import Actor, Row
from bot.providers.base import TaskStatus
from tests.support.front import ADA, CAT, Front, actor, front, shown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def done(house: Front, text: str = "a red fox") -> str:
    """A job that has come to its end."""
    house.desk.providers["fal"].statuses = [TaskStatus(state="done", video_url="https://v3.fal.media/x.mp4")]
    job = await house.orders(f"{text} --via fal")
    await house.desk.until_state(job, JobState.DONE)
    return job


@pytest.mark.parametrize("line", ["status", "show", "show 1", "credits", "help", "help flags", "status 1"])
async def test_a_look_changes_nothing(house: Front, line: str) -> None:
    await house.orders()
    before = await house.books()
    await house.says(line)
    assert await house.books() == before


async def test_status_lists_the_persons_own_newest_jobs(house: Front) -> None:
    await house.orders("a red fox")
    await house.orders("a blue cat", by=CAT)
    await house.orders("a green owl")
    lines = shown(await house.says("status")).splitlines()
    assert lines[0] == "Your newest jobs"
    assert [line[:14] for line in lines[1:3]] == ["1. a green owl", "2. a red fox ·"]
    assert "blue" not in "".join(lines)


async def test_status_of_a_job_by_number_id_or_answer(house: Front) -> None:
    fox, owl = await house.orders("a red fox"), await house.orders("a green owl")
    for reply in (
        await house.says("status 2"),
        await house.says(f"status {fox}"),
        await house.says(f"status #{fox.upper()}"),
        await house.says("status", about=fox),
    ):
        assert reply.card is not None
        assert (reply.card.title, reply.card.job) == ("Waiting for its turn", fox)
    assert shown(await house.says("status 1")).splitlines()[1] == "a green owl"
    assert (await house.says("status", about=owl)).card != (await house.says("status", about=fox)).card


async def test_numbers_count_the_persons_own_jobs(house: Front) -> None:
    await house.orders("a red fox")
    await house.orders("a blue cat", by=CAT)
    assert "a red fox" in shown(await house.says("show 1"))
    assert "a blue cat" in shown(await house.says("show 1", by=CAT))
    assert shown(await house.says("show 2")).startswith("No such job")
    assert shown(await house.says("show 0")).startswith("No such job")


async def test_show_is_the_receipt_with_every_attempt(house: Front) -> None:
    job = await done(house)
    said = shown(await house.says("show"))
    assert said.startswith("Video finished")
    assert "Credits: 50 charged; 6 released" in said
    assert "attempt 1 at fal: made" in said
    assert shown(await house.presses(f"receipt:{job}")) == said
    assert shown(await house.says(f"show {job}", by=CAT)) == said


async def test_another_teams_job_is_not_there(house: Front) -> None:
    job = await house.orders()
    for reply in (
        await house.says(f"show {job}", team="other"),
        await house.says(f"status {job}", team="other", by=ADA),
        await house.says("show", about=job, team="other"),
        await house.presses(f"receipt:{job}", team="other"),
        await house.says("show", team="other"),
    ):
        assert shown(reply).startswith("No such job")
        assert "fox" not in shown(reply)


async def test_credits_say_what_is_left_what_binds_and_what_is_held(house: Front) -> None:
    await house.orders("a red fox")
    said = shown(await house.says("credits"))
    assert said.startswith("You can spend 1,444 credits\n1. a red fox")
    assert "Your limit: 1,500 credits a month: 56 used, 1,444 left, resets 1 December" in said
    assert "Held for your open jobs: 56 credits" in said
    assert "Team's pool: 9,944 credits left: 9,944 of the refill (resets 1 December), 0 of top-ups" in said
    assert shown(await house.says("credits", by=CAT)).startswith("You can spend 1,500 credits")


async def test_credits_say_when_the_pool_decides(house: Front) -> None:
    await house.says("quota topup 70", by=ADA, team="small")
    said = shown(await house.says("credits", team="small"))
    assert said.startswith("You can spend 70 credits\nThe team's pool has less than your own limit leaves")


async def test_a_glance_is_short(house: Front) -> None:
    await house.orders()
    card = await house.commands.glance(actor("ben"))
    assert card.rows == (
        Row(name="Left", value="1,444 credits"),
        Row(name="Held", value="56"),
        Row(name="Resets", value="1 December"),
    )


async def test_a_glance_of_somebody_new_is_a_glance(house: Front) -> None:
    card = await house.commands.glance(Actor(platform="fake", workspace="team", user="dora", name="Dora"))
    assert card.rows[0] == Row(name="Left", value="1,500 credits")


async def test_help_names_what_this_person_can_do(house: Front) -> None:
    mine, admins = shown(await house.says("help")), shown(await house.says("help", by=ADA))
    assert "quota set default 300/month" not in mine
    assert "quota set default 300/month" in admins
    assert "--durration" not in mine


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("flags", "Flags"),
        ("pictures", "Pictures"),
        ("credits", "Credits"),
        ("admin", "For administrators"),
        ("cancel", "cancel"),
        ("d", "--d 5 or 10"),
        ("nonsense", "There is no topic “nonsense”"),
    ],
)
async def test_help_on_a_topic(house: Front, topic: str, title: str) -> None:
    assert shown(await house.says(f"help {topic}")).splitlines()[0] == title
