"""Very many people at once, told by a Discord in a process of its own (`tests/verify` has 500)."""

from pathlib import Path

from tests.support.discord_crowd import everybody_is_heard


async def test_everybody_is_acknowledged_in_time_and_asks_once(tmp_path: Path) -> None:
    await everybody_is_heard(100, tmp_path)
