"""Why offers don't fit a request, what to change so that one does, and who takes it then, for how much."""

from collections.abc import Iterable, Sequence

from bot.commands.wording.figures import in_credits
from bot.errors import NoOffer, Taker
from bot.messaging import Row
from bot.providers.fitting import RefusedOffer

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
    "camera": "--camera",
    "still": "--still",
    "brushes": "--brush",
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
    "picture_count": "takes another number of pictures",
    "price": "has no price for this length",
    "variant": "has this only together with other flags",
    "origin": "can't go on from a video that was made elsewhere",
    "budget": "costs more than your --max",
}
_NEXT = {
    "field": "leave out {flag}",
    "scene": "try another --fx",
    "prompt_required": "add some words",
    "start_required": "add a start frame (--start 1)",
    "picture_count": "use another number of pictures",
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

_FROM_CLOSEST = (
    "budget", *(reason for reason in _NEXT if reason in CLOSE), "origin", "variant", "disabled", "off", "tier", "via",
    "workflow",
)  # fmt: skip


def why(reason: str) -> str:
    """Why an offer doesn't fit, to follow its provider's name.

    `reason` may name a field after a colon, and what the provider says of that field after another.
    """
    code, _, rest = reason.partition(":")
    field, _, said = rest.partition(":")
    text = _WHY.get(code, code.replace("_", " ")).format(flag=_flag(field))
    return f"{text} ({said})" if said else text


def takers(error_takers: Sequence[Taker]) -> str:
    """Who takes it after one change, a sentence each, as in: With --pro, kling takes it for 98 credits."""
    return " ".join(map(_taker, error_takers))


def nobody(error: NoOffer) -> str:
    """Who would take it, for how much; where nobody does, what to change: the things that miss by the least."""
    told = "No provider that is switched on takes all of it."
    if {code for code, _ in _reasons(error)} & {"origin"} and not error.takers:
        return f"{told} A video goes on only where it was made."
    return f"{told} {takers(error.takers) or _next_steps(error)}"


def reasons(error: NoOffer) -> tuple[Row, ...]:
    """A row for each offer that comes close."""
    close = [(name, reason) for name, reason in error.reasons if reason.partition(":")[0] in CLOSE]
    return tuple(Row(name=name, value=why(reason)) for name, reason in close[:_ROWS])


def left_out(refused: Iterable[RefusedOffer], served: Iterable[str]) -> tuple[Row, ...]:
    """A row for each provider none of whose offers serves: its name, and the reason that misses by the least."""
    nearest: dict[str, RefusedOffer] = {}
    for one in sorted(refused, key=lambda one: _FROM_CLOSEST.index(one.reason)):
        nearest.setdefault(one.offer.provider, one)
    return tuple(
        Row(name=f"Not {provider}", value=f"{why(_with_words(one))}")
        for provider, one in nearest.items()
        if provider not in served
    )


def _with_words(one: RefusedOffer) -> str:
    return ":".join(filter(None, (one.reason, one.field, one.offer.refuses.get(one.field, ""))))


def _taker(one: Taker) -> str:
    price = f"for {'at most ' if one.estimated else ''}{in_credits(one.credits)}"
    if one.change in ("off", "disabled"):
        what = "it" if one.change == "off" else "that offer"
        return f"{one.provider} would take it {price}; ask an administrator to switch {what} on."
    change = _CHANGES[one.change].format(flag=_flag(one.field), value=_TIER_FLAGS.get(one.value, one.value))
    return f"{change}, {one.provider} takes it {price}."


_TIER_FLAGS = {"standard": "--std", "pro": "--pro"}
_CHANGES = {
    "via": "Without --via",
    "field": "Without {flag}",
    "tier": "With {value}",
    "duration": "With --d {value}",
}


def _flag(field: str) -> str:
    return FLAG_OF.get(field, field)


def _next_steps(error: NoOffer) -> str:
    """At most three things to change."""
    steps = [_NEXT[code].format(flag=_flag(field)) for step in _NEXT for code, field in _reasons(error) if code == step]
    some = list(dict.fromkeys(steps))[:3] or [_NEXT["off"]]
    return f"You could {', or '.join(some)}."


def _reasons(error: NoOffer) -> list[tuple[str, str]]:
    return [(code, field) for code, field, *_ in (f"{reason}:".split(":") for _, reason in error.reasons)]
