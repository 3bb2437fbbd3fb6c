"""What a typed line means: a verb with its arguments, or words and flags for a video. Text in, `Typed` out.

A first word is a verb only where what follows has its shape: "show me a fox" is a prompt. The other way round, what
looks like a mistyped free verb is asked about, so that it never turns into a paid video by itself.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.commands.arguments import Arguments, Change, arguments
from bot.commands.lines import Line, Mark, Piece, split
from bot.commands.nearness import distance
from bot.commands.spelling import normalise
from bot.commands.values import address, read
from bot.commands.words import EXCLUSIVE, FLAGS, MAKING, VERBS, Verb
from bot.errors import Conflict, Refusal, UnknownWord

Maker = Literal["video", "animate"]
_MAKERS: Mapping[str, Maker] = {"video": "video", "animate": "animate"}

_FIRST = re.compile(r"(\S+)\s*")
_LAST = re.compile(r"(?:\A|\s)(\S+)\Z")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell: a flag was given twice (the last `value` counts), or a verb's `name` was read as prose."""

    kind: Literal["repeated", "read_as_prompt"]
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A line as read. `verb` is None where none was typed: then it asks for a video, as `video` does.

    `flags` holds what was typed, by the flag's name: `ar` and `no` str, `d` int, `cfg` float, `pro std yes dry` True,
    `start` and `end` a PictureWord, `ref` a tuple of them, `fx` a scene, `via` provider names (none = cheapest), `max`
    a Budget. `addresses` are pictures to fetch, each once; they are numbered after the attached ones. `maker` is the
    `video` or `animate` in force, also behind `cost`. `job`, `words` and `change` belong to the other verbs.
    """

    verb: str | None = None
    maker: Maker | None = None
    prompt: str = ""
    flags: Mapping[str, Any] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    job: str | None = None
    change: Change | None = None
    notes: tuple[Note, ...] = ()


def parse(text: str, *, providers: Collection[str] | None = None) -> Typed:
    """Read a line. `providers` are the names that `--via` may give; None takes any. Raises nothing but Refusals."""
    clean = normalise(text)
    first = _FIRST.match(clean)
    word = first[1].casefold().rstrip(":,?!.") if first else ""
    rest = clean[first.end() :] if first else ""
    verb = VERBS.get(word)
    if verb is None:
        line = split(clean)
        _ask_about_typo(word, line)
        return _making(None, line, providers)
    line = split(rest)
    if verb.name in MAKING:
        return _making(verb, line, providers)
    found = arguments(verb.shape, line.text)
    if found is None:
        return _making(None, split(clean), providers, notes=(Note("read_as_prompt", verb.name),))
    return _other(verb, found, line, providers)


def _other(verb: Verb, found: Arguments, line: Line, providers: Collection[str] | None) -> Typed:
    flags, notes = _flags(line.marks, verb.name, providers)
    return Typed(verb=verb.name, words=found.words, job=found.job, change=found.change, flags=flags, notes=notes)


def _making(verb: Verb | None, line: Line, providers: Collection[str] | None, *, notes: tuple[Note, ...] = ()) -> Typed:
    """Words and flags for a video."""
    name = verb.name if verb else None
    maker = _MAKERS.get(name or "")
    pieces = list(line.pieces)
    if name == "cost":
        maker = _take_maker(pieces)
    bare = _take_addresses(pieces)
    flags, repeated = _flags(line.marks, name or "video", providers)
    named = [word for word in (flags.get("start"), flags.get("end"), *flags.get("ref", ())) if isinstance(word, str)]
    return Typed(
        verb=name,
        maker=maker,
        prompt=" ".join(piece.text for piece in pieces),
        flags=flags,
        addresses=tuple(dict.fromkeys((*bare, *named))),
        notes=(*notes, *repeated),
    )


def _take_maker(pieces: list[Piece]) -> Maker | None:
    """Take `video` or `animate` off the front of what follows `cost`."""
    first = _FIRST.match(pieces[0].text) if pieces and not pieces[0].literal else None
    maker = _MAKERS.get(first[1].casefold()) if first else None
    if first and maker:
        _replace(pieces, 0, pieces[0].text[first.end() :])
    return maker


def _take_addresses(pieces: list[Piece]) -> list[str]:
    """Take the addresses that the words begin or end with; one in the middle belongs to the prompt."""
    front: list[str] = []
    back: list[str] = []
    while pieces and not pieces[0].literal and (word := _FIRST.match(pieces[0].text)) and (found := address(word[1])):
        front.append(found)
        _replace(pieces, 0, pieces[0].text[word.end() :])
    while pieces and not pieces[-1].literal and (word := _LAST.search(pieces[-1].text)) and (found := address(word[1])):
        back.insert(0, found)
        _replace(pieces, -1, pieces[-1].text[: word.start()])
    return [*front, *back]


def _replace(pieces: list[Piece], place: int, text: str) -> None:
    if text.strip():
        pieces[place] = Piece(text.strip())
    else:
        del pieces[place]


def _flags(
    marks: Sequence[Mark], verb: str, providers: Collection[str] | None
) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Read every flag. A second, different value is an error where money is at stake; else the last counts."""
    flags: dict[str, Any] = {}
    notes: list[Note] = []
    for mark in marks:
        name = mark.flag.name
        if verb not in mark.flag.verbs:
            raise Conflict(name, verb)
        value = True if mark.value is None else read(mark.flag, mark.value, providers)
        if name in flags and flags[name] != value:
            if mark.flag.money:
                raise Conflict(name, name)
            notes.append(Note("repeated", name, mark.value or ""))
        flags[name] = value
    for one, other in EXCLUSIVE:
        if one in flags and other in flags:
            raise Conflict(one, other)
    return {name: flags[name] for name in FLAGS if name in flags}, tuple(notes)


def _ask_about_typo(word: str, line: Line) -> None:
    """Raise UnknownWord for one slip away from a free verb whose shape what follows has."""
    rest = line.text.split(None, 1)[1] if len(line.text.split(None, 1)) > 1 else ""
    for verb in VERBS.values():
        if _one_slip(word, verb.name) and _would_fit(verb, rest):
            raise UnknownWord("verb", word, (verb.name,))


def _one_slip(word: str, name: str) -> bool:
    """Two neighbours swapped, or in a longer word a letter too few or too many. Others may be meant: statue, cast."""
    if abs(len(word) - len(name)) > 1 or distance(word, name) != 1:
        return False
    return sorted(word) == sorted(name) or (len(name) >= 5 and len(word) != len(name))


def _would_fit(verb: Verb, rest: str) -> bool:
    if verb.shape == "prompt":
        return verb.name == "cost" and bool(rest)
    try:
        return arguments(verb.shape, rest) is not None
    except Refusal:
        return True
