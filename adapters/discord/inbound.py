"""Payload to ask: plain functions over what Discord sends; nothing is trusted to be there."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from adapters.discord.looks import CHECK, OPENS, SURE, UPLOAD, YES
from adapters.discord.registry import BARE
from bot.messaging import Actor, Ask, Attachment, FormField, Place
from bot.messaging.payloads import Payload, ident, mapping, mappings, texts
from bot.messaging.references import refers

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
        elif one is not None and one.kind == "person":
            values[one.name] = f"<@{ident(value)}>"
        elif one is not None and isinstance(value, str | int | float) and value is not False:
            values[one.name] = "yes" if value is True else f"{value:.10g}" if isinstance(value, float) else str(value)
    return _said(payload, values, files, verb=path.removesuffix(f" {BARE}")) if path in menu else None


def focused(payload: Payload, menu: Menu) -> tuple[str, str] | None:
    """The field that somebody types in, and what stands there."""
    path, given = _path(mapping(payload.get("data")))
    typed = ((menu.get(path, {}).get(ident(one.get("name"))), one) for one in given if one.get("focused"))
    return next(((field.name, str(one.get("value") or "")) for field, one in typed if field), None)


def picked(payload: Payload, read: Read) -> tuple[Ask, list[Payload]]:
    """The message that a message command points at: the job it is about if it is ours; its pictures, also as told."""
    data = mapping(payload.get("data"))
    target = mapping(_resolved(data, "messages").get(ident(data.get("target_id"))))
    shown = mappings(target.get("attachments"))
    told = [one for one in shown if str(one.get("content_type") or "image/").startswith("image/")]
    return _said(payload, {}, [_file(one, read) for one in told], verb="animate", about=job_of(target)), told


def submitted(payload: Payload, read: Read) -> tuple[str, Ask, str]:
    """A sent modal: the action of the button that opened it, or none; what was asked; what was picked, or nothing."""
    data = mapping(payload.get("data"))
    kind, one, about, target = (*str(data.get("custom_id")).split("|"), "", "", "")[:4]
    known, files, values = _resolved(data, "attachments"), list[Attachment](), dict[str, str]()
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
        return one, replace(origin(payload), choices=values), ""
    return "", _said(payload, values, files, verb=one, about=about or None), target


def mention(message: Payload, app: str, read: Read, *, sees_content: bool) -> Ask | None:
    """A mention, a reply that pings the bot, or a direct message; None for all others.

    Without the message content intent the picture of somebody else's message that is replied to is handed on as hidden.
    """
    called = any(ident(one.get("id")) == app for one in mappings(message.get("mentions")))
    if mapping(message.get("author")).get("bot") or (message.get("guild_id") and not called):
        return None
    files, replied, about = attached(message, read), mapping(message.get("referenced_message")), None
    if replied and ident(mapping(replied.get("author")).get("id")) == app:
        about = job_of(replied)
    elif replied and not files:
        hidden = message.get("guild_id") and not sees_content
        files = attached(replied, read) or ([_file({}, read)] if hidden else [])
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
    """Discord's markup as people read it: `<:fox:1>` is `:fox:`, `<@1>` is `@1`; or as references, where they count."""
    refer = _reference if refers(values.get("prompt", ""), verb) else r"\1\2"
    choices = {name: _TYPED.sub(refer, _EMOJI.sub(r"\1", value)).strip() for name, value in values.items()}
    ask = replace(origin(payload), text=choices.pop("prompt", ""), verb=verb, choices=choices)
    return replace(ask, attachments=tuple(files), about=about)


def _reference(found: re.Match[str]) -> str:
    return f"<{found[1].removesuffix('!').replace('@&', '&')}{found[2]}>"


def attached(message: Payload, read: Read) -> list[Attachment]:
    """The files of a message."""
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
