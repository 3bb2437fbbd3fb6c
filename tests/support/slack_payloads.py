"""Payloads as Slack sends them: one for each door, and one for each thing that goes wrong there."""

import json
from collections.abc import Callable

from adapters.slack import inbound
from adapters.slack.inbound import Heard
from tests.support.local_slack.world import ANA, APP_ID, BEN, BOT, BOT_ID, GENERAL, TEAM, Json

Parse = Callable[[Json], Heard | None]

TS, ROOT, TRIGGER, JOB = "1763650000.000100", "1763640000.000200", "13345224609.738474920.8088930838d88f008e0", "0" * 20
ANSWER = "https://hooks.slack.com/commands/T0ACME/1/abc"
FILE: Json = {
    "id": "F0PHOTO", "name": "dog.png", "mimetype": "image/png", "filetype": "png", "size": 9_000, "mode": "hosted",
    "url_private": "https://files.slack.com/files-pri/T0ACME-F0PHOTO/dog.png", "file_access": "visible",
    "url_private_download": "https://files.slack.com/files-pri/T0ACME-F0PHOTO/download/dog.png",
}  # fmt: skip
THEIRS: Json = {"id": "F0THEIRS", "file_access": "check_file_info"}
MOVIE: Json = {**FILE, "id": "F0MOVIE", "mimetype": "video/mp4", "name": "kling.mp4"}


def slash(text: str, **more: object) -> Json:
    return {
        "token": "t", "team_id": TEAM, "team_domain": "acme", "channel_id": GENERAL, "channel_name": "general",
        "user_id": ANA, "user_name": "ana", "command": "/kling", "text": text, "api_app_id": APP_ID,
        "is_enterprise_install": "false", "response_url": ANSWER, "trigger_id": TRIGGER, **more,
    }  # fmt: skip


def told(event: Json, **more: object) -> Json:
    bot = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
    return {
        "token": "t", "team_id": TEAM, "api_app_id": APP_ID, "event": event, "type": "event_callback",
        "event_id": "Ev0ONE", "event_time": 1_763_650_000, "authorizations": [bot], **more,
    }  # fmt: skip


def mention(text: str | None = f"<@{BOT}> a fox", **more: object) -> Json:
    return told({"type": "app_mention", "user": ANA, "text": text, "ts": TS, "channel": GENERAL, "team": TEAM, **more})


def direct(text: str = "a fox", **more: object) -> Json:
    event = {"type": "message", "channel_type": "im", "user": ANA, "text": text, "ts": TS, "channel": "D0ANA"}
    return told({**event, **more})


def interaction(kind: str, **more: object) -> Json:
    return {
        "type": kind, "token": "t", "api_app_id": APP_ID, "team": {"id": TEAM, "domain": "acme"},
        "user": {"id": ANA, "name": "ana", "username": "ana", "team_id": TEAM}, "trigger_id": TRIGGER,
        "is_enterprise_install": False, "enterprise": None, **more,
    }  # fmt: skip


def on_message(**more: object) -> Json:
    message = {"type": "message", "user": BEN, "ts": TS, "text": "my dog", **more}
    channel = {"id": GENERAL, "name": "general"}
    return interaction(
        "message_action", callback_id="animate", channel=channel, message=message, message_ts=TS, response_url=ANSWER
    )


def press(value: object = f"again:{JOB}", container: Json | None = None, **more: object) -> Json:
    inside = {"type": "message", "message_ts": TS, "channel_id": GENERAL, "is_ephemeral": False, **(container or {})}
    action = {"type": "button", "action_id": "b0", "block_id": "x", "value": value, "action_ts": TS}
    return interaction(
        "block_actions",
        **{"actions": [action], "container": inside, "channel": {"id": GENERAL, "name": "general"},
           "message": {"ts": TS, "text": "Done"}, "response_url": ANSWER, **more},
    )  # fmt: skip


def form(values: Json | None = None, note: object = None, installed: str | None = None, **more: object) -> Json:
    filled = {"prompt": {"v": {"type": "plain_text_input", "value": "zoom"}}, **(values or {})}
    meta = json.dumps({"channel": GENERAL}) if note is None else note if isinstance(note, str) else json.dumps(note)
    view = {
        "id": "V0FORM", "type": "modal", "callback_id": "form", "hash": "1.a", "private_metadata": meta,
        "blocks": [{"type": "input", "block_id": name} for name in filled], "state": {"values": filled},
        "app_installed_team_id": installed,
    }  # fmt: skip
    return interaction("view_submission", **{"view": view, "response_urls": [], **more})


CHOICE: Json = {"v": {"type": "static_select", "selected_option": {"text": {"text": "10 s"}, "value": "10"}}}
CHECKED: Json = {"v": {"type": "checkboxes", "selected_options": [{"text": {"text": "Yes"}, "value": "yes"}]}}
FILES: Json = {"v": {"type": "file_input", "files": [FILE]}}
IDS: Json = {"v": {"type": "file_input", "files": [{"id": "F0PHOTO"}, {"name": "no id"}]}}
SOMEBODY: Json = {"v": {"type": "users_select", "selected_user": BEN}}
WHERE: Json = {"v": {"type": "conversations_select", "selected_conversation": "C0OTHER"}}
EVENT, COMMAND, SHORTCUT, PRESS, FORM = (
    inbound.event, inbound.command, inbound.shortcut, inbound.pressed, inbound.submitted
)  # fmt: skip

