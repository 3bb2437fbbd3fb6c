"""`quota`, `quota set`, `quota clear`: what they take."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.spelling import quoted
from bot.commands.subwords.amounts import credits_field, is_rate, period_field, rate, text_field, write_rate
from bot.commands.subwords.scopes import ScopeWord, take_scope, unknown_scope
from bot.commands.subwords.subword import SubWord
from bot.commands.values import whole
from bot.credits.periods import PeriodKind
from bot.errors import BadValue, Missing

_CAP = "job"
"""What `quota set` and `quota clear` call the ceiling for one job."""
_OFF = ("off", "none", "never")


@dataclass(frozen=True, slots=True)
class SetLimit:
    """`quota set default 300/month`: how many credits a scope may use in a period."""

    scope: ScopeWord
    credits: int
    period: PeriodKind


@dataclass(frozen=True, slots=True)
class SetCap:
    """`quota set job 120`: how many credits one job may cost; None = any."""

    credits: int | None


def _scope(text: str) -> ScopeWord | None:
    if not text:
        return None
    scope, rest = take_scope(text)
    if scope is None or rest:
        raise unknown_scope(text)
    return scope


def _set(text: str) -> SetLimit | SetCap:
    if not text or is_rate(text):
        raise Missing("scope", "quota set")
    first, _, rest = text.partition(" ")
    if first.casefold() == _CAP:
        return SetCap(_cap(rest.strip()))
    scope, rest = take_scope(text)
    if scope is None:
        raise unknown_scope(text)
    return SetLimit(scope, *rate("quota set default", rest))


def _cap(text: str) -> int | None:
    if not text:
        raise Missing("amount", "quota set job")
    if text.casefold() in _OFF:
        return None
    count = whole(text)
    if count is None:
        raise BadValue("amount", text, ("120", "off"))
    return count


def _clear(text: str) -> ScopeWord | SetCap:
    if not text:
        raise Missing("scope", "quota clear")
    if text.casefold() == _CAP:
        return SetCap(None)
    scope, rest = take_scope(text)
    if scope is None or rest:
        raise unknown_scope(text)
    return scope


def _write_set(choices: Mapping[str, str]) -> str:
    return f"{_named(choices)} {write_rate(choices)}".strip()


def _named(choices: Mapping[str, str]) -> str:
    """The scope of a filled form: a role's name with spaces needs quotes."""
    scope = choices.get("scope", "")
    kind, colon, name = scope.partition(":")
    return f"{kind}:{quoted(name)}" if colon and " " in name else scope


_SCOPE = text_field("scope", "For", "default, @somebody, #channel, role:Name, tag:name, or job")

WORDS = (
    SubWord(
        verb="quota",
        name="",
        summary="the team's pool and limits, or somebody's: quota @ana",
        example="quota",
        read=_scope,
        fields=(text_field("scope", "Of", "@somebody, #channel, role:Name or tag:name", required=False),),
        write=_named,
        free=True,
    ),
    SubWord(
        verb="quota",
        name="set",
        summary="how much somebody may use: default, @ana, #ads, role:Designers, tag:acme; or one job",
        example="quota set default 300/month",
        read=_set,
        fields=(_SCOPE, credits_field(0), period_field()),
        write=_write_set,
    ),
    SubWord(
        verb="quota",
        name="clear",
        summary="take a limit away",
        example="quota clear role:Designers",
        read=_clear,
        fields=(_SCOPE,),
        write=_named,
    ),
)
