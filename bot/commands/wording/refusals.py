"""Every refusal as a short card: the limit, what was found, and what to do next. Nothing was spent."""

from functools import singledispatch
from zoneinfo import ZoneInfo

from bot.commands.wording import linking, offers, rules, slips
from bot.commands.wording.figures import day, either, in_credits, in_dollars, named, shorten, thousands
from bot.commands.wording.slips import Said
from bot.credits.limits import is_personal
from bot.errors import (
    AgainstRules,
    BadValue,
    CannotPost,
    CeilingReached,
    Conflict,
    LinkRefused,
    Missing,
    NeedsApproval,
    NoEnhancer,
    NoOffer,
    NotAllowed,
    NotFound,
    NotMember,
    OverBudget,
    OverCap,
    OverLimit,
    Paused,
    PictureHidden,
    PictureRefused,
    PoolEmpty,
    Refusal,
    TooLate,
    UnknownWord,
    WhichWorkspace,
)
from bot.messaging import Button, Card

_FOOTER = "Nothing was spent."


def refusal(error: Refusal) -> Card:
    """Why an ask can't go ahead, and what to do next."""
    title, text = say(error)
    rows = offers.reasons(error) if isinstance(error, NoOffer) else ()
    homes = error.workspaces if isinstance(error, WhichWorkspace) else ()
    buttons = tuple(Button(label=shorten(name, 60), action=f"home:{id_}") for id_, name in homes)
    field = error.field if isinstance(error, BadValue | Conflict | Missing) else ""
    return Card(title=title, text=text, tone="warning", rows=rows, buttons=buttons, footer=_FOOTER, field=field)


@singledispatch
def say(error: Refusal) -> Said:
    """Title and text of a refusal; each class has its own."""
    return "That can't be done", f"It was refused ({shorten(str(error), 200)}). Please change it and try again."


@say.register
def _(error: UnknownWord) -> Said:
    return slips.unknown_word(error)


@say.register
def _(error: BadValue) -> Said:
    return slips.bad_value(error)


@say.register
def _(error: Missing) -> Said:
    return slips.missing(error)


@say.register
def _(error: Conflict) -> Said:
    title, text = slips.conflict(error)
    return title, f"{text} {offers.takers(error.takers)}".rstrip()


@say.register
def _(error: PictureRefused) -> Said:
    text = _PICTURES[error.reason].format(
        found=thousands(shorten(error.found, 100)), limit=thousands(shorten(error.limit, 100))
    )
    if error.reason == "unreadable" and error.found in ("HEIC", "AVIF"):
        text = f"It is damaged, or {error.found} of an unusual kind. Please export it as JPEG and send that."
    if error.remedies:
        text += f" Or let me mend it: {either([f'--fit {mend}' for mend in error.remedies])}."
    return f"Picture {error.number} can't be used", text


@say.register
def _(error: PictureHidden) -> Said:
    if ":" in error.door:
        lacks = f"I lack the right {error.door}. Whoever installed me gives it to me and installs me again"
        return "I may not read that picture", f"{lacks}; then send it once more."
    return (
        "That picture is hidden from me",
        f"This chat doesn't show me the message that you reply to. Use {error.door} in the menu of that message, or "
        "attach the picture to your own.",
    )


_PICTURES = {
    "not_a_picture": "It isn't a picture. Please send a JPEG or PNG.",
    "web_page": "What came is a web page, not a picture. Attach the picture itself, or give the address of the file.",
    "unreadable": "It is damaged or cut off. Please save it anew and send it again.",
    "unreachable": "Its address couldn't be opened ({found}). Attach the picture instead.",
    "too_small": "Each side needs at least {limit} pixels; it has {found}. Please send a larger one.",
    "too_long_and_thin": "One side may be at most {limit} times the other; here it is {found} times. Please crop it.",
    "too_many_pixels": "It has more than {limit} pixels. Please send a smaller one.",
    "too_many_bytes": "It has {found} bytes, and at most {limit} are taken. Please send a smaller one.",
    "empty": "The file is empty. Please send it again.",
    "other_format": "{found} pictures aren't read here. Please save it as JPEG or PNG.",
}


@say.register
def _(error: NoOffer) -> Said:
    return "Nobody here makes this", " ".join(filter(None, (offers.nobody(error), _in_words(error))))


