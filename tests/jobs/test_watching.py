"""What is told by itself: each alert once, also after a restart and from two processes; and what is no news."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.credits import alerting
from bot.credits.ledger import charge, hold
from bot.credits.limits import Spender, set_limit
from bot.credits.pool import top_up
from bot.credits.rules import change_rules
from bot.errors import CheckFailed
from bot.jobs import watching
from bot.jobs.states import JobState
from bot.jobs.watching import Watch
from bot.messaging import Place
from bot.providers.base import TaskStatus
from bot.store.ids import new_id
from bot.store.scripts import Script
from tests.support.desk import CEILING, HERE, OPERATORS, Desk, desk

FINANCE = Place(platform="fake", workspace="team", channel="finance")
DAY = 86_400.0


def watch(at: Desk) -> Watch:
    return Watch(work=at.work, ceiling=CEILING, low_balance=5_000_000)


async def use(at: Desk, credits: int, *, charged: bool = True, microusd: int = 0, person: str = "") -> str:
    """Credits of the desk's team that are held, and charged; one job may cost anything."""
    await rule(at, job_cap=None)
    job, now, person = new_id(at.clock), at.clock.now(), person or at.person
    under = Spender(workspace=at.workspace, person=person, channel="fake:general")
    await at.work.run(
        hold, job=job, workspace=at.workspace, person=person, credits=credits, microusd=microusd, ceiling=CEILING,
        now=now, actor=person, under=under,
    )  # fmt: skip
    if charged:
        await at.work.run(charge, job=job, credits=credits, microusd=microusd, now=now, actor="system")
    return job


async def limit(at: Desk, credits: int) -> None:
    await at.work.run(set_limit, workspace=at.workspace, scope="default", credits=credits, period="month")


async def read_at(at: Desk, place: Place) -> None:
    """Where the team reads its alerts."""
    await rule(at, alerts_at=asdict(place))


async def rule(at: Desk, **changes: Any) -> None:
    await at.work.run(
        change_rules, workspace=at.workspace, changes=changes, actor=at.person, action="quota", detail="",
        now=at.clock.now(), audit=new_id(at.clock),
    )  # fmt: skip


async def notices(at: Desk) -> list[tuple[str, dict[str, Any]]]:
    """The channel of every notice, and its facts."""
    rows = await at.work.database.read("SELECT place, facts FROM delivery WHERE job IS NULL ORDER BY created_at, id")
    return [(json.loads(row["place"])["channel"], json.loads(row["facts"])) for row in rows]


async def kinds(at: Desk) -> list[tuple[str, str]]:
    return [(channel, str(facts.get("what") or facts["kind"])) for channel, facts in await notices(at)]


async def shown(at: Desk) -> list[tuple[str, str]]:
    """The channel and the title of every message that is there now."""
    await at.settle()
    return [(one.place.channel, one.card.title) for one in at.messenger.messages.values() if one.card.title != "status"]


async def test_a_pool_is_told_of_once_at_each_level_where_the_team_reads(at: Desk) -> None:
    await limit(at, 100_000)
    await read_at(at, FINANCE)
    await use(at, 4_999)
    await watch(at).look()
    assert await notices(at) == []
    await use(at, 1, charged=False)
    watched = watch(at)
    for _ in range(3):
        await watched.look()
    at.clock.advance(1)
    await use(at, 4_000)
    await watch(at).look()
    assert [(channel, facts["level"]) for channel, facts in await notices(at)] == [("finance", 50), ("finance", 80)]
    assert await shown(at) == [("finance", "The team's pool: 50 % used"), ("finance", "The team's pool: 90 % used")]


async def test_a_topped_up_pool_is_told_of_again(at: Desk) -> None:
    await limit(at, 100_000)
    await use(at, 8_000)
    await watch(at).look()
    at.clock.advance(1)
    await at.work.run(
        top_up, workspace=at.workspace, credits=5_000, now=at.clock.now(), actor=at.person, reason="", key="k"
    )
    await watch(at).look()
    assert [facts["level"] for _, facts in await notices(at)] == [80, 50]
    assert [channel for channel, _ in await notices(at)] == ["operators", "operators"]


async def test_everybodys_limit_is_told_to_the_team_with_the_command_that_raises_it(at: Desk) -> None:
    await read_at(at, FINANCE)
    await at.work.run(
        set_limit, workspace=at.workspace, scope="channel:fake:general", credits=100, period="week", label="#ads"
    )
    await use(at, 80)
    await watch(at).look()
    await at.settle()
    (one,) = at.messenger.messages.values()
    assert (one.place.channel, one.card.title) == ("finance", "The limit of #ads: 80 % used")
    assert "80 of 100 credits are spent or held. 20 credits left until 24 November." in one.card.text
    assert "quota set #ads 200/week" in one.card.text


async def test_somebodys_own_limit_is_told_to_them_alone(at: Desk) -> None:
    at.messenger.takes_direct = True
    await limit(at, 100)
    await use(at, 80)
    await watch(at).look()
    assert await shown(at) == [("direct-ben", "Your limit: 80 % used")]


