"""Transaction scripts about asks: received once, quoted, confirmed, accepted together with their jobs, or refused."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.credits.ledger import hold
from bot.store.scripts import Row, Script

Json = dict[str, Any]

_RECEIVE = """
INSERT INTO ask (id, key, workspace, person, actor, place, message, text, options, pictures, state, parent, relation,
    created_at)
VALUES (:id, :key, :workspace, :person, :actor, :place, :message, :text, '{}', :pictures, 'received', :parent,
    :relation, :now)
ON CONFLICT (key) DO NOTHING
"""
_BY_KEY = "SELECT * FROM ask WHERE key = :key"
_BY_ID = "SELECT * FROM ask WHERE id = :id"
_QUOTE = """
UPDATE ask SET state = :state, request = :request, options = :options, quote = :quote, quoted_at = :now
WHERE id = :id AND (state = 'received' OR state = 'confirming' AND :state = 'confirming') RETURNING *
"""
_QUESTION = "UPDATE ask SET state = 'confirming' WHERE id = :id AND state = 'quoted'"
_ENDS = "UPDATE ask SET state = :state WHERE id = :id AND state IN ('received', 'quoted', 'confirming') RETURNING id"
_ACCEPT = "UPDATE ask SET state = 'accepted' WHERE id = :id AND state IN ('quoted', 'confirming') RETURNING *"
_STATUS_REF = "UPDATE ask SET status_ref = :ref WHERE id = :id"
_STALE = """
SELECT * FROM ask WHERE state IN ('received', 'quoted', 'confirming')
    AND COALESCE(quoted_at, created_at) < CASE WHEN state = 'confirming' THEN :asked ELSE :before END
ORDER BY created_at LIMIT 50
"""
_JOB = """
INSERT INTO job (id, ask, workspace, person, place, request, offers, credits, microusd, parent, relation, after,
    state, progress,
                 wake_at, created_at)
VALUES (:id, :ask, :workspace, :person, :place, :request, :offers, :credits, :microusd, :parent, :relation, NULL,
    'queued', '{}',
        :now, :now)
"""
_DELIVERY = """
INSERT INTO delivery (id, job, kind, place, state, ref, created_at)
VALUES (:id, :job, 'status', :place, 'posted', :ref, :now)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsk:
    """An ask to be stored. `actor` and `place` as JSON; `pictures` with their sizes; `parent` is the job it repeats."""

    id: str
    key: str
    workspace: str
    person: str
    actor: Json
    place: Json
    message: str | None
    text: str
    pictures: Sequence[Json]
    parent: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """One job of an accepted ask: `credits` and `microusd` are held for it, `offers` are ids it may be bought from."""

    id: str
    request: str
    offers: Sequence[str]
    credits: int
    microusd: int
    status_delivery: str


def receive(new: NewAsk, *, now: int) -> Script[Row]:
    """Store the ask unless its key is known; answers with the row that stands, an earlier one's where there was one."""
    yield (
        _RECEIVE,
        {
            "id": new.id, "key": new.key, "workspace": new.workspace, "person": new.person,
            "actor": json.dumps(new.actor),
            "place": json.dumps(new.place), "message": new.message, "text": new.text,
            "pictures": json.dumps(list(new.pictures)), "parent": new.parent, "relation": new.relation, "now": now,
        },
    )  # fmt: skip
    return (yield _BY_KEY, {"key": new.key})[0]


def find_ask(ask: str) -> Script[Row | None]:
    """The ask's row."""
    rows = yield _BY_ID, {"id": ask}
    return rows[0] if rows else None


def quote_ask(ask: str, *, request: str, options: Json, quote: str, confirming: bool, now: int) -> Script[Row | None]:
    """Write what the ask came to and its price; `confirming` waits for the person. None when it is past that.

    What the person was asked about waits for their answer, whatever another delivery of the same ask makes of it.
    """
    rows = yield (
        _QUOTE,
        {
            "id": ask, "state": "confirming" if confirming else "quoted", "request": request, "quote": quote,
            "now": now,
            "options": json.dumps(options),
        },
    )  # fmt: skip
    return rows[0] if rows else None


def question_ask(ask: str) -> Script[None]:
    """Wait for the person after all: what they wanted was to be made at once, but the price has run out."""
    yield _QUESTION, {"id": ask}


def end_ask(ask: str, state: str) -> Script[bool]:
    """Close an open ask as `refused` or `expired`; False when it wasn't open."""
    return bool((yield _ENDS, {"id": ask, "state": state}))


def remember_status(ask: str, ref: Json) -> Script[None]:
    """Keep where the ask's status card was posted, before anything is held."""
    yield _STATUS_REF, {"id": ask, "ref": json.dumps(ref)}


def stale_asks(before: int, *, asked: int) -> Script[list[Row]]:
    """Open asks whose last quote (or arrival) is before that time (ms), for questions before `asked`: given up."""
    return list((yield _STALE, {"before": before, "asked": asked}))


def accept(ask: str, jobs: Sequence[NewJob], *, status_ref: Json, ceiling: int, actor: str, now: int) -> Script[bool]:
    """The one transaction that spends: ask accepted, every limit checked, credits held, jobs inserted. All or nothing.

    False when the ask was accepted or closed before, so that confirming twice starts one job. Raises OverLimit,
    PoolEmpty or CeilingReached with nothing held.
    """
    rows = yield _ACCEPT, {"id": ask}
    if not rows:
        return False
    row = rows[0]
    for job in jobs:
        yield from hold(
            job=job.id, workspace=row["workspace"], person=row["person"], credits=job.credits, microusd=job.microusd,
            ceiling=ceiling, now=now, actor=actor,
        )  # fmt: skip
        yield _JOB, _job_values(row, job, now)
        yield (
            _DELIVERY,
            {
                "id": job.status_delivery, "job": job.id, "place": row["place"], "ref": json.dumps(status_ref),
                "now": now,
            },
        )  # fmt: skip
    return True


def _job_values(ask: Row, job: NewJob, now: int) -> Mapping[str, Any]:
    return {
        "id": job.id, "ask": ask["id"], "workspace": ask["workspace"], "person": ask["person"], "place": ask["place"],
        "request": job.request, "offers": json.dumps(list(job.offers)), "credits": job.credits,
        "microusd": job.microusd,
        "parent": ask["parent"], "relation": ask["relation"], "now": now,
    }  # fmt: skip
