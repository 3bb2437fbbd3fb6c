"""Which picture of a line is what: named by flags, or read from how many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.commands.typed import Typed
from bot.commands.values import PictureWord
from bot.commands.words import PICTURES_MAX
from bot.errors import BadValue, Conflict, Missing

_FRAMES = ("start", "end", "still", "brush")
"""Flags that make a picture the start of the video, its end, or a mask of it."""


@dataclass(frozen=True, slots=True)
class PictureSlot:
    """A stored picture of a line: its reference (`blob:<sha256>`), and its address if it was fetched from one.

    Slots are in the order people count them: attached ones first, then `Typed.addresses`.
    """

    ref: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What a line's pictures are for, and so which kind of request it is. References, not numbers.

    `several` are the references of a scene or the people of an effect; `masks` are in the order of the brushes.
    `guessed` says that which is start and which is end was told by their order alone.
    """

    kind: Literal["text", "image", "elements", "effect"]
    start: str | None = None
    end: str | None = None
    still: str | None = None
    masks: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    guessed: bool = False


def roles(typed: Typed, pictures: Sequence[PictureSlot]) -> Roles:
    """Read them. Raises BadValue for pictures without a part, Missing for named ones that aren't there, Conflict."""
    flags = typed.flags
    framed = [name for name in _FRAMES if name in flags]
    if len(pictures) > PICTURES_MAX and not {"still", "brush"} & set(flags):
        raise BadValue("pictures", str(len(pictures)), (str(PICTURES_MAX),))
    if "fx" in flags:
        several = _named("ref", flags["ref"], pictures) if "ref" in flags else [slot.ref for slot in pictures]
        return Roles(kind="effect", several=tuple(several))
    if "ref" in flags:
        if framed:
            raise Conflict("ref", framed[0])
        return Roles(kind="elements", several=tuple(_named("ref", flags["ref"], pictures)))
    if framed:
        return _frames(typed, pictures)
    if typed.maker == "elements" and not pictures:
        raise Missing("picture", "elements")
    if len(pictures) > 2 or typed.maker == "elements":
        return Roles(kind="elements", several=tuple(slot.ref for slot in pictures))
    if pictures:
        start, end = pictures[0].ref, pictures[1].ref if len(pictures) > 1 else None
        return Roles(kind="image", start=start, end=end, guessed=end is not None)
    if typed.maker == "animate":
        raise Missing("picture", "animate")
    return Roles(kind="text")


def _frames(typed: Typed, pictures: Sequence[PictureSlot]) -> Roles:
    """Frames and masks by their flags; the one picture that is left is the frame that nobody named."""
    flags = typed.flags
    places = {name: _place(name, flags[name], pictures) for name in ("start", "end", "still") if name in flags}
    masks = [_place("brush", brush.picture, pictures) for brush in flags.get("brush", ())]
    left = [place for place in range(len(pictures)) if place not in (*places.values(), *masks)]
    masked = "still" in places or bool(masks)
    if len(left) == 1 and "start" not in places:
        places["start"] = left.pop()
    elif len(left) == 1 and "end" not in places and not masked:
        places["end"] = left.pop()
    if left:
        raise BadValue("unused", ", ".join(str(place + 1) for place in left))
    if masked and "start" not in places:
        raise Missing("picture", "still" if "still" in places else "brush", needed=1, found=len(pictures))
    refs = {name: pictures[place].ref for name, place in places.items()}
    return Roles(
        kind="image",
        start=refs.get("start"),
        end=refs.get("end"),
        still=refs.get("still"),
        masks=tuple(pictures[place].ref for place in masks),
    )


def _named(flag: str, words: Iterable[PictureWord], pictures: Sequence[PictureSlot]) -> list[str]:
    places = [_place(flag, word, pictures) for word in words]
    unused = [place for place in range(len(pictures)) if place not in places]
    if unused:
        raise BadValue("unused", ", ".join(str(place + 1) for place in unused))
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
