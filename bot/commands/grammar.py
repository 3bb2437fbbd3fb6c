"""What a typed line means: a verb with its arguments, or words and flags for a video. Text in, `Typed` out.

A first word is a verb only where what follows has its shape: "show me a fox" is a prompt. The other way round, what
looks like a mistyped free verb is asked about, so that it never turns into a paid video by itself.
"""

import re
from collections.abc import Collection, Mapping

from bot.commands.arguments import Arguments, arguments, is_named_job
from bot.commands.lines import Line, split
from bot.commands.marking import marked
from bot.commands.nearness import distance
from bot.commands.scanning import Piece
from bot.commands.spelling import normalise
from bot.commands.typed import Around, Maker, Note, Typed
from bot.commands.values import address, near_scenes, scene
from bot.commands.words import MAKING, VERBS, Verb
from bot.errors import BadValue, Conflict, Missing, Refusal, UnknownWord
from bot.messaging.references import unreferred

__all__ = ["Maker", "Note", "Typed", "parse"]

_MAKERS: Mapping[str, Maker] = {
    "video": "video", "animate": "animate", "elements": "elements", "effect": "effect",
}  # fmt: skip

_FIRST = re.compile(r"(\S+)\s*")
_LAST = re.compile(r"(?:\A|\s)(\S+)\Z")
_POINTERS = frozenset(("it", "this", "that"))
_ELSEWHERE = frozenset(("remix", "reroll", "variations", "redo"))
"""Verbs of other bots for what is made already: with nothing else behind them, or a job, they are no prompt."""


def parse(
    text: str,
    *,
    providers: Collection[str] | None = None,
    pictures: int = 0,
    reply: bool = False,
    fixed: bool = False,
) -> Typed:
    """Read a line; `Around` says what the others mean. Raises nothing but Refusals."""
    around = Around(providers=providers, pictures=pictures, reply=reply, fixed=fixed)
    clean = normalise(text)
    first = _FIRST.match(clean)
    word = first[1].casefold().rstrip(":,?!.") if first else ""
    rest = clean[first.end() :] if first else ""
    verb = VERBS.get(word)
    if verb is None:
        line = split(clean, providers)
        _ask_about_typo(word, line)
        return _making(None, line, around)
    if verb.shape == "job_words":
        return _going_on(verb, rest, around)
    return _verbed(verb, clean, split(rest, providers), around)


def _verbed(verb: Verb, clean: str, line: Line, around: Around) -> Typed:
    """A line whose first word is that of a verb, unless what follows says otherwise."""
    if verb.name in MAKING and _fits(verb, line, around):
        return _making(verb, line, around)
    if verb.name not in MAKING:
        known = arguments(verb.shape, line.text)
        if known is not None:
            return _other(verb, known, line, around)
        if around.fixed:
            raise BadValue("job" if verb.shape == "job" else verb.name, line.text)
    line = split(unreferred(clean), around.providers)  # a prompt carries nobody's id
    return _making(None, line, around, notes=(Note("read_as_prompt", verb.name),))


def _fits(verb: Verb, line: Line, around: Around) -> bool:
    """`elements` is a word of prose, too, where no picture came with it; `effect` is, with more than a name behind."""
    if around.fixed or verb.name not in ("elements", "effect"):
        return True
    flags = {mark.flag.name for mark in line.marks}
    words = line.text.split()
    if not words:
        return True
    first = words[0]
    if verb.name == "elements":
        return bool(around.pictures or around.reply or "ref" in flags or any(address(word) for word in words))
    return bool(len(words) == 1 or scene(first) or scene(line.text) or "fx" in flags)


def _going_on(verb: Verb, rest: str, around: Around) -> Typed:
    """`extend`, at most a job, and words. Raises Missing where it may be prose as well."""
    job, rest = _take_job(rest, around)
    line = split(rest, around.providers)
    pieces = list(line.pieces)
    if job is None and pieces and not pieces[0].literal:  # flags may stand in front of it
        job, left = _take_job(pieces[0].text, around)
        _replace(pieces, 0, left)
    if job is None and len(pieces) == 1 and pieces[0].text.casefold() in _POINTERS:
        pieces = []
    if pieces and job is None and not around.reply and not around.fixed:
        raise Missing("job", "extend")
    flags, notes = marked(line, verb.name, around)
    prompt = " ".join(piece.text for piece in pieces)
    return Typed(verb=verb.name, prompt=prompt, job=job, flags=flags, notes=notes)


