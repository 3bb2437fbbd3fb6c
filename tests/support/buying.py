"""The whole service against the sandbox, as `klingbot demo --once` runs it, and one order in chat after the other."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from bot.app import App, open_app
from bot.cli.console import Console
from bot.credits.check import check
from bot.jobs.states import ENDED
from bot.jobs.views import JobView
from bot.messaging import Actor, Ask, Attachment, Place
from bot.sandbox.server import Sandbox, SandboxOptions
from bot.sandbox.tasks import Task
from bot.settings import load
from tests.support.front import shown
from tests.support.media import file_of
from tests.support.sandbox import ready_clips

PATIENCE = 240.0
"""Seconds on the wall, for everything that was ordered together on a busy machine."""

_HERE = Place(platform="console", workspace="local", channel="terminal")
_YOU = Actor(platform="console", workspace="local", user="you", name="You")
_SPEED = 1_000.0
_OPEN = "SELECT id FROM delivery WHERE job = :job AND state IN ('pending', 'posting')"


@dataclass(frozen=True)
class Counter:
    """A service on the sandbox, ready to be asked."""

    app: App
    sandbox: Sandbox
    console: Console

    async def order(self, text: str, pictures: Sequence[bytes] = (), *, about: str | None = None) -> str:
        """Say it in chat; answers with the job's id. What is refused fails."""
        attached = tuple(_attachment(f"{number}.png", data) for number, data in enumerate(pictures, 1))
        said = Ask(
            key=f"{text} {about}", actor=_YOU, place=_HERE, text=f"{text} --yes", attachments=attached, about=about
        )
        reply = await self.app.commands.ask(said)
        assert reply.card is None, f"{text}: {shown(reply)}"
        (newest,) = await self.app.database.read("SELECT id FROM job ORDER BY id DESC LIMIT 1")
        return str(newest["id"])

    async def ended(self, job: str) -> JobView:
        """The job at its end, with everything shown that there is to show."""
        async with asyncio.timeout(PATIENCE):
            while True:
                view = await self.app.house.reader.view(job)
                if view.state in ENDED and not await self.app.database.read(_OPEN, {"job": job}):
                    return view
                await asyncio.sleep(0.05)

    async def sent(self, view: JobView, **ids: str) -> tuple[Task, Any]:
        """What the sandbox sold for a job, and its fields: pictures by number, our id and these `ids` by name."""
        (task,) = [one for one in self.sandbox.sold if one.id == view.attempts[0].task]
        (ask,) = await self.app.database.read("SELECT pictures FROM ask WHERE id = :ask", {"ask": view.ask})
        hashes = [picture["sha256"] for picture in json.loads(ask["pictures"])]
        names = {sha256: f"picture {number}" for number, sha256 in enumerate(hashes, 1)}
        known = {**names, **{of: name for name, of in ids.items()}, view.attempts[0].id: "attempt"}
        return task, _named(task.fields, known)

    async def check_books(self) -> None:
        """The ledger adds up. Raises LedgerBroken."""
        await self.app.database.view(check)


@asynccontextmanager
async def counter(folder: Path, **environ: str) -> AsyncIterator[Counter]:
    """The sandbox with ready clips, and the service on it, with these settings on top."""
    options = SandboxOptions(folder=folder / "sandbox", speed=_SPEED, clips="shared", ready=ready_clips())
    console = Console(folder)
    async with Sandbox(options) as sandbox:
        settings = load(
            {
                **sandbox.environment(), "KLINGBOT_DATA": str(folder / "data"), "KLINGBOT_WEB": "0",
                "KLINGBOT_PORT": "0", "KLINGBOT_WORKSPACES": "console:local", **environ,
            },
            env_file=None,
        )  # fmt: skip
        async with open_app(settings, messengers={"console": console}) as app, app.serving():
            yield Counter(app, sandbox, console)


def mask(seed: int) -> bytes:
    """A mask as large as the pictures of these tests, with a white patch on black."""
    image = Image.new("RGB", (400, 300))
    ImageDraw.Draw(image).rectangle((20 * seed, 20, 100 + 20 * seed, 150), fill=(255, 255, 255))
    return file_of(image, "PNG")


def _attachment(name: str, data: bytes) -> Attachment:
    async def read() -> AsyncIterator[bytes]:
        yield data

    return Attachment(name=name, declared_type="image/*", read=read)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if isinstance(value, dict):
        named = {name: _named(one, names) for name, one in value.items()}
        return names[value["sha256"]] if "sha256" in value else named
    return names.get(value, value) if isinstance(value, str) else value
