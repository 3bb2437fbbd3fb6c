"""What is typed after a flag, read by the flag's kind. What isn't a value is a BadValue or an UnknownWord."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands.nearness import near
from bot.commands.words import ALLOWED, PICTURES_MAX, SPELLINGS, Flag, Kind
from bot.errors import BadValue, UnknownWord
from bot.kling.effects import SCENES

PictureWord = int | str
"""A picture as a flag names it: its number from 1, or its address."""

ADDRESS_MAX = 2_048
AMOUNT_MAX = 1_000_000_000
"""The largest number of credits that anybody can type."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)
_WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})"
_CREDITS = re.compile(rf"({_WHOLE})(?:cr|credits?)?", re.IGNORECASE)
_DOLLARS = re.compile(rf"(?:\$({_WHOLE})?(?:\.([0-9]{{1,6}}))?|({_WHOLE})?(?:\.([0-9]{{1,6}}))?\$)")
_PICTURE = re.compile(r"#?([0-9]{1,2})")
_ADDRESS = re.compile(r"https?://[^\s/?#@<>]+(?:[/?#][^\s<>]*)?", re.IGNORECASE)
_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_COMMA = re.compile(r",\s*(?=#?[0-9]{1,2}(?:,|\s|\Z)|<?https?://)", re.IGNORECASE)
_SQUEEZED = {re.sub(r"[^a-z0-9]", "", scene): scene for scene in SCENES}


@dataclass(frozen=True, slots=True)
class Budget:
    """A person's own ceiling for a price: whole credits, or micro-dollars of the provider's price."""

    credits: int | None = None
    microusd: int | None = None


def address(word: str) -> str | None:
    """The http(s) address that a word is, also in angle brackets or before a comma; None for anything else."""
    bare = word.rstrip(",;.")
    bare = bare[1:-1] if bare.startswith("<") and bare.endswith(">") else bare
    return bare if len(bare) <= ADDRESS_MAX and _ADDRESS.fullmatch(bare) else None


def whole(text: str) -> int | None:
    """A whole number, with or without commas between thousands; None for anything else or beyond what can be meant."""
    if not re.fullmatch(_WHOLE, text):
        return None
    number = int(text.replace(",", ""))
    return number if number <= AMOUNT_MAX else None


def read(flag: Flag, text: str, providers: Collection[str] | None) -> Any:
    """The value of a flag: str, int, float, Budget, a tuple of provider names, or PictureWords, by the flag's kind."""
    if flag.kind == "providers":
        return _providers(text, providers)
    return _READERS[flag.kind](flag, text)


def _choice(flag: Flag, text: str) -> str | int:
    found = SPELLINGS[flag.name].get(text.casefold())
    if found is None:
        raise BadValue(flag.name, text, ALLOWED[flag.name])
    return found


def _number(flag: Flag, text: str) -> float:
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else -1.0
    if not 0 <= value <= 1:
        raise BadValue(flag.name, text, (flag.values,))
    return value


def _phrase(_flag: Flag, text: str) -> str:
    return text


def _scene(_flag: Flag, text: str) -> str:
    name = text.casefold()
    found = _SQUEEZED.get(re.sub(r"[^a-z0-9]", "", name))
    if found is None:
        raise UnknownWord("scene", text, near(name.replace("-", "_"), sorted(SCENES)))
    return found


def _picture(flag: Flag, text: str) -> PictureWord:
    if found := _PICTURE.fullmatch(text):
        if number := int(found[1]):
            return number
    elif where := address(text):
        return where
    raise BadValue(flag.name, text, ("1", "2", "https://…"))


def _pictures(flag: Flag, text: str) -> tuple[PictureWord, ...]:
    words = _COMMA.split(text)
    if len(words) > PICTURES_MAX:
        raise BadValue("pictures", str(len(words)), (str(PICTURES_MAX),))
    return tuple(_picture(flag, word) for word in words)


def _budget(flag: Flag, text: str) -> Budget:
    if found := _CREDITS.fullmatch(text):
        if count := whole(found[1]):
            return Budget(credits=count)
    elif found := _DOLLARS.fullmatch(text):
        dollars, part = whole(found[1] or found[3] or "0"), found[2] or found[4] or ""
        if dollars is not None and (microusd := dollars * 1_000_000 + int(part.ljust(6, "0"))):
            return Budget(microusd=microusd)
    raise BadValue(flag.name, text, ("60", "$0.30"))


def _providers(text: str, known: Collection[str] | None) -> tuple[str, ...]:
    """Names in the order typed; `cheapest`, the default, is no name at all."""
    names = tuple(dict.fromkeys(name for name in re.split(r"[,\s]+", text.casefold()) if name))
    if names == ("cheapest",):
        return ()
    if not names or "cheapest" in names:
        raise BadValue("via", text, ("cheapest", *sorted(known or ())))
    for name in names:
        if not _PROVIDER.fullmatch(name) or (known is not None and name not in known):
            raise UnknownWord("provider", name, near(name, sorted({*(known or ()), "cheapest"})))
    return names


_READERS: Mapping[Kind, Callable[[Flag, str], Any]] = {
    "choice": _choice,
    "number": _number,
    "phrase": _phrase,
    "scene": _scene,
    "picture": _picture,
    "pictures": _pictures,
    "budget": _budget,
}
