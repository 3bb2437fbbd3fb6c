"""From a line that can't be carried out to lines that can: what may have been meant, never more than that.

A way out is a whole corrected line and the word for its button. Whether it can be paid for, and for how much, is seen
afterwards; nothing is made before somebody presses.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.choices import ALLOWED
from bot.commands.flags import ABSENT, FLAG_NAMES
from bot.commands.forms import FLAG_OF
from bot.commands.scanning import Scan, Token, plain, scan
from bot.commands.spelling import normalise
from bot.commands.words import VERBS
from bot.errors import (
    BadValue,
    Conflict,
    Missing,
    NoOffer,
    OverBudget,
    PictureRefused,
    Refusal,
    Taker,
    UnknownWord,
)

MOST = 3

CORRECTED = "Run corrected"

_FIRST = re.compile(r"\S+")
_MENDS: Mapping[str, str] = {"crop": "Crop to fit", "pad": "Add bars to fit"}
_TWO_FRAMES = frozenset(("start", "end", "ref", "still", "brush"))


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out: what the button says before its price, and the whole line."""

    label: str
    line: str


def fixes(text: str, error: Refusal) -> tuple[Fix, ...]:
    """At most three ways out of a refusal of `text`; none where nothing can be guessed."""
    try:
        body = normalise(text)
    except Refusal:
        return ()
    found = {fix.line: fix for fix in _ways(error, _Text.of(body)) if fix.line != body}
    return tuple(found.values())[:MOST]


@dataclass(frozen=True, slots=True)
class _Text:
    """A line: its verb, what follows, and where the flags are in that."""

    head: str
    body: str
    scan: Scan

    @staticmethod
    def of(line: str) -> "_Text":
        """A normalised line in these parts."""
        first = _FIRST.match(line)
        head = first[0] if first and first[0].casefold().rstrip(":,?!.") in VERBS else ""
        rest = line[len(head) :]
        return _Text(head, rest, scan(rest))

    @property
    def whole(self) -> str:
        """The line as it was typed."""
        return self.head + self.body

    def named(self, name: str) -> list[Token]:
        """The flags of that name, as typed or as the table has it."""
        return [one for one in self.scan.tokens if one.name == name or (one.flag is not None and one.flag.name == name)]

    def put(self, start: int, end: int, text: str) -> str:
        """The line with something else from `start` to `end`."""
        return (self.head + self.body[:start] + text + self.body[end:]).strip()

    def add(self, flags: str) -> str:
        """The line with more flags."""
        return self.put(self.scan.ends, self.scan.ends, f" {flags} ")

    def without(self, token: Token) -> str:
        """The line without a flag and its value."""
        return self.put(token.start, token.end, "")

    def without_all(self, tokens: Sequence[Token]) -> str:
        """The line without several."""
        body = self.body
        for token in sorted(tokens, key=lambda one: one.start, reverse=True):
            body = body[: token.start] + body[token.end :]
        return (self.head + body).strip()

    def with_value(self, name: str, value: str) -> str:
        """The line with another value for a flag, which is added where it isn't there."""
        tokens = [token for token in self.named(name) if token.value is not None]
        return self.put(tokens[0].value_start, tokens[0].end, value) if tokens else self.add(f"--{name} {value}")


def _ways(error: Refusal, text: _Text) -> list[Fix]:
    match error:
        case UnknownWord():
            return _UNKNOWN.get(error.kind, _nothing)(error, text)
        case BadValue():
            return _bad_value(error, text)
        case Missing():
            return _missing(error, text)
        case Conflict():
            return _conflict(error, text)
        case PictureRefused() if not text.named("fit"):
            return [Fix(_MENDS[mend], text.add(f"--fit {mend}")) for mend in error.remedies]
        case NoOffer() | OverBudget():
            return [way for taker in error.takers for way in _taken(taker, text)]
        case _:
            return []


def _taken(taker: Taker, text: _Text) -> list[Fix]:
    """The line with the one change under which somebody makes it."""
    if taker.change == "tier":
        return _in_tier(taker.value, text)
    if taker.change == "duration":
        return [Fix(f"{taker.value} s", text.with_value("d", taker.value))]
    flag = "via" if taker.change == "via" else FLAG_OF.get(taker.field, "")
    tokens = text.named(flag) if taker.change in ("via", "field") else []
    return [Fix(f"Without --{flag}", text.without_all(tokens))] if tokens else []


def _in_tier(tier: str, text: _Text) -> list[Fix]:
    said = [token for name in ("pro", "std", "model", "quality") for token in text.named(name)]
    bare = text.without_all(said)
    if tier == "standard":
        return [Fix("In standard", bare)]
    return [Fix("Run with --pro", _Text.of(bare).add("--pro"))]


