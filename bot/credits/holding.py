"""What the ledger knows of one job, read back from its entries, and the entries that may follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.credits.accounts import EXPIRED, Entry, Kind, entry, held_account, ids_below, refill_account, topup_account
from bot.credits.periods import PeriodKind, period_of
from bot.errors import NotFound
from bot.store.scripts import Row, Script

ENTRIES = """
SELECT e.id, e.kind, e.debit, e.credit, e.amount, e.microusd, e.workspace, e.person, e.period, e.held_at,
    w.timezone, w.refill_period
FROM entry AS e JOIN workspace AS w ON w.id = e.workspace
WHERE e.id > :low AND e.id < :high
"""


class Move(NamedTuple):
    """An entry to be: `amount` credits from `debit` to `credit`."""

    kind: Kind
    amount: int
    debit: str
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A job's credits. `refill` and `topup` were held from each; the rest is what came of them so far.

    `period` is the refill's that was held from, at `held_at` (ms); `ids` are those of its entries.
    """

    job: str
    workspace: str
    person: str
    period: str
    held_at: int
    timezone: str
    refill_kind: PeriodKind
    refill: int
    topup: int
    microusd: int
    charged: int
    charged_refill: int
    corrected: int
    ended: bool
    ids: frozenset[str]

    @property
    def held(self) -> int:
        """What was set aside in all."""
        return self.refill + self.topup

    @property
    def account(self) -> str:
        """Where it was set aside."""
        return held_account(self.workspace)

    def back(self, kind: Kind, source: str, refill: int, topup: int, now: int) -> list[Move]:
        """From `source` to where the credits came from; to a refill whose period is over they only come to expire."""
        account = refill_account(self.workspace, self.period)
        moves = [Move(kind, refill, source, account), Move(kind, topup, source, topup_account(self.workspace))]
        if self._is_over(now):
            moves.append(Move("expire", refill, account, EXPIRED))
        return [move for move in moves if move.amount]

    def entries(self, name: str, moves: Sequence[Move], *, now: int, actor: str, reason: str = "") -> list[Entry]:
        """The moves as entries of this job, numbered from `<job>:<name>:1`."""
        return [
            entry(
                f"{self.job}:{name}:{number}",
                move.kind,
                move.amount,
                debit=move.debit,
                credit=move.credit,
                workspace=self.workspace,
                period=self.period,
                actor=actor,
                at=now,
                held_at=self.held_at,
                reason=reason,
                job=self.job,
                person=self.person,
            )
            for number, move in enumerate(moves, 1)
        ]

    def _is_over(self, now: int) -> bool:
        moment = max(now, self.held_at)  # a clock behind the one that held is no new period
        return period_of(moment, self.timezone, self.refill_kind).name != self.period


def holding_of(job: str) -> Script[Holding]:
    """What the ledger knows of a job. Raises NotFound where it never held anything."""
    rows = yield ENTRIES, ids_below(job)
    if not rows:
        raise NotFound(what="hold", name=job)
    facts = rows[0]
    refill = refill_account(facts["workspace"], facts["period"])
    held_refill = _sum(rows, "hold", debit=refill)
    charged = _sum(rows, "charge")
    return Holding(
        job=job,
        workspace=facts["workspace"],
        person=facts["person"],
        period=facts["period"],
        held_at=facts["held_at"],
        timezone=facts["timezone"],
        refill_kind=facts["refill_period"],
        refill=held_refill,
        topup=_sum(rows, "hold") - held_refill,
        microusd=sum(row["microusd"] for row in rows if row["kind"] == "hold"),
        charged=charged,
        charged_refill=held_refill - _sum(rows, "release", credit=refill) if charged else 0,
        corrected=_sum(rows, "correction"),
        ended=any(row["kind"] in ("charge", "release") for row in rows),
        ids=frozenset(row["id"] for row in rows),
    )


def _sum(rows: Sequence[Row], kind: Kind, **accounts: str) -> int:
    """Credits of the entries of a kind, from or to an account where one is named."""
    return sum(
        row["amount"]
        for row in rows
        if row["kind"] == kind and all(row[side] == account for side, account in accounts.items())
    )
