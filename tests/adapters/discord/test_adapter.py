"""The connection: resumed, begun anew, in shards, or none at all; commands sent when they changed; check and invite."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from adapters.discord.adapter import PATH, findings, invite
from adapters.discord.settings import DISCORD, REFUSED, DiscordSettings
from bot.errors import PlatformRefused
from bot.messaging import Card, Reply
from tests.support.at_discord import HERE, PATIENCE, Bot, bot
from tests.support.local_discord import LocalDiscord
from tests.support.local_discord.server import TOKEN
from tests.support.local_discord.world import ANA, APP, GUILD, Channel, Guild, Permission
from tests.support.memory import FakeMemory

OTHER_TOKEN = "OTAwMDAwMDAwMDAwMDAwMDAx.other.discord"


async def asks(at: Bot, text: str) -> None:
    await at.people.slash("kling", "video", options={"prompt": text})
    await at.until(lambda: [one.text for one in at.verbs.asks][-1:] == [text])


# the gateway


async def test_what_was_missed_comes_back_with_a_resume(at: Bot) -> None:
    await asks(at, "before")
    for session in at.discord.gateway.sessions.values():
        session.socket, gone = None, session.socket
        assert gone is not None
        await at.people.slash("kling", "video", options={"prompt": "meanwhile"})
        await gone.ws.close(code=4000)
    await at.until(lambda: [one.text for one in at.verbs.asks] == ["before", "meanwhile"])
    assert 6 in [frame["op"] for frame in at.discord.gateway.log], "resumed, not begun anew"
    assert len(at.discord.gateway.sessions) == 1


async def test_an_invalid_session_begins_anew_at_the_same_discord(at: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discord.shard.asyncio.sleep", _at_once)  # the library waits five seconds
    first = set(at.discord.gateway.sessions)
    at.discord.gateway.sessions, old = {}, at.discord.gateway.sessions
    for session in old.values():
        if session.socket is not None:
            await session.socket.ws.close(code=4000)
    await asyncio.wait_for(at.discord.gateway.ready(), 3 * PATIENCE)
    assert not first & set(at.discord.gateway.sessions)
    await asks(at, "after")


async def test_a_request_to_come_back_is_followed(at: Bot) -> None:
    await at.discord.gateway.reconnect()
    await at.until(lambda: 6 in [frame["op"] for frame in at.discord.gateway.log])
    await asks(at, "after")


async def test_two_shards_each_with_its_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discord.shard.asyncio.sleep", _at_once)  # the library waits five seconds between two shards
    async with LocalDiscord(shards=2) as discord:
        other = str(int(GUILD) + (1 << 22))
        discord.world.guilds[other] = Guild(
            other, "Other", roles=dict.fromkeys([other], discord.world.guilds[GUILD].roles[GUILD]),
            members={ANA: [], APP: []},
        )  # fmt: skip
        discord.world.channels["700000000000000077"] = Channel("700000000000000077", 0, "videos", other)
        async with bot(discord) as at:
            await asks(at, "on one")
            await at.people.slash("kling", "video", options={"prompt": "on the other"}, channel="700000000000000077")
            await at.until(lambda: len(at.verbs.asks) == 2)
        assert sorted(one.shard for one in discord.gateway.sessions.values()) == [(0, 2), (1, 2)]
        assert {one.actor.workspace for one in at.verbs.asks} == {GUILD, other}


_sleep = asyncio.sleep


async def _at_once(_: float, *more: object) -> None:
    await _sleep(0)


async def test_it_is_alive_while_it_is_connected(discord: LocalDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.discord.adapter._BEAT", 0.01)
    async with bot(discord) as at:
        await at.until(lambda: at.beats)
        assert set(at.beats) == {"discord"}


async def test_a_discord_that_is_away_at_the_start_is_waited_for(
    discord: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.adapter._AGAIN", 0.01)
    discord.break_next("GET", "users/@me", 503)
    discord.break_next("PUT", "commands", 503)
    async with bot(discord) as at:
        await asks(at, "at last")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [("DISCORD_TOKEN", OTHER_TOKEN, "token"), ("DISCORD_MESSAGE_CONTENT", "1", "message_content")],
)
async def test_it_ends_where_discord_does_not_let_it_in(discord: LocalDiscord, name: str, value: str, why: str) -> None:
    async with bot(discord, verbs=None, memory=None, connected=False, **{name: value}) as at:
        with pytest.raises(PlatformRefused) as caught:
            await asyncio.wait_for(asyncio.shield(at.running), PATIENCE)
    assert (caught.value.platform, caught.value.why) == ("discord", why)
    assert REFUSED[why]


# the menu


async def test_commands_are_sent_only_when_they_changed(discord: LocalDiscord) -> None:
    memory = FakeMemory()
    for _ in range(2):
        async with bot(discord, memory=memory):
            pass
    assert discord.rest.syncs == 1
    (key,) = memory.rows
    memory.rows[key] = json.dumps({"digest": "of other commands"})
    async with bot(discord, memory=memory):
        pass
    assert discord.rest.syncs == 2
    assert [one["name"] for one in discord.rest.commands[""]] == ["kling", "kling-admin", "Animate with Kling"]


async def test_named_servers_get_the_commands_alone(discord: LocalDiscord) -> None:
    memory = FakeMemory()
    async with bot(discord, memory=memory, DISCORD_GUILDS=GUILD):
        pass
    assert list(discord.rest.commands) == [GUILD]
    async with bot(discord, memory=memory):
        pass
    assert (len(discord.rest.commands[""]), discord.rest.commands[GUILD]) == (3, []), "nobody sees them twice"


# signed posts instead of a connection


@asynccontextmanager
async def posted_to(discord: LocalDiscord) -> AsyncIterator[tuple[Bot, str]]:
    """A bot without a gateway, and the address of its server."""
    async with bot(discord, connected=False, DISCORD_PUBLIC_KEY=discord.public_key) as at:
        app = web.Application()
        app.router.add_post(PATH, at.routes.served[f"POST {PATH}"])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await at.discord.until("PUT", "commands")
        try:
            yield at, f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
        finally:
            await runner.cleanup()


async def test_a_signed_post_is_a_command_and_no_connection_is_opened(discord: LocalDiscord) -> None:
    async with posted_to(discord) as (at, url):
        at.verbs.on_ask = lambda ask: Reply(card=Card(title="Got it"))
        payload = at.people.slash_payload("kling", "video", options={"prompt": "a fox"})
        assert await discord.post_signed(url, payload) == (202, b"")
        await at.answered(discord.interactions.given[payload["token"]])
        assert [one.text for one in at.verbs.asks] == ["a fox"]
        assert discord.gateway.sessions == {}
        ref = await at.posts(Card(title="Done"))
        assert ref.channel == HERE.channel


async def test_a_forged_post_is_refused_and_a_ping_is_answered(discord: LocalDiscord) -> None:
    async with posted_to(discord) as (at, url):
        payload = at.people.slash_payload("kling", "video", options={"prompt": "a fox"})
        assert (await discord.post_signed(url, payload, forged=True))[0] == 401
        status, body = await discord.post_signed(url, {"type": 1})
        assert (status, json.loads(body)) == (200, {"type": 1})
        assert at.verbs.asks == []


# the command line


def settings(discord: LocalDiscord, **more: str) -> DiscordSettings:
    return DiscordSettings.model_validate({"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": discord.api, **more})


async def test_check_names_what_is_missing_in_each_server(discord: LocalDiscord) -> None:
    discord.world.guilds[GUILD].roles[GUILD] &= ~Permission.ATTACH_FILES & ~Permission.CREATE_PUBLIC_THREADS
    found = [finding async for finding in findings(settings(discord))]
    assert found == [
        (True, "Discord knows the bot as klingbot"),
        (False, "in Studio it may not attach files, create public threads"),
    ]


async def test_check_of_a_server_where_all_is_well(discord: LocalDiscord) -> None:
    assert [finding async for finding in findings(settings(discord))][1] == (True, "in Studio")


async def test_check_with_a_wrong_token_and_with_no_discord(discord: LocalDiscord) -> None:
    with pytest.raises(PlatformRefused):
        [one async for one in findings(settings(discord, DISCORD_TOKEN=OTHER_TOKEN))]
    nowhere = settings(discord, DISCORD_API_URL="http://127.0.0.1:9/api/v10")
    ((ok, text),) = [one async for one in findings(nowhere)]
    assert not ok
    assert text.startswith("Discord can't be asked: ")


async def test_the_invitation_asks_for_what_is_needed_and_nothing_more(discord: LocalDiscord) -> None:
    query = parse_qs(urlsplit(await invite(settings(discord))).query)
    assert query["client_id"] == [APP]
    assert query["scope"] == ["bot applications.commands"]
    wanted = (
        Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS
        | Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.READ_MESSAGE_HISTORY
        | Permission.CREATE_PUBLIC_THREADS
    )  # fmt: skip
    assert query["permissions"] == [str(int(wanted))]


def test_discord_s_own_address_is_the_default() -> None:
    assert DiscordSettings().api_url == DISCORD
    assert not DiscordSettings().on
