"""Approvals: a question to approvers, decided once. What was approved is held in the same transaction by the caller."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.credits.allowances import allow
from bot.credits.amounts import check_positive
from bot.store.scripts import Row, Script, first

Json = Mapping[str, Any]

Why = Literal["price", "limit", "headroom"]
"""Why it is asked: dearer than the team's threshold, beyond the person's own limit, or more headroom without a job."""

State = Literal["open", "approved", "once", "denied", "expired", "withdrawn"]
Yes = Literal["approved", "once"]
"""`approved` also lets the person's own limits grow by the price until their periods end; `once` is for this job."""

LIFE_MS = 86_400_000
"""How long an approver may take."""

_OPEN = """
INSERT INTO approval (id, workspace, person, ask, actor, place, message, credits, why, reason, state, asked_at,
    expires_at)
VALUES (:id, :workspace, :person, :ask, :actor, :place, :message, :credits, :why, :reason, 'open', :now, :expires)
ON CONFLICT DO NOTHING
"""
_WAITING = """
SELECT id FROM approval
WHERE person = :person AND workspace = :workspace AND ask IS NULL AND state = 'open' AND expires_at > :now
"""
_APPROVING = "UPDATE ask SET state = 'approving' WHERE id = :ask AND state IN ('quoted', 'confirming') RETURNING id"
_FIND = """
SELECT approval.*, person.name AS person_name, decider.name AS decider_name FROM approval
JOIN person ON person.id = approval.person LEFT JOIN person AS decider ON decider.id = approval.decided_by
"""
_DECIDE = """
UPDATE approval SET state = :state, decided_by = :by, note = :note, decided_at = :now
WHERE id = :id AND state = 'open' AND expires_at > :now RETURNING *
"""
_CLOSE = "UPDATE approval SET state = :state, decided_at = :now WHERE id = :id AND state = 'open' RETURNING *"
_PRICE = "UPDATE approval SET credits = :credits WHERE id = :id AND state = 'open'"
_END_ASK = "UPDATE ask SET state = :state WHERE id = :ask AND state = 'approving'"
_STALE = "SELECT id, ask FROM approval WHERE state = 'open' AND expires_at <= :now ORDER BY asked_at LIMIT 50"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A question to approvers as it stands. Times in ms; `by` is the name of who decided, empty while it is open.

    `actor`, `place` and `message` are who asked and where, as an ask keeps them.
    """

    id: str
    workspace: str
    person: str
    person_name: str
    ask: str | None
    actor: Json
    place: Json
    message: str | None
    credits: int
    why: Why
    reason: str
    state: State
    by: str
    note: str
    asked_at: int
    expires_at: int
    decided_at: int | None

    def open_at(self, now: int) -> bool:
        """Whether it can still be decided."""
        return self.state == "open" and now < self.expires_at


def request_approval(
    *, new_id: str, workspace: str, person: str, ask: str | None, actor: Json, place: Json, message: str | None,
    credits: int, why: Why, reason: str, now: int,
) -> Script[str | None]:  # fmt: skip
    """Ask for approval; an ask waits from now on as `approving`. Answers with the id of the open question.

    One ask has one open question, and so has a person who wants more headroom; None where the ask is past being asked
    about.
    """
    check_positive("credits", credits)
    if ask is not None:
        waiting = first((yield "SELECT id FROM approval WHERE ask = :ask AND state = 'open'", {"ask": ask}))
        if waiting is not None:
            return str(waiting["id"])
        if not (yield _APPROVING, {"ask": ask}):
            return None
    else:
        waiting = first((yield _WAITING, {"workspace": workspace, "person": person, "now": now}))
        if waiting is not None:
            return str(waiting["id"])
    yield _OPEN, {
        "id": new_id, "workspace": workspace, "person": person, "ask": ask, "actor": json.dumps(actor),
        "place": json.dumps(place), "message": message, "credits": credits, "why": why, "reason": reason, "now": now,
        "expires": now + LIFE_MS,
    }  # fmt: skip
    return new_id


def find_approval(approval: str) -> Script[Approval | None]:
    """One by its id."""
    row = first((yield f"{_FIND} WHERE approval.id = :id", {"id": approval}))
    return _approval(row) if row else None


def open_approvals(workspace: str, *, now: int, limit: int = 25) -> Script[Sequence[Approval]]:
    """What waits for a decision in a workspace, the oldest first."""
    where = "WHERE approval.workspace = :workspace AND approval.state = 'open' AND expires_at > :now"
    rows = yield f"{_FIND} {where} ORDER BY asked_at LIMIT :limit", {"workspace": workspace, "now": now, "limit": limit}
    return [_approval(row) for row in rows]


def approve(approval: str, how: Yes, *, by: str, now: int) -> Script[bool]:
    """Yes, once: False where somebody was first or it is too old. Headroom grows in the same transaction.

    For a job the caller holds its credits and makes it in the same transaction, or raises and nothing of it stands.
    """
    row = first((yield _DECIDE, {"id": approval, "state": how, "by": by, "note": "", "now": now}))
    if row is None:
        return False
    if row["why"] == "headroom" or how == "approved":
        yield from allow(
            workspace=row["workspace"], person=row["person"], credits=row["credits"],
            kind="grant" if row["why"] == "headroom" else "approval", actor=by, reason=row["reason"],
            key=f"{approval}:approval", now=now,
        )  # fmt: skip
    return True


def deny(approval: str, *, by: str, note: str, now: int) -> Script[bool]:
    """No, once; its ask is closed. False where somebody was first or it is too old."""
    row = first((yield _DECIDE, {"id": approval, "state": "denied", "by": by, "note": note, "now": now}))
    if row is None:
        return False
    yield _END_ASK, {"ask": row["ask"], "state": "refused"}
    return True


def close_approval(approval: str, state: Literal["expired", "withdrawn"], *, now: int) -> Script[bool]:
    """Nobody decided in time, or the person doesn't want it any more; its ask is closed as well. False if it was."""
    row = first((yield _CLOSE, {"id": approval, "state": state, "now": now}))
    if row is None:
        return False
    yield _END_ASK, {"ask": row["ask"], "state": "expired" if state == "expired" else "refused"}
    return True


def price_now(approval: str, credits: int) -> Script[None]:
    """The price changed while it waited: what is asked for now."""
    yield _PRICE, {"id": approval, "credits": credits}


def open_of_person(person: str, workspace: str, *, now: int) -> Script[Sequence[Approval]]:
    """What somebody waits for themselves, the oldest first."""
    where = "WHERE approval.person = :person AND approval.workspace = :workspace AND approval.state = 'open'"
    rows = yield (
        f"{_FIND} {where} AND expires_at > :now ORDER BY asked_at LIMIT 25",
        {"person": person, "workspace": workspace, "now": now},
    )
    return [_approval(row) for row in rows]


def stale_approvals(now: int) -> Script[Sequence[str]]:
    """Those that nobody decided in time."""
    return [str(row["id"]) for row in (yield _STALE, {"now": now})]


def _approval(row: Row) -> Approval:
    return Approval(
        id=row["id"], workspace=row["workspace"], person=row["person"], person_name=row["person_name"],
        ask=row["ask"], actor=json.loads(row["actor"]), place=json.loads(row["place"]), message=row["message"],
        credits=row["credits"], why=row["why"], reason=row["reason"], state=row["state"],
        by=row["decider_name"] or "", note=row["note"], asked_at=row["asked_at"], expires_at=row["expires_at"],
        decided_at=row["decided_at"],
    )  # fmt: skip
