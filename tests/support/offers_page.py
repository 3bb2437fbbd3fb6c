"""docs/providers.md: every offer as the sandbox's books name it, with its prices."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.commands.wording.figures import in_dollars
from bot.providers.offers import Offer
from bot.providers.registry import OFFERS, PROVIDERS
from tests.support.sold import Sold
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "providers.md"

_ABOUT = """\
# Providers

What klingbot can buy, and what goes over the wire for it. `make verify` writes this page: it orders every offer in \
chat on a service that runs against the sandbox, waits for the video, and writes down the path, the model and the \
fields that the sandbox's own log names. `klingbot prices` shows the prices that hold for you, your own settings \
included; `klingbot prices --refresh` compares them with what providers say today.

An estimated price is one that the provider doesn't publish: the higher figure is held until the video is there, and \
an estimate never beats a confirmed price by itself. A row that is *off* is bought only when `KLINGBOT_OFFERS_ON` \
names it.
"""
_HEAD = """\
| offer | path | model | fields sent | seconds | price | where it is from |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page(sold: Mapping[str, Sold]) -> str:
    """The whole page; `sold` has what was sold for each offer."""
    return "\n".join([_ABOUT, *(_section(name, sold) for name in PROVIDERS)])


def _section(provider: str, sold: Mapping[str, Sold]) -> str:
    row = PROVIDERS[provider]
    on = " and ".join(f"`{key}`" for key in row.keys)
    offers = [offer for offer in OFFERS.values() if offer.provider == provider]
    rows = "".join(f"| {' | '.join(_cells(offer, sold[offer.id]))} |\n" for offer in offers)
    return f"## {row.title}\n\nSwitched on by {on}; called `{provider}` in settings and flags.\n\n{_HEAD}{rows}"


def _cells(offer: Offer, sold: Sold) -> Iterator[str]:
    yield f"`{offer.id}`" + ("" if offer.enabled else " (off)")
    yield f"`{sold.path}`"
    yield f"`{sold.model}`"
    yield ", ".join(f"`{name}`" for name in sorted(_names(sold.fields)))
    yield ", ".join(map(str, offer.durations))
    yield _price(offer)
    yield f"{offer.price.source}, {offer.price.seen.isoformat()}" + (f"; {offer.note}" if offer.note else "")


def _price(offer: Offer) -> str:
    price = offer.price
    likely = _amounts(price.expected(length) for length in offer.durations)
    held = _amounts(price.ceiling(length) for length in offer.durations)
    if price.confirmed:
        return f"{likely}, confirmed"
    return f"{likely}, estimated" + ("" if held == likely else f"; held: {held}")


def _amounts(amounts: Iterable[int]) -> str:
    return " / ".join(map(in_dollars, amounts))


def _names(fields: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """Every field, one that stands inside another as `payload.prompt`."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _names(value, f"{within}{name}.")
        else:
            yield within + name
