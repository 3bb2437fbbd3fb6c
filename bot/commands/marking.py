"""The flags of a line, read together: their values, what contradicts itself, and what is worth telling."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.commands.flags import ABSENT, EXCLUSIVE, FLAG_NAMES, FLAGS
from bot.commands.lines import Line, Mark
from bot.commands.scanning import plain
from bot.commands.typed import Around, Note
from bot.commands.values import read
from bot.errors import Conflict


def marked(line: Line, verb: str, around: Around) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Read every flag. A second, different value is an error where money is at stake; else the last counts."""
    flags: dict[str, Any] = {}
    notes = [Note("one_dash", "", ", ".join(line.modern))] if line.modern else []
    if line.silent:
        notes.append(Note("silent", line.silent))
    for mark in line.marks:
        name = mark.flag.name
        if verb not in mark.flag.verbs:
            raise Conflict(name, verb)
        notes += _read_into(flags, mark, around.providers)
    for one, other in EXCLUSIVE:
        if one in flags and other in flags:
            raise Conflict(one, other)
    _agree_on_tier(flags)
    return {name: flags[name] for name in FLAGS if name in flags}, tuple(notes)


def _read_into(flags: dict[str, Any], mark: Mark, providers: Collection[str] | None) -> list[Note]:
    """Put one flag among the others."""
    name = mark.flag.name
    if mark.off:
        flags.pop(name, None)
        return []
    value = True if mark.value is None else read(mark.flag, mark.value, providers)
    if mark.flag.many:
        flags[name] = (*flags.get(name, ()), value)
        return []
    notes = []
    if name in flags and flags[name] != value:
        if mark.flag.money:
            raise Conflict(name, name)
        notes.append(Note("repeated", name, mark.value or ""))
    if name == "no" and _is_switch(str(value)):
        notes.append(Note("not_a_switch", str(value)))
    flags[name] = value
    return notes


def _is_switch(word: str) -> bool:
    """Whether what is to be avoided has the name of something that can be switched."""
    flag = FLAG_NAMES.get(plain(word))
    return (flag is not None and flag.kind == "switch") or ABSENT.get(plain(word)) == "audio"


def tier_words(flags: Mapping[str, Any]) -> dict[str, bool]:
    """The flags that speak of a tier, and whether each wants pro."""
    said = {name: name == "pro" for name in ("pro", "std") if name in flags}
    if "quality" in flags:
        said["quality"] = flags["quality"] == "pro"
    if flags.get("model", "1.6") != "1.6":
        said["model"] = flags["model"] == "1.6-pro"
    return said


def _agree_on_tier(flags: Mapping[str, Any]) -> None:
    said = tier_words(flags)
    if len(set(said.values())) > 1:
        one = next(iter(said))
        raise Conflict(one, next(name for name, pro in said.items() if pro != said[one]))