async def test_where_nobody_is_alone_only_they_see_it_where_they_spent(at: Desk) -> None:
    await limit(at, 100)
    await use(at, 80)
    await watch(at).look()
    await at.settle()
    (one,) = at.messenger.messages.values()
    assert (one.place.channel, one.only_for and one.only_for.user) == (HERE.channel, "ben")


async def test_the_operators_ceiling_is_for_the_operators(at: Desk) -> None:
    await read_at(at, FINANCE)
    await use(at, 10, microusd=CEILING * 8 // 10)
    await watch(at).look()
    assert await shown(at) == [("operators", "This month's ceiling for providers: 80 % used")]


async def test_two_processes_and_a_restart_tell_once(tmp_path: Path) -> None:
    """Fails where an alert is told without its mark."""
    async with desk(tmp_path) as one, desk(tmp_path, clock=one.clock) as other:
        await limit(one, 100)
        await use(one, 60)
        await one.work.run(alerting.note_operator, 1, one.clock.now())
        for made in (one, other, one):
            await watch(made).look()
        assert len(await notices(one)) == 1
    async with desk(tmp_path) as again:
        await watch(again).look()
        assert len(await notices(again)) == 1


async def test_a_crash_between_any_two_statements_loses_and_doubles_nothing(at: Desk) -> None:
    await limit(at, 100)
    await use(at, 60)
    operators = asdict(OPERATORS)

    def cut(after: int) -> Script[None]:
        script = watching.tell(operators=operators, now=at.clock.now())
        statement = next(script)
        for _ in range(after):
            rows = yield statement
            try:
                statement = script.send(rows)
            except StopIteration:
                return
        raise Cut

    class Cut(Exception):
        pass

    for after in range(20):
        try:
            await at.work.run(cut, after)
        except Cut:
            assert await notices(at) == []
            assert len(await at.work.run(alerting.untold)) == 1
        else:
            break
    assert len(await notices(at)) == 1
    await watch(at).look()
    assert len(await notices(at)) == 1


async def test_a_day_unlike_the_same_days_before_is_told_once(at: Desk) -> None:
    await limit(at, 10**6)
    for _ in range(3):
        await use(at, 100)
        at.clock.advance(7 * DAY)
    at.clock.advance(3_600)
    await use(at, 250)
    await watch(at).look()
    assert await kinds(at) == []
    await use(at, 50, charged=False)
    for _ in range(2):
        await watch(at).look()
        at.clock.advance(3_600)
    (told,) = await notices(at)
    assert (told[0], told[1]["kind"], told[1]["spent"], told[1]["usual"]) == ("operators", "rate", 300, 100)


async def test_a_young_team_has_no_usual_day(at: Desk) -> None:
    await limit(at, 10**6)
    await use(at, 10)
    at.clock.advance(6 * DAY)
    await use(at, 1_000)
    await watch(at).look()
    assert await kinds(at) == []


async def bill(at: Desk, cost: int) -> str:
    """A video that its provider bills so much for (micro-dollars)."""
    at.providers["fake"].statuses = [TaskStatus(state="done", video_url="https://made.up/x.mp4", cost=cost)]
    job = await at.ask_for(microusd=250_000)
    await at.until_state(job, JobState.DONE)
    return job


@pytest.mark.parametrize(("cost", "told"), [(250_000, 0), (252_000, 1), (240_000, 1), (248_000, 0)])
async def test_a_price_that_is_off_is_told_once_a_day(at: Desk, cost: int, told: int) -> None:
    """252,000 is within one part in a hundred, but a credit beyond what was held."""
    await bill(at, cost)
    await bill(at, cost)
    for _ in range(2):
        await watch(at).look()
    assert await kinds(at) == [("operators", "price")] * told
    at.clock.advance(DAY)
    await bill(at, cost)
    await watch(at).look()
    assert len(await notices(at)) == 2 * told


async def test_what_goes_beyond_the_hold_says_so(at: Desk) -> None:
    job = await bill(at, 300_000)
    await watch(at).look()
    ((_, facts),) = await notices(at)
    assert (facts["job"], facts["beyond"], facts["cost"]) == (job, 10, 300_000)
    await at.settle()
    (text,) = [one.card.text for one in at.messenger.messages.values() if one.place == OPERATORS]
    assert "10 credits were beyond what was held" in text


async def test_a_low_account_is_asked_hourly_and_told_until_it_recovers(at: Desk) -> None:
    balances = at.providers["fake"].balances
    balances += [4_000_000, 3_000_000, CheckFailed("fake", "unavailable", ""), 9_000_000, 1_000_000, 0]
    told = []
    for _ in range(5):
        for _ in range(2):
            await watch(at).look()
        told.append((len(balances), len(await notices(at))))
        at.clock.advance(3_600)
    assert told == [(5, 1), (4, 1), (3, 1), (2, 1), (1, 2)]


async def test_what_is_open_counts_into_what_an_account_needs(at: Desk) -> None:
    at.providers["fake"].balances = [5_100_000]
    await at.ask_for(microusd=250_000)
    await watch(at).look()
    ((channel, facts),) = await notices(at)
    assert (channel, facts["provider"], facts["needed"]) == ("operators", "fake", 5_250_000)
