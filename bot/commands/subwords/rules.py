"""`quota rules`: what it takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.nearness import near
from bot.commands.subwords.amounts import text_field, unquoted
from bot.commands.subwords.subword import SubWord
from bot.credits.content import folded
from bot.credits.rules import Flagged
from bot.errors import BadValue, Missing, UnknownWord
from bot.messaging import Choice, FormField

WORD_MAX, WORDS_MAX = 60, 200

_FLAGGED: Mapping[str, Flagged] = {"spoiler": "spoiler", "button": "button", "never": "never"}
_ON = {"on": True, "off": False}
_NAMES = ("refuse", "allow", "flagged", "effects")


@dataclass(frozen=True, slots=True)
class Refuse:
    """`quota rules refuse nude, gore`: words that no prompt may have from now on."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allow:
    """`quota rules allow gore`: words that it may have again."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowFlagged:
    """`quota rules flagged never`: how a video is shown that its provider flagged."""

    how: Flagged


@dataclass(frozen=True, slots=True)
class Effects:
    """`quota rules effects off`: whether ready-made effects may be used."""

    on: bool


Rule = Refuse | Allow | ShowFlagged | Effects


def _rules(text: str) -> Rule | None:
    name, _, rest = text.partition(" ")
    name, rest = name.casefold(), rest.strip()
    match name:
        case "":
            return None
        case "refuse":
            return Refuse(_listed(rest))
        case "allow":
            return Allow(_listed(rest))
        case "flagged":
            return ShowFlagged(_FLAGGED[_one_of("flagged", rest, tuple(_FLAGGED))])
        case "effects":
            return Effects(_ON[_one_of("effects", rest, tuple(_ON))])
    raise UnknownWord("word", name, near(name, _NAMES) or _NAMES)


def _listed(text: str) -> tuple[str, ...]:
    """Words with commas between them, each once. Raises Missing and BadValue."""
    words = (" ".join(unquoted(one.strip()).split()).casefold() for one in text.split(","))
    found: dict[str, str] = {}
    for one in words:
        found.setdefault(folded(one), one)
    found.pop("", None)
    if not found:
        raise Missing("words", "quota rules")
    for one in found.values():
        if len(one) > WORD_MAX:
            raise BadValue("words", one, (f"up to {WORD_MAX} characters each",))
    return tuple(found.values())


def _one_of(field: str, text: str, allowed: tuple[str, ...]) -> str:
    if text.casefold() not in allowed:
        raise BadValue(field, text or "nothing", allowed)
    return text.casefold()


def _write(choices: Mapping[str, str]) -> str:
    return " ".join(filter(None, (choices.get("rule", ""), choices.get("words", ""))))


WORDS = (
    SubWord(
        verb="quota",
        name="rules",
        summary="words that are refused, how flagged videos are shown, effects on or off",
        example="quota rules refuse nude, gore",
        read=_rules,
        fields=(
            FormField(
                name="rule", label="Rule", kind="choice", help="nothing shows the rules as they are",
                choices=tuple(Choice(value=name, label=name) for name in _NAMES),
            ),
            text_field("words", "What", "nude, gore; spoiler, button or never; on or off", required=False),
        ),
        write=_write,
    ),
)  # fmt: skip
