"""Approvals as cards: the question before it, who waits for whom, what approvers decide on, and what became of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from bot.commands.canonical import command
from bot.commands.subwords.amounts import REASON_MAX
from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import day, either, in_credits, named, shorten
from bot.commands.wording.refusals import say
from bot.commands.wording.team import zone
from bot.credits.approvals import Approval, State
from bot.credits.limits import over
from bot.credits.reports import Headroom
from bot.credits.rules import Rules
from bot.errors import NeedsApproval, OverLimit
from bot.kling.requests import Request
from bot.messaging import Button, Card, Form, FormField, Row
from bot.messaging.cards import Tone

_LISTED, _BUTTONS = 10, 5
_ENDING = 6
_NAME = 60
_DECIDED: dict[State, str] = {
    "approved": "Approved",
    "once": "Approved once",
    "denied": "Denied",
    "expired": "Nobody decided within 24 hours",
    "withdrawn": "Withdrawn",
}


def deciders(rules: Rules) -> str:
    """Who decides: `Leads, Ana or an administrator`."""
    return either([*(shorten(name, _NAME) for name in rules.approver_names[:5]), "an administrator"])


def needing(card: Card, error: NeedsApproval | OverLimit, rules: Rules) -> Card:
    """The question before spending, where a yes asks for approval first."""
    first, *rest = card.buttons
    ask = replace(first, label=f"Ask for approval ({in_credits(error.price)})")
    row = Row(name="Needs approval", value=f"{_obstacle(error)} {_first(deciders(rules))} decides.")
    footer = "Nothing is spent before somebody approved it."
    return replace(card, buttons=(ask, *rest), rows=(*card.rows, row), footer=footer)


def waiting(approval: Approval, room: Headroom, *, alone: bool = False, earlier: bool = False) -> Card:
    """For who asked: what waits, why, for whom, and how to take it back.

    `alone` says that they administer the team, and mayn't decide it themselves; `earlier` that they asked once more
    while this one was open, which asks for nothing new.
    """
    again = "\nThis one is still open. To ask for something else, withdraw it first." if earlier else ""
    when = _moment(approval.expires_at, zone(room))
    hint = "\nNobody else here to decide? quota approve-own on" if alone else ""
    return Card(
        title=f"Waiting for approval: {in_credits(approval.credits)}",
        text=f"{_why(approval, room)}{again}{hint}",
        rows=(
            Row(name="Who decides", value=deciders(room.rules)),
            Row(name="Open until", value=f"{when}, then it is dropped"),
        ),
        buttons=(Button(label="Withdraw", action=f"withdraw:{approval.id}"),),
        footer="Nothing is held or spent before somebody approved it.",
    )


def question(approval: Approval, request: Request | None, room: Headroom, *, count: int = 1, tag: str = "") -> Card:
    """For approvers: who wants what for how much, and what they would have left. `room` is that of who asked."""
    name, credits = _person(approval), in_credits(approval.credits)
    own = () if room.own is None else (Row(name=f"Left for {name}", value=_afterwards(approval, room)),)
    what = headline(request, 300) if request else approval.reason
    return Card(
        title=f"{name} asks for {'' if request else 'a limit higher by '}{credits}",
        text="\n".join(filter(None, (what, _why_told(approval, room)))),
        tone="warning",
        rows=(
            *((Row(name="Video", value=_video(request, count, tag)),) if request else ()),
            Row(name="Price" if request else "More", value=credits),
            *own,
            Row(name="Team's pool", value=f"{in_credits(room.pool_left)} left"),
        ),
        buttons=_buttons(approval),
        command=command(request, count=count, tag=tag) if request else "",
        footer=f"Open until {_moment(approval.expires_at, zone(room))}. The first decision counts.",
    )


def dearer(card: Card, before: int, now: int) -> Card:
    """The approvers' card after its price went up while it waited."""
    return replace(
        card, text=f"The price went up from {before:,} to {in_credits(now)}; please decide anew.\n{card.text}"
    )


