"""Discord's REST API v10, as far as a bot of this kind needs it: route by route, with permissions and refusals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.support.local_discord.interactions import Interactions
from tests.support.local_discord.messages import Messages
from tests.support.local_discord.payloads import File, check_commands, check_message
from tests.support.local_discord.refusals import (
    MESSAGES,
    PERMISSIONS,
    THREADS,
    Refusal,
    invalid,
    missing_access,
    missing_permissions,
    not_found,
    too_large,
)
from tests.support.local_discord.world import (
    APP,
    FORUM_TYPE,
    LIMITS,
    MIB,
    PUBLIC_THREAD,
    Channel,
    Json,
    Permission,
    World,
)

REQUEST_BYTES = 25 * MIB
"""The whole of one post; boosted servers take larger files, so there the largest file counts."""


@dataclass(frozen=True)
class Call:
    """One request, read. `path` without the version; answers are JSON, or None for 204."""

    method: str
    path: tuple[str, ...]
    query: dict[str, str]
    payload: Json
    files: tuple[File, ...]
    body: list[Json] = field(default_factory=list)


Answer = Json | list[Json] | None


@dataclass
class Rest:
    """The routes. `commands` are the app's, by server id (empty for the global ones)."""

    world: World
    messages: Messages
    interactions: Interactions
    gateway_url: Callable[[], str]
    created: Callable[[Channel], None]
    shards: int = 1
    commands: dict[str, list[Json]] = field(default_factory=dict)
    syncs: int = 0

    def answer(self, call: Call) -> Answer:
        """The answer of one call. Raises Refusal."""
        if call.method == "GET" and (own := self._about_app(call.path)) is not None:
            return own
        match call.method, call.path:
            case _, ("applications", app, *where) if app == APP and where[-1] == "commands":
                return self._commands(call, where[1] if where[0] == "guilds" else "")
            case "POST", ("interactions", ident, token, "callback"):
                given = self.interactions.callback(ident, token, call.payload, call.files)
                return given if call.query.get("with_response") in ("1", "true") else None
            case _, ("webhooks", _, token, *rest):
                return self._webhook(call, token, rest)
            case "POST", ("users", "@me", "channels"):
                return self._open_direct(str(call.payload["recipient_id"]))
            case _, ("guilds", guild, *rest):
                return self._guild(guild, rest)
            case _, ("channels", channel, *rest):
                return self._channel(call, self._visible(channel), rest)
            case "POST", ("attachments", "refresh-urls"):
                urls = call.payload["attachment_urls"]
                refreshed = [{"original": url, "refreshed": self.messages.cdn.refreshed(url)} for url in urls]
                return {"refreshed_urls": refreshed}
        raise not_found()

    def _about_app(self, path: tuple[str, ...]) -> Answer:
        """What the app may ask about itself."""
        match path:
            case ("users", "@me"):
                return {
                    **self.world.users[APP].payload(), "mfa_enabled": True, "locale": "en-US", "verified": True,
                    "email": None,
                }  # fmt: skip
            case ("oauth2", "applications", "@me") | ("applications", "@me"):
                return self.application()
            case ("users", "@me", "guilds"):
                return self._joined()
            case ("gateway",):
                return {"url": self.gateway_url()}
            case ("gateway", "bot"):
                limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
                return {"url": self.gateway_url(), "shards": self.shards, "session_start_limit": limit}
        return None

    def _joined(self) -> list[Json]:
        """The servers that the app is in, with what it may do there by its roles alone."""
        mine = [guild for guild in self.world.guilds.values() if guild.installed]
        return [
            {
                "id": guild.id, "name": guild.name, "icon": None, "owner": False, "features": [],
                "permissions": str(int(guild.roles[guild.id])),
            }
            for guild in mine
        ]  # fmt: skip

    def application(self) -> Json:
        """The app itself."""
        return {
            "id": APP, "name": "klingbot", "icon": None, "description": "", "type": None, "summary": "",
            "bot": self.world.users[APP].payload(), "verify_key": "0" * 64, "flags": 0, "bot_public": True,
            "bot_require_code_grant": False, "owner": {**self.world.users[APP].payload(), "id": "1"}, "team": None,
            "redirect_uris": [], "interactions_endpoint_url": None, "role_connections_verification_url": None,
            "approximate_guild_count": len(self.world.guilds), "approximate_user_install_count": 0,
            "integration_types_config": {"0": {}, "1": {}},
        }  # fmt: skip

    def _commands(self, call: Call, guild: str) -> Answer:
        if call.method == "PUT":
            check_commands(call.body)
            self.syncs += 1
            self.commands[guild] = [
                {
                    "description": "", **{name: value for name, value in command.items() if value is not None},
                    "id": self.world.snowflake(), "application_id": APP, "version": self.world.snowflake(),
                    "default_member_permissions": command.get("default_member_permissions"),
                    **({"guild_id": guild} if guild else {}),
                }
                for command in call.body
            ]  # fmt: skip
        return self.commands.get(guild, [])

    def _webhook(self, call: Call, token: str, rest: Sequence[str]) -> Answer:
        given = self.interactions.by_token(token)
        self._check_size(call.files, self.world.channels[given.channel])
        if not rest and call.method == "POST":
            return self.interactions.follow_up(given, call.payload, call.files)
        message = self.interactions.original(given, rest[1])
        if call.method == "PATCH":
            check_message(call.payload, call.files, empty_ok=True)
            message["flags"] &= ~128
            return self.messages.edit(message, call.payload, call.files)
        if call.method == "DELETE":
            del self.messages.known[given.channel, message["id"]]
            return None
        return message

    def _open_direct(self, user: str) -> Json:
        if user not in self.world.users:
            raise not_found("Unknown User", 10013)
        return self.world.channel(self.world.direct(user))

    def _guild(self, guild: str, rest: Sequence[str]) -> Answer:
        known = self.world.guilds.get(guild)
        if known is None or not known.installed:
            raise missing_access()
        match rest:
            case []:
                return self.world.guild(known)
            case ["roles"]:
                return self.world.roles(known)
            case ["channels"]:
                here = [one for one in self.world.channels.values() if one.guild == guild and not one.is_thread]
                return [self.world.channel(one) for one in here]
            case ["members", user]:
                if user not in known.members:
                    raise not_found("Unknown Member", 10007)
                return self.world.member(guild, user)
        raise not_found()

    def _visible(self, ident: str) -> Channel:
        """A channel the app may see. A user-installed app can't act in a server (resources/application)."""
        channel = self.world.channels.get(ident)
        if channel is None:
            raise not_found("Unknown Channel", 10003)
        if not self.world.permissions(APP, channel) & Permission.VIEW_CHANNEL:
            raise missing_access()
        return channel

    def _channel(self, call: Call, channel: Channel, rest: list[str]) -> Answer:
        match call.method, rest:
            case "GET", []:
                return self.world.channel(channel)
            case "POST", ["typing"]:
                return None
            case "POST", ["messages"]:
                return self.post(channel, call.payload, call.files)
            case "GET", ["messages"]:
                here = [one for (place, _), one in self.messages.known.items() if place == channel.id]
                return [self.messages.seen_by_app(one) for one in reversed(here)][: int(call.query.get("limit", 50))]
            case "POST", ["threads"]:
                return self._forum_post(channel, call)
            case _, ["messages", ident, *more]:
                return self._message(call, channel, self._known(channel, ident), more)
        raise not_found()

    def _known(self, channel: Channel, ident: str) -> Json:
        message = self.messages.known.get((channel.id, ident))
        if message is None:
            raise not_found("Unknown Message", 10008)
        return message

    def _message(self, call: Call, channel: Channel, message: Json, more: list[str]) -> Answer:
        if call.method == "POST" and more == ["threads"]:
            self._require(channel, Permission.CREATE_PUBLIC_THREADS)
            if message["id"] in self.world.channels:
                raise Refusal(400, 160004, "A thread has already been created for this message", THREADS)
            return self._new_thread(message["id"], str(call.payload["name"]), channel)
        if call.method == "GET":
            self._require(channel, Permission.READ_MESSAGE_HISTORY)
            return self.messages.seen_by_app(message)
        if channel.is_thread and channel.archived:
            raise Refusal(400, 50083, "Thread is archived", THREADS)
        if call.method == "DELETE":
            del self.messages.known[channel.id, message["id"]]
            return None
        if message["author"]["id"] != APP:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user", MESSAGES)
        check_message(call.payload, call.files, empty_ok=True)
        self._check_size(call.files, channel)
        return self.messages.edit(message, call.payload, call.files)

    def post(self, channel: Channel, payload: Json, files: Sequence[File]) -> Json:
        """One message of the app. Sending un-archives a thread unless it is locked (topics/threads)."""
        if channel.type == FORUM_TYPE:
            raise Refusal(400, 40058, "Cannot send a message in a forum channel", THREADS)
        if channel.recipient and not self.world.users[channel.recipient].takes_dms:
            raise Refusal(403, 50007, "Cannot send messages to this user", MESSAGES)
        if channel.is_thread and channel.locked:
            raise Refusal(400, 50083, "Thread is archived", THREADS)
        self._require(channel, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
        if files:
            self._require(channel, Permission.ATTACH_FILES)
        self._check_size(files, channel)
        check_message(payload, files)
        self._check_reference(channel, payload)
        if not self.world.permissions(APP, channel) & Permission.EMBED_LINKS:
            payload = {**payload, "embeds": []}
        channel.archived = False
        return self.messages.post(channel.id, payload, files)

    def _check_reference(self, channel: Channel, payload: Json) -> None:
        reference = payload.get("message_reference")
        if reference is None:
            return
        if not self.world.permissions(APP, channel) & Permission.READ_MESSAGE_HISTORY:
            raise Refusal(400, 160002, "Cannot reply without permission to read message history", PERMISSIONS)
        known = (channel.id, str(reference["message_id"])) in self.messages.known
        if not known and reference.get("fail_if_not_exists", True):
            raise invalid("message_reference: Unknown message")

    def _forum_post(self, channel: Channel, call: Call) -> Json:
        self._require(channel, Permission.SEND_MESSAGES)
        if channel.type != FORUM_TYPE:
            return self._new_thread(self.world.snowflake(), str(call.payload["name"]), channel)
        if channel.tag_required and not call.payload.get("applied_tags"):
            raise Refusal(400, 40067, "A tag is required to create a forum post in this channel", THREADS)
        thread = self._new_thread(self.world.snowflake(), str(call.payload["name"]), channel)
        first = self.messages.post(thread["id"], call.payload["message"], call.files)
        return {**thread, "message": first}

    def _new_thread(self, ident: str, name: str, parent: Channel) -> Json:
        if not 1 <= len(name) <= 100:
            raise invalid("name: 1 to 100 in length", THREADS)
        thread = Channel(ident, PUBLIC_THREAD, name, parent.guild, parent.id)
        self.world.channels[ident] = thread
        self.created(thread)
        return self.world.channel(thread)

    def _require(self, channel: Channel, wanted: Permission) -> None:
        if not self.world.permissions(APP, channel) & wanted:
            raise missing_permissions()

    def _check_size(self, files: Sequence[File], channel: Channel) -> None:
        limit = LIMITS[self.world.guilds[channel.guild].tier] if channel.guild else LIMITS[0]
        if any(len(file.data) > limit for file in files):
            raise too_large()
        if sum(len(file.data) for file in files) > max(REQUEST_BYTES, limit):
            raise too_large()
