"""`klingbot demo`: the whole service against the sandbox, on this computer, without any account.

The provider clients, the store, the media path and the page are the real ones; only the providers are made up.
"""

import argparse
import asyncio
import contextlib
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from bot import settings as house_settings
from bot.app import App, open_app
from bot.cli.console import Console, lines
from bot.cli.endings import FAILED, OK
from bot.jobs.states import ENDED, JobState
from bot.jobs.views import JobView
from bot.logs import setup
from bot.messaging import Actor, Ask, Attachment, Place, Reply
from bot.sandbox.sample import sample_picture
from bot.sandbox.server import Sandbox, SandboxOptions
from bot.settings import Settings

_HERE = Place(platform="console", workspace="local", channel="terminal")
_YOU = Actor(platform="console", workspace="local", user="you", name="You")
_PROMPT = "slow push in, the light changes from noon to dusk"
_PATIENCE = 600.0


async def demo(args: argparse.Namespace) -> int:
    """Serve the page with a first video in it; with `--once`, make one video and end."""
    args.out.mkdir(parents=True, exist_ok=True)
    return await (_once(args) if args.once else _serve(args))


async def _once(args: argparse.Namespace) -> int:
    console = Console(args.out)
    with tempfile.TemporaryDirectory(prefix="klingbot-") as folder:
        try:
            async with _service(args, Path(folder), console) as app:
                return await _one_request(app, console, args)
        finally:
            shutil.copyfile(Path(folder) / "sandbox" / "sold.jsonl", args.out / "sandbox-sold.jsonl")


async def _one_request(app: App, console: Console, args: argparse.Namespace) -> int:
    text = _typed(args)
    print(f"you: /kling {text}")
    ask = Ask(key="once", actor=_YOU, place=_HERE, text=text, attachments=tuple(_attached(path) for path in args.image))
    reply = await app.commands.ask(ask)
    if reply.card is not None:
        _say(reply)
        return OK if "--dry" in args.flags else FAILED
    view = await _ended(app)
    if view.state is not JobState.DONE:
        return FAILED
    while not console.saved:
        await asyncio.sleep(0.1)
    print(f"video: {console.saved[0]}")
    print(f"what the sandbox sold: {args.out / 'sandbox-sold.jsonl'}")
    return OK


def _typed(args: argparse.Namespace) -> str:
    """What would be typed in chat: the prompt, then the flags. Nobody is asked before a made-up credit is spent."""
    flags = [*args.flags, "--yes"] if "--yes" not in args.flags else args.flags
    via = ["--via", args.via] if args.via else []
    return " ".join((args.prompt or _PROMPT, *(word if word.startswith("--") else shlex.quote(word) for word in (*via, *flags))))


def _attached(path: Path) -> Attachment:
    async def read() -> AsyncIterator[bytes]:
        yield path.read_bytes()

    return Attachment(name=path.name, declared_type="image/*", read=read)


def _say(reply: Reply) -> None:
    for line in lines(reply.card) if reply.card else ():
        print(line)


async def _ended(app: App) -> JobView:
    """The one job, when it has ended."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            rows = await app.database.read("SELECT id FROM job")
            view = await app.house.reader.view(rows[0]["id"])
            if view.state in ENDED:
                return view
            await asyncio.sleep(0.1)


async def _serve(args: argparse.Namespace) -> int:
    async with _service(args, args.out) as app:
        host, port = app.server.address
        print(f"klingbot is at http://{host}:{port} (made-up providers, made-up credits; Ctrl-C ends it)", flush=True)
        if await _is_new(app):
            await _converse(app)
        await asyncio.Event().wait()
    return OK


async def _is_new(app: App) -> bool:
    rows = await app.database.read("SELECT COUNT(*) AS number FROM ask")
    return int(rows[0]["number"]) == 0


async def _converse(app: App) -> None:
    """A short conversation, so that the page has a finished video in it."""
    assert app.web is not None
    picture = await asyncio.to_thread(sample_picture)

    async def read() -> AsyncIterator[bytes]:
        yield picture

    photo = Attachment(name="harbour.jpg", declared_type="image/jpeg", read=read)
    await app.web.say("ana", "general", _PROMPT, [photo])
    await _ended(app)
    print("a first video is in #general", flush=True)


@contextlib.asynccontextmanager
async def _service(args: argparse.Namespace, folder: Path, console: Console | None = None) -> AsyncIterator[App]:
    """The sandbox and the service on it, running."""
    setup("text", "warning", ())
    async with Sandbox(SandboxOptions(folder=folder / "sandbox", speed=args.speed)) as sandbox:
        messengers = {"console": console} if console else {}
        async with open_app(_settings(args, sandbox, folder, page=console is None), messengers=messengers) as app:
            async with app.serving():
                yield app


def _settings(args: argparse.Namespace, sandbox: Sandbox, folder: Path, *, page: bool) -> Settings:
    """Settings of the demo: nothing of the machine's own environment or .env, so that no real key is ever used."""
    environ = {
        **sandbox.environment(),
        "KLINGBOT_DATA": str(folder / "data"),
        "KLINGBOT_WORKSPACES": "web:page,console:local",
        "KLINGBOT_WEB": "1" if page else "0",
        "KLINGBOT_PORT": "0" if not page else str(args.port if args.port is not None else 8080),
    }
    return house_settings.load(environ, env_file=None)

