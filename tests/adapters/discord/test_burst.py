"""Very many people at once, told by a Discord in a process of its own (`tests/verify` has 500)."""

from pathlib import Path

import pytest

from tests.support.discord_crowd import asked_at_once

PEOPLE = 100


async def test_everybody_is_acknowledged_in_time_and_asks_once(tmp_path: Path) -> None:
    for attempt in range(3):
        crowd = await asked_at_once(PEOPLE, tmp_path / str(attempt))
        assert crowd.doubled == 0
        if not crowd.burst.refused:
            break
    else:
        pytest.fail(f"three times too late: {crowd.burst}")
    assert len(crowd.burst.acknowledged) == PEOPLE
    assert max(crowd.burst.acknowledged) < 3.0
    assert (crowd.jobs, crowd.burst.messages) == (PEOPLE, PEOPLE), "none lost, none twice"
