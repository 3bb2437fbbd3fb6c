"""From a typed line and its pictures to a request: which picture is what, and which of Kling 1.6's rules is broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.commands.marking import tier_words
from bot.commands.roles import PictureSlot, Roles, roles
from bot.commands.typed import Note, Typed
from bot.commands.values import Budget, MoveWord
from bot.errors import BadValue, Conflict, Missing, Refusal
from bot.kling.effects import DURATION_FIXED_5, PEOPLE
from bot.kling.requests import PROMPT_MAX, Request, parse_request

__all__ = ["PictureSlot", "Wish", "build", "wish"]

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
    "camera": "camera",
    "still": "still",
    "brushes": "brush",
}
_NOT_WITH_EFFECTS = ("no", "ar", "cfg", "start", "end", "camera", "still", "brush")
_NOT_WITH_ELEMENTS = ("cfg", "camera", "still", "brush")
_BRUSHES = 6
_APART = (("camera", "end"), ("still", "end"), ("brush", "end"), ("still", "camera"), ("brush", "camera"))
"""Flags of one picture that exclude each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a line comes to. `via` are provider names (none = the cheapest), the maxima in credits or micro-dollars.

    `yes` skips the question before spending, `dry` asks for the price only. `guessed` says that two pictures were made
    start and end by their order alone. `count` are how many are made of it; the maxima are for all. `tag` is what it is
    booked under.
    """

    request: Request
    via: tuple[str, ...] = ()
    max_credits: int | None = None
    max_microusd: int | None = None
    yes: bool = False
    dry: bool = False
    notes: tuple[Note, ...] = ()
    guessed: bool = False
    count: int = 1
    tag: str = ""


def build(typed: Typed, pictures: Sequence[PictureSlot] = ()) -> Wish:
    """The request of a line that asks for a video or its price. Raises a Refusal for whatever Kling 1.6 can't do."""
    found = Roles(kind="text") if typed.verb == "extend" else roles(typed, pictures)
    try:
        request = parse_request(_extend(typed) if typed.verb == "extend" else _data(typed, found))
    except ValidationError as error:
        raise _translated(error, typed) from None
    return wish(typed, request, guessed=found.guessed)


def wish(typed: Typed, request: Request, *, guessed: bool = False) -> Wish:
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
        guessed=guessed,
        count=typed.flags.get("n", 1),
        tag=typed.flags.get("for", ""),
    )


def _data(typed: Typed, found: Roles) -> Json:
    """The request as plain data."""
    match found.kind:
        case "effect":
            return _effect(typed, found)
        case "elements":
            return _elements(typed, found)
        case "image":
            return _image(typed, found)
        case _:
            return {"workflow": "text", "prompt": typed.prompt, **_chosen(typed), **_camera(typed)}


def _chosen(typed: Typed) -> Json:
    """The choices that were typed; the model knows the others."""
    fields = {"no": "negative_prompt", "d": "duration", "ar": "aspect_ratio", "cfg": "cfg_scale"}
    chosen = {fields[name]: value for name, value in typed.flags.items() if name in fields}
    return {**chosen, "tier": "pro"} if _is_pro(typed) else chosen


def _is_pro(typed: Typed) -> bool:
    return any(tier_words(typed.flags).values())


def _camera(typed: Typed) -> Json:
    said: MoveWord | None = typed.flags.get("camera")
    return {"camera": {"move": said.move, "amount": said.amount}} if said else {}


def _extend(typed: Typed) -> Json:
    if "d" in typed.flags:
        raise Conflict("d", "extend")
    if not typed.job:
        raise Missing("job", "extend")
    return {"workflow": "extend", "job": typed.job, "prompt": typed.prompt, **_chosen(typed)}


def _image(typed: Typed, found: Roles) -> Json:
    if found.end and not _is_pro(typed):
        raise Conflict("end", "standard")
    said = {*typed.flags, *(("end",) if found.end else ())}
    for one, other in _APART:
        if one in said and other in said:
            raise Conflict(one, other)
    brushes = [
        {"mask": mask, "path": [{"x": x, "y": y} for x, y in word.path]}
        for mask, word in zip(found.masks, typed.flags.get("brush", ()), strict=True)
    ]
    return {
        "workflow": "image", "start": found.start, "end": found.end, "prompt": typed.prompt, "still": found.still,
        "brushes": brushes, **_chosen(typed), **_camera(typed),
    }  # fmt: skip


def _elements(typed: Typed, found: Roles) -> Json:
    for name in _NOT_WITH_ELEMENTS:
        if name in typed.flags:
            raise Conflict(name, "elements")
    return {"workflow": "elements", "references": list(found.several), "prompt": typed.prompt, **_chosen(typed)}


def _effect(typed: Typed, found: Roles) -> Json:
    scene = typed.flags["fx"]
    if typed.prompt:
        raise Conflict("fx", "prompt")
    for name in _NOT_WITH_EFFECTS:
        if name in typed.flags:
            raise Conflict("fx", name)
    needed, there = PEOPLE.get(scene, 1), len(found.several)
    if there < needed:
        raise Missing("picture", "fx", needed=needed, found=there)
    if there > needed:
        raise BadValue("people", str(there), (str(needed),))
    if scene in DURATION_FIXED_5 and typed.flags.get("d", 5) != 5:
        raise Conflict("d", scene)
    return {"workflow": "effect", "scene": scene, "people": list(found.several), **_chosen(typed)}


def _translated(error: ValidationError, typed: Typed) -> Refusal:
    """The first thing that the model found wrong, as a Refusal."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][1]) if len(first["loc"]) > 1 else "request"
    field = _FLAG_OF.get(name, name)
    given = first["input"]
    if first["type"] == "string_too_short" and name == "prompt":
        return Missing("prompt", next((flag for flag in ("no", "ref") if flag in typed.flags), typed.verb or ""))
    if first["type"] == "too_long" and name == "brushes":
        return BadValue("brushes", str(len(typed.flags.get("brush", ()))), (str(_BRUSHES),))
    if first["type"] == "string_too_long" and isinstance(given, str):
        return BadValue(field, str(len(given.strip())), (str(PROMPT_MAX),))
    return BadValue(field, str(given)[:200])
