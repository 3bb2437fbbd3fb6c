"""What is typed after a flag, read by the flag's kind. What isn't a value is a BadValue or an UnknownWord."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands.choices import ALLOWED, MOVES, SPELLINGS
from bot.commands.flags import Flag, Kind
from bot.commands.nearness import near
from bot.commands.subwords.scopes import tag
from bot.commands.words import PICTURES_MAX
from bot.errors import BadValue, UnknownWord
from bot.kling.effects import SCENES
from bot.kling.requests import WHOLE_MOVES

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
_MOVE = re.compile(r"([a-z_ -]*[a-z])(?:\s*[:=]\s*|\s+|(?=[-+]))([-+]?[0-9]{1,3})", re.IGNORECASE)
_FARTHEST = 10
_BRUSH = re.compile(r"#?([0-9]{1,2})\s*:\s*(\S.*)", re.DOTALL)
_POINT = re.compile(r"\s*([0-9]{1,5})\s*,\s*([0-9]{1,5})\s*")
_POINTS = (2, 77)
_EDGE = 10_000


@dataclass(frozen=True, slots=True)
class Budget:
    """A person's own ceiling for a price: whole credits, or micro-dollars of the provider's price."""

    credits: int | None = None
    microusd: int | None = None


@dataclass(frozen=True, slots=True)
class MoveWord:
    """A camera move as it is typed; `amount` is None for one that is whole by itself."""

    move: str
    amount: int | None


@dataclass(frozen=True, slots=True)
class BrushWord:
    """The number of a picture that is a mask, and the points (x, y) that what it paints moves along."""

    picture: int
    path: tuple[tuple[int, int], ...]


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
    """The value of a flag, by its kind: str, int, float, Budget, PictureWords, provider names, a move, a brush."""
    if flag.kind == "providers":
        return _providers(text, providers)
    return _READERS[flag.kind](flag, text)


def _choice(flag: Flag, text: str) -> str | int:
    found = SPELLINGS[flag.name].get("".join(text.split()).casefold().replace("_", "-"))
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
    found = scene(text)
    if found is None:
        raise UnknownWord("scene", text, near_scenes(text))
    return found


def scene(text: str) -> str | None:
    """The effect that a word or several mean, whatever stands between its parts."""
    return _SQUEEZED.get(re.sub(r"[^a-z0-9]", "", text.casefold()))


def near_scenes(text: str) -> tuple[str, ...]:
    """Effects that a mistyped one may have meant."""
    return near(re.sub(r"[\s-]+", "_", text.casefold()), sorted(SCENES))


def _camera(flag: Flag, text: str) -> MoveWord:
    """`zoom:5`, `zoom 5`, `zoom-5`; `left_turn_forward` and its kin stand alone."""
    bare = text.replace("\u2212", "-").strip()
    found = _MOVE.fullmatch(bare)
    move = re.sub(r"[\s-]+", "_", (found[1] if found else bare).casefold())
    if move not in MOVES:
        raise BadValue(flag.name, text, tuple(_movable(name) for name in near(move, MOVES)))
    amount = int(found[2]) if found else None
    if move in WHOLE_MOVES and amount is not None:
        raise BadValue(flag.name, text, (move,))
    if move not in WHOLE_MOVES and (amount is None or abs(amount) > _FARTHEST):
        raise BadValue(flag.name, text, (f"{move}:5", f"{move}:-5"))
    return MoveWord(move, amount)


def _movable(move: str) -> str:
    return move if move in WHOLE_MOVES else f"{move}:5"


def _brush(flag: Flag, text: str) -> BrushWord:
    found = _BRUSH.fullmatch(text.strip())
    points = [_POINT.fullmatch(part) for part in found[2].split(">")] if found else []
    path = tuple((int(point[1]), int(point[2])) for point in points if point)
    wrong = len(path) != len(points) or any(max(point) > _EDGE for point in path)
    if found is None or not int(found[1]) or wrong or not _POINTS[0] <= len(path) <= _POINTS[1]:
        raise BadValue(flag.name, text, (flag.example,))
    return BrushWord(int(found[1]), path)


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
    bare = "".join(text.split())
    if found := _CREDITS.fullmatch(bare):
        if count := whole(found[1]):
            return Budget(credits=count)
    elif found := _DOLLARS.fullmatch(bare):
        dollars, part = whole(found[1] or found[3] or "0"), found[2] or found[4] or ""
        if dollars is not None and (microusd := dollars * 1_000_000 + int(part.ljust(6, "0"))):
            return Budget(microusd=microusd)
    raise BadValue(flag.name, text, ("60", "$0.30"))


def _providers(text: str, known: Collection[str] | None) -> tuple[str, ...]:
    """Names in the order typed; `cheapest`, the default, is no name at all, and `fast` stands alone, too."""
    names = tuple(dict.fromkeys(name for name in re.split(r"[,\s]+", text.casefold()) if name))
    if names in (("cheapest",), ("fast",)):
        return names if names == ("fast",) else ()
    if not names or {"cheapest", "fast"} & set(names):
        raise BadValue("via", text, ("cheapest", "fast", *sorted(known or ())))
    for name in names:
        if not _PROVIDER.fullmatch(name) or (known is not None and name not in known):
            raise UnknownWord("provider", name, near(name, sorted({*(known or ()), "cheapest"})))
    return names


def _tag(_flag: Flag, text: str) -> str:
    return tag(text)


_READERS: Mapping[Kind, Callable[[Flag, str], Any]] = {
    "choice": _choice,
    "number": _number,
    "phrase": _phrase,
    "scene": _scene,
    "picture": _picture,
    "pictures": _pictures,
    "budget": _budget,
    "camera": _camera,
    "brush": _brush,
    "tag": _tag,
}
