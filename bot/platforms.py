"""The chat platforms: which are switched on, made from their settings; a platform's library is imported only then."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from adapters.discord.settings import REFUSED as DISCORD_REFUSED
from adapters.discord.settings import DiscordSettings
from adapters.slack.settings import REFUSED as SLACK_REFUSED
from adapters.slack.settings import SlackSettings
from bot.errors import PlatformRefused
from bot.messaging import Command, Memory, Messenger, Routes, Verbs
from bot.settings import Settings

_REFUSED = {"discord": DISCORD_REFUSED, "slack": SLACK_REFUSED}


class Adapter(Protocol):
    """A chat platform that is switched on."""

    @property
    def name(self) -> str:
        """What it is called in settings and places."""
        ...

    @property
    def messenger(self) -> Messenger:
        """Its outgoing side, which says to try later until it is connected."""
        ...

    def open(self, verbs: Verbs, routes: Routes) -> None:
        """Connect its ways in; called before the server starts."""
        ...

    async def run(self, beat: Callable[[str], None]) -> None:
        """Stay connected until cancelled, with a sign of life now and then. Raises PlatformRefused."""
        ...


def adapters(settings: Settings, memory: Callable[[str], Memory]) -> tuple[Adapter, ...]:
    """The platforms that are switched on. `memory` gives each its own, by name."""
    found: list[Adapter] = []
    discord, slack = settings.adapter("discord", DiscordSettings), settings.adapter("slack", SlackSettings)
    if discord.on:
        from adapters.discord.adapter import DiscordAdapter

        found.append(DiscordAdapter(discord, memory("discord")))
    if slack.on:
        from adapters.slack.adapter import SlackAdapter

        found.append(SlackAdapter(slack, memory("slack")))
    return tuple(found)


async def findings(settings: Settings) -> AsyncIterator[tuple[bool, str]]:
    """What each platform says of its tokens and rights, and whether it is well. Spends nothing."""
    discord, slack = settings.adapter("discord", DiscordSettings), settings.adapter("slack", SlackSettings)
    if discord.on:
        from adapters.discord.adapter import findings as of_discord

        async for finding in _found(of_discord(discord)):
            yield finding
    if slack.on:
        from adapters.slack.manifest import findings as of_slack

        async for finding in _found(of_slack(slack)):
            yield finding


async def _found(findings: AsyncIterator[tuple[bool, str]]) -> AsyncIterator[tuple[bool, str]]:
    try:
        async for finding in findings:
            yield finding
    except PlatformRefused as error:
        yield False, refused(error)


def invitations(settings: Settings) -> dict[str, Awaitable[str]]:
    """By platform, the address that brings the bot to a team. Awaited, they raise PlatformRefused and OSError."""
    discord = settings.adapter("discord", DiscordSettings)
    if not discord.on:
        return {}
    from adapters.discord.adapter import invite

    return {"discord": invite(discord)}


def manifest(menu: Sequence[Command], url: str) -> tuple[str, str]:
    """An app's manifest as JSON, and the address that creates the app from it, for the platform that wants one."""
    from adapters.slack.manifest import link, manifest

    wanted = manifest(menu, url=url)
    return json.dumps(wanted, indent=2), link(wanted)


def refused(error: PlatformRefused) -> str:
    """What it means that a platform doesn't let the bot in, in the platform's own sentence."""
    return _REFUSED[error.platform][error.why]
