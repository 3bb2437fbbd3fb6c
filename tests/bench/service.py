"""The waiting jobs: the whole service, wired as it runs, with thousands of jobs at the stand-in at once.

Everything is the real thing: verbs, runner, steps, provider client, door, database, blobs, media. The messenger keeps
nothing, and the clock goes slower than the wall's, so that a round of looks at all jobs fits into its five seconds.
"""

import asyncio
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from bot import settings as house_settings
from bot.app import App, open_app
from bot.clock import SystemClock
from bot.credits.check import check as check_ledger
from bot.credits.people import ensure_workspace
from bot.credits.policy import Policy
from bot.credits.pool import top_up
from bot.media.videos import check, fit, poster
from bot.messaging import Actor, ActorFacts, Ask, Card, Choice, MessageRef, OutFile, Place, PlaceFacts
from bot.providers.wavespeed import WaveSpeed
from bot.store.ids import new_id
from tests.bench.figures import Lag, Spent, lagging, peak_memory, spending
from tests.bench.pairs import PLENTY
from tests.bench.stand_in import clip_of
from tests.support.books import limited

WARM = 200
"""Jobs that live before the measured ones, so that what is loaded or filled once is there."""

_WARM_SLOW = 0.2
_PERSONS, _AT_ONCE = 500, 64
_LOOK = 0.2
_CLIPS = 200
_LEFT = """
SELECT 1 FROM job WHERE wake_at IS NOT NULL UNION ALL SELECT 1 FROM delivery WHERE wake_at IS NOT NULL LIMIT 1
"""
_BOUGHT = """
SELECT job.request, job.state, attempt.task_id,
    (SELECT count(*) FROM entry WHERE id > job.id || ':' AND id < job.id || ';' AND kind = 'charge') AS charges,
    (SELECT count(*) FROM delivery AS d WHERE d.job = job.id AND d.kind = 'result' AND d.state = 'posted') AS posted
FROM job LEFT JOIN attempt ON attempt.job = job.id
"""


@dataclass(frozen=True, slots=True)
class Bought:
    """One attempt as the rows tell it: what was asked for, the provider's id, how often it was charged and shown."""

    prompt: str
    task: str
    state: str
    charges: int
    posted: int


@dataclass(frozen=True)
class Lived:
    """What so many jobs took: being asked for, then the rest of their lives; `media` is CPU seconds of its video."""

    asking: Spent
    living: Spent
    media: float
    memory: int
    lag: Lag
    edits: int
    files: int
    bought: list[Bought]


class SlowClock(SystemClock):
    """The machine's clock, `times` times slower from a change of it on."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self._house = self._wall = super().now()
        self._times = times

    def slow_down(self, times: float) -> None:
        self._house, self._wall, self._times = self.now(), super().now(), times

    def now(self) -> int:
        return self._house + round((super().now() - self._wall) / self._times)

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds * self._times)


class Nowhere:
    """Implements Messenger: reads files to their end and keeps nothing but numbers."""

    beat = 5.0

    def __init__(self) -> None:
        self.posts = self.files = self.edits = 0

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        self.posts += 1
        for file in files:
            assert sum([len(piece) async for piece in file.read()]) == file.size
            self.files += 1
        message = str(self.posts)
        return MessageRef(platform=place.platform, workspace=place.workspace, channel=place.channel, message=message)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        self.edits += 1

    async def delete(self, ref: MessageRef) -> None:
        return

    async def place(self, place: Place) -> PlaceFacts:
        return PlaceFacts(can_post=True, can_attach=True, upload_limit=10_000_000)

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        return ()

    async def direct(self, actor: Actor) -> Place:
        return Place(platform=actor.platform, workspace=actor.workspace, channel=actor.user)

    async def actor(self, actor: Actor) -> ActorFacts:
        return ActorFacts(name=actor.name, active=True)


def live(base: str, folder: Path, jobs: int, slow: float) -> Lived:
    """Ask for so many videos, then let the runner work until nothing is left to do. For a process of its own."""
    return asyncio.run(_live(base, folder, jobs, slow))


async def _live(base: str, folder: Path, jobs: int, slow: float) -> Lived:
    WaveSpeed.looks_per_second = inf  # as many as there are; otherwise looks get rarer with this many jobs
    clock, messenger = SlowClock(_WARM_SLOW), Nowhere()
    async with open_app(_settings(base, folder), clock=clock, messengers={"bench": messenger}) as app:
        await _fill_pool(app)
        await _ask_all(app, range(WARM))
        await _until_quiet(app)
        clock.slow_down(slow)
        memory, edits = peak_memory(), messenger.edits
        with spending() as asking:
            await _ask_all(app, range(WARM, WARM + jobs))
        async with lagging() as lag:
            with spending() as living:
                await _until_quiet(app)
        memory = peak_memory() - memory
        await app.database.view(check_ledger)
        return Lived(
            asking, living, _media(), memory, lag, messenger.edits - edits, messenger.files, await _bought(app)
        )  # fmt: skip


def _settings(base: str, folder: Path) -> house_settings.Settings:
    environ = {
        "WAVESPEED_API_KEY": "bench-key-bench-key", "WAVESPEED_BASE_URL": base, "KLINGBOT_DATA": str(folder),
        "KLINGBOT_MONTHLY_USD": "100000", "KLINGBOT_WEB": "0",
        "KLINGBOT_CONCURRENCY": "wavespeed=100000",
    }  # fmt: skip
    return house_settings.load(environ, env_file=None)


async def _fill_pool(app: App) -> None:
    """Meet the team, and give it credits enough."""
    now = app.clock.now()
    workspace = await app.database.run(
        ensure_workspace, platform="bench", platform_workspace="team", name="team",
        policy=Policy(limits=limited(PLENTY)),
        now=now, new_id=new_id(app.clock),
    )  # fmt: skip
    await app.database.run(top_up, workspace=workspace, credits=PLENTY, now=now, actor="bench", reason="", key="bench")


async def _ask_all(app: App, numbers: range) -> None:
    """Ask through the verbs, as the adapters do, some at a time; nothing else runs meanwhile."""
    left = iter(numbers)

    async def person() -> None:
        for number in left:
            reply = await app.commands.ask(_ask(number))
            assert reply.card is None, reply.card

    await asyncio.gather(*(person() for _ in range(_AT_ONCE)))


def _ask(number: int) -> Ask:
    user = f"user{number % _PERSONS}"
    return Ask(
        key=f"ask-{number}", actor=Actor(platform="bench", workspace="team", user=user, name=user),
        place=Place(platform="bench", workspace="team", channel="general"), text=f"a red fox, number {number} --yes",
    )  # fmt: skip


async def _until_quiet(app: App) -> None:
    """Let the runner work until neither a job nor a message has anything left to do."""
    running = asyncio.create_task(app.runner.run(lambda _: None, alone=True))
    try:
        while await app.database.read(_LEFT):
            await asyncio.sleep(_LOOK)
            assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _bought(app: App) -> list[Bought]:
    return [
        Bought(json.loads(row["request"])["prompt"], row["task_id"], row["state"], row["charges"], row["posted"])
        for row in await app.database.read(_BOUGHT)
    ]


def _media() -> float:
    """CPU seconds that checking, fitting and a still of one clip take by themselves."""
    clips = [clip_of(str(number)) for number in range(_CLIPS)]
    with spending() as spent:
        for content in clips:
            file = io.BytesIO(content)
            check(file, 5)
            poster(file)
            fit(file, io.BytesIO(), 10_000_000)
    return spent.cpu / _CLIPS
