"""Three hundred commands at once over three sockets: none late, lost or doubled. And the whole way over HTTP."""

from collections import Counter
from pathlib import Path

from bot.messaging import Ask
from tests.support.slack_crowd import crowd, ours
from tests.support.slack_service import service

COMMANDS = 300


async def test_three_hundred_commands_at_once(tmp_path: Path) -> None:
    asks: list[Ask] = []
    seen = await crowd(COMMANDS, lambda api: ours(api, tmp_path, asks))
    assert (seen.lost, max(seen.seconds) < 3.0) == (0, True)
    counted = Counter(ask.text for ask in asks)
    assert (len(counted), set(counted.values())) == (COMMANDS + 1, {1})


async def test_from_a_command_to_the_video_over_signed_http(tmp_path: Path) -> None:
    async with service(tmp_path, http=True) as run:
        await run.start()
        assert (await run.people.slash("a red fox runs through snow --yes")).ok
        await run.until(lambda: len(run.cards()) == 2 and run.videos())
        assert run.videos()[0]["thread_ts"] == run.cards()[0]["ts"]