def _take_job(text: str, around: Around) -> tuple[str | None, str]:
    """A job that the text begins with, and what is left of it."""
    first = _FIRST.match(text)
    if first is None or not is_named_job(first[1], whole=around.reply):
        return None, text
    return first[1].casefold().removeprefix("#"), text[first.end() :]


def _other(verb: Verb, found: Arguments, line: Line, around: Around) -> Typed:
    flags, notes = marked(line, verb.name, around)
    return Typed(verb=verb.name, words=found.words, job=found.job, change=found.change, flags=flags, notes=notes)


def _making(verb: Verb | None, line: Line, around: Around, *, notes: tuple[Note, ...] = ()) -> Typed:
    """Words and flags for a video."""
    name = verb.name if verb else None
    maker = _MAKERS.get(name or "")
    pieces = list(line.pieces)
    if name == "cost":
        maker = _take_maker(pieces)
    bare = _take_addresses(pieces)
    named = {"fx": found} if maker == "effect" and (found := _take_scene(pieces, line)) else {}
    flags, repeated = marked(line, name or "video", around)
    if named and flags.get("fx", named["fx"]) != named["fx"]:
        raise Conflict("fx", "fx")
    flags = {**flags, **named}
    words = [flags.get(role) for role in ("start", "end", "still")]
    addresses = [word for word in (*words, *flags.get("ref", ())) if isinstance(word, str)]
    return Typed(
        verb=name,
        maker=maker,
        prompt=" ".join(piece.text for piece in pieces),
        flags=flags,
        addresses=tuple(dict.fromkeys((*bare, *addresses))),
        notes=(*notes, *repeated),
    )


def _take_maker(pieces: list[Piece]) -> Maker | None:
    """Take a making verb off the front of what follows `cost`."""
    first = _FIRST.match(pieces[0].text) if pieces and not pieces[0].literal else None
    maker = _MAKERS.get(first[1].casefold()) if first else None
    if maker == "effect" and first and not scene(_FIRST.sub("", pieces[0].text, count=1).split(" ", 1)[0]):
        return None
    if first and maker:
        _replace(pieces, 0, pieces[0].text[first.end() :])
    return maker


def _take_scene(pieces: list[Piece], line: Line) -> str | None:
    """Take the effect off the front of what follows `effect`. Raises UnknownWord and Missing."""
    if pieces and not pieces[0].literal:
        text = pieces[0].text
        first = _FIRST.match(text)
        if first and (found := scene(text) or scene(first[1])):
            _replace(pieces, 0, "" if scene(text) else text[first.end() :])
            return found
    if any(mark.flag.name == "fx" for mark in line.marks):
        return None
    word = pieces[0].text if pieces else ""
    if not word:
        raise Missing("scene", "effect")
    raise UnknownWord("scene", word, near_scenes(word) or near_scenes(word.split(None, 1)[0]))


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


def _ask_about_typo(word: str, line: Line) -> None:
    """Raise UnknownWord for one slip away from a free verb whose shape what follows has, and for other bots' verbs."""
    rest = line.text.split(None, 1)[1] if len(line.text.split(None, 1)) > 1 else ""
    if word in _ELSEWHERE and (not rest or is_named_job(rest)):
        raise UnknownWord("verb", word, ("again",))
    for verb in VERBS.values():
        if _one_slip(word, verb.name) and _would_fit(verb, rest):
            raise UnknownWord("verb", word, (verb.name,))


def _one_slip(word: str, name: str) -> bool:
    """Two neighbours swapped, or in a longer word a letter too few or too many. Others may be meant: statue, cast."""
    if abs(len(word) - len(name)) > 1 or distance(word, name) != 1:
        return False
    return sorted(word) == sorted(name) or (len(name) >= 5 and len(word) != len(name))


def _would_fit(verb: Verb, rest: str) -> bool:
    if verb.shape in ("prompt", "scene"):
        return verb.name == "cost" and bool(rest)
    if verb.shape == "job_words":
        return not rest or is_named_job(rest.split(None, 1)[0])
    try:
        return arguments(verb.shape, rest) is not None
    except Refusal:
        return True
