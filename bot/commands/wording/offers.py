"""Why offers don't fit a request, and what to change so that one does."""

from bot.errors import NoOffer
from bot.messaging import Row

_ROWS = 10

FLAG_OF = {
    "prompt": "words",
    "negative_prompt": "--no",
    "duration": "--d",
    "aspect_ratio": "--ar",
    "cfg_scale": "--cfg",
    "start": "--start",
    "end": "--end",
    "references": "--ref",
    "scene": "--fx",
}
_WHY = {
    "off": "is switched off here",
    "disabled": "has this offer switched off",
    "via": "isn't who you asked for",
    "workflow": "doesn't make this kind of video",
    "tier": "doesn't make this tier",
    "duration": "doesn't make this length",
    "field": "doesn't take {flag} for this",
    "scene": "doesn't have this effect",
    "prompt_required": "needs words",
    "start_required": "needs a start frame",
    "picture_count": "takes fewer pictures",
    "price": "has no price for this length",
}
_NEXT = {
    "field": "leave out {flag}",
    "scene": "try another --fx",
    "prompt_required": "add some words",
    "start_required": "add a start frame (--start 1)",
    "picture_count": "use fewer pictures",
    "duration": "try another --d",
    "price": "try --d 5",
    "tier": "try the other tier (--pro or --std)",
    "via": "leave out --via",
    "off": "ask an administrator to switch another provider on",
    "disabled": "ask an administrator to switch another offer on",
}
"""The next step for each reason, from the closest miss to the widest."""

CLOSE = frozenset(("field", "scene", "prompt_required", "start_required", "picture_count", "duration", "price"))
"""Reasons of offers for the right kind of video and the right tier."""


def why(reason: str) -> str:
    """Why an offer doesn't fit, to follow its provider's name; `reason` may name a field after a colon."""
    code, _, field = reason.partition(":")
    return _WHY.get(code, code.replace("_", " ")).format(flag=FLAG_OF.get(field, field))


def nobody(error: NoOffer) -> str:
    """What to change where no offer fits: at most three things, those that miss by the least first."""
    steps = [
        _NEXT[code].format(flag=FLAG_OF.get(field, field))
        for step in _NEXT
        for code, field in _reasons(error)
        if code == step
    ]
    some = list(dict.fromkeys(steps))[:3] or [_NEXT["off"]]
    return f"No provider that is switched on takes all of it. You could {', or '.join(some)}."


def reasons(error: NoOffer) -> tuple[Row, ...]:
    """A row for each offer that comes close."""
    close = [(name, reason) for name, reason in error.reasons if reason.partition(":")[0] in CLOSE]
    return tuple(Row(name=name, value=why(reason)) for name, reason in close[:_ROWS])


def _reasons(error: NoOffer) -> list[tuple[str, str]]:
    return [(code, field) for code, _, field in (reason.partition(":") for _, reason in error.reasons)]
