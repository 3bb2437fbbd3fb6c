"""How fast `/kling` is acknowledged when many type at once, beside a Bolt handler that does nothing."""

import asyncio
import tempfile
from pathlib import Path

from bot.messaging import Ask
from tests.support.slack_crowd import Seen, bare, crowd, ours

AIM = 1.5


def run(folder: Path | None, *, rounds: int, commands: int) -> None:
    """Rounds by turns; the medians of their 99th percentiles."""
    print(
        f"slack: {commands} commands at once over three sockets, {rounds} rounds, each stored before it is acknowledged"
    )
    pairs = [asyncio.run(_round(folder, commands)) for _ in range(rounds)]
    mine, base = (sorted(one.p99 for one in side)[rounds // 2] for side in zip(*pairs, strict=True))
    worst = max(max(one.seconds) for one, _ in pairs)
    lost = sum(one.lost for one, _ in pairs)
    print(f"  p99: {mine * 1000:.0f} ms; a bare Bolt handler's {base * 1000:.0f} ms; {mine / base:.2f} × (aim {AIM} ×)")
    print(f"  worst {worst * 1000:.0f} ms of Slack's 3,000; lost {lost}")


async def _round(folder: Path | None, commands: int) -> tuple[Seen, Seen]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        asks: list[Ask] = []
        mine = await crowd(commands, lambda api: ours(api, Path(place), asks))
        assert len({ask.text for ask in asks}) == len(asks) == commands + 1
    return mine, await crowd(commands, bare)
