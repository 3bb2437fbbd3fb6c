"""Asks: kept once, accepted once together with their jobs, or not at all."""

import asyncio
import json
from dataclasses import asdict

import pytest

from bot.credits.limits import set_limit
from bot.credits.rules import change_rules
from bot.errors import CeilingReached, OverLimit, PoolEmpty
from bot.jobs import asks
from bot.jobs.asks import NewAsk, NewJob
from bot.kling.requests import TextToVideo, dump_request
from bot.messaging import MessageRef
from bot.store.ids import new_id
from bot.store.scripts import Row
from tests.support.desk import CEILING, HERE, Desk

FOX = dump_request(TextToVideo(prompt="a red fox"))
REF = asdict(MessageRef(platform="fake", workspace="team", channel="general", message="m-1"))
QUOTE = json.dumps({"offers": ["fake/text/standard"]})


async def receive(at: Desk, key: str = "fake:1", text: str = "a red fox") -> Row:
    new = NewAsk(
        id=new_id(at.clock), key=key, workspace=at.workspace, person=at.person, actor={}, place=asdict(HERE),
        message=None, text=text, pictures=[],
    )  # fmt: skip
    return await at.work.run(asks.receive, new, now=at.clock.now())


async def quoted(at: Desk, *, confirming: bool = False) -> str:
    ask = str((await receive(at, key=new_id(at.clock)))["id"])
    await quote(at, ask, confirming=confirming)
    return ask


async def quote(at: Desk, ask: str, *, confirming: bool = True) -> Row | None:
    return await at.work.run(
        asks.quote_ask, ask, request=FOX, options={}, quote=QUOTE, confirming=confirming, now=at.clock.now()
    )


def new_job(at: Desk, credits: int = 50, microusd: int = 250_000) -> NewJob:
    return NewJob(
        id=new_id(at.clock), request=FOX, offers=("fake/text/standard",), credits=credits, microusd=microusd,
        status_delivery=new_id(at.clock),
    )  # fmt: skip


async def accept(at: Desk, ask: str, *jobs: NewJob) -> bool:
    return await at.work.run(
        asks.accept, ask, jobs or [new_job(at)], status_ref=REF, ceiling=CEILING, actor=at.person, now=at.clock.now()
    )


async def no_cap(at: Desk) -> None:
    """One job may cost anything."""
    await at.work.run(
        change_rules, workspace=at.workspace, changes={"job_cap": None}, actor="a", action="a", detail="", now=0,
        audit=new_id(at.clock),
    )  # fmt: skip


async def counts(at: Desk) -> tuple[int, int, int, int]:
    """Jobs, deliveries, credits held, credits used."""
    rows = await at.work.database.read(
        "SELECT (SELECT COUNT(*) FROM job) AS jobs, (SELECT COUNT(*) FROM delivery) AS cards"
    )
    room = await at.headroom()
    return rows[0]["jobs"], rows[0]["cards"], room.held, room.used


async def state(at: Desk, ask: str) -> str:
    row = await at.work.run(asks.find_ask, ask)
    assert row is not None
    return str(row["state"])


async def test_an_ask_that_is_delivered_twice_is_one_row_as_it_came_first(at: Desk) -> None:
    first, again = await receive(at), await receive(at, text="something else")
    assert (again["id"], again["text"]) == (first["id"], "a red fox")
    assert (await receive(at, key="fake:2"))["id"] != first["id"]


async def test_an_ask_that_is_delivered_again_is_told_how_far_it_came(at: Desk) -> None:
    first = await receive(at)
    await quote(at, first["id"], confirming=False)
    await accept(at, first["id"])
    assert (await receive(at))["state"] == "accepted"


async def test_an_accepted_ask_holds_credits_has_a_job_and_knows_its_card(at: Desk) -> None:
    ask, job = await quoted(at), new_job(at)
    assert await accept(at, ask, job)
    assert await counts(at) == (1, 1, 50, 50)
    view = await at.view(job.id)
    assert (view.ask, view.credits, view.state) == (ask, 50, "queued")
    rows = await at.work.database.read("SELECT kind, state, ref FROM delivery")
    assert [(row["kind"], row["state"], json.loads(row["ref"])) for row in rows] == [("status", "posted", REF)]


