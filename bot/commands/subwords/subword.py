"""A word behind a verb, as a row: how it is read, and what a menu asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.messaging import FormField


def _nothing(_choices: Mapping[str, str]) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubWord:
    """One word behind a verb: `quota set`, `credits gift`; an empty `name` is the verb alone.

    `read` makes of the text behind the word what carries it out needs. It raises Refusals where something is missing or
    wrong, and answers with None where all of it may be prose (`credits roll over a black sky`). `write` makes that text
    of a menu's filled `fields`. `admin` words are refused to everybody else; what only looks and costs nothing is
    `free`, so that a button may carry it. `flags` are those that may stand in its line.
    """

    verb: Literal["quota", "credits"]
    name: str
    summary: str
    example: str
    read: Callable[[str], Any]
    fields: tuple[FormField, ...] = ()
    write: Callable[[Mapping[str, str]], str] = _nothing
    admin: bool = True
    free: bool = False
    flags: tuple[str, ...] = ()
