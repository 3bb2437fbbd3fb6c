"""A Discord in a process of its own, in which very many people type `/kling` at the same moment.

`python -m tests.support.discord_burst NUMBER` prints the address of its API, waits for a bot, lets everybody ask at
once, and prints what became of it as JSON.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.support.local_discord import LocalDiscord, People
from tests.support.local_discord.interactions import Given
from tests.support.local_discord.world import APP, CHANNEL, GUILD, User, small_world
from tests.support.tree import ROOT
from tests.support.waiting import until

PATIENCE = 20.0


@dataclass(frozen=True)
class Burst:
    """How long each acknowledgement took (seconds), Discord's codes for what it refused, messages in the channel."""

    acknowledged: list[float]
    refused: list[int]
    messages: int

    def share(self, of: float) -> float:
        """The seconds within which that share (0 to 1) was acknowledged."""
        known = sorted(self.acknowledged)
        return known[min(len(known) - 1, int(of * len(known)))]


class Running:
    """The other process."""

    def __init__(self, process: asyncio.subprocess.Process, api: str) -> None:
        self._process = process
        self.api = api

    async def outcome(self) -> Burst:
        """What became of everybody's command."""
        assert self._process.stdout is not None
        return Burst(**json.loads(await asyncio.wait_for(self._process.stdout.readline(), 2 * PATIENCE)))


@contextlib.asynccontextmanager
async def burst(number: int, *, messages: int) -> AsyncIterator[Running]:
    """Start it. It waits for as many `messages` of the bot before it tells."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-W", "ignore", "-m", "tests.support.discord_burst", str(number), str(messages))
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield Running(process, (await process.stdout.readline()).decode().strip())
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _serve(number: int, messages: int) -> None:
    world = small_world()
    people = [str(650_000_000_000_000_000 + one) for one in range(number)]
    for one in people:
        world.users[one] = User(one, f"user{one[-4:]}")
        world.guilds[GUILD].members[one] = []
    async with LocalDiscord(world) as discord:
        print(discord.api, flush=True)
        await discord.gateway.ready()
        crowd = People(discord)
        asked = await asyncio.gather(
            *(crowd.slash("kling", "video", options={"prompt": f"fox {one} --yes"}, user=one) for one in people)
        )
        with contextlib.suppress(TimeoutError):
            await _settled(discord, asked, messages)
        print(json.dumps(_outcome(discord, asked)), flush=True)
        await asyncio.Event().wait()


async def _settled(discord: LocalDiscord, asked: list[Given], messages: int) -> None:
    """Until each is answered or refused, and whoever is answered has their status card."""
    await until(lambda: not _waiting(discord, asked, messages), within=PATIENCE, pause=0.05)
    await asyncio.sleep(0.5)  # for what should not come: a second card


def _waiting(discord: LocalDiscord, asked: list[Given], messages: int) -> bool:
    answered = sum(one.answer is not None for one in asked)
    return answered + len(discord.refusals()) < len(asked) or len(_plain(discord)) < min(messages, answered)


def _plain(discord: LocalDiscord) -> list[str]:
    """The bot's own messages that are no answers to commands."""
    known = discord.messages.known.items()
    return [
        ident for (at, ident), one in known
        if at == CHANNEL and one["author"]["id"] == APP and "webhook_id" not in one
    ]  # fmt: skip


def _outcome(discord: LocalDiscord, asked: list[Given]) -> dict[str, object]:
    return {
        "acknowledged": [one.answered_after for one in asked if one.answer],
        "refused": [one.code for one in discord.refusals()],
        "messages": len(_plain(discord)),
    }


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
