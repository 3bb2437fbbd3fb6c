"""Transaction scripts about deliveries: `pending → posting → posted | gone`."""

import json
from typing import Any

from bot.jobs.states import DELIVERY_FOLLOWS, DeliveryState
from bot.store.scripts import Row, Script, one

Json = dict[str, Any]


def _written(sql: str) -> str:
    """A statement with what they share filled in: `{free}` gives the row back, `{may_be_…}` is the table of states."""
    before = {new: [old for old, follow in DELIVERY_FOLLOWS.items() if new in follow] for new in DeliveryState}
    conditions = {
        f"may_be_{new}": "state IN ({})".format(", ".join(f"'{old}'" for old in states))
        for new, states in before.items()
    }
    return sql.format(free=_FREE, **conditions)


_FREE = "lease_owner = NULL, lease_until = NULL, wake_at = CASE WHEN wake_at = lease_until THEN :wake ELSE wake_at END"
_SLEEP = _written("UPDATE delivery SET {free}, tries = :tries, error = :error WHERE id = :id AND lease_owner = :owner")
_SHOWN = _written("""
UPDATE delivery SET {free}, tries = 0, error = NULL, shown = :shown WHERE id = :id AND lease_owner = :owner
""")
_POSTING = _written("""
UPDATE delivery SET state = 'posting', facts = CASE WHEN kind = 'result' THEN :facts ELSE facts END
WHERE id = :id AND lease_owner = :owner AND {may_be_posting} RETURNING id
""")
_POSTED = _written("""
UPDATE delivery SET {free}, state = 'posted', ref = :ref, shown = :shown, tries = 0, error = NULL
WHERE id = :id AND {may_be_posted} RETURNING id
""")
_SMALLER = _written("""
UPDATE delivery SET {free}, state = 'pending', facts = :facts, error = :error, tries = tries + 1
WHERE id = :id AND lease_owner = :owner AND {may_be_pending}
""")
_MOVED = _written("""
UPDATE delivery SET {free}, state = 'pending', place = :place, facts = :facts, error = :error, tries = 0
WHERE id = :id AND lease_owner = :owner AND ref IS NULL AND state IN ('pending', 'posting')
""")
_ORIGIN = """
SELECT ask.actor AS actor, ask.message AS message, status.ref AS ref
FROM job JOIN ask ON ask.id = job.ask LEFT JOIN delivery AS status ON status.job = job.id AND status.kind = 'status'
WHERE job.id = :job
"""
_GONE = _written("""
UPDATE delivery SET state = 'gone', error = :error, wake_at = NULL, lease_owner = NULL, lease_until = NULL
WHERE id = :id AND {may_be_gone}
""")


def sleep(delivery: str, owner: str, *, wake: int, tries: int, error: str | None) -> Script[None]:
    """Give it back until `wake`, or sooner where something changed meanwhile."""
    yield _SLEEP, {"id": delivery, "owner": owner, "wake": wake, "tries": tries, "error": error}


def shown(delivery: str, owner: str, *, shown: Json, wake: int | None) -> Script[None]:
    """What its message shows now; `wake` is when to draw it anew, None = when the job changes."""
    yield _SHOWN, {"id": delivery, "owner": owner, "shown": json.dumps(shown), "wake": wake}


def posting(delivery: str, owner: str, *, facts: Json) -> Script[bool]:
    """The platform is about to be called. False when it is posted already or taken over.

    A result keeps the `facts` that its card is made of; an alert's are those of the latest alert.
    """
    return bool((yield _POSTING, {"id": delivery, "owner": owner, "facts": json.dumps(facts)}))


def posted(delivery: str, *, ref: Json, shown: Json, wake: int | None = None) -> Script[bool]:
    """The message is there; its ref is kept. `wake` is when to draw it anew, None = when something changes."""
    return bool((yield _POSTED, {"id": delivery, "ref": json.dumps(ref), "shown": json.dumps(shown), "wake": wake}))


def smaller(delivery: str, owner: str, *, facts: Json, error: str, wake: int) -> Script[None]:
    """The file was refused for its size: again with less, which is certain not to have been shown."""
    yield _SMALLER, {"id": delivery, "owner": owner, "facts": json.dumps(facts), "error": error, "wake": wake}


def moved(delivery: str, owner: str, *, place: Json, facts: Json, error: str, wake: int) -> Script[None]:
    """Its place is not there any more: not shown yet, and to be shown at another."""
    yield _MOVED, {
        "id": delivery, "owner": owner, "place": json.dumps(place), "facts": json.dumps(facts), "error": error,
        "wake": wake,
    }  # fmt: skip


def origin(job: str) -> Script[Row]:
    """Where a job comes from: who asked, in which message, and the ref of its status card."""
    return one((yield _ORIGIN, {"job": job}))


def gone(delivery: str, *, error: str) -> Script[None]:
    """The place is not there any more. The job and its credits are as they were."""
    yield _GONE, {"id": delivery, "error": error}
