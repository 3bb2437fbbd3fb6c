"""Interactions: what the app is told, the 3 s it has to answer, the 15 minutes its token lives."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.local_discord.messages import Messages
from tests.support.local_discord.payloads import EPHEMERAL, File, check_message, check_modal
from tests.support.local_discord.refusals import CODES, RESPONDING, Refusal, invalid, not_found
from tests.support.local_discord.world import APP, LIMITS, Json, Permission, World

ACK_SECONDS = 3.0
TOKEN_SECONDS = 900.0
MOST_FOLLOW_UPS = 5
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
_LOADING = 128


@dataclass
class Given:
    """One interaction and what the app did with it. `answer` is the callback's type, `modal` what it opened."""

    id: str
    token: str
    kind: int
    user: str
    channel: str
    born: float
    installed_in_guild: bool
    answer: int | None = None
    answered_after: float = 0.0
    data: Json = field(default_factory=dict)
    original: str | None = None
    source: str | None = None
    follow_ups: list[str] = field(default_factory=list)


@dataclass
class Interactions:
    """Every interaction by its token."""

    world: World
    messages: Messages
    given: dict[str, Given] = field(default_factory=dict)

    def make(
        self, kind: int, data: Json, *, user: str, channel: str, message: Json | None = None,
        installed_in_guild: bool = True, age: float = 0.0,
    ) -> Json:  # fmt: skip
        """The payload of a fresh interaction; `age` in seconds makes it one that arrives late."""
        ident = self.world.snowflake()
        token = hashlib.sha256(ident.encode()).hexdigest() * 2
        given = Given(ident, token, kind, user, channel, self.world.now() - age, installed_in_guild)
        given.source = message["id"] if message else None
        self.given[token] = given
        return self._payload(given, data, message)

    def _payload(self, given: Given, data: Json, message: Json | None) -> Json:
        place = self.world.channels[given.channel]
        guild = place.guild
        limit = LIMITS[self.world.guilds[guild].tier] if guild else LIMITS[0]
        app = self.world.permissions(APP, place) if given.installed_in_guild else Permission(0)
        payload: Json = {
            "id": given.id, "application_id": APP, "type": given.kind, "token": given.token, "version": 1, "data": data,
            "channel_id": place.id, "channel": self.world.channel(place), "app_permissions": str(int(app)),
            "locale": "en-US", "entitlements": [], "context": 0 if guild else 1, "attachment_size_limit": limit,
            "authorizing_integration_owners": {"0": guild or "0"} if given.installed_in_guild else {"1": given.user},
        }  # fmt: skip
        if guild is None:
            payload["user"] = self.world.users[given.user].payload()
        else:
            permissions = str(int(self.world.permissions(given.user, place)))
            payload |= {
                "guild_id": guild, "guild": {"id": guild, "locale": "en-US", "features": []}, "guild_locale": "en-US",
                "member": {**self.world.member(guild, given.user), "permissions": permissions},
            }  # fmt: skip
        if message is not None:
            payload["message"] = message
        return payload

    def callback(self, ident: str, token: str, payload: Json, files: Sequence[File]) -> Json:
        """The first answer. Raises Refusal where it is late, a second one, or against the rules."""
        given = self.given.get(token)
        if given is None or given.id != ident:
            raise not_found("Unknown interaction", 10062)
        waited = self.world.now() - given.born
        if given.answer is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.", CODES)
        if waited > ACK_SECONDS:
            raise Refusal(404, 10062, "Unknown interaction", RESPONDING)
        kind, data = payload["type"], payload.get("data") or {}
        answer = self._answered(given, kind, data, files)
        given.answer, given.answered_after, given.data = kind, waited, data
        return answer

    def _answered(self, given: Given, kind: int, data: Json, files: Sequence[File]) -> Json:
        shown: Json = {"id": given.id, "type": given.kind}
        if kind == 8:
            if given.kind != AUTOCOMPLETE or len(data.get("choices") or []) > 25:
                raise invalid("choices: 25 or fewer, and only to autocomplete", RESPONDING)
            return {"interaction": shown}
        if given.kind == AUTOCOMPLETE:
            raise invalid("autocomplete is answered with choices", RESPONDING)
        if kind == 9:
            if given.kind == MODAL:
                raise invalid("a modal can't open another", RESPONDING)
            check_modal(data)
            return {"interaction": shown}
        if kind in (6, 7):
            return self._updated(given, kind, data, files, shown)
        if kind == 5 and data.get("flags", 0) & ~EPHEMERAL:
            raise invalid("a deferred answer carries no flag but EPHEMERAL", RESPONDING)
        if kind not in (4, 5):
            raise invalid("type", RESPONDING)
        if kind == 4:
            check_message(data, files)
        flags = (data.get("flags") or 0) | (_LOADING if kind == 5 else 0)
        said = data if kind == 4 else {}
        message = self.messages.post(given.channel, {**said, "flags": flags}, files, interaction=True)
        given.original = message["id"]
        shown |= {
            "response_message_id": message["id"], "response_message_loading": kind == 5,
            "response_message_ephemeral": bool(flags & EPHEMERAL),
        }  # fmt: skip
        return {"interaction": shown, **({"resource": {"type": 4, "message": message}} if kind == 4 else {})}

    def _updated(self, given: Given, kind: int, data: Json, files: Sequence[File], shown: Json) -> Json:
        """The answers that change the message whose button was pressed."""
        if given.source is None:
            raise invalid("there is no message to update", RESPONDING)
        given.original = given.source
        if kind == 6:
            return {"interaction": shown}
        check_message(data, files, empty_ok=True)
        message = self.messages.edit(self.messages.known[given.channel, given.source], data, files)
        return {"interaction": shown, "resource": {"type": 7, "message": message}}

    def by_token(self, token: str) -> Given:
        """The interaction whose token still lives. Raises Refusal: 50027 when it is over, 10015 before an answer."""
        given = self.given.get(token)
        if given is None or given.answer is None:
            raise not_found("Unknown Webhook", 10015)
        if self.world.now() - given.born > TOKEN_SECONDS:
            raise Refusal(401, 50027, "Invalid Webhook Token", RESPONDING)
        return given

    def follow_up(self, given: Given, payload: Json, files: Sequence[File]) -> Json:
        """One more message; an app that is only user-installed has five (resources/application, "User context")."""
        if not given.installed_in_guild and len(given.follow_ups) >= MOST_FOLLOW_UPS:
            raise Refusal(400, 40094, "Maximum number of follow up messages", RESPONDING)
        check_message(payload, files)
        message = self.messages.post(given.channel, payload, files, interaction=True)
        given.follow_ups.append(message["id"])
        return message

    def original(self, given: Given, name: str) -> Json:
        """The message that a token may read and change."""
        ident = given.original if name == "@original" else name
        message = self.messages.known.get((given.channel, ident or ""))
        if message is None:
            raise not_found("Unknown Message", 10008)
        return message
