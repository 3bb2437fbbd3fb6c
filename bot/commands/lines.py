"""One typed line taken apart into words and flags, with dashes and quotes as phones send them."""

import re
from dataclasses import dataclass
from typing import NoReturn

from bot.commands.nearness import near
from bot.commands.spelling import unescaped
from bot.commands.words import FLAG_NAMES, FLAGS, Flag
from bot.errors import BadValue, Missing, UnknownWord

_NAMES = "|".join(name.replace("-", "[-_]") for name in sorted(FLAG_NAMES, key=len, reverse=True))
_DASHES = "\\u2014\\u2013\\u2015\\u2212"
_FLAG = re.compile(rf"(?<!\S)(?:--(?=[^\W_])|[{_DASHES}]{{1,2}}(?=(?:{_NAMES})(?:[\s=]|\Z)))", re.IGNORECASE)
_END = re.compile(r"(?<!\S)--(?!\S)")
_STOP = re.compile(f"{_FLAG.pattern}|{_END.pattern}", re.IGNORECASE)
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[^\s=]+")

_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"(?!\S)', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'(?!\S)", re.DOTALL)
_CURLY = re.compile("[“„”]([^“„”]*)[“”](?!\\S)|[\u2018-\u201a]([^\u2018-\u201a]*)[\u2018\u2019](?!\\S)")
_BARE = re.compile(r"\S+")
_LISTS = {
    "pictures": re.compile(r"(?:\S*,\s+(?=#?[0-9]|<?https?:))*\S+", re.IGNORECASE),
    "providers": re.compile(r"(?:\S*,\s+(?!-))*\S+"),
}
_GLUED = re.compile(r"([a-z-]+?)[:,]?([0-9$].*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """Prompt text between flags; a `literal` one was quoted and is taken as it is."""

    text: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A flag as typed, with its value unread; None for a switch."""

    flag: Flag
    value: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A message, or what follows its verb, in pieces and marks, each in the order typed."""

    pieces: tuple[Piece, ...]
    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        """The words without the flags."""
        return " ".join(piece.text for piece in self.pieces)


def split(body: str) -> Line:
    """Take normalised text apart. Raises UnknownWord for a flag, Missing and BadValue for a value that can't be."""
    pieces: list[Piece] = []
    marks: list[Mark] = []
    at = _skip(body, 0)
    while at < len(body):
        if found := _FLAG.match(body, at):
            mark, at = _mark(body, found.end())
            marks.append(mark)
        elif found := _END.match(body, at):
            pieces.append(Piece(body[found.end() :].strip(), literal=True))
            break
        else:
            piece, at = _piece(body, at)
            pieces.append(piece)
        at = _skip(body, at)
    return Line(tuple(piece for piece in pieces if piece.text), tuple(marks))


def _skip(body: str, at: int) -> int:
    found = _SPACE.match(body, at)
    return found.end() if found else at


def _piece(body: str, at: int) -> tuple[Piece, int]:
    """Prompt text up to the next flag; a quoted text only where nothing but flags follows it."""
    if (found := _DOUBLE.match(body, at)) and _stops(body, found.end()):
        return Piece(unescaped(found[1]), literal=True), found.end()
    stop = _STOP.search(body, at)
    until = stop.start() if stop else len(body)
    return Piece(body[at:until].strip()), until


def _stops(body: str, at: int) -> bool:
    at = _skip(body, at)
    return at == len(body) or _STOP.match(body, at) is not None


def _mark(body: str, at: int) -> tuple[Mark, int]:
    """The flag whose name begins at `at`, with its value."""
    named = _NAME.match(body, at)
    raw = named[0] if named else ""
    at += len(raw)
    flag = FLAG_NAMES.get(raw.casefold().replace("_", "-")) or _unknown(raw)
    given = body.startswith("=", at)
    if flag.kind == "switch":
        return _switch(flag, body, at, given=given)
    at = at + 1 if given else _skip(body, at)
    if at >= len(body) or (given and body[at].isspace()) or _STOP.match(body, at):
        raise Missing("value", flag.name)
    return _phrase(flag, body, at) if flag.kind == "phrase" else _value(flag, body, at)


def _switch(flag: Flag, body: str, at: int, *, given: bool) -> tuple[Mark, int]:
    if given:
        value = _BARE.match(body, at)
        raise BadValue(flag.name, value[0][1:] if value else "")
    return Mark(flag, None), at


def _quoted(body: str, at: int) -> tuple[str, int] | None:
    """A quoted value at `at`, straight or curly, and where it ends."""
    if found := _DOUBLE.match(body, at) or _SINGLE.match(body, at):
        return unescaped(found[1]), found.end()
    if found := _CURLY.match(body, at):
        return found[1] or found[2] or "", found.end()
    return None


def _phrase(flag: Flag, body: str, at: int) -> tuple[Mark, int]:
    """Words up to the next flag. Single quotes may be an apostrophe, so they count only around the whole phrase."""
    if (quoted := _quoted(body, at)) and (body[at] in '"“„”' or _stops(body, quoted[1])):
        return Mark(flag, quoted[0]), quoted[1]
    stop = _STOP.search(body, at)
    until = stop.start() if stop else len(body)
    return Mark(flag, body[at:until].strip()), until


def _value(flag: Flag, body: str, at: int) -> tuple[Mark, int]:
    """One word, or several in a list; a comma or full stop behind it is punctuation."""
    if quoted := _quoted(body, at):
        return Mark(flag, quoted[0]), quoted[1]
    found = _LISTS.get(flag.kind, _BARE).match(body, at)
    value = found[0] if found else ""
    signs = ",;" if flag.kind.startswith("picture") else ",;."
    return Mark(flag, value.rstrip(signs)), at + len(value)


def _unknown(raw: str) -> NoReturn:
    """Raise UnknownWord for a flag, with what may have been meant."""
    name = raw.casefold().replace("_", "-")
    if name.startswith("no-") and len(name) > 3:
        raise UnknownWord("flag", raw, (f"no {name[3:]}",))
    if (glued := _GLUED.fullmatch(name)) and glued[1] in FLAG_NAMES and FLAG_NAMES[glued[1]].kind != "switch":
        raise UnknownWord("flag", raw, (f"{glued[1]} {glued[2]}",))
    meant: dict[str, str] = {}
    for word in near(name, FLAG_NAMES, most=len(FLAGS)):
        meant.setdefault(FLAG_NAMES[word].name, word)
    raise UnknownWord("flag", raw, tuple(meant.values())[:3])
