"""The menu of commands as Discord wants it, made from the house's own; sent only when it changed."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.discord.wire import Wire
from bot.messaging import Command, FormField, Memory
from bot.messaging.texts import cut

Json = dict[str, Any]

ANIMATE = "Animate with Kling"
"""The command in a message's menu."""
BARE = "show"
"""The sub-word that stands for a verb alone, where it has others: Discord can't call a group by itself."""

_PEOPLE, _ADMINS, _MANAGE_SERVER = "kling", "kling-admin", str(1 << 5)
_SUBCOMMAND, _GROUP, _TEXT = 1, 2, 3
_KINDS: Mapping[str, int] = {"switch": 5, "person": 6, "number": 10, "picture": 11}
_HELP, _MOST, _NAME, _LONGEST, _SAYS_MUCH = 100, 25, 32, 6_000, 2


def payload(commands: Sequence[Command]) -> list[Json]:
    """Everything that the app offers: two commands with sub-commands, and the one in a message's menu."""
    everywhere: Json = {"contexts": [0, 1], "integration_types": [0, 1]}
    ruled: Json = {"default_member_permissions": _MANAGE_SERVER, "contexts": [0], "integration_types": [0]}
    people = [_command(one) for one in commands if not one.admin]
    admins = [_command(one) for one in commands if one.admin]
    return [
        _sub(_PEOPLE, "Kling AI videos from words and pictures", people) | everywhere,
        _sub(_ADMINS, "What administrators do", admins) | ruled,
        {"type": 3, "name": ANIMATE, **everywhere},
    ]


async def sync(wire: Wire, memory: Memory, app: str, guilds: Sequence[str], commands: Sequence[Command]) -> None:
    """Send the menu to the named servers, else everywhere, and take it away elsewhere; only what isn't so yet."""
    known = {key.rpartition(":")[2]: row["digest"] for key, row in await memory.scan(f"commands:{app}:")}
    wanted: dict[str, list[Json]] = {key: [] for key in known} | dict.fromkeys(guilds or ("",), payload(commands))
    for guild, menu in wanted.items():
        digest = hashlib.sha256(json.dumps(menu, sort_keys=True).encode()).hexdigest()
        if known.get(guild) != digest:
            path = "/applications/{app}/guilds/{guild_id}/commands" if guild else "/applications/{app}/commands"
            await wire.call("PUT", path, json=menu, app=app, guild_id=guild)
            await memory.put(f"commands:{app}:{guild}", {"digest": digest})
            logging.getLogger(__name__).info("Discord has the commands as they are now")


def table(commands: Sequence[Command]) -> dict[str, dict[str, FormField]]:
    """By the words that stand behind the slash: each option's name, with the field that it fills."""
    flat = {one.name if not one.words else f"{one.name} {BARE}": one for one in commands}
    flat |= {f"{one.name} {word.name}": word for one in commands for word in one.words}
    return {path: {name: one for one in command.fields for name in _names(one)} for path, command in flat.items()}


def _names(field: FormField) -> list[str]:
    """A field's flag where that says something, else its label."""
    text = field.name if len(field.name) > _SAYS_MUCH else field.label
    first = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_NAME]
    many = field.most if field.kind == "picture" else 1
    return [first, *(f"{first}-{number}" for number in range(2, many + 1))]


def _command(command: Command) -> Json:
    if not command.words:
        return _sub(command.name, command.help, _options(command))
    words = [_sub(one.name, one.help, _options(one)) for one in command.words]
    bare = [] if any(one.name == BARE for one in command.words) else [_sub(BARE, command.help, _options(command))]
    return _sub(command.name, command.help, [*bare, *words]) | {"type": _GROUP}


def _sub(name: str, help_: str, inner: Sequence[Json]) -> Json:
    return {"type": _SUBCOMMAND, "name": name, "description": cut(help_, _HELP), "options": list(inner[:_MOST])}


def _options(command: Command) -> list[Json]:
    shown = []
    for field in command.fields:
        least = max(field.least, 1 if field.required else 0)
        shown += [_option(field, name, number < least) for number, name in enumerate(_names(field))]
    return sorted(shown, key=lambda one: not one["required"])


def _option(field: FormField, name: str, required: bool) -> Json:
    shown: Json = {
        "type": _KINDS.get(field.kind, _TEXT), "name": name, "description": cut(field.help or field.label, _HELP),
        "required": required,
    }  # fmt: skip
    if field.kind == "number":
        bounds = {"min_value": field.minimum, "max_value": field.maximum}
        return shown | {bound: value for bound, value in bounds.items() if value is not None}
    if field.open_choices or len(field.choices) > _MOST:
        return shown | {"autocomplete": True}
    if field.choices:
        both = [(cut(choice.label, _HELP), cut(choice.value, _HELP)) for choice in field.choices]
        return shown | {"choices": [{"name": label, "value": value} for label, value in both]}
    return shown | ({"max_length": min(field.longest, _LONGEST)} if field.longest else {})
