"""What an unsent ask would come to, in a few rows."""

from bot.commands.build import Wish
from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import in_credits
from bot.commands.wording.notes import note
from bot.commands.wording.prices import each
from bot.commands.wording.team import left_after
from bot.commands.wording.timeline import booked
from bot.commands.words import VERBS
from bot.credits.reports import Headroom
from bot.messaging import Card, Row
from bot.providers.router import Quote


def estimate(price: Quote, want: Wish, room: Headroom | None) -> Card:
    """Price, provider, and what would be left where the person is known."""
    total = price.credits * want.count
    money = f"{'at most ' if price.estimated else ''}{in_credits(total)}{each(price, want.count)}"
    left = (Row(name="Left afterwards", value=left_after(room, total)),) if room else ()
    return Card(
        title=f"It would cost {money}",
        text="\n".join((headline(want.request), *map(note, want.notes))),
        rows=(
            Row(name="Video", value=facts(want.request)),
            Row(name="Price", value=f"{want.count} videos: {money}" if want.count > 1 else money),
            Row(name="Made by", value=price.offers[0].partition("/")[0]),
            *booked(want.tag),
            *left,
        ),
    )


def free(verb: str) -> Card:
    """A command that makes no video."""
    return Card(title=verb, text=f"This is a command: {VERBS[verb].summary}. It costs nothing.")