def decided(approval: Approval, request: Request | None, zone_: tzinfo = UTC) -> Card:
    """What became of a question: who decided, when and why."""
    what = headline(request, 300) if request else approval.reason
    state = approval.state if approval.state != "open" else "expired"
    by = f" by {shorten(approval.by, _NAME)}" if approval.by else ""
    rows = (
        Row(name="Asked by", value=_person(approval)),
        Row(name="Price" if request else "More", value=in_credits(approval.credits)),
        *((Row(name="When", value=_moment(approval.decided_at, zone_)),) if approval.decided_at else ()),
        *((Row(name="Reason", value=shorten(approval.note, REASON_MAX)),) if approval.note else ()),
    )
    return Card(title=f"{_DECIDED[state]}{by}", text=what, tone=_tone(state), rows=rows)


def answer(approval: Approval, request: Request | None, zone_: tzinfo = UTC) -> Card:
    """The same for who asked, with the next step."""
    card = decided(approval, request, zone_)
    if approval.state in ("approved", "once"):
        grown = f"Your own limit is higher by {in_credits(approval.credits)} until it resets. How it stands: credits"
        return replace(card, text="\n".join(filter(None, (card.text, grown))))
    return replace(card, footer="Nothing was spent.")


def done(approval: Approval) -> Card:
    """For who approved it just now."""
    name, credits = _person(approval), in_credits(approval.credits)
    grown = f"{name}'s own limit is higher by {credits} until it resets."
    under_way = "It is under way; its own card shows how it is getting on."
    text = grown if approval.ask is None else under_way
    if approval.ask is not None and approval.state == "approved":
        text = f"{under_way} {grown}"
    return Card(title=_DECIDED[approval.state], text=text, tone="good")


def denying(approval: Approval) -> Form:
    """The form that asks why not."""
    why = FormField(name="reason", label="Why", kind="text", help=f"{_person(approval)} reads it", required=True,
                    longest=REASON_MAX, long=True)  # fmt: skip
    return Form(title="Deny it", fields=(why,), submit="Deny", action=f"deny:{approval.id}")


def say_why(approval: Approval) -> Card:
    """The same where no form can be opened."""
    return Card(title="Why not?", command=f'approvals deny {ending(approval)} "too dear"')


def ending(approval: Approval) -> str:
    """What people type for it."""
    return approval.id[-_ENDING:]


def withdrawn() -> Card:
    """Takes the place of what waited."""
    return Card(title="Withdrawn", text="Nothing was spent.")


def listed(
    others: Sequence[tuple[Approval, Request | None]], own: Sequence[tuple[Approval, Request | None]], zone_: tzinfo
) -> Card:
    """What somebody may decide, and what they wait for themselves; the first ones with their buttons."""
    rows = [
        Row(
            name=f"{number}. {_person(one)}: {in_credits(one.credits)}",
            value=f"{_line(one, request, zone_)}; approvals approve {ending(one)}",
        )
        for number, (one, request) in enumerate(others[:_LISTED], start=1)
    ]
    mine = [
        Row(name=f"Yours: {in_credits(one.credits)}", value=_line(one, request, zone_))
        for one, request in own[:_BUTTONS]
    ]
    buttons = [
        replace(button, label=f"{button.label} {number}", style="plain")
        for number, (one, _) in enumerate(others[:_BUTTONS], start=1)
        for button in _buttons(one)
    ]
    back = [Button(label=f"Withdraw ({one.credits:,})", action=f"withdraw:{one.id}") for one, _ in own[:_BUTTONS]]
    title = f"{len(others)} to decide" if others else "Nothing to decide"
    text = "" if rows or mine else "Nobody waits for an approval."
    if rows:
        example = ending(others[0][0])
        text = f'To decide: approvals approve {example}, approvals once {example}, approvals deny {example} "too dear"'
    return Card(title=title, text=text, rows=(*rows, *mine), buttons=(*buttons, *back))


def rules_set(rules: Rules, where: str) -> Card:
    """From which price on somebody approves, and who. `where` says in which channel they are asked, if in one."""
    if rules.approve_over is None:
        text = "No price needs approval. Beyond somebody's own limit it can still be asked for."
    else:
        text = f"What costs more than {in_credits(rules.approve_over)} needs approval."
    alone = any(scope.startswith("person:") for scope in rules.approvers)
    asked = where or ("in their direct messages" if alone else "where somebody asks")
    own = "They may approve their own." if rules.own_approval else "Nobody approves their own: quota approve-own on"
    return Card(
        title="Changed",
        text=f"{text}\n{_first(deciders(rules))} decides, and is asked {asked}. {own}",
        tone="good",
        command="approvals",
    )


