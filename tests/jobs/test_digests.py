"""Weekly reports: one a week, at the team's own hour, late rather than never, and never twice."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.credits.pool import set_timezone
from bot.credits.rules import Digest, change_rules
from bot.jobs.digests import latest, send_digests
from bot.messaging import Place
from bot.store.ids import new_id
from tests.support.desk import Desk, desk

FINANCE = Place(platform="fake", workspace="team", channel="finance")
LISBON = "Europe/Lisbon"
MONDAY = Digest(weekday=0, minute=9 * 60, place=asdict(FINANCE))


def at_time(moment: str, zone: str = LISBON) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


async def switch_on(at: Desk, digest: Digest | None = MONDAY) -> None:
    now = at.clock.now()
    await at.work.run(set_timezone, workspace=at.workspace, timezone=LISBON, now=now)
    await at.work.run(
        change_rules, workspace=at.workspace, changes={"digest": digest.model_dump() if digest else None},
        actor=at.person, action="quota digest", detail="", now=now, audit=new_id(at.clock),
    )  # fmt: skip


async def sent(at: Desk) -> Sequence[Any]:
    return await at.work.database.read("SELECT place, facts FROM delivery WHERE job IS NULL ORDER BY created_at")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-16T08:59", None),  # the week before is too late by now
        ("2026-11-16T09:00", "2026-11-16T09:00"),
        ("2026-11-17T08:59", "2026-11-16T09:00"),
        ("2026-11-17T09:00", None),
        ("2026-03-30T09:00", "2026-03-30T09:00"),  # the day after clocks went forward
    ],
)
def test_it_is_due_from_its_hour_on_for_a_day(now: str, due: str | None) -> None:
    assert latest(MONDAY, LISBON, at_time(now)) == (at_time(due) if due else None)


def test_what_was_due_before_it_was_switched_on_does_not_come() -> None:
    late = MONDAY.model_copy(update={"since": at_time("2026-11-16T15:00")})
    assert latest(late, LISBON, at_time("2026-11-16T15:01")) is None
    assert latest(late, LISBON, at_time("2026-11-23T09:00")) == at_time("2026-11-23T09:00")


async def test_it_comes_once_a_week_also_from_two_processes_and_after_a_restart(tmp_path: Path) -> None:
    """Fails where the notice's id isn't made of the week."""
    async with desk(tmp_path) as one, desk(tmp_path, clock=one.clock) as other:
        await switch_on(one)
        one.clock.time = at_time("2026-11-16T09:00")
        for made in (one, other, one):
            await send_digests(made.work)
            one.clock.advance(60)
        assert len(await sent(one)) == 1
        await switch_on(one, MONDAY.model_copy(update={"weekday": 1}))
        one.clock.time = at_time("2026-11-17T09:00")
        await send_digests(one.work)
        assert len(await sent(one)) == 1, "another day of the same week"
    async with desk(tmp_path) as again:
        again.clock.time = at_time("2026-11-17T10:00")
        await send_digests(again.work)
        assert len(await sent(again)) == 1
        again.clock.time = at_time("2026-11-24T23:00")  # missed while nobody worked
        await send_digests(again.work)
        assert len(await sent(again)) == 2


async def test_it_tells_of_the_seven_days_before_in_the_channel_that_was_named(at: Desk) -> None:
    await switch_on(at)
    at.clock.time = at_time("2026-11-16T09:00")
    await send_digests(at.work)
    await at.settle()
    (one,) = at.messenger.messages.values()
    assert (one.place.channel, one.card.title) == ("finance", "0 credits spent, 9 to 15 November 2026")
    ((file, data),) = one.files
    assert (file.mime, file.alt, data[:8]) == ("image/png", one.card.alt, b"\x89PNG\r\n\x1a\n")


async def test_switched_off_none_comes(at: Desk) -> None:
    await switch_on(at)
    await switch_on(at, None)
    at.clock.time = at_time("2026-11-16T09:00")
    await send_digests(at.work)
    assert await sent(at) == []
