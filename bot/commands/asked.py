"""What an ask's row keeps of a wish, and the wish as it is read back from there."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.commands.build import Wish
from bot.commands.drafting import Draft
from bot.commands.house import Who
from bot.commands.typed import Note
from bot.jobs.asks import NewAsk, count_of
from bot.jobs.work import place_json
from bot.kling.requests import dump_request, load_request
from bot.messaging import Ask
from bot.providers.router import Quote
from bot.store.scripts import Row


def key_of(ask: Ask) -> str:
    """What tells a redelivery: the platform's own id, which counts for its sender alone."""
    return f"{ask.actor.platform}:{ask.actor.workspace}:{ask.actor.user}:{ask.key}"


def new_row(name: str, ask: Ask, who: Who, draft: Draft) -> NewAsk:
    """The ask as it is stored first, under our id `name`."""
    return NewAsk(
        id=name,
        key=key_of(ask),
        workspace=who.workspace,
        person=who.person,
        actor=asdict(ask.actor),
        place=place_json(ask.place),
        message=ask.message,
        text=ask.text,
        pictures=[picture.facts for picture in draft.taken],
        parent=draft.parent.id if draft.parent else None,
        relation=draft.relation,
    )


def options(want: Wish) -> dict[str, Any]:
    """What a wish says beside its request: who makes it, for how much at most, and how the line was read."""
    notes = [asdict(note) for note in want.notes]
    return {
        "via": want.via, "max_credits": want.max_credits, "max_microusd": want.max_microusd, "notes": notes,
        "guessed": want.guessed, "count": want.count, "tag": want.tag,
    }  # fmt: skip


def total_of(row: Row) -> int:
    """What all that a quoted ask comes to costs, in credits."""
    return Quote.model_validate_json(row["quote"]).credits * count_of(row)


def wish_of(row: Row) -> Wish:
    """The wish that `options` and the request of a row say."""
    return _wish(row["request"], json.loads(row["options"]))


def _wish(request: str, said: dict[str, Any]) -> Wish:
    return Wish(
        request=load_request(request),
        via=tuple(said["via"]),
        max_credits=said["max_credits"],
        max_microusd=said["max_microusd"],
        notes=tuple(Note(**note) for note in said["notes"]),
        guessed=bool(said.get("guessed")),
        count=int(said.get("count", 1)),
        tag=str(said.get("tag", "")),
    )


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to have what couldn't be had as it was typed: what its button says, its wish and the price of each."""

    label: str
    want: Wish
    price: Quote


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was wrong with a line (title and text), and the ways out of it. `chosen` is the one that was picked.

    `rows` are names and values to compare; `spent` are credits that were charged for putting the question.
    """

    title: str
    text: str
    ways: Sequence[Alternative]
    chosen: int | None = None
    rows: Sequence[tuple[str, str]] = ()
    spent: int = 0


def with_proposal(want: Wish, proposal: Proposal) -> dict[str, Any]:
    """`options` of the wish in force, with the whole proposal beside it."""
    ways = [
        {
            "label": way.label,
            "request": dump_request(way.want.request),
            "quote": way.price.model_dump_json(),
            "options": options(way.want),
        }
        for way in proposal.ways
    ]
    facts = {
        "title": proposal.title, "text": proposal.text, "ways": ways, "chosen": proposal.chosen,
        "rows": [list(row) for row in proposal.rows], "spent": proposal.spent,
    }  # fmt: skip
    return {**options(want), "proposal": facts}


def proposal_of(row: Row) -> Proposal | None:
    """The proposal that an ask's row keeps."""
    facts = json.loads(row["options"]).get("proposal")
    if facts is None:
        return None
    ways = [
        Alternative(way["label"], _wish(way["request"], way["options"]), Quote.model_validate_json(way["quote"]))
        for way in facts["ways"]
    ]
    rows = tuple((str(name), str(value)) for name, value in facts.get("rows", ()))
    return Proposal(facts["title"], facts["text"], ways, facts["chosen"], rows, facts.get("spent", 0))
