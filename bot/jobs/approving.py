"""Transaction scripts about approvals together with whoever is to know: a question with its cards, and its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.credits.approvals import (
    Approval,
    Why,
    Yes,
    approve,
    close_approval,
    deny,
    find_approval,
    price_now,
    request_approval,
)
from bot.jobs.notices import notify, redraw
from bot.messaging import Actor
from bot.store.scripts import Row, Script, first

Json = Mapping[str, Any]

QUESTION, ANSWER = "approval", "answer"
"""Kinds of notices: what approvers see, and what the person is told."""

_REQUOTE = "UPDATE ask SET quote = :quote, quoted_at = :now WHERE id = :ask AND state = 'approving' RETURNING *"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of approvers, and by whom, as `approvals.Approval` has it; `groups` are the person's."""

    id: str
    workspace: str
    person: str
    ask: str | None
    actor: Json
    place: Json
    message: str | None
    credits: int
    why: Why
    reason: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A place where approvers read it, or the approver whose direct messages it goes to."""

    delivery: str
    place: Json
    to: Actor | None = None


def ask_for(question: Question, copies: Sequence[Copy], *, now: int) -> Script[Approval | None]:
    """Put a question and show it, both or neither; answers with the one that is open, or was put by this very ask.

    None where its ask is past being asked about. Where approvers can't read it, it goes to where it was asked.
    """
    if (known := (yield from find_approval(question.id))) is not None:
        return known
    stands = yield from request_approval(
        new_id=question.id, workspace=question.workspace, person=question.person, ask=question.ask,
        actor=question.actor, place=question.place, message=question.message, credits=question.credits,
        why=question.why, reason=question.reason, now=now,
    )  # fmt: skip
    if stands is None:
        return None
    if stands == question.id:
        facts = {"kind": QUESTION, "about": question.id, "groups": list(question.groups)}
        for copy in copies:
            yield from notify(
                copy.delivery, place=copy.place, facts=facts, now=now, to=copy.to, otherwise=question.place
            )
    return (yield from find_approval(stands))


def requote(approval: Approval, *, quote: str, credits: int, now: int) -> Script[Row | None]:
    """Another price for what waits, in total, on its cards as well; None where its ask doesn't wait any more."""
    row = first((yield _REQUOTE, {"ask": approval.ask, "quote": quote, "now": now}))
    if row is not None and credits != approval.credits:
        yield from price_now(approval.id, credits)
        yield from redraw(approval.id, now=now)
    return row


def grant(approval: Approval, how: Yes, *, by: str, delivery: str, now: int) -> Script[bool]:
    """Yes to more headroom: given, shown and told. False where somebody was first."""
    if not (yield from approve(approval.id, how, by=by, now=now)):
        return False
    yield from _tell(approval, delivery, now)
    return True


def refuse(approval: Approval, *, by: str, note: str, delivery: str, now: int) -> Script[bool]:
    """No: its ask is closed, the person told why. False where somebody was first."""
    if not (yield from deny(approval.id, by=by, note=note, now=now)):
        return False
    yield from _tell(approval, delivery, now)
    return True


def expire(approval: Approval, *, delivery: str, now: int) -> Script[bool]:
    """Nobody decided in time: its ask is closed, the person told. False where it was decided meanwhile."""
    if not (yield from close_approval(approval.id, "expired", now=now)):
        return False
    yield from _tell(approval, delivery, now)
    return True


def withdraw(approval: Approval, *, now: int) -> Script[bool]:
    """The person doesn't want it any more. False where it was decided meanwhile."""
    if not (yield from close_approval(approval.id, "withdrawn", now=now)):
        return False
    yield from redraw(approval.id, now=now)
    return True


def _tell(approval: Approval, delivery: str, now: int) -> Script[None]:
    """Approvers' cards show what became of it; the person reads it where they asked, else alone."""
    yield from redraw(approval.id, now=now)
    yield from notify(
        delivery, place=approval.place, facts={"kind": ANSWER, "about": approval.id}, now=now,
        otherwise=Actor(**approval.actor), reply_to=approval.message,
    )  # fmt: skip
