"""What people do: type a command, pick a shortcut, mention the bot, press a button, send a modal, open App Home."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.support.local_slack.server import Acked, LocalSlack
from tests.support.local_slack.world import ANA, APP_ID, BOT, GENERAL, TEAM, Json


@dataclass
class People:
    """Acts in one Slack, in one workspace."""

    slack: LocalSlack
    team: str = TEAM
    enterprise: str = ""

    async def slash(self, text: str, *, user: str = ANA, channel: str = GENERAL, command: str = "/kling") -> Acked:
        """`/kling …`; it knows no thread and carries no file."""
        return await self.slack.deliver("slash_commands", self.slash_payload(text, user, channel, command))

    def slash_payload(self, text: str, user: str = ANA, channel: str = GENERAL, command: str = "/kling") -> Json:
        return {
            "token": "legacy", "team_id": self.team, "team_domain": "acme", "channel_id": channel,
            "channel_name": "general", "user_id": user, "user_name": user.lower(), "command": command, "text": text,
            "api_app_id": APP_ID, "is_enterprise_install": str(bool(self.enterprise)).lower(),
            **({"enterprise_id": self.enterprise} if self.enterprise else {}),
            "response_url": self.slack.response_url(channel), "trigger_id": self.slack.trigger(),
        }  # fmt: skip

    async def mention(
        self, text: str, *files: Json, user: str = ANA, channel: str = GENERAL, thread: str | None = None,
        event_id: str = "", retry: int = 0, message: Json | None = None, hide_files: bool = False,
    ) -> Acked:  # fmt: skip
        """`@Kling …`, also in a thread; `hide_files` is the event that comes without them."""
        said = message or self.write(f"<@{BOT}> {text}", *files, user=user, channel=channel, thread=thread)
        event = {**said, "type": "app_mention", "channel": channel, "event_ts": said["ts"], "team": self.team}
        if hide_files:
            event.pop("files", None)
        return await self.event(event, event_id=event_id, retry=retry)

    async def direct(self, text: str, *files: Json, user: str = ANA, thread: str | None = None) -> Acked:
        """A direct message to the bot."""
        channel = self.slack.world.direct(user)
        said = self.write(text, *files, user=user, channel=channel.id, thread=thread)
        return await self.event({**said, "channel": channel.id, "channel_type": "im", "event_ts": said["ts"]})

    def write(
        self, text: str, *files: Json, user: str = ANA, channel: str = GENERAL, thread: str | None = None
    ) -> Json:
        """A message that nobody tells the app of."""
        message: Json = {"type": "message", "user": user, "ts": self.slack.world.ts(), "text": text, "team": self.team}
        if files:
            message |= {"files": list(files), "subtype": "file_share", "upload": True}
        if thread:
            message["thread_ts"] = thread
        self.slack.world.messages.setdefault(channel, []).append(message)
        return message

    def photo(self, data: bytes, *, name: str = "photo.png", user: str = ANA, id_only: bool = False) -> Json:
        """An uploaded picture; with `id_only` a file of another organisation, of which only the id is told."""
        file = self.slack.world.put_file(name, data, user=user, base=self.slack.base, team=self.team)
        return {"id": file["id"], "file_access": "check_file_info"} if id_only else file

    async def event(self, event: Json, *, event_id: str = "", retry: int = 0) -> Acked:
        """Any event."""
        payload: Json = {
            "token": "legacy", "team_id": self.team, "api_app_id": APP_ID, "event": event, "type": "event_callback",
            "event_id": event_id or self.slack.world.ident("Ev"), "event_time": int(self.slack.world.now()),
            "authorizations": [
                {
                    "enterprise_id": self.enterprise or None, "team_id": self.team, "user_id": BOT, "is_bot": True,
                    "is_enterprise_install": bool(self.enterprise),
                }
            ],
            "is_ext_shared_channel": False, **({"enterprise_id": self.enterprise} if self.enterprise else {}),
        }  # fmt: skip
        return await self.slack.deliver("events_api", payload, retry=retry)

    async def home(self, *, user: str = ANA, tab: str = "home") -> Acked:
        """App Home is opened."""
        channel = self.slack.world.direct(user).id
        return await self.event({"type": "app_home_opened", "user": user, "channel": channel, "tab": tab})

    async def shortcut(
        self, callback: str, message: Json | None = None, *, user: str = ANA, channel: str = GENERAL
    ) -> Acked:
        """A message shortcut, or without a message a global one, which tells no channel."""
        payload = self._interaction("shortcut" if message is None else "message_action", user)
        payload |= {"callback_id": callback, "action_ts": self.slack.world.ts()}
        if message is not None:
            payload |= {
                "channel": {"id": channel, "name": "general"}, "message": message, "message_ts": message["ts"],
                "response_url": self.slack.response_url(channel),
            }  # fmt: skip
        return await self.slack.deliver("interactive", payload)

    async def press(
        self, message: Json, action: str, *, user: str = ANA, channel: str = GENERAL, view: Json | None = None
    ) -> Acked:
        """A button of a message or a view, by its action id or value."""
        button = _button(json.loads(json.dumps((view or message).get("blocks") or [])), action)
        payload = self._interaction("block_actions", user)
        payload |= {
            "actions": [{**button, "action_ts": self.slack.world.ts()}],
            "response_url": self.slack.response_url(channel),
        }  # fmt: skip
        if view is None:
            payload |= {
                "channel": {"id": channel, "name": "general"}, "message": message,
                "container": {
                    "type": "message", "message_ts": message["ts"], "channel_id": channel, "is_ephemeral": False,
                    **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
                },
            }  # fmt: skip
        else:
            payload |= {"view": view, "container": {"type": "view", "view_id": view.get("id", "V0HOME")}}
        return await self.slack.deliver("interactive", payload)

    async def submit(
        self, view: Json, values: Mapping[str, object], *, files: Mapping[str, Sequence[Json]] | None = None,
        user: str = ANA,
    ) -> Acked:  # fmt: skip
        """Send a modal: a value for each block id, files for file inputs."""
        state: Json = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                value = _value(element, values.get(block["block_id"]), (files or {}).get(block["block_id"], ()))
                state[block["block_id"]] = {element["action_id"]: value}
        payload = self._interaction("view_submission", user)
        payload |= {
            "view": {**view, "team_id": self.team, "app_id": APP_ID, "state": {"values": state}}, "response_urls": []
        }  # fmt: skip
        return await self.slack.deliver("interactive", payload)

    def _interaction(self, kind: str, user: str) -> Json:
        return {
            "type": kind, "token": "legacy", "api_app_id": APP_ID, "team": {"id": self.team, "domain": "acme"},
            "user": {"id": user, "name": user.lower(), "username": user.lower(), "team_id": self.team},
            "trigger_id": self.slack.trigger(), "is_enterprise_install": bool(self.enterprise),
            "enterprise": {"id": self.enterprise, "name": "Acme Group"} if self.enterprise else None,
        }  # fmt: skip


def _value(element: Json, value: object, files: Sequence[Json]) -> Json:
    kind = element["type"]
    if kind == "file_input":
        return {"type": kind, "files": list(files)}
    if kind in ("static_select", "radio_buttons"):
        chosen = next((one for one in element["options"] if one["value"] == value), element.get("initial_option"))
        return {"type": kind, "selected_option": chosen}
    if kind == "checkboxes":
        return {"type": kind, "selected_options": list(element["options"]) if value else []}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": value or GENERAL}
    if kind == "users_select":
        return {"type": kind, "selected_user": value}
    return {"type": kind, "value": value if value is not None else element.get("initial_value")}


def _button(blocks: Sequence[Json], action: str) -> Json:
    for block in blocks:
        for one in [*(block.get("elements") or ()), *([block["accessory"]] if block.get("accessory") else ())]:
            if action in (one.get("action_id"), one.get("value")):
                return {**one, "block_id": block.get("block_id", "b")}
    raise LookupError(f"no button {action}")
