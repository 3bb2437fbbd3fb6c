"""Everybody types `/kling` at once: how long the acknowledgements take, beside those of a bare discord.py handler."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.bench.figures import middle, table
from tests.support.discord_burst import Burst, burst
from tests.support.discord_crowd import waiting_service
from tests.support.local_discord.server import TOKEN

_MOST = 3.0
"""Seconds that Discord waits for an acknowledgement."""


def run(folder: Path | None, *, people: int, rounds: int) -> None:
    """Measure and print. Both take turns, each against a Discord in a process of its own."""
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(asyncio.run(_round(people, _bare, folder)))
        ours.append(asyncio.run(_round(people, _service, folder)))
    print(f"Discord: {people} × /kling at once, median (least…most) of {rounds} rounds")
    rows = [_row("bare discord.py handler", bare), _row("klingbot, up to its verbs and status cards", ours)]
    table(("", "half ms", "99 % ms", "last ms", "within 3 s"), rows)
    ratios = [one.share(0.99) / other.share(0.99) for one, other in zip(ours, bare, strict=True)]
    print(f"{median(ratios):.2f} × the bare handler's 99th percentile")


def _row(name: str, rounds: list[Burst]) -> list[str]:
    shares = [middle([1000 * one.share(share) for one in rounds]) for share in (0.5, 0.99, 1.0)]
    return [name, *shares, str(min(sum(late <= _MOST for late in one.acknowledged) for one in rounds))]


async def _round(people: int, bot: Callable[[str, Path], Coroutine[Any, Any, None]], folder: Path | None) -> Burst:
    messages = people if bot is _service else 0
    with tempfile.TemporaryDirectory(prefix="klingbot-bench-", dir=folder) as place:
        async with burst(people, messages=messages) as running:
            serving = asyncio.create_task(bot(running.api, Path(place)))
            try:
                return await running.outcome()
            finally:
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving


async def _service(api: str, folder: Path) -> None:
    async with waiting_service(api, folder):
        await asyncio.Event().wait()


async def _bare(api: str, _: Path) -> None:
    """What anybody would write first: acknowledge, and that is all."""
    Route.BASE = api
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(api.replace("http", "ws").replace("/api/v10", "/"))
    client = discord.AutoShardedClient(intents=discord.Intents(guilds=True), max_messages=None)

    @client.event
    async def on_interaction(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)

    async with client:
        await client.start(TOKEN)
