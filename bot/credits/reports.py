"""What is left for a person, and what became of their jobs. Scripts that only read."""

from dataclasses import dataclass

from bot.credits.accounts import held_account
from bot.credits.limits import Spender, Used, tightest
from bot.credits.policy import standing_of
from bot.credits.rules import AS_INSTALLED, Rules
from bot.store.scripts import Script, one

HELD = """
SELECT
    (SELECT balance FROM account WHERE id = :held) AS pool_held, coalesce(sum(credits), 0) AS team,
    coalesce(sum(CASE WHEN person = :person THEN credits ELSE 0 END), 0) AS held
FROM (
    SELECT credits, person, workspace FROM job WHERE ended_at IS NULL
    UNION ALL
    SELECT better.credits, ask.person, ask.workspace FROM enhancement AS better JOIN ask ON ask.id = better.ask
    WHERE better.ended_at IS NULL
) AS underway WHERE workspace = :workspace
"""
HELD_BY_LEDGER = (
    "SELECT coalesce(sum(amount), 0) AS held FROM open_hold WHERE person = :person AND workspace = :workspace"
)
"""The same of a person, which takes a look at everything that was ever held for them."""
RECENT = """
SELECT job.id, job.held_at,
    sum(CASE kind WHEN 'hold' THEN amount ELSE 0 END) AS held,
    sum(CASE kind WHEN 'charge' THEN amount ELSE 0 END) AS charged,
    sum(CASE kind WHEN 'release' THEN amount ELSE 0 END) AS released,
    sum(CASE kind WHEN 'correction' THEN amount ELSE 0 END) AS corrected
FROM (
    SELECT DISTINCT job AS id, held_at FROM entry
    WHERE person = :person AND workspace = :workspace AND kind = 'hold' AND kind <> 'charge'
    ORDER BY held_at DESC, job DESC LIMIT :count
) AS job JOIN entry ON entry.id > job.id || ':' AND entry.id < job.id || ';'
GROUP BY job.id, job.held_at ORDER BY job.held_at DESC, job.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """What is left for a person now, in credits; times in ms.

    `left` is the least of what the pool has and what each limit leaves; `binds` is the limit that leaves it, None where
    it is the pool. `held` is set aside for the person's open jobs. `pool_resets_at` is None where no refill comes,
    `stopped` why the operator stopped everything, None where they didn't.
    """

    pool_refill: int
    pool_topup: int
    pool_held: int
    pool_resets_at: int | None
    limits: tuple[Used, ...]
    held: int
    confirm_over: int
    timezone: str = "UTC"
    rules: Rules = AS_INSTALLED
    stopped: str | None = None

    @property
    def pool_left(self) -> int:
        """What the team may still hold."""
        return self.pool_refill + self.pool_topup

    @property
    def left(self) -> int:
        """What the person may still hold."""
        return min([self.pool_left, *(one.left for one in self.limits)])

    @property
    def binds(self) -> Used | None:
        """The limit that leaves the least; None where the pool has less, or there is no limit."""
        found = tightest(self.limits)
        return found if found is not None and found.left <= self.pool_left else None

    @property
    def own(self) -> Used | None:
        """The tightest of the person's own limits."""
        return tightest([one for one in self.limits if one.limit.personal])

    @property
    def used(self) -> int:
        """What counts against that one; 0 without a limit of their own."""
        return self.own.used if self.own else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCredits:
    """What one job did to the credits. Neither charged nor released: still held."""

    job: str
    held_at: int
    held: int
    charged: int
    released: int
    corrected: int


def headroom(*, spender: Spender, now: int) -> Script[Headroom]:
    """What a person may spend now, and why not more. Raises NotFound for an unknown workspace."""
    standing = yield from standing_of(spender, now)
    policy = standing.policy
    question = {
        "workspace": spender.workspace, "person": spender.person, "held": held_account(spender.workspace),
    }  # fmt: skip
    row = one((yield HELD, question))
    held = row["held"]
    if row["team"] != row["pool_held"]:  # rows of jobs and the ledger don't agree: then the ledger counts
        held = one((yield HELD_BY_LEDGER, question))["held"]
    return Headroom(
        pool_refill=standing.refill,
        pool_topup=standing.topup,
        pool_held=row["pool_held"],
        pool_resets_at=standing.refill_period.end_ms if policy.refill else None,
        limits=standing.limits,
        held=held,
        confirm_over=policy.confirm_over,
        timezone=policy.timezone,
        rules=policy.rules,
        stopped=standing.stopped,
    )


def recent(*, workspace: str, person: str, count: int = 5) -> Script[list[JobCredits]]:
    """A person's latest jobs in a workspace, newest first."""
    rows = yield RECENT, {"workspace": workspace, "person": person, "count": count}
    return [
        JobCredits(
            job=row["id"],
            held_at=row["held_at"],
            held=row["held"],
            charged=row["charged"],
            released=row["released"],
            corrected=row["corrected"],
        )
        for row in rows
    ]
