"""What people do: type a command, pick from a menu, mention the bot, press a button, send a modal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.support.local_discord.gateway import DIRECT_MESSAGES, GUILD_MESSAGES
from tests.support.local_discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Given
from tests.support.local_discord.messages import Messages
from tests.support.local_discord.payloads import File
from tests.support.local_discord.server import LocalDiscord
from tests.support.local_discord.world import ANA, APP, CHANNEL, Json

_TYPES: Mapping[type, int] = {str: 3, int: 4, bool: 5, float: 10}
_ATTACHMENT, _SUBCOMMAND, _GROUP = 11, 1, 2


@dataclass(frozen=True)
class Picture:
    """A file somebody attaches."""

    data: bytes
    name: str = "photo.png"
    kind: str = "image/png"


@dataclass
class People:
    """Acts in one Discord. Every act goes to the app through the gateway unless it says otherwise."""

    discord: LocalDiscord

    async def slash(
        self, *path: str, options: Mapping[str, str | int | bool | float | Picture] | None = None, user: str = ANA,
        channel: str = CHANNEL, installed_in_guild: bool = True, age: float = 0.0,
    ) -> Given:  # fmt: skip
        """`/kling video prompt:…`: the path is the command with its group and subcommand."""
        payload = self.slash_payload(
            *path, options=options, user=user, channel=channel, installed_in_guild=installed_in_guild, age=age
        )
        return await self._send(payload)

    def slash_payload(
        self, *path: str, options: Mapping[str, str | int | bool | float | Picture] | None = None, user: str = ANA,
        channel: str = CHANNEL, installed_in_guild: bool = True, age: float = 0.0, kind: int = COMMAND,
        focused: str = "",
    ) -> Json:  # fmt: skip
        """The interaction of a slash command, unsent."""
        resolved: Json = {"attachments": {}}
        given = [self._option(name, value, channel, resolved, focused) for name, value in (options or {}).items()]
        for depth, name in enumerate(reversed(path[1:])):
            given = [{"name": name, "type": _GROUP if depth else _SUBCOMMAND, "options": given}]
        data: Json = {"id": self._command(path[0]), "name": path[0], "type": 1, "options": given, "resolved": resolved}
        return self.discord.interactions.make(
            kind, data, user=user, channel=channel, installed_in_guild=installed_in_guild, age=age
        )

    async def complete(self, *path: str, field: str, typed: str, user: str = ANA) -> Given:
        """Typing in an option that completes itself."""
        return await self._send(
            self.slash_payload(*path, options={field: typed}, user=user, kind=AUTOCOMPLETE, focused=field)
        )

    async def menu(self, command: str, message: Json, *, user: str = ANA, channel: str = CHANNEL) -> Given:
        """A message command: its target is shown whole, whatever the intents."""
        data = {
            "id": self._command(command), "name": command, "type": 3, "target_id": message["id"],
            "resolved": {"messages": {message["id"]: message}},
        }  # fmt: skip
        return await self._send(self.discord.interactions.make(COMMAND, data, user=user, channel=channel))

    async def press(self, message: Json, custom_id: str, *, user: str = ANA) -> Given:
        """A button under a message of the app."""
        data = {"custom_id": custom_id, "component_type": 2}
        shown = self.discord.messages.known.get((message["channel_id"], message["id"]), message)
        return await self._send(
            self.discord.interactions.make(
                COMPONENT, data, user=user, channel=message["channel_id"], message=shown
            )
        )  # fmt: skip

    async def submit(
        self, opened: Given, values: Mapping[str, str | Sequence[str]],
        files: Mapping[str, Sequence[Picture]] | None = None,
    ) -> Given:  # fmt: skip
        """Send the modal that an interaction opened: a value or chosen values for each input, files for uploads."""
        resolved: Json = {"attachments": {}}
        components = [
            _filled(part, values, self._uploads(opened.channel, files or {}, resolved))
            for part in opened.data["components"]
        ]
        data = {"custom_id": opened.data["custom_id"], "components": components, "resolved": resolved}
        source = self.discord.messages.known.get((opened.channel, opened.source or ""))
        return await self._send(
            self.discord.interactions.make(MODAL, data, user=opened.user, channel=opened.channel, message=source)
        )

    async def say(
        self, text: str, *pictures: Picture, user: str = ANA, channel: str = CHANNEL, reply_to: Json | None = None,
        pings: bool = True,
    ) -> Json:  # fmt: skip
        """An ordinary message; the app hears of it as far as its intents go, and sees of it what Discord lets it."""
        messages = self.discord.messages
        message = self.write(text, *pictures, user=user, channel=channel, reply_to=reply_to, pings=pings)
        guild = self.discord.world.channels[channel].guild
        shown = messages.seen_by_app(message)
        if guild:
            shown |= {"guild_id": guild, "member": {**self.discord.world.member(guild, user), "user": None}}
            del shown["member"]["user"]
        intents = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        await self.discord.gateway.dispatch("MESSAGE_CREATE", shown, guild=guild, intents=intents)
        return message

    def write(
        self, text: str, *pictures: Picture, user: str = ANA, channel: str = CHANNEL, reply_to: Json | None = None,
        pings: bool = True,
    ) -> Json:  # fmt: skip
        """A message that nobody tells the app of."""
        payload: Json = {"content": text}
        if reply_to is not None:
            payload["message_reference"] = {"message_id": reply_to["id"]}
            payload["allowed_mentions"] = {"replied_user": pings}
        files = [File(f"files[{number}]", one.name, one.data) for number, one in enumerate(pictures)]
        messages: Messages = self.discord.messages
        message = messages.post(channel, payload, files, author=user)
        for attachment, picture in zip(message["attachments"], pictures, strict=True):
            attachment["content_type"] = picture.kind
        return message

    def mention(self) -> str:
        """How the bot is mentioned."""
        return f"<@{APP}>"

    async def _send(self, payload: Json) -> Given:
        await self.discord.gateway.dispatch("INTERACTION_CREATE", payload, guild=payload.get("guild_id"))
        return self.discord.interactions.given[payload["token"]]

    def _command(self, name: str) -> str:
        known = [one for commands in self.discord.rest.commands.values() for one in commands]
        return str(next((one["id"] for one in known if one["name"] == name), "1"))

    def _option(
        self, name: str, value: str | int | bool | float | Picture, channel: str, resolved: Json, focused: str
    ) -> Json:
        if isinstance(value, Picture):
            stored = self.discord.cdn.put(channel, value.name, value.data, kind=value.kind, ephemeral=True)
            resolved["attachments"][stored["id"]] = stored
            return {"name": name, "type": _ATTACHMENT, "value": stored["id"]}
        shown: Json = {"name": name, "type": _TYPES[type(value)], "value": value}
        return {**shown, "focused": True} if name == focused else shown

    def _uploads(self, channel: str, files: Mapping[str, Sequence[Picture]], resolved: Json) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, pictures in files.items():
            for one in pictures:
                stored = self.discord.cdn.put(channel, one.name, one.data, kind=one.kind, ephemeral=True)
                resolved["attachments"][stored["id"]] = stored
                found.setdefault(name, []).append(stored["id"])
        return found


def _filled(part: Json, values: Mapping[str, str | Sequence[str]], uploads: Mapping[str, list[str]]) -> Json:
    """A part of a modal as Discord sends it back."""
    if part["type"] == 10:
        return {"type": 10, "id": part.get("id", 0)}
    inner = part["component"] if part["type"] == 18 else part["components"][0]
    name, kind = inner["custom_id"], inner["type"]
    value = values.get(name, inner.get("value") or "")
    sent: Json = {"type": kind, "id": inner.get("id", 0), "custom_id": name}
    if kind == 19:
        sent["values"] = uploads.get(name, [])
    elif kind in (4, 21):
        sent["value"] = value if kind == 4 or value else None
    elif kind == 23:
        sent["value"] = bool(value)
    else:
        sent["values"] = [value] if isinstance(value, str) and value else list(value)
    if part["type"] == 18:
        return {"type": 18, "id": part.get("id", 0), "component": sent}
    return {"type": 1, "id": part.get("id", 0), "components": [sent]}
