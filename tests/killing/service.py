"""One life of the real service in a process of its own, with the people who use it. It may end anywhere."""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from unittest import mock

from aiohttp import ClientSession

from bot import logs
from bot import settings as house_settings
from bot.app import App, open_app
from bot.errors import VideoTooLarge
from bot.jobs.states import JobState
from bot.jobs.timing import Timing
from bot.messaging import Actor, Ask, Place, Press
from bot.store.scripts import Row
from tests.killing import breaking, watching
from tests.killing.chat import ADMIN, CHANNEL, PLATFORM, WORKSPACE, Chat
from tests.killing.errand import Errand
from tests.support.hurry import HurriedClock

PATIENCE = 30.0
"""Seconds on the wall until a life that doesn't come to rest is given up."""

TIMING = Timing(lease=8_000.0, sweep=10.0, look_again=(0.0, 10.0), refresh=60.0)
_HERE = Place(platform=PLATFORM, workspace=WORKSPACE, channel=CHANNEL)
_OPEN = """
SELECT (SELECT COUNT(*) FROM ask WHERE state = 'accepted') AS accepted,
    (SELECT COUNT(*) FROM job WHERE ended_at IS NULL) AS jobs,
    (SELECT COUNT(*) FROM delivery WHERE wake_at IS NOT NULL OR state IN ('pending', 'posting')) AS deliveries
"""
_JOBS = "SELECT job.*, ask.actor AS actor FROM job JOIN ask ON ask.id = job.ask WHERE job.ended_at IS NULL"


def live(errand: Errand) -> int:
    """The whole life; 0 when everything came to rest, 1 when it didn't in time, 2 when it broke."""
    with (Path(errand.folder) / "service.log").open("a", buffering=1) as log:
        sys.stdout = sys.stderr = log
        logs.setup("text", "warning", stream=log)
        try:
            asyncio.run(_live(errand))
        except TimeoutError:
            return 1
        except BaseException:
            traceback.print_exc()
            return 2
    return 0


async def _live(errand: Errand) -> None:
    if errand.kill:
        watching.arm(errand.kill)
    breaking.apply(errand.broken)
    mock.patch("bot.store.blobs.STALE", 10**12).start()  # files on their way in carry the wall's time, not the clock's
    if errand.mood == "narrow":
        mock.patch("bot.jobs.fitting.fit", _fit).start()
    chat = Chat(Path(errand.folder) / "chat.jsonl", errand.mood, heeds_keys=errand.broken != "key")
    settings = house_settings.load(errand.environment, env_file=None)
    clock = HurriedClock(errand.origin, errand.speed)
    timing = replace(TIMING, fetch_tries=errand.fetch_tries)
    async with (
        asyncio.timeout(PATIENCE),
        open_app(settings, clock=clock, timing=timing, messengers={PLATFORM: chat}) as app,
        ClientSession() as session,
    ):
        people = _People(app, errand, session)
        await people.ask()
        chat.closed = True
        async with app.serving():
            while not await people.at_rest():
                await people.act()
                await asyncio.sleep(0.01)


def _fit(source: BinaryIO, target: BinaryIO, limit: int) -> str:
    """As the real one, but for the seconds that encoding costs: a video that is too large can't be made smaller."""
    if source.seek(0, os.SEEK_END) > limit:
        raise VideoTooLarge(limit)
    return "as_is"


class _People:
    """Those who ask, and the administrator."""

    def __init__(self, app: App, errand: Errand, session: ClientSession) -> None:
        self._app, self._errand, self._session = app, errand, session
        self._words = 0
        self._left: set[str] = set()  # claims of the life before, which nobody works on

    async def ask(self) -> None:
        """Ask for everything, also what was asked before: a platform delivers again what nobody acknowledged."""
        self._left = {job["lease_owner"] for job in await self._jobs()}
        for number, prompt in enumerate(self._errand.prompts):
            actor = Actor(platform=PLATFORM, workspace=WORKSPACE, user=f"user-{number}")
            reply = await self._app.commands.ask(
                Ask(key=f"ask-{number}", actor=actor, place=_HERE, text=f"video {prompt} --yes")
            )
            assert reply.card is None, reply.card
        if self._errand.habit == "cancel_queued":
            await self._press_cancel([job for job in await self._jobs() if job["state"] == JobState.QUEUED])

    async def at_rest(self) -> bool:
        rows = await self._app.database.read(_OPEN)
        return (rows[0]["accepted"], rows[0]["jobs"], rows[0]["deliveries"]) == (len(self._errand.prompts), 0, 0)

    async def act(self) -> None:
        """What people do when they see how jobs stand."""
        jobs = await self._jobs()
        running = [job for job in jobs if job["state"] == JobState.RUNNING]
        if self._errand.habit == "cancel_running":
            await self._press_cancel([job for job in running if not job["cancel_asked"]])
        if self._errand.habit == "release_running":
            for job in running:
                if job["lease_owner"] and job["lease_owner"] not in self._left:
                    await self._rule(job, "release")
        for job in jobs:
            if job["state"] == JobState.UNCERTAIN and job["tries"] >= len(TIMING.look_again):
                await self._decide(job)

    async def _jobs(self) -> Sequence[Row]:
        return await self._app.database.read(_JOBS)

    async def _press_cancel(self, jobs: Sequence[Row]) -> None:
        for job in jobs:
            await self._press(Actor(**json.loads(job["actor"])), f"cancel:{job['id']}")

    async def _decide(self, job: Row) -> None:
        """An administrator looks at what the provider lists as sold, and says so."""
        async with self._session.get(f"{self._errand.sandbox}/sandbox/sold") as answer:
            sold = (await answer.json())["sold"]
        prompt = json.loads(job["request"])["prompt"]
        tasks = [task["id"] for task in sold if task["order"]["prompt"] == prompt]
        if self._errand.habit == "settle":
            await self._rule(job, "charge" if tasks else "release")
        else:
            await self._rule(job, f"task {tasks[0]}" if tasks else "release")

    async def _rule(self, job: Row, word: str) -> None:
        self._words += 1
        ada = Actor(platform=PLATFORM, workspace=WORKSPACE, user=ADMIN)
        key = f"word-{self._app.clock.now()}-{self._words}"
        await self._app.commands.ask(Ask(key=key, actor=ada, place=_HERE, text=f"resolve {job['id']} {word}"))

    async def _press(self, actor: Actor, action: str) -> None:
        await self._app.commands.press(Press(key=action, actor=actor, place=_HERE, action=action))
