"""How many of our tasks a provider runs at once, and who is next: fairly between people.

A slot is taken in the transaction that stores the intent, and free again in the one that ends the task. A job that
finds its provider full or closed waits in line. A slot that comes free is handed on at once: to the person who has the
fewest anywhere, of several such to the one who was given one longest ago, and of theirs to the oldest job. So one
person's fifty jobs wait for each other, and nobody else waits for them. A provider that says it is too busy is closed
for everybody for as long as it says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.store.scripts import Row, Script, first

FORGET_MS = 60_000
"""A provider that wasn't too busy for so long is thought of as before."""

FIRST_MS, LONGEST_MS = 5_000, 300_000
"""How long a provider is closed that doesn't say: doubled from time to time, up to the longest."""

_AT_ONCE = 64
"""How many jobs one step wakes at most where there is no limit; the others look for themselves."""

_ROOMS = """
SELECT provider, slots, taken, closed_until,
    EXISTS (SELECT 1 FROM slot WHERE slot.job = :job AND slot.provider = room.provider) AS mine,
    EXISTS (SELECT 1 FROM waiting WHERE waiting.provider = room.provider) AS line
FROM provider_limit AS room
"""
_ROOM = "SELECT slots, taken, closed_until FROM provider_limit WHERE provider = :provider"
_COUNT = "UPDATE provider_limit SET taken = taken + :more WHERE provider = :provider"
_TAKE = """
INSERT INTO slot (job, provider, person) SELECT id, :provider, person FROM job WHERE id = :job
ON CONFLICT (job) DO NOTHING RETURNING job
"""
_SERVED = "UPDATE person SET served_at = :now WHERE id = (SELECT person FROM job WHERE id = :job)"
_NEXT = """
SELECT MIN(waiting.job) AS job, (SELECT COUNT(*) FROM slot WHERE slot.person = person.id) AS has
FROM waiting JOIN person ON person.id = waiting.person WHERE waiting.provider = :provider
GROUP BY person.id, person.served_at ORDER BY has, person.served_at, job LIMIT 1
"""
_OUT_OF_LINE = "DELETE FROM waiting WHERE job = :job"
_WAKE = "UPDATE job SET wake_at = :now WHERE id = :job"
_JOIN = """
INSERT INTO waiting (provider, person, job) SELECT :provider, person, id FROM job WHERE id = :job AND state = 'queued'
ON CONFLICT (provider, person, job) DO NOTHING
"""
_CLOSED = """
SELECT attempt.provider, room.closed_until, room.refusals
FROM attempt LEFT JOIN provider_limit AS room ON room.provider = attempt.provider WHERE attempt.id = :attempt
"""
_CLOSE = """
INSERT INTO provider_limit (provider, closed_until, refusals) VALUES (:provider, :until, :refusals)
ON CONFLICT (provider) DO UPDATE SET closed_until = excluded.closed_until, refusals = excluded.refusals
"""
_SET = """
INSERT INTO provider_limit (provider, slots) VALUES (:provider, :slots)
ON CONFLICT (provider) DO UPDATE SET slots = excluded.slots
"""
_AT_PROVIDERS = """
INSERT INTO slot (job, provider, person)
SELECT job.id, attempt.provider, job.person FROM job JOIN attempt ON attempt.job = job.id
WHERE job.ended_at IS NULL AND (job.state = 'submitting' AND attempt.outcome = 'intended'
    OR job.state = 'running' AND attempt.outcome = 'accepted')
ON CONFLICT (job) DO NOTHING
"""
_RECOUNT = """
UPDATE provider_limit SET taken = (SELECT COUNT(*) FROM slot WHERE slot.provider = provider_limit.provider)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one job finds at a provider: a slot that is its own already, or whether there is one for it. Time in ms."""

    provider: str
    slots: int | None
    taken: int
    closed_until: int
    mine: bool
    line: bool

    def takes(self, now: int) -> bool:
        """Whether the job may go there now; a free slot that others wait for is handed on by `join`, not taken."""
        if now < self.closed_until:
            return False
        return self.mine or self.slots is None or (self.taken < self.slots and not self.line)


