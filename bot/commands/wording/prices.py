"""What a video would cost, who would make it, and what would be left: for `cost`, and as a question before spending."""

from collections.abc import Sequence

from bot.commands.canonical import command
from bot.commands.typed import Note
from bot.commands.wording import offers
from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import in_credits, in_dollars, span, usual
from bot.commands.wording.notes import note
from bot.commands.wording.team import left_after
from bot.commands.wording.timeline import booked
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
    count: int = 1,
    tag: str = "",
) -> Card:
    """What it would cost at each provider, in which order they come, and why the others don't serve. Nothing is made.

    A credit is worth `credit_microusd`. `count` are made of it, booked under `tag`; what others take is for all.
    """
    served = [one.offer.provider for one in choice.accepted]
    return Card(
        title=f"It would cost {_price(price, count)}{each(price, count)}",
        text="\n".join((headline(request, 300), *map(note, notes), *_troubled(choice))),
        rows=(
            *_rows(choice, price, request, room, count, tag),
            *(
                Row(name=f"At {one.offer.provider}", value=_there(one, request, credit_microusd, count))
                for one in _others(choice, price)
            ),
            *offers.left_out(choice.refused, served),
        ),
        command=command(request, count=count, tag=tag),
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
    count: int = 1,
    tag: str = "",
) -> Card:
    """Make it for that price, or not? It names the next best, and is good for ten minutes."""
    next_best = (
        Row(name=f"Next best: {one.offer.provider}", value=_there(one, request, credit_microusd, count))
        for one in _others(choice, price)[:1]
    )  # fmt: skip
    return Card(
        title=f"Make {f'{count} videos' if count > 1 else 'it'} for {_price(price, count)}{each(price, count)}?",
        text=_text(choice, request, notes),
        rows=(*_rows(choice, price, request, room, count, tag), *next_best),
        buttons=(
            Button(
                label=f"Make {'them' if count > 1 else 'it'} ({in_credits(price.credits * count)})",
                action=f"confirm:{ask}.{price.credits * count}",
                style="primary",
            ),
            Button(label="No", action=f"drop:{ask}"),
        ),
        command=command(request, count=count, tag=tag),
        footer="Good for 10 minutes. Nothing is spent before you say yes.",
    )


def confirmed() -> Card:
    """Takes the place of a question that was answered with yes."""
    return Card(title="Yes", text="It is under way; its own card shows how it is getting on.", tone="good")


def dropped() -> Card:
    """Takes the place of a question that was answered with no."""
    return Card(title="Dropped", text="Nothing was spent.")


def each(price: Quote, count: int) -> str:
    """`, 50 each` behind the price of several; nothing for one."""
    return f", {price.credits:,} each" if count > 1 else ""


def _price(price: Quote, count: int) -> str:
    """An estimated price is held at its upper bound, so that is what can be promised."""
    total = in_credits(price.credits * count)
    return f"at most {total}" if price.estimated else total


def _rows(choice: Choice, price: Quote, request: Request, room: Headroom, count: int, tag: str) -> tuple[Row, ...]:
    return (
        Row(name="Video", value=facts(request)),
        Row(name="Made by", value=_made_by(choice, price, request)),
        Row(name="Price", value=_money(price, count)),
        *booked(tag),
        Row(name="Left afterwards", value=left_after(room, price.credits * count)),
    )


def _money(price: Quote, count: int) -> str:
    """`50 credits ($0.25)`; of several `4 videos: 200 credits, 50 each ($1.00)`."""
    start = f"{count} videos: " if count > 1 else ""
    total = in_credits(price.credits * count)
    if price.estimated:
        bounds = f"about {in_dollars(price.microusd * count)}, at most {in_dollars(price.hold_microusd * count)}"
        return f"{start}at most {total}{each(price, count)}; an estimate, {bounds}"
    return f"{start}{total}{each(price, count)} ({in_dollars(price.microusd * count)})"


def _made_by(choice: Choice, price: Quote, request: Request) -> str:
    """The provider and how long it usually takes; a quote may be older than the choice that is shown with it."""
    chosen = next((one for one in choice.accepted if one.offer.id == price.offers[0]), None)
    time = _time(chosen, request) if chosen else ""
    return f"{price.offers[0].partition('/')[0]}{f', {time}' if time else ''}"


def _others(choice: Choice, price: Quote) -> list[Ranked]:
    return [one for one in choice.accepted if one.offer.id != price.offers[0]]


def _there(one: Ranked, request: Request, credit_microusd: int, count: int) -> str:
    """What it would cost at another provider, and how long it takes there."""
    credits = in_credits(credits_for(one.ceiling, credit_microusd) * count)
    money = f"{credits} ({in_dollars(one.microusd * count)})"
    if not one.offer.price.confirmed:
        money = f"at most {credits} (an estimate, about {in_dollars(one.microusd * count)})"
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
