"""Payload to what was meant: plain functions over what Slack sends, without its library; nothing is trusted."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.messaging.payloads import Payload, decoded, mapping, mappings, string
from bot.messaging.references import refers

PLATFORM = "slack"
SHOWS = "!"
"""In front of a stored file's id: a button that shows a flagged video to whoever presses it."""

Kind = Literal["ask", "press", "home", "gone"]
File = Mapping[str, str]
"""A file of Slack's: `id`; `url`, `name`, `kind` as far as they are told; `role`, the form's field it was put into."""

_ID, _TS = re.compile(r"[A-Z][A-Z0-9]{1,30}"), re.compile(r"\d{1,12}\.\d{1,8}")
_NAMED, _GROUP = re.compile(r"<([@#])([A-Z][A-Z0-9]+)(\|[^>]*)?>"), re.compile(r"<!subteam\^([A-Z0-9]+)(\|[^>]*)?>")
_AS_REFERENCES, _AS_WORDS = ((_NAMED, r"<\1\2\3>"), (_GROUP, r"<&\1\2>")), ((_NAMED, r"\1\2"),)
_MARKUP = (
    (re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>"), r"\1"),
    (re.compile(r"<(?:mailto|tel):[^|>]+\|([^>]+)>"), r"\1"),
    (re.compile(r"<!(?:subteam\^\w+\|)?@?([^>|]+)(?:\|[^>]*)?>"), r"\1"),
)
_MOST_FILES, _LONGEST, _SAID = 10, 10_000, (None, "file_share", "thread_broadcast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing that somebody did. `key` is the same for every delivery of it.

    `reread` says that there may be pictures that the event doesn't tell of. `trigger` opens a form within 3 s, `answer`
    is Slack's address for answers to an interaction: both live for minutes, and are never stored.
    """

    key: str
    kind: Kind
    team: str
    user: str
    name: str = ""
    channel: str = ""
    thread: str = ""
    message: str = ""
    text: str = ""
    verb: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    about: str = ""
    action: str = ""
    reread: bool = False
    when: float = 0.0
    trigger: str = ""
    answer: str = ""


def command(body: Payload) -> Heard | None:
    """`/kling …`."""
    text, channel = unwrapped(string(body.get("text"))[:_LONGEST]), _id(body.get("channel_id"))
    return _by(body, "ask", "command", channel=channel, text=text) if channel else None


def shortcut(body: Payload) -> Heard | None:
    """The shortcut on a message, or the global one, which tells no channel."""
    message, channel = mapping(body.get("message")), _id(mapping(body.get("channel")).get("id"))
    at, thread = string(body.get("message_ts") or message.get("ts"), _TS), string(message.get("thread_ts"), _TS)
    return _by(body, "ask", "shortcut", message=at, thread=thread or at, channel=channel, files=pictures(message))


def pressed(body: Payload) -> Heard | None:
    """A button of a message or of App Home. A card that one person alone sees is no thread to answer in."""
    action = next(filter(None, (string(one.get("value")) for one in mappings(body.get("actions")))), "")
    inside, channel = mapping(body.get("container")), _id(mapping(body.get("channel")).get("id"))
    at = "" if inside.get("is_ephemeral") is True else string(inside.get("message_ts"), _TS)
    thread = string(inside.get("thread_ts"), _TS) or string(mapping(body.get("message")).get("thread_ts"), _TS) or at
    heard = _by(body, "press", "press", channel=channel, thread=thread, message=at, action=action[:200])
    return heard if action else None


def submitted(body: Payload) -> Heard | None:
    """A sent modal: its hidden note says what it is for, its inputs are the values."""
    view, answers = mapping(body.get("view")), mappings(body.get("response_urls"))
    values, files, channel = _values(view)
    note = decoded(view.get("private_metadata"))
    action, text, kept = string(note.get("action")), values.pop("prompt", ""), note.get("files")
    known = _files({"files": [{"id": one} for one in kept] if isinstance(kept, list) else []})
    thread, at = string(note.get("thread"), _TS), string(note.get("message"), _TS)
    heard = _by(
        body, "press" if action else "ask", "view", key=_id(view.get("id")), text=text, verb=string(note.get("verb")),
        channel=_id(note.get("channel")) or channel, thread=thread, message=at, choices=values, files=(*known, *files),
        about=string(note.get("about")), action=action, answer=string((answers or [{}])[0].get("response_url")),
    )  # fmt: skip
    return heard if view.get("id") and (action or channel or note.get("channel")) else None


def event(body: Payload) -> Heard | None:
    """An event of the Events API; None for what is nobody's business."""
    told, key, when, team = (
        mapping(body.get("event")),
        string(body.get("event_id")),
        body.get("event_time"),
        _team(body),
    )
    kind, user = told.get("type"), _id(told.get("user"))
    if kind == "app_uninstalled" or (kind == "tokens_revoked" and mapping(told.get("tokens")).get("bot")):
        at = float(when) if isinstance(when, int) and 0 < when < 1e12 else 0.0
        return Heard(key=f"gone:{team}:{key}", kind="gone", team=team, user="", when=at) if team and key else None
    if not (team and user and key) or told.get("bot_id"):
        return None
    if kind == "app_home_opened" and told.get("tab") == "home":
        return Heard(key=f"home:{key}", kind="home", team=team, user=user)
    direct = kind == "message" and told.get("channel_type") == "im" and told.get("subtype") in _SAID
    return _message(body, told, team, user) if kind == "app_mention" or direct else None


def pictures(message: Payload) -> tuple[File, ...]:
    """The files of a message that are pictures, as far as it tells."""
    return tuple(one for one in _files(message) if one["kind"].startswith("image/") or not one["kind"])


def unwrapped(text: str) -> str:
    """Slack's markup as it is read: links plain, `&lt;` as `<`, no `<!channel>`; mentions as words or references."""
    for pattern, plain in (*(_AS_REFERENCES if refers(text) else _AS_WORDS), *_MARKUP):
        text = pattern.sub(plain, text)
    return html.unescape(text).strip()


def _message(body: Payload, told: Payload, team: str, user: str) -> Heard | None:
    """A mention or a direct message. Up to eleven events come for one message: the message's own id tells."""
    ts, thread = string(told.get("ts"), _TS), string(told.get("thread_ts"), _TS)
    channel, files = _id(told.get("channel")), _files(told)
    bot = next((_id(one.get("user_id")) for one in mappings(body.get("authorizations")) if one.get("is_bot")), "")
    text = re.sub(rf"<@{bot or '[UW][A-Z0-9]+'}(?:\|[^>]*)?>", " ", string(told.get("text"))[:_LONGEST], count=1)
    if not ts or not channel:
        return None
    return Heard(
        key=f"message:{team}:{channel}:{ts}:{user}", kind="ask", team=team, user=user, channel=channel,
        thread=thread or ts, message=ts, text=unwrapped(text), files=files,
        reread=not files and bool(thread or told.get("upload") or told.get("subtype") == "file_share"),
    )  # fmt: skip


def _by(body: Payload, kind: Kind, door: str, *, key: str = "", answer: str = "", **more: Any) -> Heard | None:
    person, trigger, team = mapping(body.get("user")), string(body.get("trigger_id")), _team(body)
    user, name = _id(person.get("id") or body.get("user_id")), string(person.get("name") or body.get("user_name"))
    if not (user and team and trigger):
        return None
    return Heard(
        key=f"{door}:{key or trigger}"[:200], kind=kind, team=team, user=user, name=name[:80], trigger=trigger,
        answer=answer or string(body.get("response_url")), **more,
    )  # fmt: skip


def _values(view: Payload) -> tuple[dict[str, str], list[File], str]:
    values, files, channel = dict[str, str](), list[File](), ""
    for name, inputs in mapping(mapping(view.get("state")).get("values")).items():
        given = mapping(next(iter(mapping(inputs).values()), None))
        picked = [mapping(given.get("selected_option")), *mappings(given.get("selected_options"))]
        person = _id(given.get("selected_user"))
        told = (*(one.get("value") for one in picked), given.get("value"), f"<@{person}>" if person else "")
        if given.get("type") == "file_input":
            files += _files(given, name)
        elif given.get("type") == "conversations_select":
            channel = _id(given.get("selected_conversation"))
        elif text := next(filter(None, map(string, told)), "").strip():
            values[name] = text[:_LONGEST]
    return values, files, channel


def _files(message: Payload, role: str = "") -> tuple[File, ...]:
    found: list[File] = []
    for one in mappings(message.get("files")):
        url, name = string(one.get("url_private_download") or one.get("url_private")), string(one.get("name"))[:200]
        file = {"id": _id(one.get("id")), "url": url, "name": name, "kind": string(one.get("mimetype")), "role": role}
        found += [file] if file["id"] else []
    return tuple(found[:_MOST_FILES])


def _team(body: Payload) -> str:
    """The workspace with the app, which in a shared channel need not be the person's; else the whole organisation."""
    view, seen, user = mapping(body.get("view")), mappings(body.get("authorizations")), mapping(body.get("user"))
    team, org, there = body.get("team"), mapping(body.get("enterprise")).get("id"), view.get("app_installed_team_id")
    told = (there, mapping(team).get("id"), team, *(one.get("team_id") for one in seen[:1]), body.get("team_id"))
    return next(filter(None, map(_id, (*told, user.get("team_id"), org, body.get("enterprise_id")))), "")


def _id(value: object) -> str:
    return string(value, _ID)
