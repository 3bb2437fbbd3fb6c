"""`quota report`, `digest` and `alerts`: what they take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.subwords.amounts import text_field
from bot.commands.subwords.scopes import ScopeWord, take_scope, unknown_scope
from bot.commands.subwords.subword import SubWord
from bot.commands.values import whole
from bot.credits.records import month_named
from bot.errors import BadValue, Missing
from bot.messaging import Choice, FormField

WEEK = "week"
"""What `quota report` calls the last seven days."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LEVELS_MAX = 10

_OFF = ("off", "none", "never")
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})")
_NINE = 9 * 60


@dataclass(frozen=True, slots=True)
class SetDigest:
    """`quota digest monday 09:00 #finance`: the day of the week from 0, the minute of the day, and the channel."""

    weekday: int
    minute: int
    channel: ScopeWord


@dataclass(frozen=True, slots=True)
class SetAlerts:
    """`quota alerts #finance 50,80,100`: where, and at how many percent; None = as it was."""

    channel: ScopeWord | None
    levels: tuple[int, ...] | None


def _report(text: str) -> str:
    """A month's name, `week`, or empty for the month that runs."""
    word = text.strip().casefold()
    if word and word != WEEK:
        month_named(word, "UTC")
    return word


def _digest(text: str) -> SetDigest | None:
    """None switches it off."""
    if not text:
        raise Missing("digest", "quota digest")
    if text.casefold() in _OFF:
        return None
    first, _, rest = text.partition(" ")
    weekday = _weekday(first)
    time, _, after = rest.strip().partition(" ")
    minute = _minute(time)
    place = rest.strip() if minute is None else after
    return SetDigest(weekday, _NINE if minute is None else minute, _channel(place, "quota digest"))


def _weekday(word: str) -> int:
    """From three letters on: `mon`, `monday`."""
    found = [number for number, day in enumerate(WEEKDAYS) if len(word) > 2 and day.startswith(word.casefold())]
    if not found:
        raise BadValue("weekday", word, WEEKDAYS)
    return found[0]


def _minute(word: str) -> int | None:
    """The minute of the day; None where the word is no time. Raises BadValue for one that no day has."""
    found = _TIME.fullmatch(word)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise BadValue("time", word, ("09:00",))
    return hour * 60 + minute


def _channel(text: str, word: str) -> ScopeWord:
    scope, rest = take_scope(text)
    if not text.strip():
        raise Missing("channel", word)
    if scope is None or rest:
        raise unknown_scope(text)
    if scope.kind != "channel":
        raise BadValue("channel", text.split(None, 1)[0], ("#finance",))
    return scope


def _alerts(text: str) -> SetAlerts:
    if not text:
        raise Missing("alerts", "quota alerts")
    if text.casefold() in _OFF:
        return SetAlerts(None, ())
    if text[0].isdigit():
        return SetAlerts(None, _levels(text))
    scope, rest = take_scope(text)
    if scope is None:
        raise unknown_scope(text)
    return SetAlerts(_channel(text[: len(text) - len(rest)], "quota alerts"), _levels(rest) if rest else None)


def _levels(text: str) -> tuple[int, ...]:
    """Percentages, from 1 to 100, in their order."""
    words = [word.removesuffix("%") for word in re.split(r"[,\s]+", text.strip()) if word not in ("", "%")]
    found = {level for word in words if (level := whole(word)) is not None and 1 <= level <= 100}
    if not found or len(found) != len(set(words)) or len(found) > LEVELS_MAX:
        raise BadValue("levels", text, ("50,80,100",))
    return tuple(sorted(found))


def _write_digest(choices: Mapping[str, str]) -> str:
    if choices.get("weekday") == _OFF[0]:
        return _OFF[0]
    return " ".join(filter(None, (choices.get(name, "") for name in ("weekday", "time", "channel"))))


def _write_alerts(choices: Mapping[str, str]) -> str:
    return " ".join(filter(None, (choices.get("channel", ""), choices.get("levels", ""))))


_DAY = FormField(
    name="weekday",
    label="Every",
    kind="choice",
    required=True,
    choices=tuple(Choice(value=day, label=day) for day in (*WEEKDAYS, _OFF[0])),
)

WORDS = (
    SubWord(
        verb="quota",
        name="report",
        summary="what was spent, by person, tag, provider and day, with a picture: this month, a month, or week",
        example="quota report 2026-11",
        read=_report,
        fields=(text_field("month", "Month", "as 2026-11, or week; the one that runs without it", required=False),),
        write=lambda choices: choices.get("month", ""),
    ),
    SubWord(
        verb="quota",
        name="digest",
        summary="the same every week in a channel, or off",
        example="quota digest monday 09:00 #finance",
        read=_digest,
        fields=(
            _DAY,
            text_field("time", "At", "09:00, the team's time", required=False),
            text_field("channel", "Channel", "#finance", required=False),
        ),
        write=_write_digest,
    ),
    SubWord(
        verb="quota",
        name="alerts",
        summary="where to tell that a pool or a limit is used up by so many percent, or off",
        example="quota alerts #finance 50,80,100",
        read=_alerts,
        fields=(
            text_field("channel", "Channel", "#finance, or off", required=False),
            text_field("levels", "Percent", "50,80,100", required=False),
        ),
        write=_write_alerts,
    ),
)
