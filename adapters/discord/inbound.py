"""Payload to ask: plain functions over what Discord sends; nothing is trusted to be there."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from adapters.discord.looks import CHECK, OPENS, SURE, UPLOAD, YES
from adapters.discord.registry import BARE
from bot.messaging import Actor, Ask, Attachment, FormField, Place
from bot.messaging.payloads import Payload, ident, mapping, mappings, texts

PLATFORM = "discord"
MARKS = OPENS + SURE + YES
_JOB = re.compile(r"(?:again|receipt|cancel|edit|pro|extend|delete):([0-9a-v]{20})")
_EMOJI = re.compile(r"<a?(:\w+:)\d+>")
_TYPED = re.compile(r"<(@[!&]?|#)(\d+)>")

Menu = Mapping[str, Mapping[str, FormField]]  # what `registry.table` gives
Read = Callable[[str], AsyncIterator[bytes]]
"""Gives the bytes at an address of Discord's; an empty one stands for a picture that Discord doesn't show us."""


def origin(payload: Payload) -> Ask:
    """Who sent an interaction or a message, from where; nothing is said yet. Direct messages have no workspace."""
    user = mapping(mapping(payload.get("member")).get("user")) or mapping(payload.get("user") or payload.get("author"))
    owners, guild = mapping(payload.get("authorizing_integration_owners")), ident(payload.get("guild_id"))
    apart = bool(guild and owners and "0" not in owners)
    workspace, name = "" if apart else guild, str(user.get("global_name") or user.get("username") or "")
    return Ask(
        key=ident(payload.get("id")), text="", apart=apart,
        actor=Actor(platform=PLATFORM, workspace=workspace, user=ident(user.get("id")), name=name),
        place=Place(platform=PLATFORM, workspace=workspace, channel=ident(payload.get("channel_id"))),
    )  # fmt: skip


def slash(payload: Payload, menu: Menu, read: Read) -> Ask | None:
    """A slash command; None where the menu has no such command (any more)."""
    data = mapping(payload.get("data"))
    path, given = _path(data)
    known, files, values = _resolved(data, "attachments"), list[Attachment](), dict[str, str]()
    for option in given:
        one, value = menu.get(path, {}).get(ident(option.get("name"))), option.get("value")
        if one is not None and one.kind == "picture":
            files += [_file(known[ident(value)], read, one.name)] if ident(value) in known else []
        elif one is not None and isinstance(value, str | int | float) and value is not False:
            values[one.name] = "yes" if value is True else f"{value:.10g}" if isinstance(value, float) else str(value)
    return _said(payload, values, files, verb=path.removesuffix(f" {BARE}")) if path in menu else None


def focused(payload: Payload, menu: Menu) -> tuple[str, str] | None:
    """The field that somebody types in, and what stands there."""
    path, given = _path(mapping(payload.get("data")))
    typed = ((menu.get(path, {}).get(ident(one.get("name"))), one) for one in given if one.get("focused"))
    return next(((field.name, str(one.get("value") or "")) for field, one in typed if field), None)


def picked(payload: Payload, read: Read) -> Ask:
    """The message that a message command points at: its pictures, and the job it is about if it is ours."""
    data = mapping(payload.get("data"))
    target = mapping(_resolved(data, "messages").get(ident(data.get("target_id"))))
    pictures = [one for one in _files(target, read) if one.declared_type.startswith("image/") or not one.declared_type]
    return _said(payload, {}, pictures, verb="animate", about=job_of(target))


def submitted(payload: Payload, kept: Mapping[str, Sequence[Attachment]], read: Read) -> tuple[str, Ask]:
    """A sent modal: the action of the button that opened it, or none; and what was asked.

    `kept` are the pictures of messages that modals were opened on.
    """
    data = mapping(payload.get("data"))
    kind, one, about, target = (*str(data.get("custom_id")).split("|"), "", "", "")[:4]
    known, files, values = _resolved(data, "attachments"), list(kept.get(target, ())), dict[str, str]()
    for part in mappings(data.get("components")):
        inner = mapping(part.get("component"))
        name, given, value = ident(inner.get("custom_id")), texts(inner.get("values")), inner.get("value")
        if inner.get("type") == UPLOAD:
            files += [_file(known[file], read, name) for file in given if file in known]
        elif inner.get("type") == CHECK:
            values |= {name: "yes"} if value is True else {}
        elif text := given[0] if given else ident(value):
            values[name] = text
    if kind == "press":
        return one, replace(origin(payload), choices=values)
    return "", _said(payload, values, files, verb=one, about=about or None)


def mention(message: Payload, app: str, read: Read, *, sees_content: bool) -> Ask | None:
    """A mention, a reply that pings the bot, or a direct message; None for all others.

    Without the message content intent the picture of somebody else's message that is replied to is handed on as hidden.
    """
    called = any(ident(one.get("id")) == app for one in mappings(message.get("mentions")))
    if mapping(message.get("author")).get("bot") or (message.get("guild_id") and not called):
        return None
    files, replied, about = _files(message, read), mapping(message.get("referenced_message")), None
    if replied and ident(mapping(replied.get("author")).get("id")) == app:
        about = job_of(replied)
    elif replied and not files:
        hidden = message.get("guild_id") and not sees_content
        files = _files(replied, read) or ([_file({}, read)] if hidden else [])
    text = re.sub(rf"<@!?{app}>", " ", str(message.get("content") or "")).strip()
    ask = _said(message, {"prompt": text}, files, about=about)
    return replace(ask, message=ask.key) if text or files else None


def buttons(message: Payload) -> dict[str, str]:
    """The buttons of a message: what each carries, and what it says."""
    parts = [part for row in mappings(message.get("components")) for part in mappings(row.get("components"))]
    return {ident(one.get("custom_id")): ident(one.get("label")) for one in parts}


def job_of(message: Payload) -> str | None:
    """The job that a message of ours is about, by its buttons: they carry its id."""
    found = (_JOB.fullmatch(one.lstrip(MARKS)) for one in buttons(message))
    return next((one[1] for one in found if one), None)


def _said(
    payload: Payload,
    values: Mapping[str, str],
    files: Sequence[Attachment],
    *,
    verb: str = "",
    about: str | None = None,
) -> Ask:
    """Discord's markup as people read it: `<:fox:1>` is `:fox:`, `<@1>` is `@1`."""
    text = _TYPED.sub(r"\1\2", _EMOJI.sub(r"\1", values.get("prompt", ""))).strip()
    choices = {name: value for name, value in values.items() if name != "prompt"}
    ask = replace(origin(payload), text=text, verb=verb, choices=choices)
    return replace(ask, attachments=tuple(files), about=about)


def _files(message: Payload, read: Read) -> list[Attachment]:
    return [_file(one, read) for one in mappings(message.get("attachments"))]


def _file(value: object, read: Read, role: str = "") -> Attachment:
    """An attachment; what its payload says of it is a claim."""
    payload = mapping(value)
    name, kind = str(payload.get("filename") or "file")[:200], str(payload.get("content_type") or "")[:100]
    size, url = payload.get("size"), str(payload.get("url") or "")
    size = size if isinstance(size, int) else 0
    return Attachment(name=name, declared_type=kind, role=role, size=size, read=lambda: read(url))


def _resolved(data: Payload, kind: str) -> Payload:
    return mapping(mapping(data.get("resolved")).get(kind))


def _path(data: Payload) -> tuple[str, list[Payload]]:
    """Sub-commands as words, and the options of the last."""
    path, given = list[str](), mappings(data.get("options"))
    while given and given[0].get("type") in (1, 2) and len(path) < 2:
        path.append(ident(given[0].get("name")))
        given = mappings(given[0].get("options"))
    return " ".join(path), given
