"""`klingbot run` as a process of its own between a local Slack and the sandbox; it may be killed and started again."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.server import Sandbox, SandboxOptions
from tests.support.clips import clip
from tests.support.local_slack import LocalSlack, People
from tests.support.local_slack.world import APP_TOKEN, BOT_TOKEN, GENERAL, SIGNING_SECRET, TEAM, Json
from tests.support.loopback import free_port
from tests.support.tree import ROOT

PATIENCE = 60.0
"""Seconds on the wall; a busy machine needs a few."""


@dataclass
class Service:
    """The service, what is around it, and its lives."""

    slack: LocalSlack
    people: People
    sandbox: Sandbox
    environment: dict[str, str]
    folder: Path
    process: asyncio.subprocess.Process | None = None
    logs: list[Path] = field(default_factory=list)

    async def start(self) -> None:
        """Start it, and wait until it listens and is connected."""
        log = self.folder / f"life-{len(self.logs)}.log"
        self.logs.append(log)
        with log.open("wb") as said:
            command = (sys.executable, "-m", "bot", "run")
            self.process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self.environment, stdout=said, stderr=said
            )
        await self.until(lambda: b"klingbot listens" in log.read_bytes())
        if self.slack.endpoint is None:
            async with asyncio.timeout(PATIENCE):
                await self.slack.connected(2)

    def kill(self) -> None:
        """kill -9, where it is."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)

    async def dead(self) -> int:
        """Wait until it has ended; its exit code."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE):
            code = await self.process.wait()
        await self.until(lambda: not self.slack.sockets, alive=False)
        return code

    async def until(self, done: Callable[[], Any], *, alive: bool = True) -> None:
        """Look until it is so; an `alive` service doesn't end meanwhile."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not done():
                    ended = self.process is None or self.process.returncode is not None
                    assert not (alive and ended), self.logs[-1].read_text()[-4_000:]
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"it never came to that: {self.logs[-1].read_text()[-4_000:]}") from None

    def videos(self, channel: str = GENERAL) -> list[Json]:
        """The messages with files that the bot posted."""
        return [one for one in self.slack.world.messages.get(channel, []) if one.get("bot_id") and one.get("files")]

    def cards(self, channel: str = GENERAL) -> list[Json]:
        """Its other messages."""
        return [one for one in self.slack.world.messages.get(channel, []) if one.get("bot_id") and not one.get("files")]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What stands in its database."""
        with sqlite3.connect(self.folder / "data/klingbot.db") as database:
            return database.execute(sql).fetchall()


@asynccontextmanager
async def service(folder: Path, *, http: bool = False) -> AsyncIterator[Service]:
    """Everything, with the service not started yet."""
    ready = folder / "ready"
    ready.mkdir()
    (ready / "5s-16x9-standard.mp4").write_bytes(clip(5))
    options = SandboxOptions(folder=folder / "sandbox", speed=100, clips="shared", ready=ready)
    async with LocalSlack() as slack, Sandbox(options) as sandbox:
        port = free_port()
        slack.endpoint = f"http://127.0.0.1:{port}/slack/events" if http else None
        transport = {"SLACK_SIGNING_SECRET": SIGNING_SECRET} if http else {"SLACK_APP_TOKEN": APP_TOKEN}
        environment = {
            **{name: value for name, value in sandbox.environment().items() if name.startswith("FAL_")}, **transport,
            "SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_API_URL": slack.api, "KLINGBOT_DATA": str(folder / "data"),
            "KLINGBOT_PORT": str(port), "KLINGBOT_WORKSPACES": f"slack:{TEAM}", "KLINGBOT_WEB": "0",
            "PATH": os.environ.get("PATH", ""), "PYTHONUNBUFFERED": "1", "HOME": str(folder),
        }  # fmt: skip
        found = Service(slack, People(slack), sandbox, environment, folder)
        try:
            yield found
        finally:
            found.kill()
            if found.process is not None:
                await found.process.wait()