def _in_words(error: NoOffer) -> str:
    """What to do instead of a move of the camera or a mask, which nobody is known to take for Kling 1.6."""
    fields = {reason.split(":")[1] for _, reason in error.reasons if reason.startswith("field:")}
    if "camera" in fields:
        return "Camera moves by number are unconfirmed for Kling 1.6; in the words they work: slow zoom in, pan left."
    if {"still", "brushes"} & fields:
        return "Masks are unconfirmed for Kling 1.6; say in the words what moves, and what stays still."
    return ""


@say.register
def _(error: NoEnhancer) -> Said:
    makers = either([f"{title} (setting {key})" for title, key in error.makers])
    text = f"Prompts are improved by {makers}, which isn't switched on here. Leave out --enhance."
    return "Nobody here improves prompts", text


@say.register
def _(error: OverBudget) -> Said:
    cheapest = f"The cheapest, {error.provider}," if error.provider else "The cheapest offer"
    text = f"{cheapest} costs {in_credits(error.price)}; your --max allows {in_credits(error.budget)}."
    if who := offers.takers(error.takers):
        return "More than your --max", f"{text} {who} Or raise --max."
    return "More than your --max", f"{text} Raise --max."


@say.register
def _(error: OverLimit) -> Said:
    own = error.scope == "default" or error.scope.startswith("person:")
    kind = "the tag " if error.scope.startswith("tag:") else ""
    whose = "Your limit" if own else f"The limit of {kind}{error.label or error.scope.rpartition(':')[2]}"
    left = in_credits(max(0, error.limit - error.used))
    return "Over the limit", (
        f"{whose} is {in_credits(error.limit)} a {error.period}: {left} left, and this costs {error.price:,}. "
        f"It resets {day(error.resets_at, ZoneInfo(error.timezone))}. Try something shorter{_more(error)}"
    )


def _more(error: OverLimit) -> str:
    """Who has headroom to give: of one's own limits whoever approves, of others' an administrator."""
    return f", or ask for more: credits ask {error.price}" if is_personal(error.scope) else ", or ask an administrator."


@say.register
def _(error: NeedsApproval) -> Said:
    return "That needs approval", (
        f"What costs more than {in_credits(error.over)} is approved by somebody in this team, and this costs "
        f"{error.price:,}. Please ask again, and it goes to them."
    )


@say.register
def _(error: OverCap) -> Said:
    return "More than one video may cost here", (
        f"One video may cost at most {in_credits(error.cap)} in this team, and this costs {error.price:,}. "
        "Try --d 5, or leave out --pro. An administrator can change it: quota set job 400"
    )


@say.register
def _(error: Paused) -> Said:
    why = f"{error.reason}\n" if error.reason else ""
    who = "The operator paused everything here" if error.everywhere else "An administrator paused this team"
    return "Paused", f"{why}{who}: nothing new is made. What is under way is finished."


@say.register
def _(error: AgainstRules) -> Said:
    return rules.against(error)


@say.register
def _(error: LinkRefused) -> Said:
    return linking.refused(error)


@say.register
def _(error: PoolEmpty) -> Said:
    at = None if error.resets_at is None else day(error.resets_at, ZoneInfo(error.timezone))
    refill = f"It is filled up again {at}. " if at else ""
    return "Not enough credits in the team's pool", (
        f"The pool has {in_credits(error.left)} left, and this costs {error.price:,}. "
        f"{refill}An administrator can add some: quota topup 1000"
    )


@say.register
def _(error: CeilingReached) -> Said:
    return "The operator's ceiling is reached", (
        f"All videos together may cost {in_dollars(error.ceiling)} a month: {in_dollars(error.used)} are used, "
        f"and this costs {in_dollars(error.price)}. It starts anew {day(error.resets_at)}. "
        "Only the operator can raise it (KLINGBOT_MONTHLY_USD)."
    )


