"""The whole service, asked by very many people at once: what they saw, and what it kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App, open_app
from bot.settings import load
from tests.support.discord_burst import Burst, burst
from tests.support.local_discord.server import TOKEN
from tests.support.local_discord.world import GUILD


@dataclass(frozen=True)
class Crowd:
    """What became of everybody's command; `doubled` are jobs beyond one for each of them."""

    burst: Burst
    jobs: int
    doubled: int


@asynccontextmanager
async def waiting_service(api: str, folder: Path) -> AsyncIterator[App]:
    """The whole service but for the providers, whose address leads nowhere: jobs are made and wait."""
    environ = {
        "DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": api, "KLINGBOT_WORKSPACES": f"discord:{GUILD}",
        "KLINGBOT_DATA": str(folder), "KLINGBOT_PORT": "0", "KLINGBOT_WEB": "0", "KLINGBOT_MONTHLY_USD": "100000",
        "VIDGO_API_KEY": "vk-5f2c81d90b7a", "VIDGO_BASE_URL": "http://127.0.0.1:9",
        "KLINGBOT_PRICES": "vidgo/text/standard=1cr/2cr", "KLINGBOT_LOG_LEVEL": "error",
    }  # fmt: skip
    async with open_app(load(environ, env_file=None)) as app, app.serving():
        yield app


async def asked_at_once(people: int, folder: Path) -> Crowd:
    """So many `/kling` in one moment."""
    async with burst(people, messages=people) as running, waiting_service(running.api, folder) as app:
        seen = await running.outcome()
        await asyncio.sleep(0)
        rows = await app.database.read("SELECT COUNT(*) AS all_of_them, COUNT(DISTINCT ask) AS once FROM job")
    return Crowd(seen, int(rows[0]["all_of_them"]), int(rows[0]["all_of_them"]) - int(rows[0]["once"]))
