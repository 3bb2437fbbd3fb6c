"""hikari, a client that shares no code with discord.py, goes through the basic story on the same local Discord."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.at_discord import ours, until, videos
from tests.support.local_discord import LocalDiscord, People
from tests.support.local_discord.server import TOKEN
from tests.support.local_discord.world import APP, CHANNEL
from tests.support.tree import ROOT

PATIENCE = 60.0


@asynccontextmanager
async def hikari(discord: LocalDiscord, home: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The session in the environment that `make verify` made for it, connected."""
    python = ROOT / ".venv-hikari" / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python} isn't there: make verify makes it")
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"}
    pipe = asyncio.subprocess.PIPE
    script = ROOT / "tests" / "verify" / "sdks" / "hikari_session.py"
    process = await asyncio.create_subprocess_exec(python, script, stdin=pipe, stdout=pipe, env=env)
    assert process.stdin is not None
    assert process.stdout is not None
    told = {"api": discord.api, "token": TOKEN, "channel": CHANNEL}
    process.stdin.write(json.dumps(told).encode() + b"\n")
    try:
        assert json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE)) == {"started": True}
        yield process
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_hikari_goes_through_the_basic_story(tmp_path: Path) -> None:
    async with LocalDiscord() as discord, hikari(discord, tmp_path):
        people = People(discord)
        assert [one["name"] for one in discord.rest.commands[""]] == ["kling", "Animate with Kling"]
        given = await people.slash("kling", "video", options={"prompt": "a red fox"})
        (video,) = await until(lambda: videos(discord))
        answer = discord.messages.known[CHANNEL, given.original or ""]
        await until(lambda: answer["content"] == "1 video of 20 bytes")
        assert answer["flags"] & 64
        status = discord.messages.known[CHANNEL, video["message_reference"]["message_id"]]
        assert (status["content"], status["nonce"]) == ("Done", "01jd0000000000000000")
        opened = await people.press(video, "edit:1")
        await until(lambda: opened.answer == 9)
        sent = await people.submit(opened, {"prompt": "a blue owl"})
        await until(lambda: sent.answer == 4)
        assert sent.data["content"] == "asked for a blue owl"
        await people.say("nothing to do with it")
        await people.say(f"<@{APP}> make her wave")
        read = await until(lambda: [one["content"] for one in ours(discord) if "read" in one["content"]][1:])
        assert read == ["read '<@900000000000000001> make her wave'"], "what isn't meant for it is blank"
        assert [one for one in ours(discord) if one["content"] in ("read ''", "read None")]
        assert discord.refusals() == []
