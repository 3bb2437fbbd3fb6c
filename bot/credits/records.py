"""What became of credits, to be looked up: a person's jobs, a month, what administrators changed. Only reads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.credits.periods import Period, period_of
from bot.errors import BadValue
from bot.store.scripts import Row, Script

_SUMS = """
SELECT held.id, held.held_at, max(entry.person) AS person, max(entry.tag) AS tag, max(entry.channel) AS channel,
    sum(CASE kind WHEN 'hold' THEN amount ELSE 0 END) AS held,
    sum(CASE kind WHEN 'charge' THEN amount ELSE 0 END) AS charged,
    sum(CASE kind WHEN 'release' THEN amount ELSE 0 END) AS released,
    sum(CASE kind WHEN 'correction' THEN amount ELSE 0 END) AS corrected,
    sum(CASE kind WHEN 'variance' THEN amount ELSE 0 END) AS variance,
    sum(microusd) AS microusd,
    max(CASE WHEN entry.id = held.id || ':end:1' THEN entry.at END) AS ended_at,
    coalesce(
        nullif(max(entry.provider), ''),
        (SELECT provider FROM attempt WHERE attempt.job = held.id ORDER BY number DESC LIMIT 1),
        (SELECT provider FROM enhancement WHERE enhancement.id = held.id), ''
    ) AS provider,
    (SELECT request FROM job WHERE job.id = held.id) AS request
FROM ({jobs}) AS held JOIN entry ON entry.id > held.id || ':' AND entry.id < held.id || ';'
GROUP BY held.id, held.held_at ORDER BY held.held_at DESC, held.id DESC
"""
_OWN = """
    SELECT DISTINCT job AS id, held_at FROM entry
    WHERE person = :person AND workspace = :workspace AND kind = 'hold' AND kind <> 'charge'
        AND (:tag = '' OR tag = :tag)
    ORDER BY held_at DESC, job DESC LIMIT :count
"""
_MONTH = """
    SELECT DISTINCT e.job AS id, e.held_at FROM person CROSS JOIN entry AS e
    WHERE e.person = person.id AND e.workspace = :workspace AND e.held_at >= :start AND e.held_at < :end
        AND e.kind = 'hold' AND e.kind <> 'charge'
"""
OWN, MONTH = _SUMS.format(jobs=_OWN), _SUMS.format(jobs=_MONTH)
"""A person's newest jobs, and all of a workspace's that were held in a span of time, each with its sums."""

_NAMES = "SELECT id, name FROM person"
CHANGES = """
SELECT audit.action, audit.subject, audit.detail, audit.at, actor.name AS actor, person.name AS person,
    (SELECT label FROM spending_limit AS l WHERE l.workspace = audit.workspace AND l.scope = audit.subject) AS label
FROM audit LEFT JOIN person AS actor ON actor.id = audit.actor
LEFT JOIN person ON audit.subject LIKE 'person:%' AND person.id = substr(audit.subject, 8)
WHERE audit.workspace = :workspace
    AND (:person = '' OR audit.subject = :subject OR audit.actor = :person)
ORDER BY audit.at DESC, audit.id DESC LIMIT :count
"""
_MONTH_NAME = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one job, or one improved prompt, did to the credits. Times in ms; `microusd` is what it cost, or may cost.

    `ended_at` is None while it is held. `variance` is what nobody's pool paid for; `request` is empty for what is no
    job. `channel` is `platform:id`.
    """

    id: str
    person: str
    tag: str
    channel: str
    provider: str
    held: int
    charged: int
    released: int
    corrected: int
    variance: int
    microusd: int
    held_at: int
    ended_at: int | None
    request: str

    @property
    def kept(self) -> int:
        """What it cost the team in the end, in credits."""
        return self.charged - self.corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that an administrator did: what, about whom or what (empty: the team), how, when (ms)."""

    actor: str
    action: str
    subject: str
    detail: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """What a provider was paid for in a span of time: credits kept, micro-dollars of cost, jobs."""

    provider: str
    jobs: int
    credits: int
    variance: int
    microusd: int


def history(*, workspace: str, person: str, tag: str = "", count: int) -> Script[list[Record]]:
    """A person's newest jobs in a workspace, under a tag where one is given; newest first."""
    rows = yield OWN, {"workspace": workspace, "person": person, "tag": tag, "count": count}
    return [_record(row, row["person"]) for row in rows]


def held_within(*, workspace: str, start: int, end: int) -> Script[list[Record]]:
    """Everything that was held in a workspace from `start` to before `end` (ms), newest first, with people's names."""
    rows = yield MONTH, {"workspace": workspace, "start": start, "end": end}
    names = {row["id"]: row["name"] for row in (yield _NAMES, {})} if rows else {}
    return [_record(row, names[row["person"]]) for row in rows]


def changes(*, workspace: str, person: str = "", count: int) -> Script[list[Change]]:
    """What administrators changed, newest first; of a `person`: about them, and by them."""
    question = {"workspace": workspace, "person": person, "subject": f"person:{person}", "count": count}
    return [
        Change(
            actor=row["actor"] or row["action"].partition(" ")[0], action=row["action"], at=row["at"],
            detail=row["detail"], subject=_subject(row),
        )
        for row in (yield CHANGES, question)
    ]  # fmt: skip


def by_provider(records: Sequence[Record]) -> list[Provided]:
    """What ended, by who was paid, the most expensive first."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.ended_at is not None and (record.charged or record.microusd or record.variance):
            found.setdefault(record.provider, []).append(record)
    provided = [
        Provided(
            provider=provider, jobs=len(group), credits=sum(one.kept for one in group),
            variance=sum(one.variance for one in group), microusd=sum(one.microusd for one in group),
        )
        for provider, group in found.items()
    ]  # fmt: skip
    return sorted(provided, key=lambda one: (-one.microusd, one.provider))


def month_named(name: str, timezone: str) -> Period:
    """The month called `2026-11` in a time zone. Raises BadValue."""
    found = _MONTH_NAME.fullmatch(name)
    if found is None:
        raise BadValue("month", name, ("2026-11",))
    middle = datetime(int(found[1]), int(found[2]), 15, tzinfo=UTC)
    return period_of(int(middle.timestamp()) * 1000, timezone, "month")


def _record(row: Row, person: str) -> Record:
    return Record(
        id=row["id"], person=person, tag=row["tag"], channel=row["channel"], provider=row["provider"],
        held=row["held"], charged=row["charged"], released=row["released"], corrected=row["corrected"],
        variance=row["variance"], microusd=row["microusd"], held_at=row["held_at"], ended_at=row["ended_at"],
        request=row["request"] or "",
    )  # fmt: skip


def _subject(row: Row) -> str:
    """Whom or what a change was about, as its command takes it: `Ana`, `#ads`, `role:Designers`, `tag:acme`."""
    kind, _, rest = row["subject"].partition(":")
    name = str(row["person"] or row["label"] or rest.rpartition(":")[2] or kind)
    return f"{kind}:{name}" if kind in ("role", "tag") else name
