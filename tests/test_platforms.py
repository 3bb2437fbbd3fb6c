"""Which chats are on: made from their settings, joined by their address, with a sentence when they don't let us in."""

from typing import get_args, get_type_hints

import pytest

from bot.errors import PlatformRefused
from bot.messaging import Memory
from bot.platforms import adapters, findings, invitations, refused
from bot.settings import load
from tests.support.local_discord import LocalDiscord
from tests.support.local_discord.server import TOKEN
from tests.support.memory import FakeMemory


def memory(_: str) -> Memory:
    return FakeMemory()


async def test_nothing_is_on_by_itself() -> None:
    settings = load({}, env_file=None)
    assert adapters(settings, memory) == ()
    assert invitations(settings) == {}
    assert [one async for one in findings(settings)] == []


async def test_a_token_switches_discord_on() -> None:
    settings = load({"DISCORD_TOKEN": TOKEN}, env_file=None)
    assert [one.name for one in adapters(settings, memory)] == ["discord"]


@pytest.mark.parametrize("why", get_args(get_type_hints(PlatformRefused)["why"]))
def test_every_no_has_a_sentence(why: str) -> None:
    assert refused(PlatformRefused("discord", "token" if why == "token" else "message_content")).endswith(".")


async def test_what_a_platform_says_for_itself() -> None:
    async with LocalDiscord() as discord:
        settings = load({"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": discord.api}, env_file=None)
        assert [text async for _, text in findings(settings)] == ["Discord knows the bot as klingbot", "in Studio"]
        wrong = load({"DISCORD_TOKEN": TOKEN.replace("local", "other"), "DISCORD_API_URL": discord.api}, env_file=None)
        assert [one async for one in findings(wrong)] == [(False, refused(PlatformRefused("discord", "token")))]
        assert (await invitations(settings)["discord"]).startswith("https://discord.com/oauth2/authorize?")
