"""Claims on rows that are due: taken by compare-and-set, renewed while work goes on, run out when a process dies.

Every claim is made under a name of its own, so that a step which was overtaken can't give back what another one holds
now. `job` and `delivery` share the three columns: `wake_at` (when to look, none = never), `lease_owner`, `lease_until`.
A claim moves `wake_at` to the end of the lease, so that a crash wakes the row by itself; a wish that comes in meanwhile
sets it to now, which `CASE WHEN wake_at = lease_until` tells when the row is given back.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Literal, NamedTuple

from bot.store.scripts import Row, Script, T

Table = Literal["job", "delivery"]

_CLAIM = """
UPDATE {table} SET lease_owner = :owner, lease_until = :until, wake_at = :until WHERE id IN (
    SELECT id FROM {table} WHERE wake_at <= :now AND (lease_until IS NULL OR lease_until <= :now)
    ORDER BY wake_at LIMIT :limit
) RETURNING *
"""
_RENEW = """
UPDATE {table} SET wake_at = CASE WHEN wake_at = lease_until THEN :until ELSE wake_at END, lease_until = :until
WHERE id = :id AND lease_owner = :owner
"""
_FREE = "UPDATE {table} SET lease_owner = NULL, lease_until = NULL, wake_at = :now WHERE lease_until IS NOT NULL"
_WAKE = "UPDATE {table} SET wake_at = :now WHERE wake_at > :now AND lease_until IS NULL"
_NEXT = """
SELECT MIN(CASE WHEN lease_until > wake_at THEN lease_until ELSE wake_at END) AS wake
FROM {table} WHERE wake_at <= COALESCE((
    SELECT wake_at FROM {table} WHERE wake_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= wake_at)
    ORDER BY wake_at LIMIT 1
), :ever)
"""
_PUT_ASIDE = """
UPDATE {table} SET lease_owner = NULL, lease_until = NULL,
    wake_at = CASE WHEN wake_at = lease_until THEN :wake ELSE wake_at END
WHERE id = :id AND lease_owner = :owner
"""

_EVER = 2**62  # ms; later than any
_TABLES: tuple[Table, ...] = ("job", "delivery")
_CLAIMS = {table: _CLAIM.format(table=table) for table in _TABLES}
_RENEWS = {table: _RENEW.format(table=table) for table in _TABLES}
_FREES = {table: _FREE.format(table=table) for table in _TABLES}
_WAKES = {table: _WAKE.format(table=table) for table in _TABLES}
_PUTS_ASIDE = {table: _PUT_ASIDE.format(table=table) for table in _TABLES}
_NEXTS = {table: _NEXT.format(table=table) for table in _TABLES}


class Claimed(NamedTuple, Generic[T]):
    """A row that was claimed, and what was read of it along with that."""

    row: Row
    along: T


def claim(table: Table, owner: str, *, now: int, until: int, limit: int) -> Script[list[Row]]:
    """Take up to `limit` rows that are due and free, the longest due first; `owner` is the name of this claim."""
    return list((yield _CLAIMS[table], {"owner": owner, "now": now, "until": until, "limit": limit}))


def renew(table: Table, held: Mapping[str, str], *, until: int) -> Script[None]:
    """Keep rows for longer, each while it is still held under the name it was claimed with."""
    for row, owner in held.items():
        yield _RENEWS[table], {"id": row, "owner": owner, "until": until}


def free_all(*, now: int) -> Script[None]:
    """Forget every lease and look at its row now: only for a process that knows it is alone on the data."""
    for table in _TABLES:
        yield _FREES[table], {"now": now}


def wake_all(*, now: int) -> Script[None]:
    """Look at every row now that sleeps: for a clock that was set back, by which they would sleep for far too long."""
    for table in _TABLES:
        yield _WAKES[table], {"now": now}


def put_aside(table: Table, row: str, owner: str, *, wake: int) -> Script[None]:
    """Give a row back after its step broke, unless it moved on. That doesn't count as one of the step's tries."""
    yield _PUTS_ASIDE[table], {"id": row, "owner": owner, "wake": wake}


def claim_and_next(
    table: Table, owner: str, along: Callable[[Row], Script[T]], *, now: int, until: int, limit: int
) -> Script[tuple[list[Claimed[T]], int | None]]:
    """What `claim` takes, each with what `along` reads of it; and when the next row is due, as `next_wake` tells."""
    rows = yield from claim(table, owner, now=now, until=until, limit=limit)
    claimed = []
    for row in rows:
        read = yield from along(row)
        claimed.append(Claimed(row, read))
    return claimed, now if len(rows) == limit else (yield from next_wake(table))


def next_wake(table: Table) -> Script[int | None]:
    """When the next row is due and free (ms), None when none ever is. However many wait, it looks at a few only."""
    rows = yield _NEXTS[table], {"ever": _EVER}
    return None if rows[0]["wake"] is None else int(rows[0]["wake"])
