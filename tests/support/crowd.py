"""Many people at providers that have good and bad days: a simulation on real storage, without wall time."""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.jobs import leases, scripts, slots
from bot.jobs.slots import Room
from bot.jobs.work import Turn, Work
from bot.providers.base import Body, Failure, Lost, Task, TaskStatus
from bot.providers.health import ailing
from tests.support.desk import Desk
from tests.support.providers import FakeProvider

_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Made:
    """One task at a provider, whether or not anybody was told of it."""

    attempt: str
    ends_at: int
    fails: bool


@dataclass(frozen=True)
class Call:
    """One paid call, and what each provider was like for its job in that moment."""

    provider: str
    attempt: str
    at: int
    full: Collection[str]
    ill: Collection[str]


@dataclass
class Crowd:
    """What happened: every paid call, and the most tasks that each provider had at once."""

    desk: Desk
    chance: random.Random
    calls: list[Call] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)

    async def live(self, wishes: Sequence[tuple[int, str]], offers: tuple[str, ...]) -> None:
        """Ask for a video when each wish says (ms from now, whose), and let everything happen until all is quiet."""
        clock, left = self.desk.clock, sorted(wishes)
        start = clock.now()
        while True:
            while left and start + left[0][0] <= clock.now():
                await self.desk.ask_for(offers=offers, person=left.pop(0)[1], credits=2, microusd=6_000)
            if await self.desk.turn(deliveries=False):
                continue
            wake = await self.desk.work.run(leases.next_wake, "job")
            due = [start + left[0][0]] if left else []
            due += [wake] if wake is not None and wake < clock.now() + _HOUR_MS else []
            if not due:
                return
            clock.time = max(clock.now(), min(due))

    async def note(self, provider: str, attempt: str) -> None:
        """A paid call is being made."""
        now, run = self.desk.clock.now(), self.desk.work.run
        rooms: dict[str, Room] = await run(slots.rooms, "")
        ill = [name for name, one in (await run(ailing)).items() if not one.takes("", now)]
        full = [name for name, room in rooms.items() if not room.takes(now)]
        self.calls.append(Call(provider, attempt, now, full, ill))


class Moody(FakeProvider):
    """Makes videos in about forty seconds, some far more slowly; refuses, loses answers and fails now and then."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self.crowd, self.made = crowd, dict[str, Made]()

    async def submit(self, body: Body) -> Task:
        crowd, attempt = self.crowd, str(body.json["attempt"])
        await crowd.note(self.name, attempt)
        mood = crowd.chance.random()
        if mood < 0.04:
            raise SubmitRefused(self.name, "busy", "later", 429, crowd.chance.choice((None, 10.0, 40.0)))
        if mood < 0.05:
            raise SubmitRefused(self.name, "unavailable", "503", 503)
        if mood < 0.06:
            raise SubmitUncertain(self.name, "unknown", "cut before it was read")
        task = self._begin(attempt, slow=mood > 0.97, fails=mood < 0.07)
        if 0.07 < mood < 0.08:
            raise SubmitUncertain(self.name, "unknown", "cut after it was read")
        return task

    def _begin(self, attempt: str, *, slow: bool, fails: bool) -> Task:
        task, now = Task(id=f"{self.name}-{len(self.made)}"), self.crowd.desk.clock.now()
        seconds = self.crowd.chance.lognormvariate(3.7, 0.3) * (5 if slow else 1)
        self.made[task.id] = Made(attempt, now + round(seconds * 1000), fails)
        running = sum(made.ends_at > now for made in self.made.values())
        self.crowd.most[self.name] = max(self.crowd.most[self.name], running)
        return task

    async def check(self, task: Task) -> TaskStatus:
        if self.crowd.chance.random() < 0.01:
            raise CheckFailed(self.name, "unavailable", "503")
        made = self.made[task.id]
        if self.crowd.desk.clock.now() < made.ends_at:
            return TaskStatus(state="running")
        if made.fails:
            return TaskStatus(state="failed", error=Failure(reason="provider"))
        return TaskStatus(state="done", video_url=f"https://example.org/{task.id}.mp4")

    async def find(self, lost: Lost) -> Sequence[Task]:
        return [Task(id=name) for name, made in self.made.items() if made.attempt == lost.attempt]


async def finish(work: Work, turn: Turn) -> None:
    """The step of `fetching` without a video."""
    attempt = await work.run(scripts.last_attempt, turn.job)
    assert attempt is not None
    await work.run(
        scripts.finish, turn.job, attempt=attempt["id"], video="0" * 64, poster=None, credits=1,
        microusd=attempt["microusd"], provider=attempt["provider"], result=work.new_id(), now=work.now(),
    )  # fmt: skip
