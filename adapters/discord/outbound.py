"""Card to Discord: the Messenger. Plain messages of the bot, from ids and the token alone; one key is one message.

What the bot may do in a channel, and who somebody is in a server, is asked over REST and believed for a minute.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from io import BufferedIOBase
from typing import cast

import discord

from adapters.discord import looks
from adapters.discord.inbound import PLATFORM
from adapters.discord.wire import Wire
from bot.messaging import Actor, ActorFacts, Card, Choice, MessageRef, OutFile, Place, PlaceFacts
from bot.messaging.failures import MessengerError, PlaceGone
from bot.messaging.lately import BELIEVED, SHORTLY, Lately, Said
from bot.messaging.texts import cut

NEEDED = discord.Permissions(
    view_channel=True, send_messages=True, embed_links=True, attach_files=True, read_message_history=True
)
"""What a card with a video that answers a message takes."""
_CLOSED = PlaceFacts(can_post=False, can_attach=False, upload_limit=0)
_OPEN = PlaceFacts(can_post=True, can_attach=True, upload_limit=10 * 1024 * 1024)  # bytes, outside of boosted servers
_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE, _THREADS = f"{_MESSAGES}/{{message_id}}", f"{_MESSAGES}/{{message_id}}/threads"
_NONCE, _ALT, _THREAD_NAME, _A_DAY, _THREAD_EXISTS = 25, 1_024, 100, 1_440, 160004
_IN_MEMORY = 1024 * 1024


class DiscordMessenger:
    """Implements `bot.messaging.Messenger`. With `threads` each video gets a thread under the message it answers."""

    beat = 5.0

    def __init__(self, client: discord.Client, wire: Wire, *, threads: bool = False) -> None:
        self._client, self._wire, self._threads, self._lately = client, wire, threads, Lately()

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        """Show a card. The key is the nonce, by which Discord tells a repeat after a crash from a second message."""
        if only_for is not None:
            place, reply_to = await self.direct(only_for), None
        if reply_to and self._threads and files and (thread := await self._thread(place, reply_to, card)):
            place, reply_to = replace(place, channel=thread), None
        payload = looks.message(card) | {"nonce": key[:_NONCE], "enforce_nonce": True}
        if reply_to:
            payload["message_reference"] = {"message_id": reply_to, "fail_if_not_exists": False}
        async with AsyncExitStack() as stack:
            parts = [await stack.enter_async_context(_part(file)) for file in files]
            payload["attachments"] = [
                {"id": number, "filename": part.filename, "description": cut(file.alt, _ALT)}
                for number, (part, file) in enumerate(zip(parts, files, strict=True))
            ]
            sent = await self._wire.call("POST", _MESSAGES, channel_id=place.channel, json=payload, files=parts)
        return MessageRef(platform=PLATFORM, workspace=place.workspace, channel=place.channel, message=str(sent["id"]))

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Put another card there; the files stay. Raises PlaceGone where nothing can be edited any more."""
        here = await self.place(Place(platform=PLATFORM, workspace=ref.workspace, channel=ref.channel))
        if not here.can_post:  # a locked thread says of every edit that it is archived, for ever
            raise PlaceGone(here.why)
        await self._wire.call(
            "PATCH", _MESSAGE, json=looks.message(card), channel_id=ref.channel, message_id=ref.message
        )  # fmt: skip

    async def delete(self, ref: MessageRef) -> None:
        """Take the message away."""
        with suppress(PlaceGone):
            await self._wire.call("DELETE", _MESSAGE, channel_id=ref.channel, message_id=ref.message)

    async def place(self, place: Place) -> PlaceFacts:
        """What may be done in a place; one without a server is somebody's direct messages. Raises TryLater."""
        if not place.workspace:
            return _OPEN
        try:
            guild, me = await self._member(place.workspace, str(self._client.application_id))
            channel = await self._channel(guild, place.channel)
            thread = channel if isinstance(channel, discord.Thread) else None
            parent = str(thread.parent_id) if thread else ""
            above = await self._channel(guild, parent) if thread else channel
        except PlaceGone:
            return replace(_CLOSED, why="I am not in it")
        if not isinstance(channel, discord.abc.Messageable) or (thread and thread.locked):
            return replace(_CLOSED, why="it is locked" if thread else "a message has to stand in a post there")
        may = discord.abc.GuildChannel.permissions_for(cast("discord.TextChannel", above), me)  # as they are written
        may.send_messages = may.send_messages_in_threads if thread else may.send_messages
        if missing := lacking(may, NEEDED):
            return replace(_CLOSED, why=f"I lack the permission to {', '.join(missing)}")
        return replace(_OPEN, upload_limit=guild.filesize_limit, name=channel.name, parent=parent)

    async def actor(self, actor: Actor) -> ActorFacts:
        """Who somebody is in their server; in direct messages, which servers they share with the bot."""
        try:
            if not actor.workspace:
                return ActorFacts(name=actor.name, workspaces=await self._shared(actor.user))
            _, member = await self._member(actor.workspace, actor.user, SHORTLY)
        except MessengerError:
            return ActorFacts(name=actor.name)
        may, groups = member.guild_permissions, tuple(str(role.id) for role in member.roles)
        admin = may.administrator or may.manage_guild
        return ActorFacts(name=member.display_name, groups=groups, admin=admin, active=True)

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        """A server's roles, the highest first; everybody's own says nothing, and a bot's is nobody's."""
        roles = reversed((await self._guild(workspace)).roles)
        wanted = (role for role in roles if not role.is_default() and not role.is_bot_managed())
        return tuple(Choice(value=str(role.id), label=role.name) for role in wanted)

    async def direct(self, actor: Actor) -> Place:
        """Where somebody reads alone. Raises PlaceGone where there can't be such a place."""
        path, body = "/users/@me/channels", {"recipient_id": actor.user}
        opened = await self._asked(("direct", actor.user), lambda: self._wire.call("POST", path, json=body))
        return Place(platform=PLATFORM, workspace="", channel=str(opened["id"]))

    async def _thread(self, place: Place, message: str, card: Card) -> str:
        """The thread under a message, which has the message's id; made where there is none. Empty where none can be."""
        body = {"name": cut(card.title, _THREAD_NAME) or "Kling", "auto_archive_duration": _A_DAY}
        try:
            await self._wire.call("POST", _THREADS, json=body, channel_id=place.channel, message_id=message)
        except MessengerError as error:
            return message if getattr(error.__cause__, "code", 0) == _THREAD_EXISTS else ""
        return message

    async def _shared(self, user: str) -> tuple[Choice, ...]:
        guilds = await self._asked(("guilds",), lambda: self._wire.call("GET", "/users/@me/guilds"))
        found = await asyncio.gather(*(self._member(str(one["id"]), user) for one in guilds), return_exceptions=True)
        both = [one for one, member in zip(guilds, found, strict=True) if not isinstance(member, BaseException)]
        return tuple(Choice(value=str(one["id"]), label=str(one["name"])) for one in both)

    async def _guild(self, server: str, old: float = BELIEVED) -> discord.Guild:
        fetch = self._client.fetch_guild
        return await self._asked(("guild", server), lambda: fetch(int(server), with_counts=False), old)

    async def _member(self, server: str, user: str, old: float = BELIEVED) -> tuple[discord.Guild, discord.Member]:
        guild = await self._guild(server, old)
        return guild, await self._asked(("member", server, user), lambda: guild.fetch_member(int(user)), old)

    async def _channel(self, guild: discord.Guild, ident: str) -> discord.abc.GuildChannel | discord.Thread:
        return await self._asked(("channel", ident), lambda: guild.fetch_channel(int(ident)))

    async def _asked(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Said]], old: float = BELIEVED) -> Said:
        return await self._lately.said(key, lambda: self._wire.said(ask), old)


def lacking(may: discord.Permissions, needed: discord.Permissions) -> list[str]:
    """The names of permissions that are needed and not there."""
    return [name.replace("_", " ") for name, missing in needed & ~may if missing]


@asynccontextmanager
async def _part(file: OutFile) -> AsyncIterator[discord.File]:
    """A file to upload, spooled to disk: it is read again where the call is repeated."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        async for chunk in file.read():
            spool.write(chunk)
        spool.seek(0)
        yield discord.File(cast(BufferedIOBase, spool), filename=file.name, spoiler=file.flagged)
