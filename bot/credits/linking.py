"""Joining two teams to one pool, and two accounts of one person: with a code shown in one chat and typed in the other.

Both sides prove themselves: whoever asks for the code in one, whoever types it in the other. What is typed belongs to
the code's side from then on. A wrong code and an old one are the same to whoever types it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.clock import Clock
from bot.credits.accounts import EXPIRED, Entry, entry, ids_below, lock, post, topup_account
from bot.credits.allowances import allow
from bot.credits.limits import set_limit
from bot.credits.periods import period_of
from bot.credits.policy import policy_of
from bot.credits.rules import note
from bot.store.scripts import Row, Script, first

Kind = Literal["workspace", "person"]
Refused = Literal["code", "itself", "open", "tries"]
"""Why nothing was joined, as in `errors.LinkRefused`."""

LIFE_MS = 600_000
"""How long a code is good."""

TRIES, TRIES_MS = 5, 3_600_000
"""Wrong codes that one person may type in a stretch of time."""

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 8
_BITS = 5

_FORGET_CODES = "DELETE FROM link_code WHERE expires_at <= :now OR kind = :kind AND person = :person"
_OFFER = """
INSERT INTO link_code (hash, kind, workspace, person, expires_at)
VALUES (:hash, :kind, :workspace, :person, :expires)
"""
_CODE = "SELECT * FROM link_code WHERE hash = :hash AND kind = :kind AND expires_at > :now"
_TRIES = "SELECT value FROM memory WHERE key = :key"
_TRIED = "INSERT INTO memory (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_DONE = "SELECT id FROM audit WHERE id = :audit"

_OPEN_TEAM = """
SELECT 1 AS found FROM job WHERE workspace = :id AND ended_at IS NULL
UNION ALL SELECT 1 FROM account WHERE id = :id || ':held' AND balance > 0
UNION ALL SELECT 1 FROM approval WHERE workspace = :id AND state = 'open' LIMIT 1
"""
OPEN_PERSON = """
SELECT 1 AS found FROM job WHERE person = :id AND ended_at IS NULL
UNION ALL SELECT 1 FROM open_hold WHERE person = :id
UNION ALL SELECT 1 FROM approval WHERE person = :id AND state = 'open' LIMIT 1
"""
_END_ASKS = "UPDATE ask SET state = 'expired' WHERE {} = :id AND state IN ('received', 'quoted', 'confirming')"
_LEFT = "SELECT id, balance FROM account WHERE (id = :topup OR id > :low AND id < :high) AND balance > 0 ORDER BY id"
_MOVE_TEAM = (
    "UPDATE workspace_identity SET workspace = :into WHERE workspace = :id",
    "UPDATE ask SET workspace = :into WHERE workspace = :id",
    "UPDATE job SET workspace = :into WHERE workspace = :id",
    "UPDATE workspace SET refill = 0, rules = '{}' WHERE id = :id AND id <> :into",
    "DELETE FROM spending_limit WHERE workspace = :id AND workspace <> :into",
    "DELETE FROM link_code WHERE workspace = :id AND workspace <> :into",
)
_MOVE_PERSON = (
    "UPDATE person_identity SET person = :into WHERE person = :id",
    "UPDATE ask SET person = :into WHERE person = :id",
    "UPDATE job SET person = :into WHERE person = :id",
    "DELETE FROM link_code WHERE person = :id AND person <> :into",
)
_SAME_PLACE = """
SELECT 1 FROM person_identity AS one JOIN person_identity AS other
    ON other.platform = one.platform AND other.platform_workspace = one.platform_workspace
