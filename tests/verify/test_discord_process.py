"""`klingbot run` as its own process, on a Discord and a sandbox that outlive it; killed between post and record."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from bot.sandbox.server import Sandbox, SandboxOptions
from tests.support.at_discord import PATIENCE, titles, until, videos
from tests.support.local_discord import LocalDiscord, People
from tests.support.local_discord.server import TOKEN
from tests.support.local_discord.world import CHANNEL, GUILD
from tests.support.loopback import free_port
from tests.support.sandbox import ready_clips
from tests.support.tree import ROOT


@asynccontextmanager
async def klingbot(*words: str, environ: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command line in a process of its own, in an empty folder without anybody's .env."""
    env = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **environ}
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bot", *words)
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=env, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def made_up(folder: Path) -> AsyncIterator[Sandbox]:
    options = SandboxOptions(folder=folder / "sandbox", ready=ready_clips(), clips="shared", speed=100.0)
    async with Sandbox(options) as sandbox:
        yield sandbox


def settings(discord: LocalDiscord, sandbox: Sandbox, folder: Path) -> dict[str, str]:
    return {
        **sandbox.environment(), "DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": discord.api, "KLINGBOT_WEB": "0",
        "KLINGBOT_DATA": str(folder / "data"), "KLINGBOT_WORKSPACES": f"discord:{GUILD}",
        "KLINGBOT_PORT": str(free_port()),
    }  # fmt: skip


async def test_killed_between_a_post_and_its_record_it_shows_one_video(discord: LocalDiscord, tmp_path: Path) -> None:
    async with made_up(tmp_path) as sandbox:
        environ = settings(discord, sandbox, tmp_path)
        async with klingbot("run", environ=environ, folder=tmp_path) as first:
            await asyncio.wait_for(discord.gateway.ready(), 3 * PATIENCE)
            await People(discord).slash("kling", "video", options={"prompt": "a red fox --yes"})
            await until(lambda: titles(discord))
            kill = partial(first.send_signal, signal.SIGKILL)
            discord.break_next("POST", f"channels/{CHANNEL}/messages", after=True, then=kill)
            assert await asyncio.wait_for(first.wait(), 6 * PATIENCE) == -signal.SIGKILL
        (video,) = videos(discord)
        (attachment,) = video["attachments"]
        assert discord.cdn.stored[attachment["id"]][4:8] == b"ftyp"
        assert titles(discord)[0] != "a red fox", "nobody has told the status card yet"
        async with klingbot("run", environ=environ, folder=tmp_path) as second:
            posts = len(discord.made("POST", f"channels/{CHANNEL}/messages"))
            await until(lambda: len(discord.made("POST", f"channels/{CHANNEL}/messages")) > posts)
            await until(lambda: len(discord.made("PATCH", f"channels/{CHANNEL}/messages")) > 1)
            second.terminate()
            assert await asyncio.wait_for(second.wait(), PATIENCE) == 0
        assert videos(discord) == [video], "posted again with the same nonce, it is the same message"
        assert len(sandbox.sold) == 1


async def test_a_token_that_discord_does_not_know_ends_the_process_with_a_sentence(
    discord: LocalDiscord, tmp_path: Path
) -> None:
    async with made_up(tmp_path) as sandbox:
        environ = settings(discord, sandbox, tmp_path) | {"DISCORD_TOKEN": TOKEN.replace("local", "other")}
        async with klingbot("run", environ=environ, folder=tmp_path) as process:
            _, said = await asyncio.wait_for(process.communicate(), 3 * PATIENCE)
        assert process.returncode == 78
        assert said.decode().splitlines()[-1] == (
            "Discord doesn't know DISCORD_TOKEN. Make a new one on the page Bot of the developer portal."
        )
        async with klingbot("check", environ=environ, folder=tmp_path) as process:
            told, _ = await asyncio.wait_for(process.communicate(), 3 * PATIENCE)
        assert "LOOK  Discord doesn't know DISCORD_TOKEN." in told.decode()


async def test_invite_prints_the_link(discord: LocalDiscord, tmp_path: Path) -> None:
    environ = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": discord.api}
    async with klingbot("invite", environ=environ, folder=tmp_path) as process:
        told, _ = await asyncio.wait_for(process.communicate(), 3 * PATIENCE)
    assert told.decode().startswith("discord: https://discord.com/oauth2/authorize?client_id=900000000000000001&")
