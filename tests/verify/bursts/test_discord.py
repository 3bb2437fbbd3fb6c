"""500 `/kling` at the same moment, from a Discord in a process of its own."""

from pathlib import Path

from tests.support.discord_crowd import everybody_is_heard


async def test_500_are_acknowledged_within_three_seconds_none_lost_none_doubled(tmp_path: Path) -> None:
    await everybody_is_heard(500, tmp_path)
