"""What the ledger knows of one job, read back from its entries, and the entries that may follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.credits.accounts import EXPIRED, Entry, Kind, entry, held_account, ids_below, refill_account, topup_account
from bot.credits.periods import period_of
from bot.errors import NotFound
from bot.store.scripts import Row, Script

ENTRIES = """
SELECT e.id, e.kind, e.debit, e.credit, e.amount, e.microusd, e.workspace, e.person, e.tag, e.channel, e.provider,
    e.period, e.held_at, w.timezone, w.refill_period
FROM entry AS e JOIN workspace AS w ON w.id = e.workspace
WHERE e.id > :low AND e.id < :high
"""
BOOKED = ("charge", "release", "correction")
"""What stands under the person, tag and channel of a job; its variance is nobody's."""


class Move(NamedTuple):
    """An entry to be: `amount` credits from `debit` to `credit`."""

    kind: Kind
    amount: int
    debit: str
    credit: str


@dataclass(slots=True, kw_only=True)
class Holding:
    """A job's credits: `refill` and `topup` were held from each, `microusd` was counted in the operator's month.

    `facts` is the entry of its hold (one of two), which also says where, whose and when; `entries` are all so far.
    """

    job: str
    facts: Row
    entries: Sequence[Row]
    refill: int
    topup: int
    microusd: int

    @property
    def workspace(self) -> str:
        """Whose credits they are."""
        workspace: str = self.facts["workspace"]
        return workspace

    @property
    def held_at(self) -> int:
        """When they were held, in ms."""
        held_at: int = self.facts["held_at"]
        return held_at

    @property
    def held(self) -> int:
        """What was held in all."""
        return self.refill + self.topup

    @property
    def account(self) -> str:
        """Where it was put."""
        return held_account(self.workspace)

    @property
    def refill_account(self) -> str:
        """The refill that was held from."""
        return refill_account(self.workspace, self.facts["period"])

    @property
    def ended(self) -> bool:
        """Whether it was charged or released."""
        return any(row["kind"] != "hold" for row in self.entries)

    def total(self, kind: Kind) -> int:
        """Credits of all entries of a kind."""
        return sum(row["amount"] for row in self.entries if row["kind"] == kind)

    def returned(self, kind: Kind) -> int:
        """Credits that went back to the refill with entries of a kind."""
        account = self.refill_account
        return sum(row["amount"] for row in self.entries if row["kind"] == kind and row["credit"] == account)

    def back(self, kind: Kind, source: str, refill: int, topup: int, now: int) -> list[Move]:
        """From `source` to where the credits came from; to a refill whose period is over they only come to expire."""
        moves = []
        if refill:
            moves.append(Move(kind, refill, source, self.refill_account))
            if self._is_over(now):
                moves.append(Move("expire", refill, self.refill_account, EXPIRED))
        if topup:
            moves.append(Move(kind, topup, source, topup_account(self.workspace)))
        return moves

    @property
    def provider(self) -> str:
        """Who was paid, once it was charged."""
        return next((str(row["provider"]) for row in self.entries if row["provider"]), "")

    def follow(
        self, name: str, moves: Sequence[Move], *, now: int, actor: str, reason: str = "", provider: str = ""
    ) -> list[Entry]:
        """The moves as entries of this job, numbered from `<job>:<name>:1`."""
        facts = self.facts
        return [
            entry(
                f"{self.job}:{name}:{number}",
                move.kind,
                move.amount,
                debit=move.debit,
                credit=move.credit,
                workspace=facts["workspace"],
                period=facts["period"],
                actor=actor,
                at=now,
                held_at=facts["held_at"],
                reason=reason,
                job=self.job,
                person=facts["person"] if move.kind in BOOKED else None,
                tag=facts["tag"] if move.kind in BOOKED else "",
                channel=facts["channel"] if move.kind in BOOKED else "",
                provider=provider if move.kind in ("charge", "correction") else "",
            )
            for number, move in enumerate(moves, 1)
        ]

    def _is_over(self, now: int) -> bool:
        moment = max(now, self.held_at)  # a clock behind the one that held is no new period
        period = period_of(moment, self.facts["timezone"], self.facts["refill_period"])
        return bool(period.name != self.facts["period"])


def holding_of(job: str) -> Script[Holding]:
    """What the ledger knows of a job. Raises NotFound where it never held anything."""
    rows = yield ENTRIES, ids_below(job)
    refill = topup = microusd = 0
    facts = None
    for row in rows:
        if row["kind"] == "hold":
            facts = facts or row
            microusd += row["microusd"]
            if row["debit"] == topup_account(row["workspace"]):
                topup += row["amount"]
            else:
                refill += row["amount"]
    if facts is None:
        raise NotFound(what="hold", name=job)
    return Holding(job=job, facts=facts, entries=rows, refill=refill, topup=topup, microusd=microusd)
