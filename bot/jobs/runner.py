"""The background worker: claims what is due, runs its step, gives it back. One lane for jobs, one for deliveries."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, NamedTuple

from bot.errors import StoreError
from bot.jobs import leases, scripts, slots
from bot.jobs.alarm import Alarm
from bot.jobs.deliveries import Postman
from bot.jobs.enhancements import end_lost
from bot.jobs.leases import Claimed, Table
from bot.jobs.polling import backoff
from bot.jobs.reads import JobRows, with_attempts
from bot.jobs.steps import STEPS
from bot.jobs.sweeping import sweep
from bot.jobs.work import Turn, Work
from bot.logs import with_job
from bot.providers import health
from bot.store.scripts import Row, Script, T

log = logging.getLogger(__name__)

PARTS = ("jobs", "deliveries")
"""What gives signs of life: each lane for itself, so that one that hangs shows."""

_RENEWALS_PER_LEASE = 4
_SET_BACK_MS = 60_000
"""A clock that goes back by more than this was set; by less, rows just sleep that bit longer."""
_STUCK_AFTER = 4
"""How often in a row a step breaks before the operators are told: after more than half a minute."""
_GRACE = 5.0
"""Seconds that running steps get at a stop; container engines kill after ten."""


class _Claim(NamedTuple):
    row: str
    owner: str


class Lane(Generic[T]):
    """Runs the step of every due row of one table, at most `width` at a time and one of a row.

    `along` is what is read of a row when it is claimed.
    """

    def __init__(
        self,
        work: Work,
        table: Table,
        along: Callable[[Row], Script[T]],
        step: Callable[[Claimed[T]], Awaitable[None]],
        *,
        width: int,
    ) -> None:
        self._work, self._table, self._along, self._step, self._width = work, table, along, step, width
        self.alarm = Alarm(work.clock)
        self._running: dict[asyncio.Task[None], _Claim] = {}
        self._rounds = 0
        self._broken: Counter[str] = Counter()

    async def run(self, beat: Callable[[], None]) -> None:
        """Claim and run until cancelled; `beat` is called at every round, as a sign of life."""
        try:
            while True:
                beat()
                await self.alarm.sleep(await self._round())
        finally:
            await self._let_finish()

    async def renew(self) -> None:
        """Keep the leases of what is worked on. Raises StoreError."""
        held = {claim.row: claim.owner for claim in self._running.values()}
        await self._work.database.run(leases.renew, self._table, held, until=self._work.at(self._work.timing.lease))

    async def _let_finish(self) -> None:
        """Give running steps a moment, so that a stop cuts no paid call short; then let go, the rows know the rest."""
        tasks = list(self._running)
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _round(self) -> float:
        """Start what is due; answers with the seconds until the next round."""
        work = self._work
        free = self._width - len(self._running)
        if free <= 0:
            return work.timing.sweep
        self._rounds += 1
        owner = f"{work.owner}.{self._rounds}"
        try:
            claimed, wake = await work.database.run_gathered(
                leases.claim_and_next, self._table, owner, self._along, now=work.now(),
                until=work.at(work.timing.lease), limit=min(free, 64),
            )  # fmt: skip
        except StoreError as error:
            log.error("storage is away: %s", error)
            return work.timing.sweep
        for one in claimed:
            self._start(one, owner)
        return work.timing.sweep if wake is None else min(work.timing.sweep, max(0.0, (wake - work.now()) / 1000))

    def _start(self, claimed: Claimed[T], owner: str) -> None:
        """Run a row's step: beside all others, but after one of the same row that is not over."""
        claim = _Claim(str(claimed.row["id"]), owner)
        before = [task for task, other in self._running.items() if other.row == claim.row]
        task = asyncio.create_task(self._one(claimed, before), name=f"{self._table}-{claim.row}")
        self._running[task] = claim
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self.alarm.ring()

    async def _one(self, claimed: Claimed[T], before: Sequence[asyncio.Task[None]]) -> None:
        row = claimed.row
        if before:  # it goes on after its last change, or lost its lease while storage was away
            await asyncio.wait(before)
        try:
            await self._step(claimed)
        except Exception as error:
            log.exception("%s %s: its step broke", self._table, row["id"])
            await self._put_aside(row, type(error).__name__)
        else:
            self._broken.pop(row["id"], None)

    async def _put_aside(self, row: Row, error: str) -> None:
        """A step that broke is tried again later, ever more seldom; its own tries and their limits are not touched."""
        wait = backoff(self._broken[row["id"]], first=5.0, longest=600.0)
        self._broken[row["id"]] += 1
        try:
            await self._work.run(leases.put_aside, self._table, row["id"], row["lease_owner"], wake=self._work.at(wait))
            if self._broken[row["id"]] == _STUCK_AFTER:
                await self._tell_stuck(row, error)
        except StoreError as away:
            log.error("%s %s waits for its lease to end: %s", self._table, row["id"], away)

    async def _tell_stuck(self, row: Row, error: str) -> None:
        """Tell the operators, unless it is what they were told of that job last, or an alert that can't be shown."""
        job = row["id"] if self._table == "job" else row["job"]
        if self._table == "delivery" and row["kind"] == "alert":
            return
        if not await self._work.run(scripts.has_alert, job, "stuck"):
            await self._work.tell_operators(job, "stuck", error=error)


