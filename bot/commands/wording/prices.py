"""What a video would cost, who would make it, and what would be left: for `cost`, and as a question before spending."""

from collections.abc import Sequence

from bot.commands.canonical import command
from bot.commands.grammar import Note
from bot.commands.wording import offers
from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import in_credits, in_dollars, named
from bot.commands.wording.team import left_after
from bot.commands.words import VERBS
from bot.credits.reports import Headroom
from bot.kling.requests import Request
from bot.messaging import Button, Card, Row
from bot.providers.offers import Offer
from bot.providers.router import Choice, Quote

_ROWS = 6


def prices(choice: Choice, price: Quote, request: Request, room: Headroom, notes: Sequence[Note] = ()) -> Card:
    """The price and nothing else: nothing is held, nothing is made."""
    return Card(
        title=f"It would cost {_price(price)}",
        text=_text(choice, request, notes),
        rows=(*_rows(price, request, room), *_others(choice)),
        command=command(request),
        footer="Nothing was spent.",
    )


def question(
    ask: str, choice: Choice, price: Quote, request: Request, room: Headroom, notes: Sequence[Note] = ()
) -> Card:
    """Make it for that price, or not? The price is good for ten minutes."""
    return Card(
        title=f"Make it for {_price(price)}?",
        text=_text(choice, request, notes),
        rows=_rows(price, request, room),
        buttons=(
            Button(label=f"Make it ({in_credits(price.credits)})", action=f"confirm:{ask}", style="primary"),
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


def note(word: Note) -> str:
    """Something worth telling about how a line was read."""
    if word.kind == "repeated":
        return f"--{word.name} was there more than once; {named(word.value)} counts."
    return (
        f"{named(word.name)} was read as part of the prompt. The command of that name goes: {VERBS[word.name].example}"
    )


def _price(price: Quote) -> str:
    """An estimated price is held at its upper bound, so that is what can be promised."""
    return f"at most {in_credits(price.credits)}" if price.estimated else in_credits(price.credits)


def _rows(price: Quote, request: Request, room: Headroom) -> tuple[Row, ...]:
    money = f"{in_credits(price.credits)} ({in_dollars(price.microusd)})"
    if price.estimated:
        bounds = f"about {in_dollars(price.microusd)}, at most {in_dollars(price.hold_microusd)}"
        money = f"at most {in_credits(price.credits)}; an estimate, {bounds}"
    return (
        Row(name="Video", value=facts(request)),
        Row(name="Made by", value=_provider(price.offers[0])),
        Row(name="Price", value=money),
        Row(name="Left afterwards", value=left_after(room, price.credits)),
    )


def _provider(offer: str) -> str:
    return offer.partition("/")[0]


def _others(choice: Choice) -> tuple[Row, ...]:
    """What the same would cost elsewhere, in the provider's own price."""
    return tuple(
        Row(name=f"At {one.offer.provider}", value=_money(one.offer, one.microusd)) for one in choice.accepted[1:_ROWS]
    )


def _money(offer: Offer, microusd: int) -> str:
    return in_dollars(microusd) if offer.price.confirmed else f"about {in_dollars(microusd)}"


def _text(choice: Choice, request: Request, notes: Sequence[Note]) -> str:
    """The prompt, notes on how the line was read, and who was left out because of something in it."""
    close = [one for one in choice.refused if one.reason in offers.CLOSE and one.offer.workflow == request.workflow]
    left_out = [
        f"{one.offer.provider} {offers.why(f'{one.reason}:{one.field}')}, so it isn't asked."
        for one in close
        if one.offer.tier == request.tier
    ]
    return "\n".join((headline(request, 300), *map(note, notes), *left_out))
