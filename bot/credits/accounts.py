"""The ledger's accounts and its one way to write: entries first, and the balances that follow from them.

A workspace has `<workspace>:refill:<period>`, `<workspace>:topup` and `<workspace>:held`; their balances are cached and
never below zero. `sys:issued`, `sys:spent`, `sys:expired` and `sys:variance` are sums of entries only: teams don't
queue for one row. An entry takes from one account what it gives to another, so all of them together are always zero.
"""

from collections.abc import Sequence
from typing import Literal, TypedDict

from bot.store.scripts import Script

ISSUED = "sys:issued"
SPENT = "sys:spent"
EXPIRED = "sys:expired"
VARIANCE = "sys:variance"

Kind = Literal["refill", "topup", "hold", "charge", "release", "expire", "correction", "variance"]

OPEN = """
INSERT INTO account (id, workspace, balance) VALUES (:id, :workspace, 0) ON CONFLICT (id) DO NOTHING RETURNING id
"""
LOCK = "UPDATE account SET balance = balance WHERE id = :id"
MOVE = "UPDATE account SET balance = balance + :change WHERE id = :id"
WRITE = """
INSERT INTO entry (
    id, workspace, debit, credit, amount, kind, job, person, tag, channel, provider, period, microusd, actor, reason,
    held_at, at
) VALUES (
    :id, :workspace, :debit, :credit, :amount, :kind, :job, :person, :tag, :channel, :provider, :period, :microusd,
    :actor, :reason, :held_at, :at
)
"""


class Entry(TypedDict):
    """One row of the ledger: `amount` credits go from `debit` to `credit`.

    `microusd` is the change to the operator's month, `period` the refill's period. `held_at` (ms) decides in which
    periods it counts: for everything about a job it is when its credits were held. `person`, `tag` and `channel` are
    what a job is booked under, `provider` who was paid. All but a charge count against limits: it takes what is held.
    """

    id: str
    workspace: str
    debit: str
    credit: str
    amount: int
    kind: Kind
    job: str | None
    person: str | None
    tag: str
    channel: str
    provider: str
    period: str
    microusd: int
    actor: str
    reason: str
    held_at: int
    at: int


def entry(
    name: str,
    kind: Kind,
    amount: int,
    *,
    debit: str,
    credit: str,
    workspace: str,
    period: str,
    actor: str,
    at: int,
    held_at: int | None = None,
    reason: str = "",
    job: str | None = None,
    person: str | None = None,
    tag: str = "",
    channel: str = "",
    provider: str = "",
    microusd: int = 0,
) -> Entry:
    """An entry; it counts from the moment it is made where nothing was held before."""
    return {
        "id": name,
        "workspace": workspace,
        "debit": debit,
        "credit": credit,
        "amount": amount,
        "kind": kind,
        "job": job,
        "person": person,
        "tag": tag,
        "channel": channel,
        "provider": provider,
        "period": period,
        "microusd": microusd,
        "actor": actor,
        "reason": reason,
        "held_at": at if held_at is None else held_at,
        "at": at,
    }


def refill_account(workspace: str, period: str) -> str:
    """Where the refill of a period is spent from."""
    return f"{workspace}:refill:{period}"


def topup_account(workspace: str) -> str:
    """Where credits that don't expire are spent from."""
    return f"{workspace}:topup"


def held_account(workspace: str) -> str:
    """Where credits wait for the end of their job. Its row is the lock of the whole workspace."""
    return f"{workspace}:held"


def ids_below(prefix: str) -> dict[str, str]:
    """The parameters `low` and `high` between which all ids lie that begin with `prefix` and a colon."""
    return {"low": f"{prefix}:", "high": f"{prefix};"}


def open_account(account: str, workspace: str) -> Script[bool]:
    """Make an empty account; answers False where there is one."""
    return bool((yield OPEN, {"id": account, "workspace": workspace}))


def lock(workspace: str) -> Script[None]:
    """Keep every other script that moves this workspace's credits waiting, before reading what they may change."""
    yield LOCK, {"id": held_account(workspace)}


def post(entries: Sequence[Entry]) -> Script[None]:
    """Write entries and move the balances with them, the held account first: whoever else moves it waits from there on.

    An entry that is there already, or a balance that would fall below zero, breaks a rule of the tables: look before.
    """
    for entry in entries:
        yield WRITE, entry
    for account, change in sorted(_changes(entries).items()):
        if change and not account.startswith("sys:"):
            yield MOVE, {"id": account, "change": change}


def _changes(entries: Sequence[Entry]) -> dict[str, int]:
    changes: dict[str, int] = {}
    for entry in entries:
        changes[entry["debit"]] = changes.get(entry["debit"], 0) - entry["amount"]
        changes[entry["credit"]] = changes.get(entry["credit"], 0) + entry["amount"]
    return changes