def given(name: str, credits: int, room: Headroom) -> Card:
    """For who gave headroom away."""
    left = f"You can still spend {in_credits(room.left)}."
    return Card(title=f"{shorten(name, _NAME)} got {in_credits(credits)} of yours", text=left, tone="good")


def too_generous(credits: int, room: Headroom) -> Card:
    """Nobody gives away more than they have."""
    when = f", and it resets {day(room.own.period.end_ms, zone(room))}" if room.own else ""
    text = f"You have {in_credits(room.left)} left{when}; you wanted to give {credits:,}."
    return Card(title="More than you have", text=text, tone="warning", command="credits", footer="Nothing was given.")


def received(giver: str, credits: int, reason: str) -> Card:
    """For who got it."""
    text = "Your own limit is higher by that until it resets; the team's pool is as it was. How it stands: credits"
    said = named(reason, REASON_MAX) if reason else ""
    title = f"{shorten(giver, _NAME)} gave you {in_credits(credits)}"
    return Card(title=title, text="\n".join(filter(None, (said, text))), tone="good")


def _buttons(approval: Approval) -> tuple[Button, ...]:
    """What an approver may say; a yes carries the price that it stands for."""
    shown = f"{approval.id}.{approval.credits}"
    once = (Button(label="Approve once", action=f"approve-once:{shown}"),) if approval.ask else ()
    return (
        Button(label="Approve", action=f"approve:{shown}", style="primary"),
        *once,
        Button(label="Deny", action=f"deny:{approval.id}", style="danger", opens=True),
    )


def _obstacle(error: NeedsApproval | OverLimit) -> str:
    """What stands in the way, without the way out that a refusal names."""
    if isinstance(error, NeedsApproval):
        return _threshold(error.over)
    return say(error)[1].partition(" Try ")[0]


def _threshold(over: int) -> str:
    return f"What costs more than {in_credits(over)} is approved by somebody in this team."


def _why(approval: Approval, room: Headroom) -> str:
    """Why it waits, to who asked."""
    if approval.why == "headroom":
        return approval.reason
    own = room.own
    if approval.why == "price" or own is None:
        return _threshold(room.rules.approve_over or 0)
    return _obstacle(over(own, approval.credits, room.timezone))


def _why_told(approval: Approval, room: Headroom) -> str:
    """Why it waits, to approvers."""
    if approval.why == "headroom":
        return ""
    if approval.why == "limit":
        return f"It is beyond {_person(approval)}'s own limit."
    return _threshold(room.rules.approve_over or 0)


def _afterwards(approval: Approval, room: Headroom) -> str:
    """What is left under the person's own limits, now and after each answer."""
    own = room.own
    left, resets = (own.left, own.period.end_ms) if own else (0, 0)
    now = f"{in_credits(left)} now, resets {day(resets, zone(room))}"
    if approval.ask is None:
        return f"{now}; {left + approval.credits:,} with Approve"
    return f"{now}; {left:,} after Approve, {max(0, left - approval.credits):,} after Approve once"


def _video(request: Request, count: int, tag: str) -> str:
    several = f"{count} × " if count > 1 else ""
    return f"{several}{facts(request)}{f', for {tag}' if tag else ''}"


def _line(approval: Approval, request: Request | None, zone_: tzinfo) -> str:
    what = f"{headline(request, 80)} ({facts(request)})" if request else shorten(approval.reason, 120)
    until = f"open until {_moment(approval.expires_at, zone_)}"
    return ", ".join(filter(None, (what, until)))


def _person(approval: Approval) -> str:
    return shorten(approval.person_name, _NAME) or "Somebody"


def _tone(state: State) -> Tone:
    return "good" if state in ("approved", "once") else "bad" if state == "denied" else "plain"


def _first(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _moment(ms: int, zone_: tzinfo) -> str:
    """`20 November, 19:54`."""
    return f"{day(ms, zone_)}, {datetime.fromtimestamp(ms / 1000, zone_):%H:%M}"
