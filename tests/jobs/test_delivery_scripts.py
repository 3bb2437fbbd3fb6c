"""A delivery's changes of state, each only from where the table of states lets it come."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from bot.jobs import delivery_scripts, leases, scripts
from bot.jobs.states import DELIVERY_FOLLOWS, DeliveryState
from bot.store.scripts import Script, one
from tests.support.desk import OPERATORS, Desk

ME, OTHER = "me", "somebody"


async def tell(at: Desk, job: str, kind: str) -> None:
    await at.work.run(
        scripts.alert, job, delivery=at.work.new_id(), place=asdict(OPERATORS), facts={"kind": kind}, now=at.clock.now()
    )


async def claimed(at: Desk, state: DeliveryState) -> str:
    """A delivery in that state, which is ours for now."""
    job = await at.ask_for()
    await tell(at, job, "late")
    rows = await at.work.run(leases.claim, "delivery", ME, now=at.clock.now(), until=at.work.at(20), limit=1)
    await at.work.run(_put, rows[0]["id"], state)
    return str(rows[0]["id"])


def _put(delivery: str, state: DeliveryState) -> Script[None]:
    yield "UPDATE delivery SET state = :state WHERE id = :id", {"id": delivery, "state": state}


async def row_of(at: Desk, delivery: str) -> Any:
    return one(await at.work.database.read("SELECT * FROM delivery WHERE id = :id", {"id": delivery}))


async def change(at: Desk, delivery: str, new: DeliveryState, owner: str = ME) -> None:
    match new:
        case DeliveryState.POSTING:
            await at.work.run(delivery_scripts.posting, delivery, owner, facts={})
        case DeliveryState.POSTED:
            await at.work.run(delivery_scripts.posted, delivery, ref={"message": "m"}, shown={})
        case DeliveryState.PENDING:
            await at.work.run(delivery_scripts.smaller, delivery, owner, facts={}, error="413", wake=at.clock.now())
        case DeliveryState.GONE:
            await at.work.run(delivery_scripts.gone, delivery, error="no such channel")


@pytest.mark.parametrize("old", DeliveryState)
@pytest.mark.parametrize("new", DeliveryState)
async def test_a_state_is_followed_by_what_the_table_lists_and_by_nothing_else(
    at: Desk, old: DeliveryState, new: DeliveryState
) -> None:
    delivery = await claimed(at, old)
    await change(at, delivery, new)
    assert (await row_of(at, delivery))["state"] == (new if new in DELIVERY_FOLLOWS[old] else old)


@pytest.mark.parametrize("new", [DeliveryState.POSTING, DeliveryState.PENDING])
async def test_a_worker_that_was_overtaken_changes_nothing(at: Desk, new: DeliveryState) -> None:
    old = DeliveryState.POSTING if new is DeliveryState.PENDING else DeliveryState.PENDING
    delivery = await claimed(at, old)
    await change(at, delivery, new, OTHER)
    row = await row_of(at, delivery)
    assert (row["state"], row["lease_owner"]) == (old, ME)


async def test_what_a_worker_that_was_overtaken_has_drawn_is_not_what_is_shown(at: Desk) -> None:
    delivery = await claimed(at, DeliveryState.POSTED)
    before = await row_of(at, delivery)
    await at.work.run(delivery_scripts.shown, delivery, OTHER, shown={"digest": "old"}, wake=None)
    await at.work.run(delivery_scripts.sleep, delivery, OTHER, wake=at.work.at(60), tries=3, error="late")
    assert await row_of(at, delivery) == before


async def test_a_post_that_is_through_is_kept_whoever_holds_the_lease_by_then(at: Desk) -> None:
    delivery = await claimed(at, DeliveryState.POSTING)
    assert await at.work.run(delivery_scripts.posted, delivery, ref={"message": "m"}, shown={})
    assert not await at.work.run(delivery_scripts.posted, delivery, ref={"message": "m-2"}, shown={})
    assert json.loads((await row_of(at, delivery))["ref"]) == {"message": "m"}


async def test_an_alert_whose_place_is_gone_is_not_woken_by_the_next_one(at: Desk) -> None:
    """It would be looked at for ever: there is nothing left to be done with it."""
    delivery = await claimed(at, DeliveryState.PENDING)
    await change(at, delivery, DeliveryState.GONE)
    await tell(at, (await row_of(at, delivery))["job"], "overdue")
    row = await row_of(at, delivery)
    assert (row["wake_at"], json.loads(row["facts"])) == (None, {"kind": "late"})


async def test_a_later_alert_about_a_job_takes_the_place_of_the_earlier_one(at: Desk) -> None:
    delivery = await claimed(at, DeliveryState.POSTING)
    await change(at, delivery, DeliveryState.POSTED)
    at.clock.advance(5)
    await tell(at, (await row_of(at, delivery))["job"], "overdue")
    row = await row_of(at, delivery)
    assert (row["wake_at"], json.loads(row["facts"])) == (at.clock.now(), {"kind": "overdue"})
