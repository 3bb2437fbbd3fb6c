"""Weekly reports: a notice of every one that is due. Its id is made of the team and the week, so it comes once."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.credits.periods import period_of, zone_of
from bot.credits.rules import Digest, load_rules
from bot.credits.spending import DAY_MS
from bot.jobs.notices import notify
from bot.jobs.work import Work
from bot.store.ids import id_of
from bot.store.scripts import Script

LATE_MS = DAY_MS
"""How late one still comes that was missed while nobody worked."""

_TEAMS = "SELECT id, timezone, rules FROM workspace WHERE rules LIKE '%\"digest\"%' ORDER BY id"
_THERE = "SELECT id FROM delivery WHERE id = :id"


class Due(NamedTuple):
    """A report that is to be shown: its notice's id, the place, and what it tells of."""

    id: str
    place: dict[str, Any]
    facts: dict[str, Any]


async def send_digests(work: Work) -> None:
    """Show what is due. A look a minute does: what is there already costs a read."""
    due = await work.database.view(due_now, work.now())
    for one in due:
        await work.run(notify, one.id, place=one.place, facts=one.facts, now=work.now())
    if due:
        work.ring()


def due_now(now: int) -> Script[list[Due]]:
    """The reports that are due and not there yet."""
    found = []
    for row in (yield _TEAMS, {}):
        digest = load_rules(row["rules"]).digest
        at = None if digest is None else latest(digest, row["timezone"], now)
        if digest is None or at is None:
            continue
        end = period_of(at, row["timezone"], "day").start_ms
        name = id_of("digest", row["id"], period_of(at, row["timezone"], "week").name)
        if not (yield _THERE, {"id": name}):
            start = _days_before(end, row["timezone"], 7)
            facts = {"kind": "digest", "about": name, "workspace": row["id"], "start": start, "end": end, "at": at}
            found.append(Due(name, dict(digest.place), facts))
    return found


def latest(digest: Digest, timezone: str, now: int) -> int | None:
    """When the report was due last (ms), as long as it may still come. A time that clocks skip is an hour later."""
    zone = zone_of(timezone)
    today = datetime.fromtimestamp(now / 1000, zone).date()
    for back in range(8):
        day = today - timedelta(days=back)
        if day.weekday() != digest.weekday:
            continue
        hour, minute = divmod(digest.minute, 60)
        at = int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()) * 1000
        if at <= now:
            return at if now - at < LATE_MS and at >= digest.since else None
    return None


def _days_before(start: int, timezone: str, days: int) -> int:
    """When the day began that lies so many days before the one that begins at `start`."""
    for _ in range(days):
        start = period_of(start - 1, timezone, "day").start_ms
    return start
