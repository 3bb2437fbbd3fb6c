"""Every refusal as a short card: the limit, what was found, and what to do next. Nothing was spent."""

from datetime import UTC, tzinfo
from functools import singledispatch

from bot.commands.wording import offers, slips
from bot.commands.wording.figures import day, in_credits, in_dollars, named, shorten, thousands
from bot.commands.wording.slips import Said
from bot.errors import (
    BadValue,
    CannotPost,
    CeilingReached,
    Conflict,
    Missing,
    NoOffer,
    NotAllowed,
    NotFound,
    OverBudget,
    OverLimit,
    PictureRefused,
    PoolEmpty,
    Refusal,
    TooLate,
    UnknownWord,
)
from bot.messaging import Card

_FOOTER = "Nothing was spent."


def refusal(error: Refusal, zone: tzinfo = UTC) -> Card:
    """Why an ask can't go ahead, and what to do next. `zone` is the team's, for dates."""
    title, text = say(error, zone)
    rows = offers.reasons(error) if isinstance(error, NoOffer) else ()
    return Card(title=title, text=text, tone="warning", rows=rows, footer=_FOOTER)


@singledispatch
def say(error: Refusal, _zone: tzinfo) -> Said:
    """Title and text of a refusal; each class has its own."""
    return "That can't be done", f"It was refused ({shorten(str(error), 200)}). Please change it and try again."


@say.register
def _(error: UnknownWord, _zone: tzinfo) -> Said:
    return slips.unknown_word(error)


@say.register
def _(error: BadValue, _zone: tzinfo) -> Said:
    return slips.bad_value(error)


@say.register
def _(error: Missing, _zone: tzinfo) -> Said:
    return slips.missing(error)


@say.register
def _(error: Conflict, _zone: tzinfo) -> Said:
    return slips.conflict(error)


@say.register
def _(error: PictureRefused, _zone: tzinfo) -> Said:
    text = _PICTURES[error.reason].format(
        found=thousands(shorten(error.found, 100)), limit=thousands(shorten(error.limit, 100))
    )
    return f"Picture {error.number} can't be used", text


_PICTURES = {
    "not_a_picture": "It isn't a picture. Please send a JPEG or PNG.",
    "web_page": "What came is a web page, not a picture. Attach the picture itself, or give the address of the file.",
    "unreadable": "It is damaged or cut off. Please save it anew and send it again.",
    "unreachable": "Its address couldn't be opened ({found}). Attach the picture instead.",
    "too_small": "Each side needs at least {limit} pixels; it has {found}. Please send a larger one.",
    "too_long_and_thin": "One side may be at most {limit} times the other; here it is {found} times. Please crop it.",
    "too_many_pixels": "It has more than {limit} pixels. Please send a smaller one.",
    "too_many_bytes": "It has {found} bytes, and at most {limit} are taken. Please send a smaller one.",
    "animated": "It moves. Please send a still picture.",
    "empty": "The file is empty. Please send it again.",
    "other_format": "{found} pictures aren't read here. Please save it as JPEG or PNG.",
}


@say.register
def _(error: NoOffer, _zone: tzinfo) -> Said:
    return "Nobody here makes this", offers.nobody(error)


@say.register
def _(error: OverBudget, _zone: tzinfo) -> Said:
    text = f"The best offer costs {in_credits(error.price)}; your --max allows {in_credits(error.budget)}."
    return "More than your --max", f"{text} Raise --max, or try --d 5, or leave out --pro."


@say.register
def _(error: OverLimit, zone: tzinfo) -> Said:
    whose = "Your limit" if error.scope == "default" else f"The limit of {named(error.scope)}"
    left = in_credits(max(0, error.limit - error.used))
    return "Over the limit", (
        f"{whose} is {in_credits(error.limit)} a {error.period}: {left} left, and this costs {error.price:,}. "
        f"It resets {day(error.resets_at, zone)}. Try something shorter, or ask an administrator."
    )


@say.register
def _(error: PoolEmpty, zone: tzinfo) -> Said:
    refill = "" if error.resets_at is None else f"It is filled up again {day(error.resets_at, zone)}. "
    return "Not enough credits in the team's pool", (
        f"The pool has {in_credits(error.left)} left, and this costs {error.price:,}. "
        f"{refill}An administrator can add some: quota topup 1000"
    )


@say.register
def _(error: CeilingReached, zone: tzinfo) -> Said:
    return "The operator's ceiling is reached", (
        f"All videos together may cost {in_dollars(error.ceiling)} a month: {in_dollars(error.used)} are used, "
        f"and this costs {in_dollars(error.price)}. It starts anew {day(error.resets_at, zone)}. "
        "Only the operator can raise it (KLINGBOT_MONTHLY_USD)."
    )


@say.register
def _(error: NotAllowed, _zone: tzinfo) -> Said:
    if error.needs == "administrator":
        return "Only for administrators", f"{named(error.action)} is for administrators. Please ask one of them."
    return "Not yours", f"{named(error.action)} is for the person who asked for the video. Please ask them."


@say.register
def _(error: NotFound, _zone: tzinfo) -> Said:
    if error.what == "picture":
        return (
            "The pictures are gone",
            "Pictures of that video are no longer kept. Please send them again, with the words.",
        )
    after = {
        "job": "Your own are listed by: status",
        "ask": "It may be too old. Please ask again.",
        "task": "Or it belongs to another job already. Please check the id.",
    }
    text = f"There is no {error.what} {named(error.name)} here. {after.get(error.what, 'Please check the name.')}"
    return f"No such {error.what}", text


@say.register
def _(error: TooLate, _zone: tzinfo) -> Said:
    text = _TOO_LATE.get((error.action, error.state)) or _TOO_LATE.get((error.action, ""))
    return "Too late for that", text or f"It is {error.state} by now. How it stands: status"


_TOO_LATE = {
    ("confirm", "expired"): "That price is older than ten minutes. Please ask again for a new one.",
    ("confirm", "accepted"): "It is being made already; it was bought once.",
    ("confirm", "refused"): "That question was answered with no. Please ask again.",
    ("confirm", ""): "That question is closed. Please ask again.",
    ("drop", "accepted"): "It is being made already. To stop it: cancel",
    ("drop", ""): "That question is closed; nothing was bought with it.",
    ("cancel", "fetching"): "The video is made already and on its way. It will be charged.",
    ("cancel", "done"): "The video is made already.",
    ("cancel", "failed"): "It has ended already, without a video. Its receipt: show",
    ("cancel", "cancelled"): "It is stopped already.",
    (
        "cancel",
        "uncertain",
    ): "Whether it was bought isn't known, so there is nothing to stop yet. An administrator decides.",
    ("resolve", ""): "It needs no decision now. Its receipt: show",
}


@say.register
def _(error: CannotPost, _zone: tzinfo) -> Said:
    why = shorten(error.why.replace("_", " "), 100)
    return "I can't post here", f"The platform says: {why}. Invite me here or let me post, then ask again."