PAYLOADS: dict[str, tuple[Parse, Json]] = {
    "slash": (COMMAND, slash("a red fox --pro")),
    "slash alone": (COMMAND, slash("")),
    "slash escaped": (COMMAND, slash("a &lt;b&gt; &amp; <@U0BEN|ben> in <#C0X|y> <https://a.b|c> <!channel>")),
    "slash in a direct message of two": (COMMAND, slash("a fox", channel_id="D0TWO", channel_name="directmessage")),
    "slash org-wide": (COMMAND, slash("a fox", enterprise_id="E0ACME", is_enterprise_install="true", team_id=None)),
    "slash with an en dash": (COMMAND, slash("a fox –pro")),
    "slash about credits": (
        COMMAND,
        slash("quota set <@U0BEN|ben> <#C0X|y> <!subteam^S0DESIGN|@designers> 50/day &lt;b&gt; <https://a.b|c>"),
    ),
    "slash about approvals": (COMMAND, slash("Approvals by <!subteam^S0DESIGN>")),
    "slash with a group": (COMMAND, slash("a fox for <!subteam^S0DESIGN|@designers>")),
    "slash very long": (COMMAND, slash("fox " * 10_000)),
    "mention": (EVENT, mention()),
    "mention with a file": (EVENT, mention(files=[FILE], upload=True)),
    "mention without its file": (EVENT, mention(upload=True)),
    "mention with a file of another organisation": (EVENT, mention(files=[THEIRS])),
    "mention in a thread": (EVENT, mention(thread_ts=ROOT)),
    "mention in the middle": (EVENT, mention(f"hey <@{BOT}> a fox for <@{BEN}>")),
    "mention about credits": (EVENT, mention(f"<@{BOT}> credits gift 50 <@{BEN}>")),
    "mention by a bot": (EVENT, mention(bot_id=BOT_ID)),
    "mention without text": (EVENT, mention(text=None)),
    "mention without authorizations": (EVENT, mention() | {"authorizations": None}),
    "mention from a shared channel": (EVENT, mention(user_team="T0OTHER") | {"is_ext_shared_channel": True}),
    "mention by another organisation": (EVENT, mention() | {"team_id": "T0OTHER", "is_ext_shared_channel": True}),
    "mention with twenty files": (EVENT, mention(files=[FILE | {"id": f"F0{number}"} for number in range(20)])),
    "mention with a deleted file": (EVENT, mention(files=[{"id": "F0GONE", "mode": "tombstone"}])),
    "direct": (EVENT, direct()),
    "direct with a file": (EVENT, direct(subtype="file_share", files=[FILE])),
    "direct in a thread": (EVENT, direct(thread_ts=ROOT)),
    "direct in a thread and out of it": (EVENT, direct(thread_ts=ROOT, subtype="thread_broadcast", root={"ts": ROOT})),
    "direct by ourselves": (EVENT, direct(bot_id=BOT_ID, user=BOT)),
    "direct changed": (EVENT, direct(subtype="message_changed", message={"text": "a fox"})),
    "direct deleted": (EVENT, direct(subtype="message_deleted", user=None)),
    "said in a channel": (EVENT, direct(channel_type="channel", channel=GENERAL)),
    "home": (EVENT, told({"type": "app_home_opened", "user": ANA, "tab": "home", "channel": "D0ANA"})),
    "home, messages": (EVENT, told({"type": "app_home_opened", "user": ANA, "tab": "messages"})),
    "uninstalled": (EVENT, told({"type": "app_uninstalled"})),
    "revoked": (EVENT, told({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}})),
    "revoked for a person": (EVENT, told({"type": "tokens_revoked", "tokens": {"oauth": [ANA], "bot": []}})),
    "file shared": (EVENT, told({"type": "file_shared", "file_id": "F1", "user_id": ANA, "channel_id": GENERAL})),
    "renamed": (EVENT, told({"type": "channel_rename", "channel": {"id": GENERAL, "name": "x"}})),
    "shortcut": (SHORTCUT, on_message(files=[FILE])),
    "shortcut in a thread": (SHORTCUT, on_message(files=[FILE, MOVIE], thread_ts=ROOT)),
    "shortcut on words": (SHORTCUT, on_message()),
    "shortcut on a file of another organisation": (SHORTCUT, on_message(files=[THEIRS])),
    "shortcut on an app's message": (SHORTCUT, on_message(user=None, bot_id="B0OTHER", files=[FILE])),
    "global shortcut": (SHORTCUT, interaction("shortcut", callback_id="make", action_ts=TS)),
    "press": (PRESS, press()),
    "press in a thread": (PRESS, press(container={"thread_ts": ROOT})),
    "press on an ephemeral card": (PRESS, press(container={"is_ephemeral": True})),
    "press in App Home": (PRESS, press("go:jobs", channel=None, message=None, container={"message_ts": None})),
    "press without a value": (PRESS, press(None)),
    "press of a link": (PRESS, interaction("block_actions", actions=[{"type": "button", "url": "https://x"}])),
    "press to show": (PRESS, press("!F0MOVIE")),
    "press org-wide": (PRESS, press(team=None, enterprise={"id": "E0ACME", "name": "Acme"})),
    "form": (FORM, form({"d": CHOICE, "pro": CHECKED, "start": FILES})),
    "form with ids only": (FORM, form({"start": IDS})),
    "form over a message": (FORM, form(note={"channel": GENERAL, "thread": ROOT, "files": ["F1"], "verb": "animate"})),
    "form with a channel": (FORM, form({"channel": WHERE}, note={}, response_urls=[{"response_url": ANSWER}])),
    "form of a button": (FORM, form(note={"action": "deny:1", "channel": GENERAL})),
    "form with a person": (FORM, form({"person": SOMEBODY})),
    "form with a broken note": (FORM, form(note="{")),
    "form with another's note": (FORM, form(note='["x"]')),
    "form by another organisation": (FORM, form(team={"id": "T0OTHER"}, installed=TEAM)),
    "form unfilled": (FORM, form({"no": {"v": {"type": "plain_text_input", "value": None}}, "d": {}})),
}
