"""Messages: posted, edited, shown to the app with or without their content, and whom they ping."""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.local_discord.cdn import Cdn
from tests.support.local_discord.payloads import File
from tests.support.local_discord.world import APP, Json, World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_KEPT_BACK: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


@dataclass
class Messages:
    """Every message, by channel and id, and everybody who was pinged (`users:<id>`, `roles:<id>`, `everyone`)."""

    world: World
    cdn: Cdn
    content_intent: bool = False
    known: dict[tuple[str, str], Json] = field(default_factory=dict)
    nonces: dict[tuple[str, str], str] = field(default_factory=dict)
    pings: list[str] = field(default_factory=list)

    def post(
        self, channel: str, payload: Json, files: Sequence[File], *, author: str = APP, interaction: bool = False
    ) -> Json:
        """A new message; the same nonce with `enforce_nonce` gives the first one again (resources/message)."""
        nonce = payload.get("nonce")
        if nonce is not None and payload.get("enforce_nonce") and (channel, str(nonce)) in self.nonces:
            return self.known[channel, self.nonces[channel, str(nonce)]]
        message = self._made(channel, payload, files, author)
        if interaction:
            message |= {"webhook_id": APP, "application_id": APP}
        if nonce is not None:
            message["nonce"] = nonce
            self.nonces[channel, str(nonce)] = message["id"]
        self.known[channel, message["id"]] = message
        self.pings += self._pinged(message, payload.get("allowed_mentions"))
        return message

    def edit(self, message: Json, payload: Json, files: Sequence[File]) -> Json:
        """Change what the payload names; attachments stay unless it names those that do."""
        for name in ("content", "embeds", "flags"):
            if name in payload:
                message[name] = payload[name] if payload[name] is not None else ("" if name == "content" else [])
        if "components" in payload:
            message["components"] = _numbered(payload["components"] or [])
        if "attachments" in payload:
            kept = {str(one["id"]) for one in payload["attachments"] or []}
            message["attachments"] = [one for one in message["attachments"] if one["id"] in kept]
        message["attachments"] += self._stored(message["channel_id"], payload, files)
        message["edited_timestamp"] = self.world.iso()
        return message

    def seen_by_app(self, message: Json) -> Json:
        """The message as an app sees it: without the intent, content is blank outside of DMs, mentions and its own.

        A reply that pings the app counts as a mention only where the app's message was a plain one. The message that
        is replied to is blanked by the same rule.
        """
        shown = copy.deepcopy(message)
        for attachment in shown["attachments"]:
            attachment["url"] = attachment["proxy_url"] = self.cdn.refreshed(attachment["url"])
        if isinstance(shown.get("referenced_message"), dict):
            shown["referenced_message"] = self.seen_by_app(self._original(message["referenced_message"]))
        return shown if self._is_open(message) else {**shown, **copy.deepcopy(_KEPT_BACK)}

    def _original(self, message: Json) -> Json:
        return self.known.get((message["channel_id"], message["id"]), message)

    def _is_open(self, message: Json) -> bool:
        if self.content_intent or message["author"]["id"] == APP:
            return True
        if self.world.channels[message["channel_id"]].guild is None or APP in _USER.findall(message["content"]):
            return True
        replied = message.get("referenced_message")
        pinged = any(one["id"] == APP for one in message["mentions"])
        return pinged and isinstance(replied, dict) and "webhook_id" not in self._original(replied)

    def _made(self, channel: str, payload: Json, files: Sequence[File], author: str) -> Json:
        content = payload.get("content") or ""
        message: Json = {
            "id": self.world.snowflake(), "channel_id": channel, "type": 0, "content": content,
            "author": self.world.users[author].payload(), "timestamp": self.world.iso(), "edited_timestamp": None,
            "tts": False, "mention_everyone": False, "mention_roles": [], "pinned": False,
            "mentions": [self.world.users[one].payload() for one in _USER.findall(content) if one in self.world.users],
            "attachments": self._stored(channel, payload, files), "embeds": payload.get("embeds") or [],
            "flags": payload.get("flags") or 0, "components": _numbered(payload.get("components") or []),
        }  # fmt: skip
        if reference := payload.get("message_reference"):
            self._refer(message, str(reference["message_id"]), payload)
        return message

    def _refer(self, message: Json, replied: str, payload: Json) -> None:
        original = self.known.get((message["channel_id"], replied))
        message |= {
            "type": 19, "referenced_message": copy.deepcopy(original),
            "message_reference": {"type": 0, "channel_id": message["channel_id"], "message_id": replied},
        }  # fmt: skip
        wanted = (payload.get("allowed_mentions") or {}).get("replied_user", True)
        if (
            original is not None
            and wanted
            and original["author"]["id"] not in {one["id"] for one in message["mentions"]}
        ):
            message["mentions"].append(original["author"])

    def _stored(self, channel: str, payload: Json, files: Sequence[File]) -> list[Json]:
        about = {str(one.get("id")): one for one in payload.get("attachments") or []}
        return [
            self.cdn.put(
                channel, file.name, file.data,
                alt=(about.get(file.field.removeprefix("files[").rstrip("]"), {}).get("description") or ""),
            )
            for file in files
        ]  # fmt: skip

    def _pinged(self, message: Json, allowed: Json | None) -> list[str]:
        """Whom the app's own words ping. Without `allowed_mentions` that is everybody they name."""
        if message["author"]["id"] != APP:
            return []
        content, parse = message["content"], (allowed or {}).get("parse", ["users", "roles", "everyone"])
        found = [f"users:{one}" for one in _USER.findall(content) if _may("users", one, parse, allowed)]
        found += [f"roles:{one}" for one in _ROLE.findall(content) if _may("roles", one, parse, allowed)]
        if "everyone" in parse and re.search(r"@(everyone|here)\b", content):
            found.append("everyone")
        return found


def _may(kind: str, one: str, parse: Sequence[str], allowed: Json | None) -> bool:
    return kind in parse or one in [str(named) for named in (allowed or {}).get(kind, ())]


def _numbered(components: Sequence[Json]) -> list[Json]:
    """Components as Discord gives them back: each with an id."""
    count = 0

    def walk(part: Json) -> Json:
        nonlocal count
        count += 1
        shown = {"id": count, **part}
        for name in ("components", "items"):
            if name in shown:
                shown[name] = [walk(one) if "type" in one else one for one in shown[name]]
        for name in ("component", "accessory"):
            if name in shown:
                shown[name] = walk(shown[name])
        return shown

    return [walk(part) for part in components]