def _nothing(_error: UnknownWord, _text: _Text) -> list[Fix]:
    return []


def _unknown_flag(error: UnknownWord, text: _Text) -> list[Fix]:
    found = []
    for token in text.named(error.word):
        end = token.start + len(_dashes(text.body, token)) + len(token.name)
        for near in error.near:
            line = text.put(token.start, end, f"--{near}")
            found.append(Fix(CORRECTED if len(error.near) == 1 else f"With --{near}", line))
    return found


def _dashes(body: str, token: Token) -> str:
    found = re.match(r"[^\w\s]+", body[token.start :])
    return found[0] if found else ""


def _unknown_value(error: UnknownWord, text: _Text) -> list[Fix]:
    found = []
    for token in text.named("via" if error.kind == "provider" else "fx"):
        value = token.value or ""
        if error.word.casefold() not in value.casefold():
            continue
        for near in error.near:
            mended = re.sub(re.escape(error.word), near, value, count=1, flags=re.IGNORECASE)
            line = text.put(token.value_start, token.end, mended)
            found.append(Fix(CORRECTED if len(error.near) == 1 else f"With {near}", line))
    if not found and error.kind == "scene":
        for near in error.near:
            line = re.sub(re.escape(error.word), near, text.whole, count=1, flags=re.IGNORECASE)
            found.append(Fix(CORRECTED if len(error.near) == 1 else f"With {near}", line))
    return found


def _unknown_verb(error: UnknownWord, text: _Text) -> list[Fix]:
    """A mistyped verb that makes something, and the words as a prompt."""
    found = [_FIRST.sub(near, text.whole, count=1) for near in error.near if not VERBS[near].free]
    paid = [Fix(f"Run {line.split()[0]}", line) for line in found if line.split()[0] in ("again", "extend")]
    return [*paid, Fix("Make a video of these words", f"video {text.whole}")]


_UNKNOWN: Mapping[str, Callable[[UnknownWord, _Text], list[Fix]]] = {
    "flag": _unknown_flag,
    "provider": _unknown_value,
    "scene": _unknown_value,
    "verb": _unknown_verb,
}


def _bad_value(error: BadValue, text: _Text) -> list[Fix]:
    choices = ALLOWED.get(error.field) or (error.allowed if error.field == "camera" else ())
    return [
        Fix(_said(error.field, choice), text.put(token.value_start, token.end, choice))
        for token in text.named(error.field)
        if token.value == error.value
        for choice in choices
    ]


def _missing(error: Missing, text: _Text) -> list[Fix]:
    if error.what == "value":
        return [
            Fix(_said(error.field, choice), text.put(token.start, token.end, f"--{token.name} {choice} "))
            for token in text.named(error.field)
            if token.value is None
            for choice in ALLOWED.get(error.field, ())
        ]
    if (error.what, error.field) == ("job", "extend"):
        onward = _FIRST.sub("extend 1", text.whole, count=1)
        return [Fix("Extend your newest video", onward), Fix("Make a new video", f"video {text.whole}")]
    return []


def _conflict(error: Conflict, text: _Text) -> list[Fix]:
    said = {token.flag.name for token in text.scan.tokens if token.flag}
    if (error.field, error.other) == ("end", "standard"):
        lower = [token for token in text.scan.tokens if token.flag and token.flag.name == "std"]
        line = text.put(lower[0].start, lower[0].end, "--pro") if lower else text.add("--pro")
        scene = [] if _TWO_FRAMES & said else [Fix("Both in one scene", text.add("--ref 1,2"))]
        return [Fix("Run with --pro", line), *scene]
    if error.other == "1.6":
        return [
            Fix(f"Run without --{token.name}", text.without(token))
            for token in text.scan.tokens
            if token.flag is None and ABSENT.get(plain(token.name)) == error.field
        ]
    if error.field == error.other and error.field in FLAG_NAMES:
        return _one_of(error.field, text)
    return []


def _one_of(name: str, text: _Text) -> list[Fix]:
    """A flag that is there twice: the line with either value alone."""
    tokens = [token for token in text.scan.tokens if token.flag and token.flag.name == name and token.value]
    found = []
    for kept in tokens:
        line = text.without_all([token for token in tokens if token is not kept])
        found.append(Fix(_said(name, str(kept.value)), line))
    return found


def _said(field: str, choice: str) -> str:
    return f"{choice} s" if field == "d" and choice.isdigit() else f"--{field} {choice}" if field == "max" else choice
