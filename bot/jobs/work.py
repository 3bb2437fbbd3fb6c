"""What the steps work with: the open doors of the house, and one claimed job's turn."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

from bot.clock import Clock
from bot.errors import BlobMissing, StoreUnavailable
from bot.jobs import scripts
from bot.jobs.durations import Durations
from bot.jobs.states import JobState
from bot.jobs.timing import Timing
from bot.kling.requests import Request, load_request
from bot.messaging import Place
from bot.providers.base import PictureFile, Provider
from bot.providers.offers import Offer
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.scripts import Row, Script

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_STORE_PATIENCE = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)


class Download(Protocol):
    """Streams a finished video from a provider's address, through the net's rules. Raises NetError or CheckFailed."""

    def __call__(self, provider: str, url: str) -> AsyncIterator[bytes]:
        """The bytes behind an address that `provider` gave."""
        ...


@dataclass(frozen=True, kw_only=True)
class Work:
    """Everything a step may touch. One per process, made by the composition root."""

    database: Database
    durations: Durations
    blobs: Blobs
    clock: Clock
    timing: Timing
    providers: Mapping[str, Provider]
    offers: Mapping[str, Offer]
    download: Download
    owner: str
    credit_microusd: int
    alerts: Place | None = None
    ring: Callable[[], None] = field(default=lambda: None)
    media: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Looking through and re-encoding videos takes whole cores: two at a time, so that the rest goes on."""

    def now(self) -> int:
        """Milliseconds UTC."""
        return self.clock.now()

    def at(self, seconds: float) -> int:
        """The time (ms) that many seconds from now."""
        return self.clock.now() + round(seconds * 1000)

    def new_id(self) -> str:
        """A fresh id."""
        return new_id(self.clock)

    async def run(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction script with those of other jobs, and again for a while where storage is away.

        Raises StoreUnavailable.
        """
        for pause in _STORE_PATIENCE:
            try:
                return await self.database.run_gathered(script, *args, **kwargs)
            except StoreUnavailable:
                await self.clock.sleep(pause)
        return await self.database.run(script, *args, **kwargs)

    async def insist(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a script at once, and however long storage is away: for what only this process knows.

        As the answer to a paid call, which is lost with the process.
        """
        while True:
            with contextlib.suppress(StoreUnavailable):
                return await self.database.run(script, *args, **kwargs)
            try:
                return await self.run(script, *args, **kwargs)
            except StoreUnavailable as error:
                log.error("storage is away, and an answer waits for it: %s", error)

    async def tell_operators(self, job: str, kind: str, **facts: Any) -> None:
        """Post an alert about a job where the operators read; without such a place it stays in `klingbot jobs`."""
        if self.alerts is None:
            return
        place = place_json(self.alerts)
        await self.run(
            scripts.alert, job, delivery=self.new_id(), place=place, facts={"kind": kind, **facts}, now=self.now()
        )  # fmt: skip
        self.ring()


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One claimed job: its row as it was claimed."""

    row: Row
    work: Work
    attempt: Row | None = None

    @property
    def job(self) -> str:
        """The job's id."""
        return str(self.row["id"])

    @property
    def owner(self) -> str:
        """The name it was claimed under."""
        return str(self.row["lease_owner"])

    @property
    def state(self) -> JobState:
        """The state it was claimed in."""
        return JobState(self.row["state"])

    @property
    def tries(self) -> int:
        """How often the current step failed for a passing reason."""
        return int(self.row["tries"])

    @property
    def progress(self) -> dict[str, Any]:
        """What is known of the task's progress, as stored."""
        return dict(json.loads(self.row["progress"]))

    def request(self) -> Request:
        """The canonical request."""
        return load_request(self.row["request"])

    def offer_ids(self) -> Sequence[str]:
        """The offers it may be bought from, best first."""
        return list(json.loads(self.row["offers"]))

    async def last_attempt(self) -> Row:
        """Its newest attempt, as it was claimed with it. Raises LookupError where there is none."""
        attempt = self.attempt or await self.work.run(scripts.last_attempt, self.job)
        if attempt is None:
            raise LookupError(f"job {self.job} is {self.state} without an attempt")
        return attempt

    async def sleep(
        self, seconds: float, *, tries: int | None = None, progress: dict[str, Any] | None = None, show: bool = False
    ) -> None:
        """Give the job back for that long."""
        await self.work.run(
            scripts.sleep, self.job, self.owner, wake=self.work.at(seconds),
            tries=self.tries if tries is None else tries,
            progress=self.progress if progress is None else progress, show=self.work.now() if show else None,
        )  # fmt: skip


def place_json(place: Place) -> dict[str, Any]:
    """A place as it is stored."""
    return asdict(place)


async def picture_files(database: Database, blobs: Blobs, ask: str, refs: Sequence[str]) -> dict[str, PictureFile]:
    """The stored pictures a request names, with their sizes from the ask's row. Raises BlobMissing."""
    rows = await database.read("SELECT pictures FROM ask WHERE id = :id", {"id": ask})
    known = {f"blob:{picture['sha256']}": picture for picture in json.loads(rows[0]["pictures"])} if rows else {}
    files = {}
    for ref in refs:
        facts = known.get(ref)
        if facts is None:
            raise BlobMissing(ref.removeprefix("blob:"))
        data = await blobs.read(facts["sha256"])
        files[ref] = PictureFile(
            sha256=facts["sha256"], mime=facts["mime"], width=facts["width"], height=facts["height"], size=len(data),
            read=partial(bytes, data),
        )  # fmt: skip
    return files
