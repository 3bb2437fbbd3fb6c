"""The commands and their flags; what each does lives beside this file."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot import __version__
from bot.cli.endings import ended

_FASTEST = 1_000_000

TEAM_COMMANDS = {
    "quota": "a team's pool, limits and rules, in the words of the chat",
    "credits": "what the command line itself may spend in a team",
    "approvals": "what waits for a decision in a team",
}
"""Verbs of the chat that are commands here as well."""

Runs = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; answers with the exit code (78 for settings that can't work)."""
    parser = _parser()
    known, rest = parser.parse_known_args(argv)
    _check_rest(parser, known, rest)
    known.flags = rest
    return ended(lambda: asyncio.run(_command(known.command)(known)))


def _check_rest(parser: argparse.ArgumentParser, known: argparse.Namespace, rest: Sequence[str]) -> None:
    """What is left over are flags of the chat for `demo --once`; anywhere else nothing may be dropped silently."""
    if known.command == "demo" and known.once:
        return
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if known.command == "demo" and (known.prompt or known.image or known.via):
        parser.error("--prompt, --image and --via belong to demo --once")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="klingbot", description="Makes Kling AI videos in chat, with shared credits.")
    parser.add_argument("--version", action="version", version=f"klingbot {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    about = "the whole service with made-up providers and a chat page; no account needed"
    _demo(commands.add_parser("demo", help=about, allow_abbrev=False))  # --pro is the chat's flag, not half of --prompt
    commands.add_parser("run", help="the service, with the settings of the environment and .env")
    _sandbox(commands.add_parser("sandbox", help="the made-up providers alone"))
    commands.add_parser("env", help="print every setting, as a .env file to fill in")
    commands.add_parser("check", help="look at settings, data folder, ledger and provider accounts")
    commands.add_parser("invite", help="the address that brings the bot to a team")
    commands.add_parser("health", help="ask the running service how it is; exit code 0 when well")
    backup = commands.add_parser("backup", help="write a verified copy of the database")
    backup.add_argument("path", type=Path, help="the new file")
    commands.add_parser("manifest", help="the manifest of the chat app, and the address that creates it")
    prices = commands.add_parser("prices", help="every offer with its price, and where that is from")
    prices.add_argument("--refresh", action="store_true", help="ask the providers, and say what moved")
    commands.add_parser("providers", help="who makes videos here: offers, health, balances, last errors")
    jobs = commands.add_parser("jobs", help="open jobs, those that need a decision first")
    jobs.add_argument("job", nargs="?", help="the receipt of one job")
    resolve = commands.add_parser("resolve", help="settle a job whose answer was lost")
    resolve.add_argument("job")
    resolve.add_argument("decision", choices=("charge", "release", "task"))
    resolve.add_argument("task", nargs="?", default="", help="the provider's id of it, after `task`")
    for name, about in TEAM_COMMANDS.items():
        _team(commands.add_parser(name, help=about))
    return parser


def _team(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--team", default="", metavar="PLATFORM:WORKSPACE", help="which one; not needed where it is alone"
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, help="what would follow in chat: set default 300/month")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="make one video, print the transcript and its path, and end"
    )
    parser.add_argument("--prompt", default="", help="what to make; further flags as in chat, e.g. --d 10 --ar 9:16")
    parser.add_argument(
        "--image", action="append", default=[], type=Path, metavar="FILE", help="a picture; may be repeated"
    )
    parser.add_argument("--via", default="", metavar="NAME", help="the provider that makes it, such as fal")
    parser.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="where data and videos go (./demo)"
    )
    parser.add_argument("--port", type=_port, default=8080, help="port of the page")
    parser.add_argument(
        "--speed", type=_speed, default=20.0, help="how much faster than real providers the sandbox works"
    )
    parser.add_argument(
        "--clips", choices=("rendered", "shared"), default="rendered", help="shared: a handful of ready clips"
    )


def _sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8686, help="port to listen on, on this computer only")
    parser.add_argument("--speed", type=_speed, default=1.0, help="how much faster than real providers it works")
    parser.add_argument(
        "--clips", choices=("rendered", "shared"), default="rendered", help="shared: a handful of ready clips"
    )
    parser.add_argument("--fault", action="append", default=[], metavar="KIND:RATE", help="e.g. accept_then_drop:0.2")
    parser.add_argument(
        "--folder", type=Path, default=Path("sandbox"), help="its log of everything sold, and its files"
    )


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is not a number between 0 (any free port) and 65535")
    return port


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= _FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0 and at most {_FASTEST:,}")
    return speed


def _command(name: str) -> Runs:
    """The function behind a command, imported only when it is the one that runs."""
    if name == "demo":
        from bot.cli.demo import demo

        return demo
    if name == "prices":
        from bot.cli.pricing import prices

        return prices
    if name in TEAM_COMMANDS:
        from bot.cli.teams import say

        return say
    from bot.cli import operate

    return {
        "run": operate.run,
        "sandbox": operate.sandbox,
        "env": operate.env,
        "check": operate.check,
        "invite": operate.invite,
        "manifest": operate.manifest,
        "health": operate.health,
        "backup": operate.backup,
        "providers": operate.providers,
        "jobs": operate.jobs,
        "resolve": operate.resolve,
    }[name]
