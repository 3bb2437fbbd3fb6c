"""What follows a verb that isn't about a new video: a job, a topic, an amount. Prose is told from it by shape."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from bot.commands.nearness import near
from bot.commands.values import whole
from bot.commands.words import QUOTA_WORDS, SCOPES, SETTLE_WORDS, Shape
from bot.errors import BadValue, Missing, UnknownWord

Period = Literal["day", "week", "month"]
Decision = Literal["charge", "release", "task"]

REASON_MAX = 200
"""Characters of the reason that stands in the ledger."""


@dataclass(frozen=True, slots=True)
class SetLimit:
    """`quota set default 300/month`: how many credits everybody in a scope may use in a period."""

    scope: str
    credits: int
    period: Period


@dataclass(frozen=True, slots=True)
class TopUp:
    """`quota topup 5000 "PO 881"`: credits that never expire, and why."""

    credits: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetRefill:
    """`quota refill 10000/month`: what the pool is filled with each period."""

    credits: int
    period: Period


@dataclass(frozen=True, slots=True)
class Settle:
    """`resolve <job> charge|release|task <id>`: an administrator's word on a job whose paid call's answer was lost."""

    job: str
    how: Decision
    task: str = ""


Change = SetLimit | TopUp | SetRefill | Settle


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a verb got: `words` as typed, `job` as an id or a number from the newest, `change` for administrators."""

    words: tuple[str, ...] = ()
    job: str | None = None
    change: Change | None = None


_DECISIONS: Mapping[str, Decision] = {"charge": "charge", "release": "release", "task": "task"}
_PERIODS: Mapping[str, Period] = {"day": "day", "week": "week", "month": "month"}
_JOB_ID = re.compile(r"[0-9a-v]{20}")
_JOB_WORD = re.compile(r"#?(?=[a-z_-]*[0-9])[0-9a-z_-]{1,40}", re.IGNORECASE)
_JOB_NUMBER = re.compile(r"#?[1-9][0-9]{0,2}")
_MENTION = re.compile(r"@\S+|<[@#!]\S*>")
_POINTERS = frozenset(("it", "this", "that", "please", "now", "last", "latest"))
_RATE = re.compile(r"([0-9][0-9,]*)\s*(?:cr|credits?)?\s*(?:/|per|an?|every|each)\s*(day|week|month)", re.IGNORECASE)
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
    if not words:
        return Arguments()
    if reader := _QUOTA.get(words[0].casefold()):
        return Arguments(tuple(words), change=reader(_after(text)))
    if _MENTION.fullmatch(words[0]) or any(char.isdigit() for char in text):
        _unknown_word(words[0])
    return None


def _after(text: str) -> str:
    parts = text.split(None, 1)
    return parts[1].strip() if len(parts) > 1 else ""


def _unknown_word(word: str) -> NoReturn:
    raise UnknownWord("word", word, near(word.replace("-", ""), QUOTA_WORDS) or QUOTA_WORDS)


def _set(rest: str) -> SetLimit:
    scope = rest.split(None, 1)[0].casefold() if rest else ""
    if not scope or _RATE.match(rest):
        raise Missing("scope", "quota set")
    if scope not in SCOPES:
        raise UnknownWord("word", scope, near(scope, SCOPES) or SCOPES)
    return SetLimit(scope, *_rate("quota set default", _after(rest)))


def _refill(rest: str) -> SetRefill:
    return SetRefill(*_rate("quota refill", rest))


def _rate(field: str, text: str) -> tuple[int, Period]:
    """Credits for each period: `300/month`, `300 per month`; 0 is none at all."""
    if not text:
        raise Missing("amount", field)
    found = _RATE.fullmatch(text)
    count = whole(found[1]) if found else None
    if found is None or count is None:
        raise BadValue("rate", text, tuple(f"300/{period}" for period in _PERIODS))
    return count, _PERIODS[found[2].casefold()]


def _topup(rest: str) -> TopUp:
    if not rest:
        raise Missing("amount", "quota topup")
    amount = rest.split(None, 1)[0]
    count = whole(amount)
    if not count:
        raise BadValue("amount", amount, ("5000",))
    reason = _unquoted(_after(rest))
    if len(reason) > REASON_MAX:
        raise BadValue("reason", str(len(reason)), (str(REASON_MAX),))
    return TopUp(count, reason)


def _unquoted(text: str) -> str:
    for opening, closing in ('""', "''", "“”", "\u2018\u2019"):
        if len(text) > 1 and text[0] == opening and text[-1] == closing:
            return text[1:-1].strip()
    return text


_QUOTA: Mapping[str, Callable[[str], Change]] = {"set": _set, "topup": _topup, "refill": _refill}
_READERS: Mapping[Shape, Callable[[Sequence[str], str], Arguments | None]] = {
    "job": _job,
    "nothing": _nothing,
    "topic": _topic,
    "quota": _quota,
    "settle": _settle,
}
