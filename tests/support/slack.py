"""The Slack adapter with the real Bolt, before a local Slack: a house that answers what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp

from adapters.slack.adapter import SlackAdapter
from adapters.slack.settings import SlackSettings
from bot.commands.forms import commands
from bot.messaging import Memory, OutFile, Place
from tests.support import waiting
from tests.support.local_slack import LocalSlack, People
from tests.support.local_slack.world import (
    APP_TOKEN,
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    GENERAL,
    SIGNING_SECRET,
    TEAM,
    Json,
)
from tests.support.memory import FakeMemory
from tests.support.serving import serving
from tests.support.verbs import FakeVerbs

Mode = Literal["socket", "http", "oauth"]
HERE = Place(platform="slack", workspace=TEAM, channel=GENERAL)
_PATIENCE = 10.0
_SETTINGS: Mapping[Mode, Mapping[str, str]] = {
    "socket": {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN},
    "http": {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET},
    "oauth": {
        "SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET
    },
}  # fmt: skip


@dataclass
class Team:
    """A Slack, people in it, and the adapter in front of a made-up house."""

    slack: LocalSlack
    people: People
    adapter: SlackAdapter
    verbs: FakeVerbs
    memory: Memory
    client: aiohttp.ClientSession
    beats: list[str] = field(default_factory=list)

    async def asked(self, times: int = 1) -> None:
        """Wait until the house was asked that often."""
        await until(lambda: len(self.verbs.asks) >= times)

    async def quiet(self) -> None:
        """Wait until everything heard is done with."""

        async def done() -> bool:
            return all("done" in row for _, row in await self.memory.scan("inbox:"))

        await waiting.seen(done, within=_PATIENCE)

    def said(self, thread: str | None = None, channel: str = GENERAL) -> list[Json]:
        """The bot's messages in a channel, or in one thread of it."""
        messages = [one for one in self.slack.world.messages.get(channel, []) if one.get("bot_id")]
        return [one for one in messages if thread is None or one.get("thread_ts") == thread]


@asynccontextmanager
async def team(
    mode: Mode = "socket",
    *,
    slack: LocalSlack | None = None,
    memory: Memory | None = None,
    verbs: FakeVerbs | None = None,
) -> AsyncIterator[Team]:
    """A running adapter; with `slack` and `memory` of a life before, a second life."""
    if slack is None:
        async with LocalSlack() as made, team(mode, slack=made, memory=memory, verbs=verbs) as found:
            yield found
        return
    memory, verbs = memory or FakeMemory(), verbs or FakeVerbs()
    verbs.menu = commands({"fal": "fal"})
    settings = SlackSettings.model_validate({**_SETTINGS[mode], "SLACK_API_URL": slack.api})
    adapter = SlackAdapter(settings, memory)
    async with serving(prepare=lambda server: adapter.open(verbs, server)) as (server, client):
        slack.endpoint = None if mode == "socket" else f"http://127.0.0.1:{server.address[1]}/slack/events"
        house = Team(slack, People(slack), adapter, verbs, memory, client)
        running = asyncio.create_task(adapter.run(house.beats.append))
        try:
            if mode == "socket":
                async with asyncio.timeout(_PATIENCE):
                    await slack.connected(2)
            yield house
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def until(done: Callable[[], Any]) -> None:
    """Look until it is so."""
    await waiting.until(done, within=_PATIENCE, pause=0.005)


def video(
    data: bytes = b"an mp4", *, flagged: bool = False, read: Callable[[], Awaitable[None]] | None = None
) -> OutFile:
    """A file to show; `read` runs while its bytes are read."""

    async def stream() -> AsyncIterator[bytes]:
        if read is not None:
            await read()
        yield data

    return OutFile(
        name="kling.mp4", mime="video/mp4", size=len(data), sha256="0" * 64, alt="a fox", read=stream, flagged=flagged
    )


def words(blocks: Sequence[Json]) -> str:
    """Every text that blocks show, one after the other."""
    found: list[str] = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            found.extend([part["text"]] if isinstance(part.get("text"), str) else [])
            look(list(part.values()))
        elif isinstance(part, list):
            for one in part:
                look(one)

    look(list(blocks))
    return " ".join(found)
