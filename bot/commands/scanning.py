"""Where the flags of a typed line are, with dashes and quotes as phones send them. Finds all, refuses nothing."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.commands.flags import ABSENT, DASH_ABSENT, DASH_NAMES, FLAG_NAMES, FLAGS, Flag
from bot.commands.spelling import unescaped
from bot.commands.values import read
from bot.errors import Refusal


def _either(names: Collection[str]) -> str:
    """A pattern of any of the names, the longest first, with `_` and `-` alike."""
    return "|".join(re.escape(name).replace(r"\-", "[-_]") for name in sorted(names, key=len, reverse=True))


_SWITCHES = [flag.name for flag in FLAGS.values() if flag.kind == "switch"]
_KNOWN = _either([*FLAG_NAMES, "seed", *(f"no-{name}" for name in _SWITCHES)])
_LONG = "\\u2014\\u2013\\u2015\\u2212"
_SHORT = "\\u2010\\u2011\\uff0d\\ufe63"
_FLAG = (
    rf"(?<!\S)(?:--(?=[^\W_])|(?:[{_LONG}]{{1,2}}|[{_SHORT}]{{2}})-?"
    rf"(?=(?:{_KNOWN})(?:[,;.!?:]*(?:\s|\Z)|=)))"
)
_SINGLE = rf"(?<!\S)-(?=(?:{_either([*DASH_NAMES, *DASH_ABSENT])})(?:\s+\S|=\S))"
_END = r"(?<!\S)--(?!\S)"
_STOP = re.compile(f"(?P<flag>{_FLAG})|(?P<single>{_SINGLE})|(?P<end>{_END})", re.IGNORECASE)
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[^\s=]+")
_SIGNS = ",;.!?:"

_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"(?!\S)', re.DOTALL)
_SINGLE_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'(?!\S)", re.DOTALL)
_CURLY = re.compile("[“„”]([^“„”]*)[“”](?!\\S)|[\u2018-\u201a]([^\u2018-\u201a]*)[\u2018\u2019](?!\\S)")
_BARE = re.compile(r"\S+")
_WIDE = {
    "d": re.compile(r"[0-9]+\s*(?:s|secs?|seconds?)(?![^\s,;.])[,;.]*|\S+", re.IGNORECASE),
    "ar": re.compile(r"[0-9]+\s*[:x\u00d7/]\s*[0-9]+(?![^\s,;.])[,;.]*|\S+", re.IGNORECASE),
    "max": re.compile(r"[0-9][0-9.,]*\s*(?:cr|credits?)(?![^\s,;.])[,;.]*|\$\s*[0-9][0-9.,]*|\S+", re.IGNORECASE),
    "camera": re.compile(r"[a-z_-]+\s*[:=]?\s*[-+\u2212]?[0-9]+(?![^\s,;.])[,;.]*|\S+", re.IGNORECASE),
    "brush": re.compile(r"#?[0-9]+\s*:\s*[0-9]+\s*,\s*[0-9]+(?:\s*>\s*[0-9]+\s*,\s*[0-9]+)*|\S+"),
    "pictures": re.compile(r"(?:\S*,\s+(?=#?[0-9]|<?https?:))*\S+", re.IGNORECASE),
    "providers": re.compile(r"(?:\S*,\s+(?!-))*\S+"),
}
"""Values that may have blanks inside without quotes, by the flag's name or kind."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Prompt text between flags; a `literal` one was quoted and is taken as it is."""

    text: str
    literal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A flag as it stands in `body[start:end]`: its name as typed, and its value unread, with where that stands.

    `flag` is None for a name that nobody knows. `given` says that there is a `=`, `single` that there is one dash only,
    `off` that the name was `no-` and that of a switch.
    """

    start: int
    end: int
    name: str
    flag: Flag | None
    value: str | None = None
    value_start: int = -1
    given: bool = False
    single: bool = False
    off: bool = False


@dataclass(frozen=True, slots=True)
class Scan:
    """A line in its parts, each in the order typed; `ends` is where the flags end: at a lone `--`, or with the line."""

    pieces: tuple[Piece, ...]
    tokens: tuple[Token, ...]
    ends: int


def plain(name: str) -> str:
    """A flag's name as the tables have it."""
    return name.casefold().replace("_", "-")


def scan(body: str, providers: Collection[str] | None = None) -> Scan:
    """Take normalised text apart. `providers` are names that may follow `-via`; None takes any."""
    return _Scanner(body, providers).scan()


