"""Many people who type at once: a local Slack in a process of its own, and what it saw of the acknowledgements.

`python -m tests.support.slack_crowd 300 3` listens, prints its address, waits for three sockets, sends 300 commands
over them, and prints one line of JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.adapter import SlackAdapter
from adapters.slack.settings import SlackSettings
from bot.messaging import Ask
from bot.store.database import Database
from bot.store.memory import Memory
from tests.support.local_slack import LocalSlack, People
from tests.support.local_slack.server import Acked
from tests.support.local_slack.world import APP_TOKEN, BOT_TOKEN
from tests.support.serving import serving
from tests.support.tree import ROOT
from tests.support.verbs import FakeVerbs
from tests.support.waiting import seen

SOCKETS, _DONE_WITHIN = 3, 60.0
App = Callable[[str], AbstractAsyncContextManager[None]]
"""Something that connects to a Slack's address while it lasts."""


@dataclass(frozen=True)
class Seen:
    """How the commands were acknowledged: which not at all, and each one's seconds."""

    lost: int
    seconds: list[float]

    @property
    def p99(self) -> float:
        """All but one in a hundred were faster."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99) - 1]


async def crowd(commands: int, app: App) -> Seen:
    """Let so many people type at once, in front of this app."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.slack_crowd", str(commands), str(SOCKETS), cwd=ROOT, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    api = (await process.stdout.readline()).decode().strip()
    async with app(api):
        told = json.loads(await process.stdout.readline())
    process.stdin.close()
    await process.wait()
    return Seen(**told)


@asynccontextmanager
async def ours(api: str, folder: Path, asks: list[Ask]) -> AsyncIterator[None]:
    """The adapter on a real database; what the house was asked."""
    settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": api}
    verbs = FakeVerbs(asks=asks)
    async with await Database.open(folder / "klingbot.db", gather=0.02) as database:
        adapter = SlackAdapter(SlackSettings.model_validate(settings), Memory(database, "slack"))

        async def done() -> bool:
            return all("done" in row for _, row in await adapter._memory.scan("inbox:"))

        async with serving(prepare=lambda server: adapter.open(verbs, server)):
            running = asyncio.create_task(adapter.run(lambda name: None))
            try:
                yield
                await seen(done, within=_DONE_WITHIN, pause=0.05)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def bare(api: str) -> AsyncIterator[None]:
    """A handler of Bolt's that acknowledges and does nothing, in its quickest way."""
    client = AsyncWebClient(token=BOT_TOKEN, base_url=api)
    app = AsyncApp(client=client, process_before_response=True)

    @app.command("/kling")
    async def command(ack: Callable[[], Awaitable[object]]) -> None:
        await ack()

    handlers: list[Any] = [AsyncSocketModeHandler(app, APP_TOKEN).client for _ in range(SOCKETS)]
    try:
        for one in handlers:
            await one.connect()
        yield
    finally:
        for one in handlers:
            await one.close()


async def _serve(commands: int, sockets: int) -> None:
    async with LocalSlack() as slack:
        print(slack.api, flush=True)
        await slack.connected(sockets)
        people = People(slack)
        await people.slash("warm up")
        acks: list[Acked] = await asyncio.gather(*(people.slash(f"fox {number}") for number in range(commands)))
        seconds = [ack.seconds for ack in acks]
        print(json.dumps({"lost": sum(not ack.ok for ack in acks), "seconds": seconds}), flush=True)
        await asyncio.to_thread(sys.stdin.read)  # until the app has gone: a server that ends first is called again


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
