"""Transaction scripts about improved prompts: held and intended together, then charged, released, or given up for lost.

An improvement costs a tenth of a cent, so nobody is asked to settle one by hand: where the answer to its call was lost,
or its process died with it, the person gets the credit back at once and the cost goes to the variance account, as for a
video that was billed and can't be had. It is never bought twice for the same ask while one may still come.
"""

import json
import logging
from typing import Any, Literal

from bot.credits.content import check_words
from bot.credits.ledger import charge, hold, release, write_off
from bot.credits.limits import Spender
from bot.credits.rules import rules_of
from bot.jobs.asks import check_threshold, spender_of
from bot.jobs.work import Work
from bot.store.scripts import Row, Script, first, one

log = logging.getLogger(__name__)

Ending = Literal["refused", "failed", "uncertain"]
"""How one ends that gives no text: not accepted, accepted and failed (which isn't billed), nobody can tell."""

PATIENCE_MS = 300_000
"""A row that is open for longer than any call and all looks at its task can last was left by a dead process."""

_OF_ASK = "SELECT * FROM enhancement WHERE ask = :ask AND state IN ('intended', 'accepted', 'done')"
_INTEND = """
INSERT INTO enhancement (id, ask, provider, prompt, credits, microusd, state, intended_at)
VALUES (:id, :ask, :provider, :prompt, :credits, :microusd, 'intended', :now) RETURNING *
"""
_ASK = "SELECT workspace, person, place, options FROM ask WHERE id = :ask"
_ACCEPT = "UPDATE enhancement SET state = 'accepted', task = :task WHERE id = :id AND state = 'intended' RETURNING id"
_END = """
UPDATE enhancement SET state = :state, text = :text, detail = :detail, ended_at = :now
WHERE id = :id AND ended_at IS NULL RETURNING *
"""
_LOST = "SELECT * FROM enhancement WHERE ended_at IS NULL AND intended_at < :before ORDER BY intended_at LIMIT 50"


def of_ask(ask: str) -> Script[Row | None]:
    """The improvement of an ask that may still give a text, or has given one."""
    return first((yield _OF_ASK, {"ask": ask}))


def begin(
    name: str, *, ask: str, provider: str, prompt: str, credits: int, microusd: int, ceiling: int, now: int,
    under: Spender | None = None,
) -> Script[Row]:  # fmt: skip
    """Hold its credits and write down that it will be bought; answers with the row that stands, perhaps an older one.

    `under` says who pays, with their groups. Raises AgainstRules, NeedsApproval for a team that wants to approve even
    this, and what `hold` does, with nothing held.
    """
    stands = yield from of_ask(ask)
    if stands is not None:
        return stands
    owner = one((yield _ASK, {"ask": ask}))
    check_words((yield from rules_of(owner["workspace"])), prompt)
    yield from hold(
        job=name, workspace=owner["workspace"], person=owner["person"], credits=credits, microusd=microusd,
        ceiling=ceiling, now=now, actor=owner["person"], under=under or spender_of(owner),
    )  # fmt: skip
    yield from check_threshold(owner["workspace"], credits)
    row = {"id": name, "ask": ask, "provider": provider, "prompt": prompt, "credits": credits, "microusd": microusd}
    return one((yield _INTEND, {**row, "now": now}))


def accepted(name: str, task: dict[str, Any]) -> Script[bool]:
    """Keep the provider's task. False where it was given up for lost meanwhile."""
    return bool((yield _ACCEPT, {"id": name, "task": json.dumps(task)}))


def done(name: str, text: str, *, now: int) -> Script[bool]:
    """Keep the text and charge for it, together. False where it has ended before."""
    row = first((yield _END, {"id": name, "state": "done", "text": text, "detail": "", "now": now}))
    if row is None:
        return False
    return (
        yield from charge(
            job=name,
            credits=row["credits"],
            microusd=row["microusd"],
            now=now,
            actor="system",
            provider=row["provider"],
        )
    )


def end(name: str, how: Ending, detail: str, *, now: int) -> Script[bool]:
    """End it without a text; the person gets the credits back. False where it has ended before."""
    row = first((yield _END, {"id": name, "state": how, "text": None, "detail": detail, "now": now}))
    if row is None:
        return False
    if how != "uncertain":
        return (yield from release(job=name, now=now, actor="system", reason=f"enhancement_{how}"))
    return (
        yield from write_off(
            job=name, credits=row["credits"], microusd=row["microusd"], now=now, actor="system",
            reason="enhancement_uncertain",
        )
    )  # fmt: skip


def lost(before: int) -> Script[list[Row]]:
    """Improvements that are open since before that time (ms)."""
    return list((yield _LOST, {"before": before}))


async def end_lost(work: Work, before: int) -> None:
    """End what a dead process left: whether it was bought, nobody knows."""
    for row in await work.run(lost, before):
        if await work.run(end, row["id"], "uncertain", "its process ended", now=work.now()):
            log.warning("an improvement of ask %s was given up: its process ended", row["ask"])
