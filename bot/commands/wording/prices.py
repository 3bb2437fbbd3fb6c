"""What a video would cost, who would make it, and what would be left: for `cost`, and as a question before spending."""

from collections.abc import Sequence

from bot.commands.canonical import command
from bot.commands.typed import Note
from bot.commands.wording import offers
from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import in_credits, in_dollars, span, usual
from bot.commands.wording.notes import note
from bot.commands.wording.team import left_after
from bot.credits.amounts import CREDIT_MICROUSD
from bot.credits.reports import Headroom
from bot.jobs.durations import stated
from bot.kling.requests import Request
from bot.messaging import Button, Card, Row
from bot.providers.router import Choice, Quote, Ranked, credits_for, seconds


def prices(
    choice: Choice,
    price: Quote,
    request: Request,
    room: Headroom,
    notes: Sequence[Note] = (),
    *,
    credit_microusd: int = CREDIT_MICROUSD,
) -> Card:
    """What it would cost at each provider, in which order they come, and why the others don't serve. Nothing is made.

    A credit is worth `credit_microusd`.
    """
    served = [one.offer.provider for one in choice.accepted]
    return Card(
        title=f"It would cost {_price(price)}",
        text="\n".join((headline(request, 300), *map(note, notes), *_troubled(choice))),
        rows=(
            *_rows(choice, price, request, room),
            *(
                Row(name=f"At {one.offer.provider}", value=_there(one, request, credit_microusd))
                for one in _others(choice, price)
            ),
            *offers.left_out(choice.refused, served),
        ),
        command=command(request),
        footer="Nothing was spent.",
    )


def question(
    ask: str,
    choice: Choice,
    price: Quote,
    request: Request,
    room: Headroom,
    notes: Sequence[Note] = (),
    *,
    credit_microusd: int = CREDIT_MICROUSD,
) -> Card:
    """Make it for that price, or not? It names the next best, and is good for ten minutes."""
    next_best = (
        Row(name=f"Next best: {one.offer.provider}", value=_there(one, request, credit_microusd))
        for one in _others(choice, price)[:1]
    )  # fmt: skip
    return Card(
        title=f"Make it for {_price(price)}?",
        text=_text(choice, request, notes),
        rows=(*_rows(choice, price, request, room), *next_best),
        buttons=(
            Button(
                label=f"Make it ({in_credits(price.credits)})",
                action=f"confirm:{ask}.{price.credits}",
                style="primary",
            ),
            Button(label="No", action=f"drop:{ask}"),
        ),
        command=command(request),
        footer="Good for 10 minutes. Nothing is spent before you say yes.",
    )


def confirmed() -> Card:
    """Takes the place of a question that was answered with yes."""
    return Card(title="Yes", text="It is under way; its own card shows how it is getting on.", tone="good")


def dropped() -> Card:
    """Takes the place of a question that was answered with no."""
    return Card(title="Dropped", text="Nothing was spent.")


def _price(price: Quote) -> str:
    """An estimated price is held at its upper bound, so that is what can be promised."""
    return f"at most {in_credits(price.credits)}" if price.estimated else in_credits(price.credits)


def _rows(choice: Choice, price: Quote, request: Request, room: Headroom) -> tuple[Row, ...]:
    money = f"{in_credits(price.credits)} ({in_dollars(price.microusd)})"
    if price.estimated:
        bounds = f"about {in_dollars(price.microusd)}, at most {in_dollars(price.hold_microusd)}"
        money = f"at most {in_credits(price.credits)}; an estimate, {bounds}"
    return (
        Row(name="Video", value=facts(request)),
        Row(name="Made by", value=_made_by(choice, price, request)),
        Row(name="Price", value=money),
        Row(name="Left afterwards", value=left_after(room, price.credits)),
    )


def _made_by(choice: Choice, price: Quote, request: Request) -> str:
    """The provider and how long it usually takes; a quote may be older than the choice that is shown with it."""
    chosen = next((one for one in choice.accepted if one.offer.id == price.offers[0]), None)
    time = _time(chosen, request) if chosen else ""
    return f"{price.offers[0].partition('/')[0]}{f', {time}' if time else ''}"


def _others(choice: Choice, price: Quote) -> list[Ranked]:
    return [one for one in choice.accepted if one.offer.id != price.offers[0]]


def _there(one: Ranked, request: Request, credit_microusd: int) -> str:
    """What it would cost at another provider, and how long it takes there."""
    credits = in_credits(credits_for(one.ceiling, credit_microusd))
    money = f"{credits} ({in_dollars(one.microusd)})"
    if not one.offer.price.confirmed:
        money = f"at most {credits} (an estimate, about {in_dollars(one.microusd)})"
    trouble = "has trouble at the moment" if one.health == "down" else ""
    return ", ".join(filter(None, (money, _time(one, request), trouble)))


def _time(one: Ranked, request: Request) -> str:
    """As measured, else as the provider states it."""
    if one.seconds is not None:
        return f"usually {span(round(one.seconds) * 1000)}"
    return usual(stated(one.offer, seconds(request)))


def _troubled(choice: Choice) -> list[str]:
    """A word of warning where the best one is not well: everybody else is worse off, or dearer."""
    first = choice.accepted[0]
    if first.health == "good":
        return []
    return [f"{first.offer.provider} has had trouble lately, so it may take longer."]


def _text(choice: Choice, request: Request, notes: Sequence[Note]) -> str:
    """The prompt, notes on how the line was read, and who was left out because of something in it."""
    close = [one for one in choice.refused if one.reason in offers.CLOSE and one.offer.workflow == request.workflow]
    left_out = [
        f"{one.offer.provider} {offers.why(f'{one.reason}:{one.field}')}, so it isn't asked."
        for one in close
        if one.offer.tier == request.tier
    ]
    return "\n".join((headline(request, 300), *map(note, notes), *_troubled(choice), *left_out))