async def test_accepting_twice_makes_one_job(at: Desk) -> None:
    ask = await quoted(at)
    assert [await accept(at, ask), await accept(at, ask)] == [True, False]
    assert await counts(at) == (1, 1, 50, 50)


async def test_accepting_fifty_times_at_once_makes_one_job(at: Desk) -> None:
    ask = await quoted(at, confirming=True)
    answers = await asyncio.gather(*(accept(at, ask) for _ in range(50)))
    assert answers.count(True) == 1
    assert await counts(at) == (1, 1, 50, 50)


async def test_two_asks_for_the_last_credits_leave_one_of_them_with_nothing(at: Desk) -> None:
    await at.work.run(set_limit, workspace=at.workspace, scope="default", credits=50, period="month")
    names = [await quoted(at) for _ in range(20)]
    answers = await asyncio.gather(*(accept(at, name) for name in names), return_exceptions=True)
    assert answers.count(True) == 1
    assert [type(answer) for answer in answers if answer is not True] == [OverLimit] * 19
    assert await counts(at) == (1, 1, 50, 50)
    assert sorted([await state(at, name) for name in names]) == ["accepted"] + ["quoted"] * 19


@pytest.mark.parametrize(
    ("credits", "microusd", "refusal"),
    [(20_000, 250_000, PoolEmpty), (2_000, 250_000, OverLimit), (50, CEILING + 1, CeilingReached)],
)
async def test_an_ask_that_is_refused_leaves_nothing(
    at: Desk, credits: int, microusd: int, refusal: type[Exception]
) -> None:
    await no_cap(at)
    ask = await quoted(at)
    with pytest.raises(refusal):
        await accept(at, ask, new_job(at, credits, microusd))
    assert await counts(at) == (0, 0, 0, 0)
    assert await state(at, ask) == "quoted", "it can still be ended, with a reason for the person"


async def test_several_jobs_are_accepted_together_or_not_at_all(at: Desk) -> None:
    await no_cap(at)
    ask = await quoted(at)
    with pytest.raises(OverLimit):
        await accept(at, ask, new_job(at), new_job(at, credits=1_480))
    assert await counts(at) == (0, 0, 0, 0)
    assert await accept(at, ask, new_job(at), new_job(at))
    assert await counts(at) == (2, 2, 100, 100)


@pytest.mark.parametrize("ending", ["refused", "expired"])
async def test_an_ask_that_was_closed_is_not_accepted_any_more(at: Desk, ending: str) -> None:
    ask = await quoted(at, confirming=True)
    assert await at.work.run(asks.end_ask, ask, ending)
    assert not await accept(at, ask)
    assert (await counts(at), await state(at, ask)) == ((0, 0, 0, 0), ending)


async def test_an_accepted_ask_is_not_closed_any_more(at: Desk) -> None:
    ask = await quoted(at, confirming=True)
    await accept(at, ask)
    assert not await at.work.run(asks.end_ask, ask, "expired")
    assert await state(at, ask) == "accepted"


async def test_an_ask_is_not_accepted_before_it_has_a_price(at: Desk) -> None:
    ask = (await receive(at))["id"]
    assert not await accept(at, ask)
    assert await counts(at) == (0, 0, 0, 0)


async def test_a_price_can_be_renewed_while_the_person_is_asked_and_never_afterwards(at: Desk) -> None:
    ask = await quoted(at, confirming=True)
    at.clock.advance(700)
    again = await quote(at, ask)
    assert again is not None
    assert (again["state"], again["quoted_at"]) == ("confirming", at.clock.now())
    await accept(at, ask)
    assert await quote(at, ask) is None
    assert await state(at, ask) == "accepted"


async def test_an_ask_is_stale_when_its_last_price_is_old(at: Desk) -> None:
    unpriced = str((await receive(at))["id"])
    asked = await quoted(at, confirming=True)
    renewed = await quoted(at, confirming=True)
    accepted = await quoted(at)
    await accept(at, accepted)
    at.clock.advance(600)
    await quote(at, renewed)
    stale = await at.work.run(asks.stale_asks, at.clock.now() - 300_000, asked=at.clock.now() - 300_000)
    assert sorted(row["id"] for row in stale) == sorted([unpriced, asked])
