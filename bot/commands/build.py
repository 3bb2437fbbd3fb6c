"""From a typed line and its pictures to a request: which picture is what, and which of Kling 1.6's rules is broken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.commands.grammar import Note, Typed
from bot.commands.values import Budget, PictureWord
from bot.commands.words import PICTURES_MAX
from bot.errors import BadValue, Conflict, Missing, Refusal
from bot.kling.effects import DURATION_FIXED_5, PEOPLE
from bot.kling.requests import PROMPT_MAX, Request, parse_request

Json = dict[str, Any]

_FLAG_OF = {
    "prompt": "prompt",
    "negative_prompt": "no",
    "duration": "d",
    "aspect_ratio": "ar",
    "cfg_scale": "cfg",
    "start": "start",
    "end": "end",
    "references": "ref",
    "scene": "fx",
    "people": "fx",
}
_NOT_WITH_EFFECTS = ("no", "ar", "cfg", "start", "end", "ref")


@dataclass(frozen=True, slots=True)
class PictureSlot:
    """A stored picture of a line: its reference (`blob:<sha256>`), and its address if it was fetched from one.

    Slots are in the order people count them: attached ones first, then `Typed.addresses`.
    """

    ref: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a line comes to. `via` are provider names (none = the cheapest), the maxima in credits or micro-dollars.

    `yes` skips the question before spending, `dry` asks for the price only.
    """

    request: Request
    via: tuple[str, ...] = ()
    max_credits: int | None = None
    max_microusd: int | None = None
    yes: bool = False
    dry: bool = False
    notes: tuple[Note, ...] = ()


def build(typed: Typed, pictures: Sequence[PictureSlot] = ()) -> Wish:
    """The request of a line that asks for a video or its price. Raises a Refusal for whatever Kling 1.6 can't do."""
    try:
        request = parse_request(_data(typed, pictures))
    except ValidationError as error:
        raise _translated(error, typed) from None
    return wish(typed, request)


def wish(typed: Typed, request: Request) -> Wish:
    """A request that is known already (`again`) with what was typed about money."""
    budget = typed.flags.get("max", Budget())
    return Wish(
        request=request,
        via=typed.flags.get("via", ()),
        max_credits=budget.credits,
        max_microusd=budget.microusd,
        yes="yes" in typed.flags,
        dry="dry" in typed.flags or typed.verb == "cost",
        notes=typed.notes,
    )


def _data(typed: Typed, pictures: Sequence[PictureSlot]) -> Json:
    if len(pictures) > PICTURES_MAX:
        raise BadValue("pictures", str(len(pictures)), (str(PICTURES_MAX),))
    flags = typed.flags
    if "fx" in flags:
        return _effect(typed, pictures)
    if "ref" in flags:
        for frame in ("start", "end"):
            if frame in flags:
                raise Conflict("ref", frame)
        return _elements(typed, _named("ref", flags["ref"], pictures))
    if "start" in flags or "end" in flags:
        return _image(typed, *_frames(typed, pictures))
    if len(pictures) > 2:
        return _elements(typed, [slot.ref for slot in pictures])
    if pictures:
        return _image(typed, pictures[0].ref, pictures[1].ref if len(pictures) > 1 else None)
    if typed.maker == "animate":
        raise Missing("picture", "animate")
    return {"workflow": "text", "prompt": typed.prompt, **_chosen(typed)}


def _chosen(typed: Typed) -> Json:
    """The choices that were typed; the model knows the others."""
    fields = {"no": "negative_prompt", "d": "duration", "ar": "aspect_ratio", "cfg": "cfg_scale"}
    chosen = {fields[name]: value for name, value in typed.flags.items() if name in fields}
    return {**chosen, "tier": "pro"} if "pro" in typed.flags else chosen


def _image(typed: Typed, start: str | None, end: str | None) -> Json:
    if end and "pro" not in typed.flags:
        raise Conflict("end", "standard")
    return {"workflow": "image", "start": start, "end": end, "prompt": typed.prompt, **_chosen(typed)}


def _elements(typed: Typed, references: Sequence[str]) -> Json:
    if "cfg" in typed.flags:
        raise Conflict("cfg", "elements")
    return {"workflow": "elements", "references": list(references), "prompt": typed.prompt, **_chosen(typed)}


def _effect(typed: Typed, pictures: Sequence[PictureSlot]) -> Json:
    scene = typed.flags["fx"]
    if typed.prompt:
        raise Conflict("fx", "prompt")
    for name in _NOT_WITH_EFFECTS:
        if name in typed.flags:
            raise Conflict("fx", name)
    needed = PEOPLE.get(scene, 1)
    if len(pictures) < needed:
        raise Missing("picture", "fx", needed=needed, found=len(pictures))
    if len(pictures) > needed:
        raise BadValue("people", str(len(pictures)), (str(needed),))
    if scene in DURATION_FIXED_5 and typed.flags.get("d", 5) != 5:
        raise Conflict("d", scene)
    return {"workflow": "effect", "scene": scene, "people": [slot.ref for slot in pictures], **_chosen(typed)}


def _frames(typed: Typed, pictures: Sequence[PictureSlot]) -> tuple[str | None, str | None]:
    """Start and end frame; where one is named and one picture is left, it is the other."""
    places = {name: _place(name, typed.flags[name], pictures) for name in ("start", "end") if name in typed.flags}
    left = [place for place in range(len(pictures)) if place not in places.values()]
    if len(left) == 1 and len(places) == 1:
        places["end" if "start" in places else "start"] = left.pop()
    _refuse_unused(left)
    refs = {name: pictures[place].ref for name, place in places.items()}
    return refs.get("start"), refs.get("end")


def _named(flag: str, words: Iterable[PictureWord], pictures: Sequence[PictureSlot]) -> list[str]:
    places = [_place(flag, word, pictures) for word in words]
    _refuse_unused([place for place in range(len(pictures)) if place not in places])
    return [pictures[place].ref for place in places]


def _place(flag: str, word: PictureWord, pictures: Sequence[PictureSlot]) -> int:
    """Where among the pictures the one is that a flag names by number or address."""
    if isinstance(word, int):
        if word > len(pictures):
            raise Missing("picture", flag, needed=word, found=len(pictures))
        return word - 1
    for place, slot in enumerate(pictures):
        if slot.address == word:
            return place
    raise Missing("picture", flag, found=len(pictures))


def _refuse_unused(places: Sequence[int]) -> None:
    if places:
        raise BadValue("unused", ", ".join(str(place + 1) for place in places))


def _translated(error: ValidationError, typed: Typed) -> Refusal:
    """The first thing that the model found wrong, as a Refusal."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][1]) if len(first["loc"]) > 1 else "request"
    field = _FLAG_OF.get(name, name)
    given = first["input"]
    if first["type"] == "string_too_short" and name == "prompt":
        return Missing("prompt", next((flag for flag in ("no", "ref") if flag in typed.flags), typed.verb or ""))
    if first["type"] == "string_too_long" and isinstance(given, str):
        return BadValue(field, str(len(given.strip())), (str(PROMPT_MAX),))
    return BadValue(field, str(given)[:200])
