"""Discord's rules for what an app sends: lengths, counts, components, files. Each breach is a Refusal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.local_discord.refusals import COMMANDS, COMPONENTS, RESPONDING, invalid
from tests.support.local_discord.world import Json

COMPONENTS_V2 = 1 << 15
EPHEMERAL = 64
_ROW, _BUTTON, _SELECTS = 1, 2, (3, 5, 6, 7, 8)
_TEXT_INPUT, _TEXT, _LABEL, _UPLOAD, _RADIOS, _CHECKS, _CHECK = 4, 10, 18, 19, 21, 22, 23
_IN_LABEL = (_TEXT_INPUT, *_SELECTS, _UPLOAD, _RADIOS, _CHECKS, _CHECK)
_NAME = re.compile(r"^[-_'\w]{1,32}$")


@dataclass(frozen=True)
class File:
    """An uploaded part."""

    field: str
    name: str
    data: bytes


def check_message(payload: Json, files: Sequence[File], *, empty_ok: bool = False) -> None:
    """A message to be posted, or what an edit changes of one."""
    content = payload.get("content") or ""
    if len(content) > 2_000:
        raise invalid("content: 2000 or fewer in length")
    if len(files) > 10:
        raise invalid("attachments: 10 or fewer")
    if payload.get("flags", 0) & COMPONENTS_V2 and (content or payload.get("embeds")):
        raise invalid("content and embeds can't be used with IS_COMPONENTS_V2", COMPONENTS)
    for attachment in payload.get("attachments") or ():
        if len(attachment.get("description") or "") > 1_024:
            raise invalid("attachments: description: 1024 or fewer in length")
    if payload.get("nonce") is not None and len(str(payload["nonce"])) > 25:
        raise invalid("nonce: 25 or fewer in length")
    check_embeds(payload.get("embeds") or [])
    check_components(payload.get("components") or [], v2=bool(payload.get("flags", 0) & COMPONENTS_V2))
    shown = [name for name in ("content", "embeds", "components", "sticker_ids", "poll") if payload.get(name)]
    if not (shown or files or empty_ok):
        raise invalid("Cannot send an empty message")


def check_embeds(embeds: Sequence[Json]) -> None:
    """At most 10, 6,000 characters together, and none too long in a part."""
    if len(embeds) > 10:
        raise invalid("embeds: 10 or fewer")
    total = 0
    for embed in embeds:
        fields = embed.get("fields") or []
        parts = [(embed.get("title") or "", 256), (embed.get("description") or "", 4_096)]
        parts += [((embed.get("footer") or {}).get("text") or "", 2_048)]
        parts += [((embed.get("author") or {}).get("name") or "", 256)]
        for one in fields:
            if not one.get("name") or not one.get("value"):
                raise invalid("embeds: fields: name and value are required")
            parts += [(one["name"], 256), (one["value"], 1_024)]
        if len(fields) > 25 or any(len(text) > most for text, most in parts):
            raise invalid("embeds: a part is too long")
        if "video" in embed:
            raise invalid("embeds: video can't be set")
        total += sum(len(text) for text, _ in parts)
    if total > 6_000:
        raise invalid("embeds: 6000 or fewer characters in all")


def check_components(components: Sequence[Json], *, v2: bool = False) -> None:
    """Rows of buttons in a message."""
    if v2:
        return
    if len(components) > 5:
        raise invalid("components: 5 or fewer rows", COMPONENTS)
    ids: list[str] = []
    for row in components:
        if row.get("type") != _ROW or not 1 <= len(row.get("components") or []) <= 5:
            raise invalid("components: a row has 1 to 5", COMPONENTS)
        for part in row["components"]:
            _check_button(part)
            ids += [part["custom_id"]] if part.get("custom_id") else []
    if len(ids) != len(set(ids)):
        raise invalid("components: custom_id cannot be duplicated", COMPONENTS)


def _check_button(part: Json) -> None:
    if part.get("type") != _BUTTON:
        return
    if not (part.get("label") or part.get("emoji")) or len(part.get("label") or "") > 80:
        raise invalid("components: label: 1 to 80 characters", COMPONENTS)
    if part.get("style") == 5:
        if not part.get("url") or len(part["url"]) > 512:
            raise invalid("components: url: 1 to 512 characters", COMPONENTS)
    elif not 1 <= len(part.get("custom_id") or "") <= 100:
        raise invalid("components: custom_id: 1 to 100 characters", COMPONENTS)


def check_modal(data: Json) -> None:
    """A modal: title, 1 to 5 parts, each a label around one input, or a text."""
    if not 1 <= len(data.get("title") or "") <= 45:
        raise invalid("title: 1 to 45 characters", RESPONDING)
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        raise invalid("custom_id: 1 to 100 characters", RESPONDING)
    parts = data.get("components") or []
    if not 1 <= len(parts) <= 5:
        raise invalid("components: 1 to 5", RESPONDING)
    for part in parts:
        if part.get("type") == _LABEL:
            _check_label(part)
        elif part.get("type") == _ROW:
            _check_input((part.get("components") or [{}])[0])
        elif part.get("type") != _TEXT:
            raise invalid(f"components: type {part.get('type')} can't stand in a modal", COMPONENTS)


def _check_label(part: Json) -> None:
    if not 1 <= len(part.get("label") or "") <= 45 or len(part.get("description") or "") > 100:
        raise invalid("components: label 1 to 45, description up to 100 characters", COMPONENTS)
    _check_input(part.get("component") or {})


def _check_input(part: Json) -> None:
    kind = part.get("type")
    if kind not in _IN_LABEL:
        raise invalid(f"components: type {kind} can't stand in a label", COMPONENTS)
    if not 1 <= len(part.get("custom_id") or "") <= 100:
        raise invalid("components: custom_id: 1 to 100 characters", COMPONENTS)
    if kind == _TEXT_INPUT:
        if len(part.get("value") or "") > (part.get("max_length") or 4_000) or (part.get("max_length") or 1) > 4_000:
            raise invalid("components: value is longer than max_length", COMPONENTS)
        if len(part.get("placeholder") or "") > 100:
            raise invalid("components: placeholder: 100 or fewer", COMPONENTS)
    options = part.get("options") or []
    bounds = {_RADIOS: (2, 10), _CHECKS: (1, 10), 3: (1, 25)}
    if kind in bounds and not bounds[kind][0] <= len(options) <= bounds[kind][1]:
        raise invalid(f"components: options: {bounds[kind][0]} to {bounds[kind][1]}", COMPONENTS)
    if any(not 1 <= len(option.get("label") or "") <= 100 for option in options):
        raise invalid("components: options: label: 1 to 100 characters", COMPONENTS)
    if kind == _UPLOAD and not 0 <= (part.get("min_values") or 0) <= (part.get("max_values") or 1) <= 10:
        raise invalid("components: a file upload takes 0 to 10", COMPONENTS)


def check_commands(commands: Sequence[Json]) -> None:
    """What `PUT …/commands` takes: numbers, lengths, 25 a level, 8,000 characters a command."""
    kinds = [command.get("type", 1) for command in commands]
    if kinds.count(1) > 100 or kinds.count(2) > 15 or kinds.count(3) > 15:
        raise invalid("too many commands", COMMANDS)
    for command in commands:
        if command.get("type", 1) == 1:
            _check_option(command, top=True)
        elif not 1 <= len(command["name"]) <= 32 or command.get("description"):
            raise invalid("a menu command has a name of 1 to 32 and no description", COMMANDS)
        if _characters(command) > 8_000:
            raise invalid("a command has 8000 or fewer characters", COMMANDS)


def _check_option(option: Json, *, top: bool = False) -> None:
    name, description = option.get("name") or "", option.get("description") or ""
    if not _NAME.match(name) or name != name.lower():
        raise invalid(f"name: {name!r} is not 1 to 32 lower-case characters", COMMANDS)
    if not 1 <= len(description) <= 100:
        raise invalid(f"description of {name}: 1 to 100 characters", COMMANDS)
    choices, inner = option.get("choices") or [], option.get("options") or []
    if len(choices) > 25 or len(inner) > 25:
        raise invalid(f"{name}: 25 or fewer", COMMANDS)
    if choices and option.get("autocomplete"):
        raise invalid(f"{name}: choices and autocomplete exclude each other", COMMANDS)
    for choice in choices:
        if not 1 <= len(choice["name"]) <= 100 or len(str(choice["value"])) > 100:
            raise invalid(f"{name}: choices: 1 to 100 characters", COMMANDS)
    required = [bool(one.get("required")) for one in inner if one.get("type") not in (1, 2)]
    if required != sorted(required, reverse=True):
        raise invalid(f"{name}: required options come first", COMMANDS)
    if len({one.get("name") for one in inner}) != len(inner):
        raise invalid(f"{name}: two options of one name", COMMANDS)
    for one in inner:
        _check_option(one)


def _characters(option: Json) -> int:
    own = len(option.get("name") or "") + len(option.get("description") or "")
    own += sum(len(choice["name"]) + len(str(choice["value"])) for choice in option.get("choices") or [])
    return own + sum(_characters(one) for one in option.get("options") or [])
