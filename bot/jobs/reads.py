"""Jobs read from their rows, as people see them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from bot.errors import NotFound
from bot.jobs.asks import tag_of
from bot.jobs.durations import Durations, stated
from bot.jobs.scripts import CANCEL_NO, CANCEL_REFUSED
from bot.jobs.states import JobState
from bot.jobs.views import AttemptView, JobError, JobView
from bot.kling.requests import load_request
from bot.providers.offers import Offer
from bot.providers.router import seconds
from bot.store.database import Database
from bot.store.scripts import Row, Script

_JOB = """
SELECT job.*, person.name AS person_name, (SELECT pictures FROM ask WHERE ask.id = job.ask) AS pictures,
    (SELECT COALESCE(SUM(amount), 0) FROM entry WHERE id = job.id || ':end:1' AND kind = 'charge') AS charged
FROM job JOIN person ON person.id = job.person
"""
JobRows: TypeAlias = Sequence[tuple[Row, Sequence[Row]]]
"""Rows of jobs, each with those of its attempts."""

_ATTEMPTS = "SELECT * FROM attempt WHERE job = :job ORDER BY number"


class Reader:
    """Answers questions about jobs."""

    def __init__(self, database: Database, offers: Mapping[str, Offer], durations: Durations) -> None:
        self._database, self._offers, self.durations = database, offers, durations

    async def view(self, job: str) -> JobView:
        """One job; raises NotFound."""
        return await self.seen(job, await self._database.view(with_attempts, job))

    async def of_person(self, person: str, workspace: str, limit: int = 5) -> list[JobView]:
        """A person's newest jobs in a workspace."""
        where = """
        WHERE job.person = :person AND job.workspace = :workspace
        ORDER BY job.created_at DESC, job.id DESC LIMIT :limit
        """
        return await self._views(where, {"person": person, "workspace": workspace, "limit": limit})

    async def open_jobs(self, workspace: str | None = None, limit: int = 50) -> list[JobView]:
        """Jobs that have not ended: those that wait for a decision first, then the oldest. None = of all workspaces."""
        where = """
        WHERE job.ended_at IS NULL AND (:workspace IS NULL OR job.workspace = :workspace)
        ORDER BY CASE WHEN job.state = 'uncertain' THEN 0 ELSE 1 END, job.created_at LIMIT :limit
        """
        return await self._views(where, {"workspace": workspace, "limit": limit})

    async def seen(self, job: str, rows: JobRows) -> JobView:
        """One job from what `with_attempts` read of it; raises NotFound."""
        await self.durations.refresh()
        for row, attempts in rows:
            return self._view(row, attempts)
        raise NotFound("job", job)

    async def _views(self, where: str, params: Mapping[str, Any]) -> list[JobView]:
        await self.durations.refresh()
        return [self._view(row, attempts) for row, attempts in await self._database.view(_with_attempts, where, params)]

    def _view(self, row: Row, attempts: Sequence[Row]) -> JobView:
        progress = json.loads(row["progress"])
        running = attempts[-1] if attempts else None
        name = str(running["offer"]) if running else json.loads(row["offers"])[0]
        offer = self._offers.get(name)
        request = load_request(row["request"])
        measured = self.durations.usual(name, seconds(request))
        return JobView(
            id=row["id"], ask=row["ask"], state=JobState(row["state"]), request=request, person=row["person"],
            workspace=row["workspace"],
            person_name=row["person_name"], credits=int(row["credits"]), charged=_charged(row),
            estimated=offer is not None and not offer.price.confirmed, provider=name.split("/")[0], offer=name,
            usual=measured or stated(offer, seconds(request)), measured=measured is not None,
            progress=progress.get("progress"),
            queue_position=progress.get("queue_position"), cancel_asked=row["cancel_asked"] != CANCEL_NO,
            cancel_refused=row["cancel_asked"] == CANCEL_REFUSED, late=row["warned_at"] is not None,
            flagged=bool(row["flagged"]), error=_error(row["error"]), video=row["video"], poster=row["poster"],
            parent=row["parent"], relation=row["relation"], attempts=tuple(_attempt(attempt) for attempt in attempts),
            created_at=int(row["created_at"]), submitted_at=_accepted_at(running), ended_at=row["ended_at"],
            changes=_changes(row["pictures"]), tag=row["tag"], waits=row["waits"],
        )  # fmt: skip


def with_attempts(job: str) -> Script[JobRows]:
    """A job and its attempts; nothing where there is no such job."""
    return (yield from _with_attempts("WHERE job.id = :id", {"id": job}))


def _with_attempts(where: str, params: Mapping[str, Any]) -> Script[list[tuple[Row, Sequence[Row]]]]:
    rows = yield f"{_JOB} {where}", params
    attempts = {}
    for row in rows:
        attempts[row["id"]] = yield _ATTEMPTS, {"job": row["id"]}
    return [(row, attempts[row["id"]]) for row in rows]


def planned(ask: Row, offers: Mapping[str, Offer], durations: Durations) -> JobView:
    """The job that an ask is about to become, for its first card: nothing is held yet."""
    price = json.loads(ask["quote"])
    name = price["offers"][0]
    offer = offers.get(name)
    request = load_request(ask["request"])
    measured = durations.usual(name, seconds(request))
    return JobView(
        id="", ask=ask["id"], state=JobState.QUEUED, request=request, person=ask["person"], person_name="",
        workspace=ask["workspace"], credits=int(price["credits"]), charged=None,
        estimated=offer is not None and not offer.price.confirmed, provider=name.split("/")[0], offer=name,
        usual=measured or stated(offer, seconds(request)), measured=measured is not None, progress=None,
        queue_position=None, cancel_asked=False, late=False,
        flagged=False, error=None, video=None, poster=None, parent=None, relation=None, attempts=(),
        created_at=int(ask["quoted_at"]), submitted_at=None, ended_at=None, changes=_changes(ask["pictures"]),
        tag=tag_of(ask),
    )  # fmt: skip


def _changes(pictures: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(facts.get("changes", ())) for facts in json.loads(pictures))


def _charged(row: Row) -> int | None:
    return None if row["ended_at"] is None else int(row["charged"])


def _accepted_at(attempt: Row | None) -> int | None:
    return None if attempt is None else attempt["accepted_at"]


def _error(text: str | None) -> JobError | None:
    return None if text is None else JobError(**json.loads(text))


def _attempt(row: Row) -> AttemptView:
    error = json.loads(row["error"])["detail"] if row["error"] else ""
    return AttemptView(
        id=row["id"], number=int(row["number"]), provider=row["provider"], offer=row["offer"], outcome=row["outcome"],
        microusd=int(row["microusd"]), cost=row["cost"], task=row["task_id"], error=error,
        intended_at=int(row["intended_at"]), accepted_at=row["accepted_at"], ended_at=row["ended_at"],
    )  # fmt: skip