def rooms(job: str) -> Script[dict[str, Room]]:
    """What a job finds at each provider that has a limit or was ever too busy."""
    rows = yield _ROOMS, {"job": job}
    return {
        row["provider"]: Room(
            provider=row["provider"], slots=row["slots"], taken=row["taken"], closed_until=row["closed_until"],
            mine=bool(row["mine"]), line=bool(row["line"]),
        )
        for row in rows
    }  # fmt: skip


def take(job: str, provider: str, *, now: int) -> Script[bool]:
    """A slot for a job's paid call, its own or a free one. False when the provider takes nothing now."""
    room = first((yield _ROOM, {"provider": provider}))
    held = first((yield "SELECT provider FROM slot WHERE job = :job", {"job": job}))
    if room is not None and now < room["closed_until"]:
        return False
    if held is not None and held["provider"] == provider:
        return True
    if room is not None and room["slots"] is not None and room["taken"] >= room["slots"]:
        return False
    if held is not None:
        yield from leave(job, now=now)
    if room is not None and room["slots"] is not None:
        yield from occupy(job, provider, now=now)
    return True


def occupy(job: str, provider: str, *, now: int) -> Script[None]:
    """The job's task is at the provider, whatever the limit says."""
    if (yield _TAKE, {"job": job, "provider": provider}):
        yield _COUNT, {"provider": provider, "more": 1}
        yield _SERVED, {"job": job, "now": now}


def leave(job: str, *, now: int) -> Script[None]:
    """The job has no task at a provider any more: its slot goes to the next in line."""
    for row in (yield "DELETE FROM slot WHERE job = :job RETURNING provider", {"job": job}):
        yield _COUNT, {"provider": row["provider"], "more": -1}
        yield from hand_on(row["provider"], now=now)


def out_of_line(job: str) -> Script[None]:
    """The job waits for no slot any more."""
    yield _OUT_OF_LINE, {"job": job}


def join(job: str, providers: Iterable[str], *, now: int) -> Script[None]:
    """Wait in line at these providers, whichever has a slot first; one that is free already is handed on."""
    names = sorted(providers)
    yield from leave(job, now=now)
    for provider in names:
        yield _JOIN, {"provider": provider, "job": job}
    for provider in names:
        yield from hand_on(provider, now=now)


def hand_on(provider: str, *, now: int) -> Script[None]:
    """Give what is free to those who are next, and wake their jobs. Without a limit everybody goes on."""
    for _ in range(_AT_ONCE):
        chosen = first((yield _NEXT, {"provider": provider}))
        if chosen is None or not _has_free((yield _ROOM, {"provider": provider}), now):
            return
        yield _OUT_OF_LINE, {"job": chosen["job"]}
        yield from occupy(chosen["job"], provider, now=now)
        yield _WAKE, {"job": chosen["job"], "now": now}


def _has_free(rooms: Iterable[Row], now: int) -> bool:
    return any(
        now >= room["closed_until"] and (room["slots"] is None or room["taken"] < room["slots"]) for room in rooms
    )


def close(attempt: str, *, said: int | None, now: int) -> Script[None]:
    """The provider of an attempt is too busy: nobody goes there for as long as it `said` (ms), or for ever longer."""
    row = first((yield _CLOSED, {"attempt": attempt}))
    if row is None:
        return
    closed, refusals = row["closed_until"] or 0, row["refusals"] or 0
    if closed <= now:
        refusals = refusals + 1 if now < closed + FORGET_MS else 1
    pause = FIRST_MS << min(refusals - 1, 20) if said is None else said
    until = max(closed, now + min(LONGEST_MS, pause))
    yield _CLOSE, {"provider": row["provider"], "until": until, "refusals": refusals}


def open_all(*, now: int) -> Script[None]:
    """Closed for nobody any more: for a clock that was set back, by which it would be for far too long."""
    yield "UPDATE provider_limit SET closed_until = :now WHERE closed_until > :now", {"now": now}


def set_limits(limits: Mapping[str, int | None], *, now: int) -> Script[None]:
    """The operator's limits, at a start; slots are counted anew from the jobs, so that they can't drift apart."""
    for provider, slots in limits.items():
        yield _SET, {"provider": provider, "slots": slots}
    yield _AT_PROVIDERS, {}
    yield _RECOUNT, {}
    for provider in limits:
        yield from hand_on(provider, now=now)
