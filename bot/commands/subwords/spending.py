"""`quota tag`, `together`, `pause` and `resume`: what they take."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.spelling import quoted
from bot.commands.subwords.amounts import reason, reason_field, text_field
from bot.commands.subwords.scopes import ScopeWord, tag, take_scope, unknown_scope
from bot.commands.subwords.subword import SubWord
from bot.commands.values import whole
from bot.errors import BadValue, Missing
from bot.messaging import Choice, FormField

TOGETHER_MAX = 1_000
"""The greatest number of jobs at once that can be meant."""

_OFF = ("off", "none", "never")
_TEAM, _PERSON, _EVERYTHING = "team", "person", "everything"


@dataclass(frozen=True, slots=True)
class ChannelTag:
    """`quota tag #ads acme`: what is booked under when it is asked for there; an empty tag = nothing."""

    channel: ScopeWord
    tag: str


@dataclass(frozen=True, slots=True)
class Together:
    """`quota together 3`: how many jobs of one person, or of the whole `team`, are made at once; None = any number."""

    most: int | None
    team: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """`quota pause "budget review"`: why, and whether it is everything, in all teams."""

    reason: str
    everything: bool


def _tag(text: str) -> ChannelTag:
    if not text:
        raise Missing("tag", "quota tag")
    channel, rest = take_scope(text)
    if channel is None:
        raise unknown_scope(text)
    if channel.kind != "channel":
        raise BadValue("channel", text.split(None, 1)[0], ("#ads",))
    if not rest:
        raise Missing("tag", "quota tag")
    return ChannelTag(channel, "" if rest.casefold() in _OFF else tag(rest))


def _together(text: str) -> Together:
    first, _, rest = text.partition(" ")
    team = first.casefold() == _TEAM
    word = rest.strip() if team else text
    if not word:
        raise Missing("number", "quota together")
    if word.casefold() in _OFF:
        return Together(None, team)
    count = whole(word)
    if not count or count > TOGETHER_MAX:
        raise BadValue("together", word, ("3", "team 10", "off"))
    return Together(count, team)


def _pause(text: str) -> Pause:
    """A reason that begins with that word is written in quotes."""
    first, _, rest = text.partition(" ")
    if first.casefold() == _EVERYTHING:
        return Pause(reason(rest), everything=True)
    return Pause(reason(text), everything=False)


def _resume(text: str) -> Pause:
    if text.strip() and text.strip().casefold() != _EVERYTHING:
        raise BadValue("resume", text, (_EVERYTHING,))
    return Pause("", everything=bool(text.strip()))


def _write_tag(choices: Mapping[str, str]) -> str:
    return f"{choices.get('channel', '')} {choices.get('tag', '')}".strip()


def _write_together(choices: Mapping[str, str]) -> str:
    start = f"{_TEAM} " if choices.get("of") == _TEAM else ""
    return f"{start}{choices.get('together', '')}".strip()


def _write_pause(choices: Mapping[str, str]) -> str:
    why = quoted(choices["reason"]) if choices.get("reason") else ""
    return f"{_write_scope(choices)} {why}".strip()


def _write_scope(choices: Mapping[str, str]) -> str:
    return _EVERYTHING if choices.get("what") == _EVERYTHING else ""


def _choice(name: str, label: str, help_: str, values: Mapping[str, str]) -> FormField:
    choices = tuple(Choice(value=value, label=text) for value, text in values.items())
    return FormField(name=name, label=label, kind="choice", help=help_, choices=choices)


_WHAT = _choice(
    "what", "What", "everything is for the operator", {_TEAM: "this team", _EVERYTHING: "everything, in all teams"}
)

WORDS = (
    SubWord(
        verb="quota",
        name="tag",
        summary="what a channel's videos are booked under, unless --for says otherwise; off for nothing",
        example="quota tag #ads acme",
        read=_tag,
        fields=(text_field("channel", "Channel", "#ads"), text_field("tag", "Tag", "one word, or off")),
        write=_write_tag,
    ),
    SubWord(
        verb="quota",
        name="together",
        summary="how many videos of one person are made at once, of all: quota together team 10; or off",
        example="quota together 3",
        read=_together,
        fields=(
            text_field("together", "How many", "a number, or off"),
            _choice("of", "Of", "whose videos", {_PERSON: "one person", _TEAM: "the whole team"}),
        ),
        write=_write_together,
    ),
    SubWord(
        verb="quota",
        name="pause",
        summary="make nothing new; what is under way is finished",
        example='quota pause "budget review"',
        read=_pause,
        fields=(reason_field("people read it"), _WHAT),
        write=_write_pause,
    ),
    SubWord(
        verb="quota",
        name="resume",
        summary="go on after a pause",
        example="quota resume",
        read=_resume,
        fields=(_WHAT,),
        write=_write_scope,
    ),
)