@say.register
def _(error: NotAllowed) -> Said:
    if error.needs == "administrator":
        return "Only for administrators", f"{named(error.action)} is for administrators. Please ask one of them."
    if error.needs == "operator" and error.action == "pause":
        return (
            "Only for the operator",
            "Everything is paused, and goes on, for whoever runs this bot and is in KLINGBOT_ADMINS. "
            "For this team alone: quota pause",
        )
    if error.needs == "approver":
        return "Only for approvers", "That is decided by this team's approvers and administrators."
    if error.needs == "another":
        return "Somebody else decides", (
            "Nobody approves what they asked for themselves. An administrator can change it: quota approve-own on"
        )
    if error.needs == "operator":
        return (
            "Only for the operator",
            "Credits of a team that isn't in KLINGBOT_WORKSPACES come from whoever runs this bot, and who is in "
            "KLINGBOT_ADMINS. Please ask them.",
        )
    return "Not yours", f"{named(error.action)} is for the person who asked for the video. Please ask them."


@say.register
def _(error: NotMember) -> Said:
    return "Only for members of the team", (
        f"{error.platform.capitalize()} doesn't say that you are an active member of this team, or doesn't answer at "
        "the moment. If you are one, try again in a minute."
    )


@say.register
def _(error: NotFound) -> Said:
    if error.what == "picture":
        return (
            "The pictures are gone",
            "Pictures of that video are no longer kept. Please send them again, with the words.",
        )
    after = {
        "job": "Your own are listed by: status",
        "ask": "It may be answered already, or too old. Please ask again; what waits for approval: approvals",
        "video": "It is no longer kept.",
        "message": "Its video isn't shown, or was taken away already.",
        "task": "Or it belongs to another job already. Please check the id.",
    }
    text = f"There is no {error.what} {named(error.name)} here. {after.get(error.what, 'Please check the name.')}"
    return f"No such {error.what}", text


@say.register
def _(error: TooLate) -> Said:
    text = _TOO_LATE.get((error.action, error.state)) or _TOO_LATE.get((error.action, ""))
    return "Too late for that", text or f"It is {error.state} by now. How it stands: status"


_TOO_LATE = {
    ("confirm", "expired"): "That question is older than a day. Please ask again.",
    ("confirm", "accepted"): "It is being made already; it was bought once.",
    ("confirm", "refused"): "That question was answered with no. Please ask again.",
    ("confirm", ""): "That question is closed. Please ask again.",
    ("drop", "accepted"): "It is being made already. To stop it: cancel",
    ("drop", ""): "That question is closed; nothing was bought with it.",
    ("cancel", "fetching"): "The video is made already and on its way. It will be charged.",
    ("cancel", "done"): "The video is made already.",
    ("cancel", "failed"): "It has ended already, without a video. Its receipt: show",
    ("cancel", "cancelled"): "It is stopped already.",
    ("extend", "failed"): "It has no video that could go on.",
    ("extend", "cancelled"): "It has no video that could go on.",
    ("extend", ""): "Its video isn't there yet. How it stands: status",
    ("confirm", "approving"): "It waits for approval. To take it back, press Withdraw, or look at: approvals",
    ("drop", "approving"): "It waits for approval. To take it back, press Withdraw, or look at: approvals",
    ("withdraw", ""): "It is decided already. How it stands: status",
    ("approve", "open"): "It changed just now, and nothing was bought. Please look at it again: approvals",
    ("approve", ""): "It doesn't wait for approval any more.",
    ("swap", ""): "That question is closed. Please ask again.",
    (
        "cancel",
        "uncertain",
    ): "Whether it was bought isn't known, so there is nothing to stop yet. An administrator decides.",
    ("enhance", "running"): "The words are being improved already; the answer comes to where you asked first.",
    ("forget", ""): "You have an open job or approval. When it has ended: credits forget me. How it stands: status",
    ("repeat", ""): "What it was asked for was forgotten, so it can't be made again. Please ask anew.",
    ("enhance", ""): "That question is closed. Please ask again.",
    ("resolve", ""): "It needs no decision now. Its receipt: show",
}


@say.register
def _(error: WhichWorkspace) -> Said:
    if not error.workspaces:
        return "Whose credits?", "Credits belong to a team, and I share none with you here. Please ask me there."
    return "Whose credits do you want to use here?", "I ask once. Then say again what you wanted."


@say.register
def _(error: CannotPost) -> Said:
    if error.why == "platform_off":
        return "Nothing can be posted from here", "What comes of it is shown in the team's chat. Please ask there."
    why = shorten(error.why.replace("_", " "), 100)
    return "I can't post here", f"The platform says: {why}. Invite me here or let me post, then ask again."
