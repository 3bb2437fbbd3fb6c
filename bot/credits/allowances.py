"""Headroom that moves: gifts between people, and what an approver grants. It makes no credits: the pool stays as it is.

An allowance is added to every limit of the person's own, in the periods that its moment lies in; with them it is over.
"""

from collections.abc import Sequence
from typing import Literal

from bot.credits.accounts import lock
from bot.credits.amounts import check_positive
from bot.credits.limits import Spender, over
from bot.credits.policy import standing_of
from bot.errors import BadValue, PoolEmpty
from bot.store.scripts import Script

Kind = Literal["gift", "grant", "approval", "link"]

_THERE = "SELECT id FROM allowance WHERE id = :id"
_GIVE = """
INSERT INTO allowance (id, workspace, person, credits, kind, actor, reason, at)
VALUES (:id, :workspace, :person, :credits, :kind, :actor, :reason, :at)
"""


def gift(*, giver: Spender, receiver: str, credits: int, reason: str, key: str, now: int) -> Script[bool]:
    """Move headroom from one person to another, both rows at once. The same `key` again gives nothing: False.

    Raises BadValue for a gift to oneself or of no credits; OverLimit or PoolEmpty for more than the giver has left.
    """
    check_positive("credits", credits)
    if giver.person == receiver:
        raise BadValue(field="receiver", value=receiver)
    yield from lock(giver.workspace)
    if (yield _THERE, {"id": f"{key}:from"}):
        return False
    standing = yield from standing_of(giver, now)
    left = standing.refill + standing.topup
    if credits > left:
        raise PoolEmpty(
            left=left, price=credits, resets_at=standing.refill_period.end_ms, timezone=standing.policy.timezone
        )
    for one in standing.limits:
        if one.limit.personal and credits > one.left:
            raise over(one, credits, standing.policy.timezone)
    shared = {"workspace": giver.workspace, "kind": "gift", "actor": giver.person, "reason": reason, "at": now}
    yield _GIVE, {**shared, "id": f"{key}:from", "person": giver.person, "credits": -credits}
    yield _GIVE, {**shared, "id": f"{key}:to", "person": receiver, "credits": credits}
    return True


def allow(
    *, workspace: str, person: str, credits: int, kind: Kind, actor: str, reason: str, key: str, now: int
) -> Script[bool]:
    """Give a person headroom, or (below zero) take it. The same `key` again changes nothing: False."""
    check_positive("credits", abs(credits))
    if (yield _THERE, {"id": key}):
        return False
    yield _GIVE, {
        "id": key, "workspace": workspace, "person": person, "credits": credits, "kind": kind, "actor": actor,
        "reason": reason, "at": now,
    }  # fmt: skip
    return True


def allowances_of(*, workspace: str, person: str, since: int) -> Script[Sequence[tuple[int, str, str, int]]]:
    """What somebody got and gave since then (ms), newest first: credits, kind, reason, when."""
    rows = yield (
        "SELECT credits, kind, reason, at FROM allowance WHERE person = :person AND workspace = :workspace"
        " AND at >= :since ORDER BY at DESC",
        {"person": person, "workspace": workspace, "since": since},
    )
    return [(row["credits"], row["kind"], row["reason"], row["at"]) for row in rows]
