"""What an ask's row keeps of a wish, and the wish as it is read back from there."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.commands.build import Wish
from bot.commands.grammar import Note
from bot.commands.house import Who
from bot.commands.pictures import Taken
from bot.jobs.asks import NewAsk
from bot.jobs.views import JobView
from bot.jobs.work import place_json
from bot.kling.requests import load_request
from bot.messaging import Ask
from bot.store.scripts import Row


def key_of(ask: Ask) -> str:
    """What tells a redelivery: the platform's own id, which counts for its sender alone."""
    return f"{ask.actor.platform}:{ask.actor.workspace}:{ask.actor.user}:{ask.key}"


def new_row(name: str, ask: Ask, who: Who, parent: JobView | None, taken: Sequence[Taken]) -> NewAsk:
    """The ask as it is stored first, under our id `name`; `parent` is the job that it repeats."""
    return NewAsk(
        id=name,
        key=key_of(ask),
        workspace=who.workspace,
        person=who.person,
        actor=asdict(ask.actor),
        place=place_json(ask.place),
        message=ask.message,
        text=ask.text,
        pictures=[picture.facts for picture in taken],
        parent=parent.id if parent else None,
        relation="again" if parent else None,
    )


def options(want: Wish) -> dict[str, Any]:
    """What a wish says beside its request: who makes it, for how much at most, and how the line was read."""
    notes = [asdict(note) for note in want.notes]
    return {"via": want.via, "max_credits": want.max_credits, "max_microusd": want.max_microusd, "notes": notes}


def wish_of(row: Row) -> Wish:
    """The wish that `options` and the request of a row say."""
    said = json.loads(row["options"])
    return Wish(
        request=load_request(row["request"]),
        via=tuple(said["via"]),
        max_credits=said["max_credits"],
        max_microusd=said["max_microusd"],
        notes=tuple(Note(**note) for note in said["notes"]),
    )
