"""Many commands at once, from a Slack in a process of its own; `make verify` sends more of them."""

from collections import Counter
from pathlib import Path

from bot.messaging import Ask
from tests.support.slack_crowd import crowd, ours

COMMANDS = 100


async def test_each_of_many_commands_at_once_is_acknowledged_in_time_and_asked_once(tmp_path: Path) -> None:
    asks: list[Ask] = []
    seen = await crowd(COMMANDS, lambda api: ours(api, tmp_path, asks))
    assert (seen.lost, len(seen.seconds)) == (0, COMMANDS)
    assert max(seen.seconds) < 3.0
    counted = Counter(ask.text for ask in asks)
    assert counted.keys() == {"warm up", *(f"fox {number}" for number in range(COMMANDS))}
    assert set(counted.values()) == {1}
