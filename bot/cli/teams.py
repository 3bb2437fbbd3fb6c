"""`klingbot quota`, `credits` and `approvals`: the words of the chat about a team's credits, for whoever hosts it."""

import argparse
import sys

from bot.app import App, open_app
from bot.cli.console import lines
from bot.cli.endings import FAILED, OK
from bot.cli.operate import settings, user
from bot.credits.people import also_known, known_workspaces
from bot.errors import Missing, NotFound
from bot.messaging import Actor, Ask, Place
from bot.store.ids import new_id

PLATFORM = "cli"


async def say(args: argparse.Namespace) -> int:
    """Do what the line says for a team, as its administrator; print the answer."""
    async with open_app(settings()) as app:
        team = await _team(app, args.team)
        platform, _, workspace = team.partition(":")
        ask = Ask(
            key=new_id(app.clock),
            actor=Actor(platform=PLATFORM, workspace=team, user=user(), name=user()),
            place=Place(platform=platform, workspace=workspace, channel=""),
            text=" ".join(map(as_typed, args.words)),
            verb=args.command,
        )
        reply = await app.commands.ask(ask)
    if reply.card is None:
        return OK
    print(*lines(reply.card), sep="\n", file=sys.stderr if reply.card.tone in ("warning", "bad") else sys.stdout)
    return FAILED if reply.card.tone in ("warning", "bad") else OK


async def _team(app: App, named: str) -> str:
    """The team as `platform:workspace`; without a name the only one there is. From now on it knows the command line.

    Raises Missing where there are several, and NotFound.
    """
    teams = await app.database.view(known_workspaces)
    if not named and len(teams) != 1:
        raise Missing("team", ", ".join(teams))
    team = named or teams[0]
    if team not in teams:
        raise NotFound("team", team)
    platform, _, workspace = team.partition(":")
    await app.database.run(
        also_known, platform=platform, platform_workspace=workspace, alias=PLATFORM, alias_workspace=team
    )
    return team


def as_typed(word: str) -> str:
    """A word as the shell gave it; in quotes where those were taken away."""
    return f'"{word}"' if " " in word else word
