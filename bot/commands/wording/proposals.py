"""Ways out of what couldn't be done as it was typed, each behind a button with its price."""

from bot.commands.asked import Alternative, Proposal
from bot.commands.wording.figures import in_credits
from bot.messaging import Button, Card, Row

_LABEL = 75


def proposed(ask: str, proposal: Proposal) -> Card:
    """What was wrong, and what could be made instead. A press on one of them is the yes to its price."""
    ways = [
        Button(label=_label(way), action=f"pick:{ask}.{number}", style="plain" if number else "primary")
        for number, way in enumerate(proposal.ways)
    ]
    spent = f"{in_credits(proposal.spent)} spent on this; nothing more before you choose." if proposal.spent else ""
    return Card(
        title=proposal.title,
        text=proposal.text,
        tone="plain" if proposal.spent else "warning",
        rows=tuple(Row(name=name, value=value) for name, value in proposal.rows),
        buttons=(*ways, Button(label="Cancel", action=f"drop:{ask}")),
        footer=spent or "Nothing was spent.",
    )


def proposed_prices(proposal: Proposal) -> Card:
    """The same where only the price was asked for."""
    rows = tuple(Row(name=way.label, value=_price(way)) for way in proposal.ways)
    return Card(title=proposal.title, text=proposal.text, tone="warning", rows=rows, footer="Nothing was spent.")


def _label(way: Alternative) -> str:
    price = f" ({_price(way)})"
    return f"{way.label[: _LABEL - len(price)]}{price}"


def _price(way: Alternative) -> str:
    total = in_credits(way.price.credits * way.want.count)
    return f"at most {total}" if way.price.estimated else total
