"""`klingbot demo`: the whole service against the sandbox, on this computer, without any account.

The provider clients, the store, the media path and the page are the real ones; only the providers are made up.
"""

import argparse
import asyncio
import base64
import contextlib
import secrets
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from adapters.web.adapter import WebPage
from adapters.web.forms import AskForm
from adapters.web.inbound import Said
from bot import settings as house_settings
from bot.app import App, open_app
from bot.cli.console import Console, lines
from bot.cli.endings import FAILED, OK
from bot.cli.stopping import told_to_stop
from bot.cli.switches import FaultSwitches
from bot.jobs.states import ENDED, JobState
from bot.jobs.views import JobView
from bot.logs import setup
from bot.messaging import Actor, Ask, Attachment, Place
from bot.sandbox.sample import sample_picture
from bot.sandbox.server import DIALECTS, Sandbox, SandboxOptions
from bot.settings import Settings
from bot.store.folder import prepare

_HERE = Place(platform="console", workspace="local", channel="terminal")
_YOU = Actor(platform="console", workspace="local", user="you", name="You")
_PROMPT = "slow push in, the light changes from noon to dusk"
_PATIENCE = 600.0
_LONGEST_WORK = 300.0
"""Seconds: rendering and fetching at the most; queue and work of the longest clip at the providers' own speed."""
_LOOK, _MOST = 0.1, 4
"""Seconds from look to look; jobs that one line can ask for."""
_SOLD = "sandbox-sold.jsonl"
_OWN_WORD = {"--yes", "--dry", "--enhance"}
"""Flags beside which there is nothing to agree to, or which ask something else."""


async def demo(args: argparse.Namespace) -> int:
    """Serve the page with a first video in it; with `--once`, make one video and end."""
    return await (_once(args) if args.once else _serve(args))


async def _once(args: argparse.Namespace) -> int:
    pictures = tuple(_attachment(path.name, path.read_bytes()) for path in args.image)
    console = Console(args.out)
    with tempfile.TemporaryDirectory(prefix="klingbot-") as folder:
        async with _service(args, Path(folder), console) as app:
            code = await _one_request(app, console, args, pictures)
        shutil.copyfile(Path(folder) / "sandbox" / "sold.jsonl", args.out / _SOLD)
    print(f"what the sandbox sold: {args.out / _SOLD}")
    return code


async def _one_request(app: App, console: Console, args: argparse.Namespace, pictures: tuple[Attachment, ...]) -> int:
    """Ask once, wait for all that was asked for."""
    text = _typed(args)
    print(f"you: /kling {text}")
    reply = await app.commands.ask(Ask(key="once", actor=_YOU, place=_HERE, text=text, attachments=pictures))
    if reply.card is not None:
        print(*lines(reply.card), sep="\n")
        return OK if reply.card.tone == "plain" else FAILED
    try:
        async with asyncio.timeout(_PATIENCE + _LONGEST_WORK / args.speed):
            ended = await _ended(app, _MOST)
            done = [view for view in ended if view.state is JobState.DONE]
            while len(console.saved) < len(done):
                await app.clock.sleep(_LOOK)
    except TimeoutError:
        print("No video came in all this time.")
        return FAILED
    for path in console.saved:
        print(f"video: {path}")
    return OK if len(done) == len(ended) else FAILED


def _typed(args: argparse.Namespace) -> str:
    """What would be typed in chat: the prompt, then the flags. Nobody is asked before a made-up credit is spent."""
    via = ["--via", args.via] if args.via else []
    flags = [word if word.startswith("--") else shlex.quote(word) for word in (*via, *args.flags)]
    words = args.prompt or ("" if any(flag.startswith(("--fx", "--effect")) for flag in flags) else _PROMPT)
    said = " ".join(filter(None, (words, *flags))).split(" ")
    flags_end = said.index("--") if "--" in said else len(said)  # what follows is prompt text
    free = said[0] == "cost" or _OWN_WORD & set(said[:flags_end])
    return " ".join(said if free else [*said[:flags_end], "--yes", *said[flags_end:]])


def _attachment(name: str, data: bytes) -> Attachment:
    async def read() -> AsyncIterator[bytes]:
        yield data

    return Attachment(name=name, declared_type="image/*", read=read)


async def _ended(app: App, most: int) -> list[JobView]:
    """The first jobs, at least one and at most so many, when all of them have ended."""
    while True:
        rows = await app.database.read("SELECT id FROM job ORDER BY id LIMIT :most", {"most": most})
        views = [await app.house.reader.view(row["id"]) for row in rows]
        if views and all(view.state in ENDED for view in views):
            return views
        await app.clock.sleep(_LOOK)


async def _serve(args: argparse.Namespace) -> int:
    async with _service(args, args.out) as app:
        host, port = app.server.address
        print(f"klingbot is at http://{host}:{port}", flush=True)
        async with asyncio.TaskGroup() as group:
            first = group.create_task(_first_video(app))
            await told_to_stop()
            first.cancel()
    return OK


async def _first_video(app: App) -> None:
    """Say what this is; a new page gets a first video."""
    about = "Providers and credits are made up; Ctrl-C ends it."
    if app.web is None or not await _is_new(app):
        print(about, flush=True)
        return
    print(f"{about} A first video is on its way to #general.", flush=True)
    await _converse(app.web)
    if (await _ended(app, 1))[0].state is JobState.DONE:
        print("It is there.", flush=True)


async def _is_new(app: App) -> bool:
    rows = await app.database.read("SELECT COUNT(*) AS number FROM ask")
    return int(rows[0]["number"]) == 0


async def _converse(page: WebPage) -> None:
    """What Ana says first."""
    picture = await asyncio.to_thread(sample_picture)
    thumb = base64.b64encode(await asyncio.to_thread(sample_picture, 240)).decode()
    form = AskForm(
        key=secrets.token_hex(16),
        person="ana",
        channel="general",
        text=_PROMPT,
        thumbs=[f"data:image/jpeg;base64,{thumb}"],
    )
    await page.chat.say(Said(form, (_attachment("harbour.jpg", picture),)))


@contextlib.asynccontextmanager
async def _service(args: argparse.Namespace, folder: Path, console: Console | None = None) -> AsyncIterator[App]:
    """The sandbox and the service on it, running."""
    setup("text", "warning")
    await asyncio.to_thread(prepare, args.out)
    options = SandboxOptions(folder=folder / "sandbox", speed=args.speed, clips=args.clips)
    async with Sandbox(options) as sandbox:
        settings = _settings(args, sandbox, folder, page=console is None)
        switches = FaultSwitches(sandbox.faults, tuple(dialect.name for dialect in DIALECTS))
        messengers = {"console": console} if console else {}
        async with open_app(settings, messengers=messengers, switches=switches) as app, app.serving():
            yield app


def _settings(args: argparse.Namespace, sandbox: Sandbox, folder: Path, *, page: bool) -> Settings:
    """Settings of the demo: nothing of the machine's own environment or .env, so that no real key is ever used."""
    environ = {
        **sandbox.environment(),
        "KLINGBOT_DATA": str(folder / "data"),
        "KLINGBOT_WORKSPACES": "web:page,console:local",
        "KLINGBOT_WEB": "1" if page else "0",
        "KLINGBOT_PORT": str(args.port) if page else "0",
    }
    return house_settings.load(environ, env_file=None)
