"""What follows a verb that isn't about a new video: a job, a topic, an amount. Prose is told from it by shape."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.commands.nearness import near
from bot.commands.subwords.approvals import decision
from bot.commands.subwords.scopes import scope_word
from bot.commands.subwords.table import SUBWORDS, names_of
from bot.commands.words import SETTLE_WORDS, Shape
from bot.errors import BadValue, Missing, UnknownWord

Decision = Literal["charge", "release", "task"]


@dataclass(frozen=True, slots=True)
class Settle:
    """`resolve <job> charge|release|task <id>`: an administrator's word on a job whose paid call's answer was lost."""

    job: str
    how: Decision
    task: str = ""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a verb got: `words` as typed, `job` as an id or a number from the newest, `change` what a word read.

    Of `quota` and `credits` the first of `words` is the word behind the verb, empty for the verb alone.
    """

    words: tuple[str, ...] = ()
    job: str | None = None
    change: object = None


_DECISIONS: Mapping[str, Decision] = {"charge": "charge", "release": "release", "task": "task"}
_JOB_ID = re.compile(r"[0-9a-v]{20}")
_JOB_WORD = re.compile(r"#?(?=[a-z_-]*[0-9])[0-9a-z_-]{1,40}", re.IGNORECASE)
_JOB_NUMBER = re.compile(r"#?[1-9][0-9]{0,2}")
_MENTION = re.compile(r"@\S+|<[@#!]\S*>")
_REFERENCE = re.compile(r"(?:role|group|channel|person|tag):|<[@#&]", re.IGNORECASE)
_POINTERS = frozenset(("it", "this", "that", "please", "now", "last", "latest"))
_SIGNS = "`?!.,"


def arguments(shape: Shape, text: str) -> Arguments | None:
    """Read what follows a verb of that shape; None where it is prose. Raises Refusals where it is neither."""
    words = tuple(word for raw in text.split() if (word := raw.strip(_SIGNS)))
    return _READERS[shape](words, text)


def _job(words: Sequence[str], _text: str) -> Arguments | None:
    if len(words) == 2 and words[0].casefold() == "job":
        words = words[1:]
    if not words or (len(words) == 1 and words[0].casefold() in _POINTERS):
        return Arguments()
    return Arguments((words[0],), job=_named(words[0])) if len(words) == 1 and is_job(words[0]) else None


def is_job(word: str) -> bool:
    """Whether a word can be meant as a job: an id, a mistyped id, a number."""
    return bool(_JOB_ID.fullmatch(word.casefold()) or _JOB_WORD.fullmatch(word))


def is_named_job(word: str, *, whole: bool = False) -> bool:
    """Whether a word in front of other words means a job: an id, or (unless `whole`) a number of up to three digits."""
    return bool(_JOB_ID.fullmatch(word.casefold()) or (not whole and _JOB_NUMBER.fullmatch(word)))


def _named(word: str) -> str:
    return word.casefold().removeprefix("#")


def _nothing(words: Sequence[str], _text: str) -> Arguments | None:
    if words and _MENTION.fullmatch(words[0]):
        raise UnknownWord("word", words[0])
    return Arguments() if not words or (len(words) == 1 and words[0].casefold() in _POINTERS) else None


def _topic(words: Sequence[str], _text: str) -> Arguments | None:
    return Arguments(tuple(words)) if len(words) < 2 else None


def _settle(words: Sequence[str], _text: str) -> Arguments | None:
    if not words:
        raise Missing("job", "resolve")
    if not is_job(words[0]):
        return None
    job = _named(words[0])
    if not _JOB_ID.fullmatch(job):
        raise BadValue("job", words[0])
    how = words[1].casefold() if len(words) > 1 else ""
    return Arguments(tuple(words), job=job, change=_settlement(job, how, words[2:]))


def _settlement(job: str, how: str, rest: Sequence[str]) -> Settle:
    if not how:
        raise Missing("decision", "resolve")
    if how not in _DECISIONS:
        raise UnknownWord("word", how, near(how, SETTLE_WORDS) or SETTLE_WORDS)
    if how == "task" and not rest:
        raise Missing("task", "resolve")
    if len(rest) > (how == "task"):
        raise BadValue("resolve", " ".join(rest))
    return Settle(job, _DECISIONS[how], *rest)


def _quota(words: Sequence[str], text: str) -> Arguments | None:
    if word := SUBWORDS.get(("quota", words[0].casefold() if words else "")):
        return Arguments((word.name,), change=word.read(_after(text) if word.name else ""))
    if scope_word(words[0]) or _REFERENCE.match(text) or _MENTION.fullmatch(words[0]):
        return Arguments(("",), change=SUBWORDS["quota", ""].read(text.strip()))
    if len(words) == 1 or any(char.isdigit() for char in text):
        names = names_of("quota")
        raise UnknownWord("word", words[0], near(words[0].replace("-", ""), names) or names)
    return None


def _credits(words: Sequence[str], text: str) -> Arguments | None:
    """Nothing, or a word with what belongs behind it; everything else may be prose."""
    if alone := _nothing(words, text):
        return Arguments(("",)) if alone else None
    word = SUBWORDS.get(("credits", words[0].casefold()))
    if word is None:
        return None
    change = word.read(_after(text))
    return None if change is None else Arguments((word.name,), change=change)


def _approvals(words: Sequence[str], text: str) -> Arguments | None:
    """Nothing, or a decision."""
    found = decision(text)
    return _nothing(words, text) if found is None else Arguments(change=found)


def _after(text: str) -> str:
    parts = text.strip().split(None, 1)
    return parts[1].strip() if len(parts) > 1 else ""


_READERS: Mapping[Shape, Callable[[Sequence[str], str], Arguments | None]] = {
    "job": _job,
    "nothing": _nothing,
    "topic": _topic,
    "quota": _quota,
    "credits": _credits,
    "settle": _settle,
    "approvals": _approvals,
}
