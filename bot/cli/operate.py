"""Commands for the one who hosts: `run`, `sandbox`, `env`, `check`, `providers`, `backup`, `jobs` and so on."""

import argparse
import asyncio
import getpass
import ipaddress
import os
import sys

from bot import settings as house_settings
from bot.app import DATABASE, App, open_app
from bot.cli.checking import findings
from bot.cli.console import lines
from bot.cli.endings import FAILED, OK
from bot.cli.stopping import told_to_stop
from bot.clock import SystemClock
from bot.commands import wording
from bot.commands.arguments import Settle
from bot.commands.forms import commands as menu
from bot.commands.settling import settle
from bot.commands.supplies import supplies
from bot.errors import BadValue, CannotListen, Missing, NetError
from bot.logs import setup
from bot.messaging import Card
from bot.net.door import Door
from bot.platforms import invitations
from bot.platforms import manifest as platform_manifest
from bot.sandbox.faults import BadFault
from bot.sandbox.server import Sandbox, SandboxOptions
from bot.settings import Settings, secrets
from bot.settings_core import CoreSettings
from bot.store import folder
from bot.store.backup import backup as copy_database

_HEALTH_SHOWN = 2_000
"""Characters of the health report that are printed."""


async def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    async with open_app(settings()) as app, app.serving() as address:
        print(f"klingbot listens at {address}", flush=True)
        await told_to_stop()
    return OK


async def sandbox(args: argparse.Namespace) -> int:
    """The made-up providers alone, with the lines that point the bot and the providers' own SDKs at them."""
    options = SandboxOptions(
        folder=args.folder, port=args.port, speed=args.speed, clips=args.clips, faults=tuple(args.fault)
    )
    folder.prepare(args.folder)
    made_up = Sandbox(options)
    try:
        await made_up.start()
    except BadFault as error:
        print(f"--fault: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:
        raise CannotListen("127.0.0.1", args.port, error.strerror or str(error)) from error
    try:
        _introduce(made_up)
        await told_to_stop()
    finally:
        await made_up.stop()
    return OK


def _introduce(made_up: Sandbox) -> None:
    print(f"The sandbox is at {made_up.base_url}. For the bot:\n")
    print(*(f"{name}={value}" for name, value in made_up.environment().items()), sep="\n")
    for sdk, code in made_up.sdk_lines().items():
        print(f"\nFor {sdk}:\n\n{code}")
    print(flush=True)


async def env(args: argparse.Namespace) -> int:
    """Print every setting."""
    print(house_settings.example(), end="")
    return OK


async def check(args: argparse.Namespace) -> int:
    """Look at everything that can be looked at without spending; says what is wrong in words."""
    async with open_app(settings()) as app:
        found = [finding async for finding in findings(app)]
    for finding in found:
        print(f"{'ok  ' if finding.ok else 'LOOK'}  {finding.text}")
    return OK if all(finding.ok for finding in found) else FAILED


async def invite(args: argparse.Namespace) -> int:
    """Print the address that brings the bot to a team, with exactly the rights that it needs."""
    found = invitations(settings())
    for platform, address in found.items():
        print(f"{platform}: {await address}")
    if not found:
        print("No chat platform that is joined by an address is switched on.", file=sys.stderr)
    return OK if found else FAILED


async def health(args: argparse.Namespace) -> int:
    """Ask the running service; for health checks of containers."""
    core = house_settings.load().core
    if core.port == 0:
        print("KLINGBOT_PORT is 0, any free port: nobody can tell which. Set one.", file=sys.stderr)
        return FAILED
    base = _address(core)
    door = Door(SystemClock(), bases=(base,))
    try:
        answer = await door.request("GET", f"{base}/health", within=5.0)
    except NetError as error:
        print(f"No answer at {base} ({getattr(error, 'why', error)}). Is klingbot running?", file=sys.stderr)
        return FAILED
    finally:
        await door.close()
    print(answer.text(_HEALTH_SHOWN))
    return OK if answer.ok else FAILED


def _address(core: CoreSettings) -> str:
    """Where a service with these settings answers on this computer."""
    host = _reached(core.host)
    return f"http://[{host}]:{core.port}" if ":" in host else f"http://{host}:{core.port}"


def _reached(host: str) -> str:
    """Where what listens at `host` is reached from here: every address means this computer's own."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


async def backup(args: argparse.Namespace) -> int:
    """A verified copy of the database, also while the service runs."""
    facts = await asyncio.to_thread(copy_database, settings().core.data / DATABASE, args.path)
    print(f"{args.path}: {facts.size:,} bytes, {facts.entries:,} entries in the ledger, read back and whole")
    return OK


async def jobs(args: argparse.Namespace) -> int:
    """Open jobs, those that wait for a decision first; or one job's receipt."""
    async with open_app(settings()) as app:
        _print(await _job_or_jobs(app, args.job))
    return OK


async def _job_or_jobs(app: App, job: str | None) -> Card:
    if job:
        return wording.receipt(await app.house.reader.view(job))
    return wording.jobs_list(await app.house.reader.open_jobs(), app.clock.now(), everybody=True)


async def manifest(args: argparse.Namespace) -> int:
    """Print the manifest of a platform's app, and on standard error the address that creates the app from it."""
    text, address = platform_manifest(menu({}), settings().core.public_url)
    print(text, flush=True)
    print(f"\nThis address creates the app, filled in:\n{address}", file=sys.stderr)
    return OK


async def providers(args: argparse.Namespace) -> int:
    """Who makes videos here, as the verb of that name shows it."""
    async with open_app(settings()) as app:
        found = await supplies(app.house)
        _print(wording.providers(found, app.clock.now(), credit_microusd=app.settings.core.credit_microusd))
    return OK


async def resolve(args: argparse.Namespace) -> int:
    """Settle a job whose answer was lost, as the `resolve` verb does in chat."""
    if args.decision == "task" and not args.task:
        raise Missing("task", "resolve")
    if args.decision != "task" and args.task:
        raise BadValue("resolve", args.task)
    async with open_app(settings()) as app:
        view = await app.house.reader.view(args.job)
        await settle(app.house, view, Settle(args.job, args.decision, args.task), actor=f"cli:{user()}")
        _print(wording.settled(await app.house.reader.view(args.job)))
    return OK


def user() -> str:
    """Who is at the command line; a number where the system knows no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _print(card: Card) -> None:
    print(*lines(card), sep="\n")


def settings() -> Settings:
    """The settings of the environment and .env, with the log set up as they say."""
    found = house_settings.load()
    setup(found.core.log, found.core.log_level, secrets(found))
    return found
