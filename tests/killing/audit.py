"""What must be true once everything came to rest, whatever died on the way: the service's rows against the world's.

The world is what the sandbox sold and what the chat shows; the rows are read without a line of the service's own code,
but for the ledger's check of itself.
"""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.credits.check import check
from bot.jobs.states import FOLLOWS
from bot.sandbox.studio import name_box
from bot.sandbox.tasks import Task
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.scripts import Script
from tests.killing import chat

_HOUR = 3_600.0
_BY_A_PERSON = ("released_by_admin", "charged_by_admin")
_LEASES = """
SELECT id FROM job WHERE lease_owner IS NOT NULL OR lease_until IS NOT NULL OR wake_at IS NOT NULL
UNION ALL SELECT id FROM delivery WHERE lease_owner IS NOT NULL OR lease_until IS NOT NULL OR wake_at IS NOT NULL
"""


class Audit:
    """Everything at rest, read once; each method is a rule and raises AssertionError where it is broken."""

    def __init__(self, folder: Path, sold: Sequence[Task], prompts: Sequence[str]) -> None:
        self.folder, self.prompts = folder, prompts
        with sqlite3.connect(folder / "data" / "klingbot.db") as connection:
            connection.row_factory = sqlite3.Row
            self.jobs = connection.execute("SELECT * FROM job ORDER BY id").fetchall()
            self.asks = connection.execute("SELECT * FROM ask").fetchall()
            self.attempts = _by(connection.execute("SELECT * FROM attempt ORDER BY job, number").fetchall(), "job")
            self.entries = _by(connection.execute("SELECT * FROM entry WHERE job IS NOT NULL").fetchall(), "job")
            self.seen = connection.execute("SELECT * FROM seen ORDER BY id").fetchall()
            self.deliveries = _by(connection.execute("SELECT * FROM delivery").fetchall(), "job")
            self.held = [row["id"] for row in connection.execute(_LEASES)]
        connection.close()
        self.sold: dict[str, list[Task]] = defaultdict(list)
        for task in sold:
            self.sold[task.order.prompt].append(task)
        self.messages = chat.read(folder / "chat.jsonl")

    def everything(self) -> None:
        """All rules."""
        self.one_job_for_each_ask()
        self.one_ending_for_each_job()
        self.nothing_is_bought_twice()
        self.nothing_paid_is_lost()
        self.one_charge_or_one_release()
        self.one_delivery()
        self.every_card_is_up_to_date()
        self.nothing_is_held()
        self.nothing_broke()

    def one_job_for_each_ask(self) -> None:
        assert [ask["state"] for ask in self.asks] == ["accepted"] * len(self.prompts), "every ask is accepted"
        prompts = sorted(_prompt(job) for job in self.jobs)
        assert prompts == sorted(self.prompts), "one job for each ask"

    def one_ending_for_each_job(self) -> None:
        for job in self.jobs:
            states = [(row["old"], row["new"]) for row in self.seen if row["what"] == "job" and row["row"] == job["id"]]
            assert states[0] == ("", "queued"), f"a job is born queued: {states}"
            for (_, before), (old, new) in pairwise(states):
                assert before == old, f"changes follow each other: {states}"
                assert new in FOLLOWS[old], f"only what the table of states allows: {states}"
            assert not FOLLOWS[states[-1][1]], f"it has ended: {states}"
            assert (states[-1][1], bool(job["ended_at"])) == (job["state"], True), f"as its row says: {states}"

    def nothing_is_bought_twice(self) -> None:
        for job in self.jobs:
            tasks = self.sold[_prompt(job)]
            assert len(tasks) <= 1, f"job {job['id']} was bought {len(tasks)} times"
            known = [attempt["task_id"] for attempt in self.attempts[job["id"]] if attempt["task_id"]]
            assert set(known) <= {task.id for task in tasks}, f"job {job['id']} has another job's task"

    def nothing_paid_is_lost(self) -> None:
        """What was sold as a video is here as one, unless its file is spoilt or an administrator ended the job."""
        for job in self.jobs:
            if _ending(job) in _BY_A_PERSON:
                continue
            tasks = [task for task in self.sold[_prompt(job)] if _makes_a_video(task)]
            assert (job["state"] == "done") == bool(tasks), f"{dict(job)}, sold: {tasks}"
            if tasks:
                place = self.folder / "data" / "blobs" / job["video"][:2] / job["video"][2:4] / job["video"]
                assert place.read_bytes().endswith(name_box(tasks[0].slug)), "and it is the right one"

    def one_charge_or_one_release(self) -> None:
        for job in self.jobs:
            amounts: dict[str, int] = defaultdict(int)
            for entry in self.entries[job["id"]]:
                amounts[entry["kind"]] += entry["amount"]
            assert amounts["hold"] == job["credits"], f"job {job['id']} is held once: {amounts}"
            assert amounts["charge"] + amounts["release"] == amounts["hold"], f"it is ended once: {amounts}"
            charged = job["state"] == "done" or _ending(job) == "charged_by_admin"
            assert (amounts["charge"] > 0) == charged, f"a {job['state']} job: {amounts}"
            assert not charged or self.sold[_prompt(job)], "what was not sold is not charged"

    def one_delivery(self) -> None:
        """A result for each video, one message for each delivery, one status card for each job."""
        shown = [message["key"].partition("~")[0] for message in self.messages]
        for job in self.jobs:
            rows = {row["kind"]: row for row in self.deliveries[job["id"]]}
            assert ("result" in rows) == (job["state"] == "done"), f"a {job['state']} job: {sorted(rows)}"
            assert shown.count(job["ask"]) == 1, "one status card"
            for kind in rows.keys() - {"status"}:
                wanted = int(rows[kind]["state"] == "posted")
                assert shown.count(rows[kind]["id"]) == wanted, (
                    f"one {kind} message, not {shown.count(rows[kind]['id'])}"
                )
        assert len(self.messages) == len(set(shown)), "and no other messages"

    def every_card_is_up_to_date(self) -> None:
        """What the service believes it showed last is what the chat shows."""
        cards = {message["key"]: message["card"] for message in self.messages}
        for rows in self.deliveries.values():
            for row in [row for row in rows if row["state"] == "posted"]:
                digest = hashlib.sha256(cards[json.loads(row["ref"])["message"]].encode()).hexdigest()
                assert digest.startswith(json.loads(row["shown"])["digest"]), f"the {row['kind']} card is current"

    def nothing_is_held(self) -> None:
        assert not self.held, "no lease is left"

    def nothing_broke(self) -> None:
        log = (self.folder / "service.log").read_text()
        assert " ERROR " not in log, log
        assert "Traceback" not in log, log

    async def the_ledger_adds_up(self, clock: Clock) -> None:
        """By its own check; and no credits are held, no unfinished file outlives an hour."""
        async with await Database.open(self.folder / "data" / "klingbot.db") as database:
            totals = await database.view(check)
            blobs = Blobs(self.folder / "data" / "blobs", database, _Later(clock))
            await blobs.sweep(_nothing, 10**12)
        assert totals.held == 0, totals
        assert not list((self.folder / "data" / "blobs" / "incoming").glob("*")), "no unfinished file is left"


class _Later:
    """The time an hour and a bit from now, as far as a sweep needs one."""

    def __init__(self, clock: Clock) -> None:
        self.sleep, self.randbytes, self.uniform = clock.sleep, clock.randbytes, clock.uniform
        self._clock = clock

    def now(self) -> int:
        return self._clock.now() + 2 * 3_600_000


def _nothing() -> Script[set[str]]:
    yield from ()
    return set()


def _by(rows: Sequence[sqlite3.Row], column: str) -> dict[str, list[sqlite3.Row]]:
    found: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _prompt(job: sqlite3.Row) -> str:
    return str(json.loads(job["request"])["prompt"])


def _makes_a_video(task: Task) -> bool:
    return task.fate == "video" and not task.video_fault and task.state != "cancelled"


def _ending(job: sqlite3.Row) -> Any:
    return json.loads(job["error"])["ending"] if job["error"] else ""
