"""Files for one person: kept, then shown to them alone by a notice."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.commands.house import House
from bot.commands.team.announcing import Sources
from bot.commands.team.told import Told
from bot.commands.wording import records
from bot.jobs.notices import Notice, notify
from bot.messaging import Actor, OutFile, Place
from bot.messaging.failures import PlaceGone

CSV = "text/csv"


async def alone_with(house: House, actor: Actor) -> bool:
    """Whether somebody has direct messages here. Raises MessengerError's kin where that can't be said now."""
    try:
        await house.messenger(actor.platform).direct(actor)
    except PlaceGone:
        return False
    return True


def named_by(*words: str) -> str:
    """An id that is the same for the same words, so that what came twice is shown once."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:20]


async def show_alone(house: House, actor: Actor, place: Place, name: str, facts: Mapping[str, Any]) -> bool:
    """Show a notice to somebody alone; says whether in direct messages. Where there are none, where they asked."""
    direct = await alone_with(house, actor)
    await house.database.run(notify, name, place=asdict(place), facts=facts, now=house.clock.now(), to=actor)
    house.ring()
    return direct


async def send(told: Told, data: bytes, *, name: str, title: str, jobs: int) -> bool:
    """Keep a CSV file and send it to whoever asked; says whether to direct messages."""
    house, ask = told.house, told.ask
    blob = await house.blobs.put_bytes(data, owner=told.who.person)
    facts = {
        "kind": "file", "about": blob.sha256, "size": blob.size, "name": name, "mime": CSV, "title": title,
        "jobs": jobs,
    }  # fmt: skip
    return await show_alone(house, ask.actor, ask.place, named_by(told.key, "file"), facts)


async def announce_file(sources: Sources, facts: Mapping[str, Any], _now: int) -> Notice:
    """The message with a kept file on it."""
    title, sha256 = str(facts["title"]), str(facts["about"])
    file = OutFile(
        name=str(facts["name"]), mime=str(facts["mime"]), size=int(facts["size"]), sha256=sha256, alt=title,
        read=lambda: sources.blobs.stream(sha256),
    )  # fmt: skip
    return Notice(card=records.file(title, int(facts["jobs"])), files=(file,))


ANNOUNCERS = {"file": announce_file}