WHERE one.person = :one AND other.person = :other LIMIT 1
"""
_TEAMS_OF = """
SELECT DISTINCT workspace FROM entry WHERE person = :id AND kind <> 'charge'
UNION SELECT workspace FROM allowance WHERE person = :id UNION SELECT workspace FROM spending_limit WHERE scope = :scope
ORDER BY workspace
"""
_USED = """
SELECT held_at AS at, CASE kind WHEN 'hold' THEN amount ELSE -amount END AS used FROM entry
WHERE person = :id AND workspace = :workspace AND held_at >= :since AND kind <> 'charge'
UNION ALL SELECT at, -credits FROM allowance WHERE person = :id AND workspace = :workspace AND at >= :since
"""
_OWN_LIMITS = "SELECT * FROM spending_limit WHERE workspace = :workspace AND scope IN (:theirs, :mine)"
_DROP_LIMIT = "DELETE FROM spending_limit WHERE workspace = :workspace AND scope = :theirs"
_DAYS: Mapping[str, int] = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What was joined to what, by our ids; `moved` are the top-ups that went over. Again it moves nothing."""

    kind: Kind
    into: str
    moved: int = 0


def new_code(clock: Clock) -> str:
    """Eight characters of chance, none of which looks like another one of them."""
    number = int.from_bytes(clock.randbytes(LENGTH * _BITS // 8), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(0, LENGTH * _BITS, _BITS))


def hashed(kind: Kind, code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(f"{kind}:{code}".encode()).hexdigest()


def offer(kind: Kind, code: str, *, workspace: str, person: str, now: int) -> Script[None]:
    """Make a code good for ten minutes. It takes the place of an earlier one of the same person."""
    yield _FORGET_CODES, {"now": now, "kind": kind, "person": person}
    yield _OFFER, {
        "hash": hashed(kind, code), "kind": kind, "workspace": workspace, "person": person, "expires": now + LIFE_MS,
    }  # fmt: skip


def join_team(code: str, *, workspace: str, person: str, now: int, audit: str) -> Script[Linked | Refused]:
    """Join a workspace to the pool that a code stands for: top-ups move, what is left of its refill expires.

    Its own limits and rules end. A wrong code is counted, so it isn't raised. `audit` is the id of the note that is
    made; again with the same one it changes nothing.
    """
    found = yield from _taken("workspace", code, person, now, audit)
    if isinstance(found, str):
        return found
    if found is None:
        return Linked(kind="workspace", into=workspace)
    into: str = found["workspace"]
    if into == workspace:
        return "itself"
    for one in sorted((into, workspace)):
        yield from lock(one)
    if (yield _OPEN_TEAM, {"id": workspace}):
        return "open"
    moved = yield from _empty(workspace, into, person, now, audit)
    yield from _move("workspace", _MOVE_TEAM, workspace, into)
    yield from _spent(found)
    for team, name in ((into, audit), (workspace, f"{audit}:from")):
        yield from note(
            workspace=team, actor=person, action="quota link", subject="", detail=f"{workspace} joined {into}, {moved}",
            now=now, audit=name,
        )  # fmt: skip
    return Linked(kind="workspace", into=into, moved=moved)


def join_person(code: str, *, workspace: str, person: str, now: int, audit: str) -> Script[Linked | Refused]:
    """Join an account to the person that a code stands for. What it used, got and gave keeps counting, day by day.

    So does its own limit, where it is tighter. `workspace` is where the code was typed; else as `join_team`.
    """
    found = yield from _taken("person", code, person, now, audit)
    if isinstance(found, str):
        return found
    if found is None:
        return Linked(kind="person", into=person)
    into: str = found["person"]
    if into == person or (yield _SAME_PLACE, {"one": person, "other": into}):
        return "itself"  # nobody has two accounts in one place: they would be two people
    teams = [row["workspace"] for row in (yield _TEAMS_OF, {"id": person, "scope": f"person:{person}"})]
    for team in sorted({*teams, workspace, found["workspace"]}):
        yield from lock(team)
    if (yield OPEN_PERSON, {"id": person}):
        return "open"
    for team in teams:
        yield from _carry(team, person, into, now, audit)
        yield from _tighter(team, person, into)
    yield from _move("person", _MOVE_PERSON, person, into)
    yield from _spent(found)
    for number, team in enumerate(dict.fromkeys((workspace, found["workspace"]))):
        yield from note(
            workspace=team, actor=into, action="credits link", subject=f"person:{into}", detail=f"{person} joined",
            now=now, audit=f"{audit}:{number}" if number else audit,
        )  # fmt: skip
    return Linked(kind="person", into=into)


def _taken(kind: Kind, code: str, person: str, now: int, audit: str) -> Script[Row | Refused | None]:
    """The row of a code; why not, and then the try is counted; None where this very ask was carried out before."""
    if (yield _DONE, {"audit": audit}):
        return None
    key = f"linktries:{person}"
    tried = first((yield _TRIES, {"key": key}))
    recent = [at for at in json.loads(tried["value"]) if at > now - TRIES_MS] if tried else []
    if len(recent) >= TRIES:
        return "tries"
    row = first((yield _CODE, {"hash": hashed(kind, code), "kind": kind, "now": now}))
    if row is None:
        yield _TRIED, {"key": key, "value": json.dumps([*recent, now])}
        return "code"
    return row


def _spent(code: Row) -> Script[None]:
    yield "DELETE FROM link_code WHERE hash = :hash", {"hash": code["hash"]}


def _move(kind: Kind, statements: Sequence[str], old: str, into: str) -> Script[None]:
    """Everything that belongs to one belongs to the other; its open questions are closed first."""
    yield _END_ASKS.format(kind), {"id": old}
    for sql in statements:
        yield sql, {"id": old, "into": into}


def _empty(workspace: str, into: str, person: str, now: int, audit: str) -> Script[int]:
    """Take a pool's credits out: refills expire, top-ups go over; answers with how much went over."""
    policy = yield from policy_of(workspace)
    period = period_of(now, policy.timezone, policy.refill_period).name
    topup = topup_account(workspace)
    rows = yield _LEFT, {"topup": topup, **ids_below(f"{workspace}:refill")}
    entries = list(_out(rows, workspace, into, period, person, now, audit))
    yield from post(entries)
    return sum(one["amount"] for one in entries if one["kind"] == "topup")


def _out(
    rows: Sequence[Row], workspace: str, into: str, period: str, person: str, now: int, audit: str
) -> Iterator[Entry]:
    for row in rows:
        mine = row["id"] == topup_account(workspace)
        yield entry(
            f"{topup_account(into)}:link:{audit}" if mine else f"{row['id']}:link:{audit}",
            "topup" if mine else "expire", row["balance"], debit=row["id"],
            credit=topup_account(into) if mine else EXPIRED, workspace=into if mine else workspace, period=period,
            actor=person, at=now, reason="linked",
        )  # fmt: skip


def _carry(team: str, person: str, into: str, now: int, audit: str) -> Script[None]:
    """What the joined account used and gave in the running periods, as headroom that is gone, day for day.

    Each row lies on the day that it stands for: so it counts in just the days, weeks and months that this did.
    """
    zone = (yield from policy_of(team)).timezone
    since = min(period_of(now, zone, "week").start_ms, period_of(now, zone, "month").start_ms)
    days: dict[str, tuple[int, int]] = {}
    for row in (yield _USED, {"id": person, "workspace": team, "since": since}):
        day = period_of(row["at"], zone, "day").name
        used, at = days.get(day, (0, 0))
        days[day] = (used + row["used"], max(at, row["at"]))
    for day, (used, at) in sorted(days.items()):
        if used:
            yield from allow(
                workspace=team, person=into, credits=-used, kind="link", actor=into, reason="used before linking",
                key=f"{audit}:{team}:{day}", now=at,
            )  # fmt: skip


def _tighter(team: str, person: str, into: str) -> Script[None]:
    """The tighter of both accounts' own limits holds for the person."""
    theirs, mine = f"person:{person}", f"person:{into}"
    question = {"workspace": team, "theirs": theirs}
    limits = {row["scope"]: row for row in (yield _OWN_LIMITS, {**question, "mine": mine})}
    if theirs not in limits:
        return
    tight = min(limits.values(), key=lambda row: row["credits"] / _DAYS[row["period"]])
    yield from set_limit(
        workspace=team, scope=mine, credits=tight["credits"], period=tight["period"], label=tight["label"]
    )
    yield _DROP_LIMIT, question