class _Scanner:
    """One reading of one text."""

    def __init__(self, body: str, providers: Collection[str] | None) -> None:
        self._body = body
        self._providers = providers
        self._singles: dict[int, Token | None] = {}

    def scan(self) -> Scan:
        """All parts of the text."""
        body = self._body
        pieces: list[Piece] = []
        tokens: list[Token] = []
        ends, at = len(body), self._skip(0)
        while at < len(body):
            stop = self._stop(at)
            if stop is not None and stop.start() == at:
                if stop["end"]:
                    ends = at
                    pieces.append(Piece(body[stop.end() :].strip(), literal=True))
                    break
                token = self._token(stop)
                tokens.append(token)
                at = token.end
            else:
                piece, at = self._piece(at, stop)
                pieces.append(piece)
            at = self._skip(at)
        return Scan(tuple(piece for piece in pieces if piece.text), tuple(tokens), ends)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._body, at)
        return found.end() if found else at

    def _stop(self, at: int) -> re.Match[str] | None:
        """The next flag or lone `--`; a single dash is one only where a valid value follows."""
        while found := _STOP.search(self._body, at):
            if found["single"] is None or self._single(found) is not None:
                return found
            at = found.end()
        return None

    def _stops(self, at: int) -> bool:
        at = self._skip(at)
        found = self._stop(at)
        return at == len(self._body) or (found is not None and found.start() == at)

    def _piece(self, at: int, stop: re.Match[str] | None) -> tuple[Piece, int]:
        """Prompt text up to the next flag; a quoted text only where nothing but flags follows it."""
        body = self._body
        if (found := _DOUBLE.match(body, at)) and self._stops(found.end()):
            return Piece(unescaped(found[1]), literal=True), found.end()
        until = stop.start() if stop else len(body)
        return Piece(body[at:until].strip()), until

    def _token(self, stop: re.Match[str]) -> Token:
        single = self._single(stop) if stop["single"] is not None else None
        return single or self._double(stop)

    def _double(self, stop: re.Match[str]) -> Token:
        """The flag behind two dashes, or behind one that a phone made of them."""
        found = _NAME.match(self._body, stop.end())
        name = found[0] if found else ""
        if plain(name.rstrip(_SIGNS)) in {*FLAG_NAMES, *ABSENT}:
            name = name.rstrip(_SIGNS) if found and not self._body.startswith("=", found.end()) else name
        at = found.end() if found else stop.end()
        flag, off = _named(name)
        token = Token(start=stop.start(), end=at, name=name, flag=flag, off=off, given=self._body.startswith("=", at))
        return self._with_value(token)

    def _with_value(self, token: Token) -> Token:
        """The flag with what follows it, where it takes something."""
        at = token.end + 1 if token.given else self._skip(token.end)
        empty = at >= len(self._body) or (token.given and self._body[at].isspace())
        flag = token.flag
        if empty or (not token.given and (self._stops(at) or token.off or (flag and flag.kind == "switch"))):
            return _replaced(token, end=token.end + 1 if token.given else token.end)
        if flag is None:
            found = _BARE.match(self._body, at)
            valued = found is not None and (token.given or (plain(token.name) in ABSENT and found[0][0].isdigit()))
            return _replaced(token, end=found.end(), value=found[0], at=at) if found and valued else token
        value, end = self._phrase(at) if flag.kind == "phrase" else self._value(flag, at)
        return _replaced(token, end=end, value=value, at=at)

    def _quoted(self, at: int) -> tuple[str, int] | None:
        """A quoted value at `at`, straight or curly, and where it ends."""
        if found := _DOUBLE.match(self._body, at) or _SINGLE_QUOTED.match(self._body, at):
            return unescaped(found[1]), found.end()
        if found := _CURLY.match(self._body, at):
            return found[1] or found[2] or "", found.end()
        return None

    def _phrase(self, at: int) -> tuple[str, int]:
        """Words up to the next flag. Single quotes may be an apostrophe: they count only around the whole phrase."""
        if (quoted := self._quoted(at)) and (self._body[at] in '"“„”' or self._stops(quoted[1])):
            return quoted
        stop = self._stop(at)
        until = stop.start() if stop else len(self._body)
        return self._body[at:until].strip(), until

    def _value(self, flag: Flag, at: int) -> tuple[str, int]:
        """One word, or several in a list or with a unit; a comma or full stop behind it is punctuation."""
        if quoted := self._quoted(at):
            return quoted
        found = _WIDE.get(flag.name, _WIDE.get(flag.kind, _BARE)).match(self._body, at)
        value = found[0] if found else ""
        signs = ",;" if flag.kind.startswith("picture") else ",;."
        return value.rstrip(signs), at + len(value)

    def _single(self, stop: re.Match[str]) -> Token | None:
        """A flag behind a single dash, if its value is one; otherwise it is prose."""
        start = stop.start()
        if start not in self._singles:
            self._singles[start] = self._read_single(stop)
        return self._singles[start]

    def _read_single(self, stop: re.Match[str]) -> Token | None:
        found = _NAME.match(self._body, stop.end())
        name = plain(found[0]) if found else ""
        if found is None or (name not in DASH_NAMES and name not in DASH_ABSENT):
            return None
        given = self._body.startswith("=", found.end())
        token = Token(
            start=stop.start(), end=found.end(), name=name, flag=DASH_NAMES.get(name), given=given, single=True
        )  # fmt: skip
        at = found.end() + 1 if given else self._skip(found.end())
        if token.flag is None:
            number = _BARE.match(self._body, at)
            return _replaced(token, end=number.end(), value=number[0], at=at) if number and _digits(number[0]) else None
        if token.flag.kind == "phrase":
            until = _STOP.search(self._body, at)
            end = until.start() if until else len(self._body)
            value = self._body[at:end].strip()
        else:
            value, end = self._value(token.flag, at)
        return _replaced(token, end=end, value=value, at=at) if self._valid(token.flag, value) else None

    def _valid(self, flag: Flag, value: str) -> bool:
        try:
            read(flag, value, self._providers)
        except Refusal:
            return False
        return bool(value)


def _named(name: str) -> tuple[Flag | None, bool]:
    """The flag of a name, and whether the name switches it off."""
    known = FLAG_NAMES.get(plain(name))
    if known is not None:
        return known, False
    switch = FLAG_NAMES.get(plain(name).removeprefix("no-"))
    off = plain(name).startswith("no-") and switch is not None and switch.kind == "switch"
    return (switch, True) if off else (None, False)


def _digits(word: str) -> bool:
    return word.rstrip(_SIGNS).replace(".", "", 1).isdecimal()


def _replaced(token: Token, *, end: int, value: str | None = None, at: int = -1) -> Token:
    return Token(
        start=token.start, end=end, name=token.name, flag=token.flag, value=value, value_start=at, given=token.given,
        single=token.single, off=token.off,
    )  # fmt: skip
