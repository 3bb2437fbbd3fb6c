"""`quota report`, `digest` and `alerts`, and the notices that come of them: reports with their picture, and alerts."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.subwords.reporting import WEEK, SetAlerts, SetDigest
from bot.commands.subwords.scopes import ScopeWord
from bot.commands.team.announcing import Sources
from bot.commands.team.files import named_by, show_alone
from bot.commands.team.scopes import channel_place
from bot.commands.team.told import Doing, Told
from bot.commands.wording import reporting as wording
from bot.commands.wording.reporting import Report
from bot.credits.periods import period_of
from bot.credits.policy import policy_of
from bot.credits.records import month_named
from bot.credits.rules import Digest, Rules, change_rules, rules_of
from bot.credits.spending import burndown, spending, spent_between
from bot.errors import CannotPost, NotFound
from bot.jobs.notices import Notice
from bot.media.chart import draw
from bot.messaging import OutFile, Place, Reply
from bot.store.ids import new_id
from bot.store.scripts import Script, first

Facts = Mapping[str, Any]

PNG = "image/png"
_NAME = "SELECT name FROM workspace WHERE id = :id"


def read_report(*, workspace: str, start: int, end: int, now: int) -> Script[Report]:
    """A team's spending from `start` to just before `end` (ms), in one snapshot. Raises NotFound."""
    row = first((yield _NAME, {"id": workspace}))
    if row is None:
        raise NotFound("workspace", workspace)
    timezone = (yield from policy_of(workspace)).timezone
    return Report(
        team=str(row["name"]),
        timezone=timezone,
        spending=(yield from spending(workspace=workspace, start=start, end=end, timezone=timezone)),
        before=(yield from spent_between(workspace=workspace, start=start - (end - start), end=start)),
        burndown=(yield from burndown(workspace=workspace, now=now)),
    )


async def _report(told: Told) -> Reply:
    """The words at once; the picture to whoever asked, alone."""
    house, who, now = told.house, told.who, told.house.clock.now()
    timezone = (await house.database.view(policy_of, who.workspace)).timezone
    start, end = _span(told.what, timezone, now)
    found = await house.database.view(read_report, workspace=who.workspace, start=start, end=end, now=now)
    name = named_by(told.key, "report")
    facts = {"kind": "report", "about": name, "workspace": who.workspace, "start": start, "end": end, "at": now}
    try:
        footer = wording.coming(await show_alone(house, told.ask.actor, told.ask.place, name, facts))
    except CannotPost:  # from the command line: the words are all of it
        footer = ""
    return Reply(card=wording.report(found, footer=footer))


def _span(word: str, timezone: str, now: int) -> tuple[int, int]:
    """The last seven days with today, a month, or the month that runs, up to today."""
    today = period_of(now, timezone, "day")
    if word == WEEK:
        start = today.start_ms
        for _ in range(6):
            start = period_of(start - 1, timezone, "day").start_ms
        return start, today.end_ms
    month = month_named(word, timezone) if word else period_of(now, timezone, "month")
    running = month.start_ms <= now < month.end_ms
    return month.start_ms, today.end_ms if running else month.end_ms


async def _digest(told: Told) -> Reply:
    house, who, word = told.house, told.who, told.what
    timezone = (await house.database.view(policy_of, who.workspace)).timezone
    if word is None:
        await _change(told, {"digest": None}, "quota digest", "off")
        return Reply(card=wording.digest_set(None, "", timezone))
    wanted: SetDigest = word
    place, label = await _channel(told, wanted.channel)
    digest = Digest(
        weekday=wanted.weekday, minute=wanted.minute, place=asdict(place), since=house.clock.now()
    )  # fmt: skip
    await _change(told, {"digest": digest.model_dump()}, "quota digest", wording.digest_when(digest, label))
    return Reply(card=wording.digest_set(digest, label, timezone))


