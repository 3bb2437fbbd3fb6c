"""Transaction scripts about asks: received once, quoted, confirmed, accepted together with their jobs, or refused."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.credits.approvals import Yes, approve
from bot.credits.content import allowed_in
from bot.credits.ledger import hold
from bot.credits.limits import Spender
from bot.credits.rules import rules_of
from bot.errors import NeedsApproval, TooLate
from bot.jobs.notices import redraw
from bot.kling.requests import load_request
from bot.store.scripts import Row, Script, first

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
_ACCEPT_APPROVED = """
UPDATE ask SET state = 'accepted' WHERE id = :id AND state = 'approving' AND EXISTS (
    SELECT 1 FROM approval WHERE approval.id = :approval AND approval.ask = ask.id AND approval.credits >= :credits
) RETURNING *
"""
_STATUS_REF = "UPDATE ask SET status_ref = :ref WHERE id = :id"
_STALE = """
SELECT * FROM ask WHERE state IN ('received', 'quoted', 'confirming')
    AND COALESCE(quoted_at, created_at) < CASE WHEN state = 'confirming' THEN :asked ELSE :before END
ORDER BY created_at LIMIT 50
"""
_JOB = """
INSERT INTO job (id, ask, workspace, person, place, request, offers, credits, microusd, tag, parent, relation, after,
    state, progress,
                 wake_at, created_at)
VALUES (:id, :ask, :workspace, :person, :place, :request, :offers, :credits, :microusd, :tag, :parent, :relation, NULL,
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
    """One job of an accepted ask: `credits` and `microusd` are held for it, `offers` are ids it may be bought from.

    `status_ref` is where its card is, where that isn't the ask's own.
    """

    id: str
    request: str
    offers: Sequence[str]
    credits: int
    microusd: int
    status_delivery: str
    status_ref: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Somebody's yes to an ask that waits for approval: `by` is their person."""

    approval: str
    how: Yes
    by: str


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


def remember_status(ask: str, *refs: Json) -> Script[None]:
    """Keep where the ask's status card was posted, or one for each of its jobs, before anything is held."""
    yield _STATUS_REF, {"id": ask, "ref": json.dumps(refs[0] if len(refs) == 1 else refs)}


def status_refs(ask: Row) -> list[Json]:
    """Where the ask's status cards were posted, as far as that was kept."""
    kept = json.loads(ask["status_ref"]) if ask["status_ref"] else []
    return kept if isinstance(kept, list) else [kept]


def card_key(ask: str, number: int) -> str:
    """The key of the status card of an ask's job, counted from 1: a repeat is the same message."""
    return ask if number == 1 else f"{ask}.{number}"


def count_of(ask: Row) -> int:
    """How many jobs an ask comes to."""
    return int(json.loads(ask["options"]).get("count", 1))


def tag_of(ask: Row) -> str:
    """What an ask is booked under; empty for nothing."""
    return str(json.loads(ask["options"]).get("tag", ""))


def spender_of(ask: Row, *, groups: Sequence[str] = (), channel: str = "", waived: bool = False) -> Spender:
    """Who pays for an ask, and under which headings; `groups` are theirs now, as `platform:id`, as is `channel`.

    Without one it is the ask's own place, which may be a thread.
    """
    place = json.loads(ask["place"])
    return Spender(
        workspace=ask["workspace"], person=ask["person"], groups=tuple(groups),
        channel=channel or f"{place['platform']}:{place['channel']}", tag=tag_of(ask), waived=waived,
    )  # fmt: skip


def stale_asks(before: int, *, asked: int) -> Script[list[Row]]:
    """Open asks whose last quote (or arrival) is before that time (ms), for questions before `asked`: given up."""
    return list((yield _STALE, {"before": before, "asked": asked}))


def accept(
    ask: str,
    jobs: Sequence[NewJob],
    *,
    status_ref: Json,
    ceiling: int,
    actor: str,
    now: int,
    under: Spender | None = None,
    decision: Decision | None = None,
) -> Script[bool]:
    """The one transaction that spends: ask accepted, every limit checked, credits held, jobs inserted. All or nothing.

    Each job has a hold of its own; what is refused is refused for the price of all. `under` says who pays, with their
    groups as the platform knows them now. The first job is what the ask is to its parent, the others are its variants.
    False when the ask was accepted or closed before, so that confirming twice starts one job. What waits for approval
    is accepted only with a `decision`, which is written down with it and waives the person's own limits; False as well
    where somebody decided before. Raises NeedsApproval, AgainstRules and what `hold` does, with nothing held.
    """
    total = sum(job.credits for job in jobs)
    row = yield from (_take(ask) if decision is None else _take_approved(ask, decision, total, now))
    if row is None:
        return False
    spender = replace(under or spender_of(row), waived=decision is not None)
    for request in {job.request for job in jobs}:
        yield from allowed_in(row["workspace"], load_request(request))
    for number, job in enumerate(jobs):
        rest = jobs[number + 1 :]
        yield from hold(
            job=job.id, workspace=row["workspace"], person=row["person"], credits=job.credits, microusd=job.microusd,
            ceiling=ceiling, now=now, actor=actor, under=spender,
            beside=(sum(one.credits for one in rest), sum(one.microusd for one in rest)),
        )  # fmt: skip
        yield _JOB, {**_job_values(row, job, now), "tag": spender.tag, **_kin(row, jobs[0], number)}
        yield (
            _DELIVERY,
            {
                "id": job.status_delivery, "job": job.id, "place": row["place"],
                "ref": json.dumps(job.status_ref or status_ref), "now": now,
            },
        )  # fmt: skip
    if decision is None:  # last, so that what nobody can approve is what is told
        yield from check_threshold(row["workspace"], total)
    return True


def _take(ask: str) -> Script[Row | None]:
    return first((yield _ACCEPT, {"id": ask}))


def _take_approved(ask: str, decision: Decision, credits: int, now: int) -> Script[Row | None]:
    """Decided and taken, or neither. Raises TooLate for another ask's approval, or one of less than it costs now."""
    if not (yield from approve(decision.approval, decision.how, by=decision.by, now=now)):
        return None
    row = first((yield _ACCEPT_APPROVED, {"id": ask, "approval": decision.approval, "credits": credits}))
    if row is None:
        raise TooLate("approve", "")
    yield from redraw(decision.approval, now=now)
    return row


def check_threshold(workspace: str, credits: int) -> Script[None]:
    """Raise NeedsApproval for what costs more in all than a team lets anybody spend without."""
    over = (yield from rules_of(workspace)).approve_over
    if over is not None and credits > over:
        raise NeedsApproval(price=credits, over=over)


def _job_values(ask: Row, job: NewJob, now: int) -> Mapping[str, Any]:
    return {
        "id": job.id, "ask": ask["id"], "workspace": ask["workspace"], "person": ask["person"], "place": ask["place"],
        "request": job.request, "offers": json.dumps(list(job.offers)), "credits": job.credits,
        "microusd": job.microusd, "now": now,
    }  # fmt: skip


def _kin(ask: Row, eldest: NewJob, number: int) -> Mapping[str, Any]:
    if number:
        return {"parent": eldest.id, "relation": "variant"}
    return {"parent": ask["parent"], "relation": ask["relation"]}
