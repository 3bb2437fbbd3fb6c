"""Limits: ceilings on scopes, and how much of each is used. Every one that matches must allow; the tightest wins.

`default`, a role's and a person's own limit count what the person uses, each by itself; a channel's and a tag's count
what everybody uses there. Whoever got headroom (a gift, an approval) has more under the former until their period ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.credits.amounts import check_not_negative
from bot.credits.periods import KINDS, Period, PeriodKind, period_of
from bot.credits.rules import note
from bot.errors import BadValue, NotFound, OverLimit
from bot.store.scripts import Row, Script, first, one

DEFAULT = "default"
"""The scope of the limit that holds for each member."""

_PERSON = """
SELECT
    (
        SELECT coalesce(sum(CASE kind WHEN 'hold' THEN amount ELSE -amount END), 0) FROM entry
        WHERE person = :person AND workspace = :workspace AND held_at >= :start AND held_at < :end AND kind <> 'charge'
    ) AS used,
    (
        SELECT coalesce(sum(credits), 0) FROM allowance
        WHERE person = :person AND workspace = :workspace AND at >= :start AND at < :end
    ) AS extra
"""
_SUM = "SELECT coalesce(sum(CASE kind WHEN 'hold' THEN amount ELSE -amount END), 0) AS used, 0 AS extra FROM entry"
_WITHIN = "AND workspace = :workspace AND held_at >= :start AND held_at < :end AND kind <> 'charge'"
_USED = {
    "channel": f"{_SUM} WHERE channel = :name AND channel <> '' {_WITHIN}",
    "tag": f"{_SUM} WHERE tag = :name AND tag <> '' {_WITHIN}",
}
_LIMITS = "SELECT scope, credits, period, label FROM spending_limit WHERE workspace = :workspace ORDER BY scope"
_SET = """
INSERT INTO spending_limit (workspace, scope, credits, period, label)
SELECT id, :scope, :credits, :period, :label FROM workspace WHERE id = :workspace
ON CONFLICT (workspace, scope) DO UPDATE
SET credits = excluded.credits, period = excluded.period, label = excluded.label
RETURNING scope
"""
_CLEAR = "DELETE FROM spending_limit WHERE workspace = :workspace AND scope = :scope RETURNING label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """Who spends, and under which headings. Groups and the channel are `platform:id`; empty = none.

    `waived` says that somebody approved it: the person's own limits don't stand in its way.
    """

    workspace: str
    person: str
    groups: tuple[str, ...] = ()
    channel: str = ""
    tag: str = ""
    waived: bool = False

    def falls_under(self, scope: str) -> bool:
        """Whether a limit on that scope is theirs."""
        kind, _, name = scope.partition(":")
        match kind:
            case "role":
                return name in self.groups
            case "person":
                return name == self.person
            case "channel":
                return bool(name) and name == self.channel
            case "tag":
                return bool(name) and name == self.tag
        return scope == DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A ceiling: `credits` in each `period` for a scope; `label` is how people call the scope."""

    scope: str
    credits: int
    period: PeriodKind
    label: str = ""

    @property
    def personal(self) -> bool:
        """Whether it counts what one person uses, and not what everybody does."""
        return is_personal(self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A limit now: what is used of it in the period that runs, and what headroom was given or given away on top."""

    limit: Limit
    period: Period
    used: int
    extra: int = 0

    @property
    def ceiling(self) -> int:
        """What may be used in this period in all."""
        return max(0, self.limit.credits + self.extra)

    @property
    def left(self) -> int:
        """What may still be used; none where the limit was lowered below what is used."""
        return max(0, self.ceiling - self.used)


Sums = dict[tuple[str, str], Row]
"""What was summed already, by whose and when: a person's several limits have often the same period."""


def is_personal(scope: str) -> bool:
    """Whether a limit on the scope counts what one person uses."""
    return scope.partition(":")[0] in (DEFAULT, "role", "person")


def limit_of(row: Row) -> Limit:
    """A limit from its row."""
    return Limit(scope=row["scope"], credits=row["credits"], period=row["period"], label=row["label"])


def used_of(limit: Limit, spender: Spender, timezone: str, now: int, sums: Sums | None = None) -> Script[Used]:
    """How much of a limit is used at `now` (ms). Of a personal one: by that person."""
    period = period_of(now, timezone, limit.period)
    kind, _, name = limit.scope.partition(":")
    sums = {} if sums is None else sums
    key = ("person" if limit.personal else limit.scope, period.name)
    if key not in sums:
        question = {"workspace": spender.workspace, "start": period.start_ms, "end": period.end_ms}
        if limit.personal:
            sums[key] = one((yield _PERSON, {**question, "person": spender.person}))
        else:
            sums[key] = one((yield _USED[kind], {**question, "name": name}))
    row = sums[key]
    return Used(limit=limit, period=period, used=row["used"], extra=row["extra"])


def limits_of(workspace: str) -> Script[list[Limit]]:
    """Every limit of a workspace, by scope."""
    return [limit_of(row) for row in (yield _LIMITS, {"workspace": workspace})]


def set_limit(
    *, workspace: str, scope: str, credits: int, period: PeriodKind, label: str = "", actor: str = "system",
    now: int = 0, audit: str = "",
) -> Script[None]:  # fmt: skip
    """Set the ceiling for a scope; it holds from the next hold on; 0 lets nobody spend. `audit` is its note's id."""
    check_not_negative("credits", credits)
    if period not in KINDS:
        raise BadValue(field="period", value=period, allowed=KINDS)
    if scope != DEFAULT and not all(_parts(scope)):
        raise BadValue(field="scope", value=scope, allowed=(DEFAULT,))
    question = {"workspace": workspace, "scope": scope, "credits": credits, "period": period, "label": label}
    if not (yield _SET, question):
        raise NotFound(what="workspace", name=workspace)
    if audit:
        yield from note(
            workspace=workspace, actor=actor, action="quota set", subject=scope, detail=f"{credits}/{period}", now=now,
            audit=audit,
        )  # fmt: skip


def clear_limit(*, workspace: str, scope: str, actor: str, now: int, audit: str) -> Script[None]:
    """Take a limit away. Raises NotFound where there is none."""
    if not (yield _CLEAR, {"workspace": workspace, "scope": scope}):
        raise NotFound(what="limit", name=scope)
    yield from note(
        workspace=workspace, actor=actor, action="quota clear", subject=scope, detail="", now=now, audit=audit
    )


def over(used: Used, credits: int, timezone: str) -> OverLimit:
    """What to raise where a limit doesn't allow so many credits more."""
    limit = used.limit
    return OverLimit(
        scope=limit.scope, label=limit.label, limit=used.ceiling, used=used.used, price=credits,
        resets_at=used.period.end_ms, period=limit.period, timezone=timezone,
    )  # fmt: skip


def tightest(limits: Sequence[Used]) -> Used | None:
    """The one that leaves the least; of equal ones the one that resets last."""
    return min(limits, key=lambda one: (one.left, -one.period.end_ms), default=None)


def _parts(scope: str) -> Iterator[str]:
    """The parts of a scope that names something; one that is missing comes out empty."""
    kind, _, name = scope.partition(":")
    yield kind if kind in ("role", "person", "channel", "tag") else ""
    yield from (
        name.split(":", 1)
        if kind in ("role", "channel") and ":" in name
        else ((name,) if kind in ("person", "tag") else ("",))
    )


def find_limit(workspace: str, scope: str) -> Script[Limit | None]:
    """The limit on a scope."""
    question = {"workspace": workspace, "scope": scope}
    row = first((yield "SELECT * FROM spending_limit WHERE workspace = :workspace AND scope = :scope", question))
    return limit_of(row) if row else None