async def _alerts(told: Told) -> Reply:
    wanted: SetAlerts = told.what
    changes: dict[str, Any] = {}
    label = "where they were told before" if wanted.channel is None else ""
    if wanted.channel is not None:
        place, label = await _channel(told, wanted.channel)
        changes["alerts_at"] = asdict(place)
    if wanted.levels is not None:
        changes["alert_levels"] = wanted.levels
    before = await told.house.database.view(rules_of, told.who.workspace)
    if wanted.channel is not None and wanted.levels is None and not before.alert_levels:
        changes["alert_levels"] = (50, 80, 100)
    after = await _change(told, changes, "quota alerts", wording.alerts_at(wanted.levels, label))
    return Reply(card=wording.alerts_set(after, label))


async def _channel(told: Told, word: ScopeWord) -> tuple[Place, str]:
    """A channel where the bot can post, and its name. Raises NotFound, CannotPost."""
    place = await channel_place(told.house, told.ask, word)
    await told.house.require_place(place)
    name = word.name or (await told.house.messenger(place.platform).place(place)).name or place.channel
    return place, f"#{name.lstrip('#')}"


async def _change(told: Told, changes: Mapping[str, Any], action: str, detail: str) -> Rules:
    house, who = told.house, told.who
    return await house.database.run(
        change_rules, workspace=who.workspace, changes=changes, actor=who.person, action=action, detail=detail,
        now=house.clock.now(), audit=new_id(house.clock),
    )  # fmt: skip


DOING: Doing = {("quota", "report"): _report, ("quota", "digest"): _digest, ("quota", "alerts"): _alerts}


async def announce_digest(sources: Sources, facts: Facts, _now: int) -> Notice:
    """The weekly report, in words with its picture."""
    found = await _found(sources, facts)
    card = wording.report(found, footer="On demand: quota report week")
    return Notice(card=card, files=(await _picture(sources, found),))


async def announce_report(sources: Sources, facts: Facts, _now: int) -> Notice:
    """The picture of a report whose words were said already."""
    found = await _found(sources, facts)
    return Notice(card=wording.pictured(found), files=(await _picture(sources, found),))


async def _found(sources: Sources, facts: Facts) -> Report:
    """As it was when the notice was made, also where it is drawn later."""
    return await sources.database.view(
        read_report, workspace=facts["workspace"], start=facts["start"], end=facts["end"], now=facts["at"]
    )


async def _picture(sources: Sources, found: Report) -> OutFile:
    data = await asyncio.to_thread(draw, wording.chart(found))
    blob = await sources.blobs.put_bytes(data, owner="report")
    return OutFile(
        name="credits.png", mime=PNG, size=blob.size, sha256=blob.sha256, alt=wording.alt(found),
        read=lambda: sources.blobs.stream(blob.sha256),
    )  # fmt: skip


async def announce_level(sources: Sources, facts: Facts, _now: int) -> Notice:
    """So much of something is used."""
    zone = "UTC"
    if facts.get("workspace"):
        zone = (await sources.database.view(policy_of, facts["workspace"])).timezone
    return Notice(card=wording.level(facts, zone=ZoneInfo(zone), whose=wording.whose_level(facts)))


async def announce_rate(_sources: Sources, facts: Facts, _now: int) -> Notice:
    """Unusual spending."""
    return Notice(card=wording.rate(facts))


async def announce_price(_sources: Sources, facts: Facts, _now: int) -> Notice:
    """A provider's price that isn't what it was."""
    return Notice(card=wording.price(facts))


async def announce_balance(_sources: Sources, facts: Facts, _now: int) -> Notice:
    """A provider's account that runs low."""
    return Notice(card=wording.balance(facts))


ANNOUNCERS = {
    "digest": announce_digest,
    "report": announce_report,
    "level": announce_level,
    "rate": announce_rate,
    "price": announce_price,
    "balance": announce_balance,
}
"""The notices of this matter, by kind."""
