"""One typed line as words and flags. What can't be a flag or a value is refused here; what it means comes later."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

from bot.commands.flags import ABSENT, FLAG_NAMES, FLAGS, Flag
from bot.commands.nearness import near
from bot.commands.scanning import Piece, Token, plain, scan
from bot.errors import BadValue, Conflict, Missing, UnknownWord

_GLUED = re.compile(r"([a-z-]+?)[:,]?([0-9$].*)", re.DOTALL)
_SILENT = "audio"


@dataclass(frozen=True, slots=True)
class Mark:
    """A flag as typed, with its value unread; None for a switch. `off` takes a switch away."""

    flag: Flag
    value: str | None
    off: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A message, or what follows its verb, in pieces and marks, each in the order typed.

    `modern` are flags with a single dash as they are written today; `silent` is `no-audio` or the like, where it stood.
    """

    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]
    modern: tuple[str, ...] = ()
    silent: str = ""

    @property
    def text(self) -> str:
        """The words without the flags."""
        return " ".join(piece.text for piece in self.pieces)


def split(body: str, providers: Collection[str] | None = None) -> Line:
    """Take normalised text apart.

    Raises UnknownWord for a flag, Conflict for one that Kling 1.6 has nothing for, Missing and BadValue for a value
    that can't be.
    """
    found = scan(body, providers)
    silent = ""
    marks = []
    for token in found.tokens:
        if token.flag is None and _mutes(token):
            silent = token.name
        else:
            marks.append(_mark(token))
    modern = tuple(f"--{token.name} {token.value}" for token in found.tokens if token.single)
    return Line(found.pieces, tuple(marks), modern, silent)


def _mutes(token: Token) -> bool:
    """`--no-audio` and its kin: there is no sound, so there is nothing to refuse."""
    name = plain(token.name)
    return name.startswith("no-") and ABSENT.get(name[3:]) == _SILENT and not token.given


def _mark(token: Token) -> Mark:
    flag = token.flag
    if flag is None:
        _unknown(token.name)
    if token.off or flag.kind == "switch":
        if token.given:
            raise BadValue(flag.name, token.value or "")
        return Mark(FLAGS[flag.off], None) if token.off and flag.off else Mark(flag, None, off=token.off)
    if token.value is None:
        raise Missing("value", flag.name)
    return Mark(flag, token.value)


def _unknown(raw: str) -> NoReturn:
    """Raise UnknownWord for a flag, with what may have been meant; Conflict where others have one of that name."""
    name = plain(raw)
    if name in ABSENT:
        raise Conflict(ABSENT[name], "1.6")
    if name.startswith("no-") and len(name) > 3:
        raise UnknownWord("flag", raw, (f"no {name[3:]}",))
    if (glued := _GLUED.fullmatch(name)) and glued[1] in FLAG_NAMES and FLAG_NAMES[glued[1]].kind != "switch":
        raise UnknownWord("flag", raw, (f"{glued[1]} {glued[2]}",))
    meant: dict[str, str] = {}
    for word in near(name, FLAG_NAMES, most=len(FLAGS)):
        meant.setdefault(FLAG_NAMES[word].name, word)
    raise UnknownWord("flag", raw, tuple(meant.values())[:3])
