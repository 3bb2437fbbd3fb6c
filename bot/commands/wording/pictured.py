"""The pictures of a request on a card: which is what, what was done to them, and a button that swaps two."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.commands.wording.figures import either
from bot.kling.requests import Effect, Elements, ImageToVideo, Request
from bot.messaging import Button, Card, CardPicture

_DONE: Mapping[str, str] = {
    "rotated": "turned upright",
    "first_frame": "reduced to its first frame",
    "cropped": "cropped",
    "scaled": "made smaller",
    "flattened": "put on white",
    "padded": "given bars",
    "recoded": "saved in another format",
}


def pictured(card: Card, request: Request, *, stored: Sequence[str], swap: str = "", imagined: bool = False) -> Card:
    """The card with the request's pictures and roles. `stored` are sentences on what was changed in them.

    `swap` is the ask whose two pictures can change places. Where the pictures are only `imagined` they are roles alone.
    """
    shown = tuple(
        CardPicture(sha256="" if imagined else ref.removeprefix("blob:"), label=label)
        for label, ref in roles(request)
        if ref.startswith("blob:")
    )
    button = (Button(label="Swap", action=f"swap:{swap}"),) if swap else ()
    text = "\n".join(filter(None, (card.text, _who_is_what(request) if swap else "", *stored)))
    return replace(card, pictures=shown, text=text, buttons=(*card.buttons[:1], *button, *card.buttons[1:]))


def roles(request: Request) -> list[tuple[str, str]]:
    """Each picture of a request with what it is for, in the order of `request.pictures`."""
    if isinstance(request, Elements):
        return [(f"reference {number}", ref) for number, ref in enumerate(request.references, start=1)]
    if isinstance(request, Effect):
        sides = ("left", "right") if len(request.people) > 1 else ("person",)
        return list(zip(sides, request.people, strict=True))
    if not isinstance(request, ImageToVideo):
        return []
    frames = [("start", request.start), ("end", request.end), ("stays still", request.still)]
    brushes = [(f"moves {number}", brush.mask) for number, brush in enumerate(request.brushes, start=1)]
    return [(label, ref) for label, ref in (*frames, *brushes) if ref]


def changes(pictures: str) -> list[str]:
    """What was done to the pictures of an ask (JSON as its row keeps it), a sentence each."""
    return changed([facts.get("changes", ()) for facts in json.loads(pictures)])


def changed(done: Sequence[Sequence[str]]) -> list[str]:
    """The same from the changes of each picture."""
    return [
        f"Picture {number} was {either([_DONE.get(word, word) for word in words], 'and')}."
        for number, words in enumerate(done, start=1)
        if words
    ]


def _who_is_what(request: Request) -> str:
    if isinstance(request, Effect):
        return "The first picture is on the left, the second on the right."
    return "The video begins with the first picture and ends with the second."