class Runner:
    """Everything that goes on by itself: both lanes, the renewal of leases, a sweep and other `looks` every minute."""

    def __init__(
        self,
        work: Work,
        postman: Postman,
        *,
        width: int = 128,
        keep_days: int = 30,
        looks: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._work, self._postman, self._made_at = work, postman, work.now()
        self._looks: Sequence[Callable[[], Awaitable[None]]] = (
            partial(sweep, work, postman, keep_days=keep_days),
            *looks,
        )
        self.jobs = Lane(work, "job", lambda row: scripts.last_attempt(row["id"]), self._job, width=width)
        self.deliveries = Lane(
            work, "delivery", lambda row: with_attempts(row["job"]), self._delivery, width=width // 4
        )

    def ring(self) -> None:
        """Something may be due now."""
        self.jobs.alarm.ring()
        self.deliveries.alarm.ring()

    async def run(self, beat: Callable[[str], None], *, alone: bool) -> None:
        """Work until cancelled; `beat` is told which of PARTS is alive.

        A process that is `alone` on its data takes over at once what a dead one held.
        """
        if alone:
            await self._work.run(leases.free_all, now=self._work.now())
            await end_lost(self._work, self._made_at)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.jobs.run(partial(beat, "jobs")))
            group.create_task(self.deliveries.run(partial(beat, "deliveries")))
            group.create_task(self._renew())
            group.create_task(self._sweep())

    async def _job(self, claimed: Claimed[Row | None]) -> None:
        turn = Turn(row=claimed.row, work=self._work, attempt=claimed.along)
        with with_job(turn.job):
            await STEPS[turn.state](self._work, turn)
        self.ring()

    async def _delivery(self, claimed: Claimed[JobRows]) -> None:
        with with_job(str(claimed.row["job"] or "")):
            await self._postman.deliver(claimed.row, claimed.along)

    async def _renew(self) -> None:
        latest = self._work.now()
        while True:
            await self._work.clock.sleep(self._work.timing.lease / _RENEWALS_PER_LEASE)
            try:
                await self.jobs.renew()
                await self.deliveries.renew()
                latest = await self._watch_clock(latest)
            except StoreError as error:
                log.error("leases could not be renewed: %s", error)

    async def _watch_clock(self, latest: int) -> int:
        """Wake what sleeps until a time that a clock set back won't reach for long; answers with the time now.

        Providers that were to be left alone until then are open again as well.
        """
        now = self._work.now()
        if now < latest - _SET_BACK_MS:
            log.warning("the clock was set back by %d seconds", (latest - now) // 1000)
            for script in (leases.wake_all, slots.open_all, health.end_cool_downs):
                await self._work.database.run(script, now=now)
            self.ring()
        return now

    async def _sweep(self) -> None:
        while True:
            for look in self._looks:
                try:
                    await look()
                except Exception:
                    log.exception("the sweep broke")
            await self._work.clock.sleep(60.0)
