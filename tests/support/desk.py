"""The jobs room on real storage, with made-up providers and platforms, moved on by hand."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.commands.team.announcing import Announcing, Sources
from bot.commands.team.table import ANNOUNCERS
from bot.credits.limits import Spender
from bot.credits.people import ensure_person, ensure_workspace
from bot.credits.policy import ADMITTED
from bot.credits.reports import Headroom, headroom
from bot.jobs import asks, leases
from bot.jobs.asks import NewAsk, NewJob
from bot.jobs.deliveries import Postman
from bot.jobs.durations import Durations
from bot.jobs.reads import Reader
from bot.jobs.states import JobState
from bot.jobs.steps import STEPS
from bot.jobs.timing import Timing
from bot.jobs.views import JobView
from bot.jobs.work import Turn, Work
from bot.kling.requests import Request, TextToVideo, dump_request
from bot.messaging import Actor, Card, Place, Row
from bot.providers.offers import Offer
from bot.store.blobs import Blobs
from bot.store.ids import new_id
from tests.support.clips import clip
from tests.support.clock import FakeClock
from tests.support.messengers import FakeMessenger
from tests.support.providers import FakeProvider, named, offer
from tests.support.still import BusyDatabase, StillClock

HERE = Place(platform="fake", workspace="team", channel="general")
BEN = Actor(platform="fake", workspace="team", user="ben", name="Ben")
OPERATORS = Place(platform="fake", workspace="team", channel="operators")
CEILING = 50_000_000


def render(kind: str, view: JobView, facts: Mapping[str, Any], now: int) -> Card:
    """A card that says what it was made from."""
    rows = tuple(Row(name=name, value=str(value)) for name, value in facts.items())
    return Card(title=f"{kind}:{view.state}", text=f"{view.progress}", rows=rows, alt="a video")


@dataclass
class Desk:
    """Everything a test of the jobs room needs."""

    work: Work
    postman: Postman
    reader: Reader
    messenger: FakeMessenger
    providers: dict[str, FakeProvider]
    clock: FakeClock
    workspace: str
    person: str
    downloads: list[bytes | Exception] = field(default_factory=list)

    async def ask_for(
        self,
        request: Request | None = None,
        *,
        offers: tuple[str, ...] = ("fake/text/standard",),
        person: str = "",
        credits: int = 50,
        microusd: int = 250_000,
    ) -> str:
        """An accepted ask with one job; answers with the job's id. `person` is somebody else than the desk's own."""
        person = person or self.person
        ask, job = new_id(self.clock), new_id(self.clock)
        now = self.clock.now()
        await self.work.run(asks.receive, self._new_ask(ask, person), now=now)
        await self.work.run(
            asks.quote_ask,
            ask,
            request="{}",
            options={},
            quote=json.dumps({"offers": offers}),
            confirming=False,
            now=now,
        )
        ref = await self.messenger.post(HERE, Card(title="status"), key=ask)
        wanted = NewJob(
            id=job, request=dump_request(request or TextToVideo(prompt="a red fox")), offers=offers, credits=credits,
            microusd=microusd, status_delivery=new_id(self.clock),
        )  # fmt: skip
        assert await self.work.run(
            asks.accept, ask, [wanted], status_ref=asdict(ref), ceiling=CEILING, actor=person, now=now
        )
        return job

    def _new_ask(self, ask: str, person: str) -> NewAsk:
        return NewAsk(
            id=ask, key=ask, workspace=self.workspace, person=person, actor=asdict(BEN), place=asdict(HERE),
            message=None, text="a red fox", pictures=[],
        )  # fmt: skip

    async def somebody(self, name: str) -> str:
        """The id of another member of the workspace."""
        return await self.work.run(
            ensure_person, platform="fake", platform_workspace="team", platform_user=name, name=name,
            new_id=new_id(self.clock), now=self.clock.now(),
        )  # fmt: skip

    async def turn(self, *, deliveries: bool = True) -> int:
        """Run the step of everything that is due now, once; answers with how many there were."""
        work, until = self.work, self.work.at(self.work.timing.lease)
        rows = await work.run(leases.claim, "job", work.owner, now=work.now(), until=until, limit=10)
        for row in rows:
            turn = Turn(row=row, work=work)
            await STEPS[turn.state](work, turn)
        posts = []
        if deliveries:
            posts = await work.run(leases.claim, "delivery", work.owner, now=work.now(), until=until, limit=10)
            for row in posts:
                await self.postman.deliver(row)
        return len(rows) + len(posts)

    async def run_until(self, done: Callable[[], Any], *, within: float = 100_000.0, deliveries: bool = True) -> None:
        """Turn after turn, the clock moved to the next thing due, until `done()` (which may be async) is true."""
        end = self.clock.now() + within * 1000
        while self.clock.now() < end:
            answer = done()
            if answer if not hasattr(answer, "__await__") else await answer:
                return
            if not await self.turn(deliveries=deliveries):
                await self._move_on("job", "delivery") if deliveries else await self._move_on("job")
        raise AssertionError("it never came to that")

    async def _move_on(self, *tables: leases.Table) -> None:
        wakes = [await self.work.run(leases.next_wake, table) for table in tables]
        due = [wake for wake in wakes if wake is not None]
        assert due, "nothing will ever happen again"
        self.clock.time = max(self.clock.time, min(due))

    async def until_state(self, job: str, *states: JobState, deliveries: bool = True) -> JobView:
        """Turn until the job is in one of these states; without `deliveries` nothing is shown meanwhile."""

        async def there() -> bool:
            return (await self.view(job)).state in states

        await self.run_until(there, deliveries=deliveries)
        return await self.view(job)

    async def settle(self) -> None:
        """Turn until nothing is due for a minute."""
        quiet = self.clock.now() + 60_000
        while self.clock.now() < quiet:
            if not await self.turn():
                tables: tuple[leases.Table, ...] = ("job", "delivery")
                wakes = [await self.work.run(leases.next_wake, table) for table in tables]
                due = [wake for wake in wakes if wake is not None]
                if not due or min(due) > quiet:
                    return
                self.clock.time = max(self.clock.time, min(due))

    async def view(self, job: str) -> JobView:
        return await self.reader.view(job)

    async def headroom(self) -> Headroom:
        spender = Spender(workspace=self.workspace, person=self.person)
        return await self.work.run(headroom, spender=spender, now=self.clock.now())


@asynccontextmanager
async def desk(
    folder: Path, *, offers: tuple[Offer, ...] = (), timing: Timing | None = None, clock: FakeClock | None = None
) -> AsyncIterator[Desk]:
    """A desk on a fresh data folder, or on an old one to go on with."""
    clock = clock or FakeClock()
    on_sale = {one.id: one for one in offers or (offer("fake"),)}
    providers = {one.provider: named(FakeProvider, one.provider)() for one in on_sale.values()}
    database = await BusyDatabase.open(folder / "test.db")
    async with database:
        if isinstance(clock, StillClock):
            clock.databases.append(database)
        blobs = Blobs(folder / "blobs", database, clock)
        downloads: list[bytes | Exception] = []

        async def download(provider: str, url: str) -> AsyncIterator[bytes]:
            answer = downloads.pop(0) if downloads else clip(5)
            if isinstance(answer, Exception):
                raise answer
            yield answer

        work = Work(
            database=database, durations=Durations(database, clock),
            blobs=blobs, clock=clock, timing=timing or Timing(), providers=providers, offers=on_sale,
            download=download, owner=new_id(clock), credit_microusd=5_000, alerts=OPERATORS,
        )  # fmt: skip
        reader, messenger = Reader(database, on_sale, work.durations), FakeMessenger()
        sources = Sources(
            database=database, reader=reader, blobs=blobs, credit_microusd=5_000, ceiling_microusd=CEILING
        )  # fmt: skip
        announce = Announcing(sources=sources, announcers=ANNOUNCERS)
        postman = Postman(
            work=work, reader=reader, messengers={"fake": messenger}, render=render, announce=announce
        )  # fmt: skip
        workspace = await database.run(
            ensure_workspace,
            platform="fake",
            platform_workspace="team",
            name="team",
            policy=ADMITTED,
            new_id=new_id(clock),
            now=clock.now(),
        )
        person = await database.run(
            ensure_person,
            platform="fake",
            platform_workspace="team",
            platform_user="ben",
            name="Ben",
            new_id=new_id(clock),
            now=clock.now(),
        )
        yield Desk(work, postman, reader, messenger, providers, clock, workspace, person, downloads)
