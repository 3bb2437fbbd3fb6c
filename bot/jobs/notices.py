"""Notices: deliveries that aren't about one job. An approval that is asked for, an alert, a weekly report, a file.

A notice is a delivery without a job, whose facts say what it is (`kind`) and what it is about; what it shows is made
from them whenever it is drawn, so that a decided question shows its answer. It may go to somebody's direct messages.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from bot.jobs.views import JobView
from bot.messaging import Actor, Card, OutFile, Place
from bot.store.scripts import Row, Script

Json = Mapping[str, Any]

_NOTIFY = """
INSERT INTO delivery (id, job, kind, place, state, facts, wake_at, created_at)
VALUES (:id, NULL, 'alert', :place, 'pending', :facts, :now, :now)
ON CONFLICT (id) DO NOTHING
"""
_REDRAW = """
UPDATE delivery SET wake_at = :now WHERE job IS NULL AND state <> 'gone' AND facts LIKE :about
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a notice shows now, with its files.

    `video` is a job whose video goes along, as the place takes it; `without` is shown where that can't be.
    """

    card: Card
    files: Sequence[OutFile] = ()
    video: JobView | None = None
    without: Card | None = None


class Announce(Protocol):
    """Makes of a notice's facts what it shows: what the composition root brings from `commands`."""

    async def __call__(self, facts: Json, now: int) -> Notice:
        """`facts` are the delivery's own; `now` in ms UTC. Raises NotFound where what it is about is gone."""
        ...


def notify(
    delivery: str,
    *,
    place: Json,
    facts: Json,
    now: int,
    to: Actor | None = None,
    otherwise: Actor | Json | None = None,
    reply_to: str | None = None,
) -> Script[None]:
    """Show a notice at a place, or to somebody alone; the same id again changes nothing.

    Where they have no direct messages, they see it at the `place`, if it is one, and nobody else does.

    `facts` must have a `kind`; what it is about should be an id at `about`, by which it is drawn anew. Where it can't
    be shown at all it goes once to somebody's direct messages or to another place, `otherwise`; `reply_to` is the
    message that it answers.
    """
    told = dict(facts)
    if to is not None:
        told["to"] = asdict(to)
    if otherwise is not None:
        told["otherwise"] = {"to": asdict(otherwise)} if isinstance(otherwise, Actor) else {"place": dict(otherwise)}
    if reply_to is not None:
        told["reply_to"] = reply_to
    yield _NOTIFY, {"id": delivery, "place": json.dumps(place), "facts": json.dumps(told), "now": now}


def redraw(about: str, *, now: int) -> Script[None]:
    """What notices are about has changed: they are drawn anew. `about` is an id of ours."""
    yield _REDRAW, {"about": f'%"about": "{about}"%', "now": now}


def addressee(row: Row) -> Actor | None:
    """Whose direct messages a notice goes to; None for a place."""
    to = json.loads(row["facts"]).get("to")
    return Actor(**to) if to else None


def second_choice(facts: Json) -> Actor | Place | None:
    """Where a notice goes that can't be shown where it should: to somebody alone, or to another place."""
    told = facts.get("otherwise") or {}
    if "to" in told:
        return Actor(**told["to"])
    return Place(**told["place"]) if "place" in told else None


def direct_place(actor: Actor) -> Place:
    """The place of a notice for somebody alone, before it is known where that is."""
    return Place(platform=actor.platform, workspace=actor.workspace, channel="")
