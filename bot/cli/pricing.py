"""`klingbot prices`: every offer with its price and where that is from; with `--refresh` what the providers say now.

Nothing is changed by itself: what moved is told with the line for the settings that would adopt it.
"""

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from bot import settings as house_settings
from bot.cli.endings import FAILED, OK
from bot.clock import SystemClock
from bot.commands.wording.figures import count, in_dollars
from bot.errors import ProviderError
from bot.kling.requests import Duration
from bot.providers import registry
from bot.providers.base import Provider
from bot.providers.offers import Offer, Price, Prices
from bot.providers.overrides import SOURCE, OfferSettings, effective
from bot.providers.router import credits_for
from bot.settings import Settings

PATIENCE = 30.0
"""Seconds that a provider gets to tell all its prices."""

_LENGTHS: tuple[Duration, ...] = (5, 10)


async def prices(args: argparse.Namespace) -> int:
    """Print every offer; with `--refresh` ask, and say what moved."""
    settings = house_settings.load()
    offers = _offers(settings)
    if not args.refresh:
        print(*_table(offers, settings), sep="\n")
        return OK
    told, problems = await _ask(settings, offers)
    print(*problems, *_compared(offers, told), sep="\n")
    if adopted := _adopted(offers, told):
        print("\nNothing was changed. This line in .env adopts it:\n")
        print(f"KLINGBOT_PRICES={', '.join(adopted)}")
    return FAILED if problems else OK


def _offers(settings: Settings) -> dict[str, Offer]:
    return effective(
        registry.OFFERS,
        settings.offers or OfferSettings(),
        credit_microusd=settings.core.credit_microusd,
        today=datetime.fromtimestamp(SystemClock().now() / 1000, UTC).date(),
    )


def _table(offers: Mapping[str, Offer], settings: Settings) -> Iterator[str]:
    on = {name for name, one in settings.providers.items() if one.on}
    rows: list[tuple[str, ...]] = [("offer", "5 s", "10 s", "credits", "", "", "where from")]
    for offer in offers.values():
        state = "off" if not offer.enabled else "" if offer.provider in on else "no key"
        rows.append(
            (
                offer.id,
                *(_price(offer.price, length) for length in _LENGTHS),
                _credits(offer.price, settings.core.credit_microusd),
                "confirmed" if offer.price.confirmed else "estimated",
                state,
                _source(offer),
            )
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _price(price: Price, length: Duration) -> str:
    """`$0.25`, an estimate as `$0.25 to $0.28`; a dash where it makes no such clip."""
    if length not in price.of:
        return "-"
    low, high = in_dollars(price.expected(length)), in_dollars(price.ceiling(length))
    return low if low == high else f"{low} to {high}"


def _credits(price: Price, credit_microusd: int) -> str:
    """What is held for each length: `50/100`."""
    return "/".join(
        str(credits_for(price.ceiling(length), credit_microusd)) for length in _LENGTHS if length in price.of
    )


def _source(offer: Offer) -> str:
    price = offer.price
    seen = "" if price.source == SOURCE else f" ({price.seen.isoformat()})"
    return f"{price.source}{seen}{f'; {offer.note}' if offer.note else ''}"


async def _ask(settings: Settings, offers: Mapping[str, Offer]) -> tuple[dict[str, Prices], list[str]]:
    """What each provider that is on says of its offers, and who said no."""
    doors = registry.open_doors(settings.providers, SystemClock())
    providers = registry.build(settings.providers, doors).values()
    if not providers:
        return {}, ["No provider is switched on, so there is nobody to ask."]
    try:
        answers = await asyncio.gather(*(_asked(provider, offers) for provider in providers))
    finally:
        for provider in providers:
            await provider.close()
    told = {name: of for answer in answers if not isinstance(answer, str) for name, of in answer.items()}
    return told, [answer for answer in answers if isinstance(answer, str)]


async def _asked(provider: Provider, offers: Mapping[str, Offer]) -> Mapping[str, Prices] | str:
    own = [offer for offer in offers.values() if offer.provider == provider.name]
    try:
        async with asyncio.timeout(PATIENCE):
            found = await provider.prices(own)
    except TimeoutError:
        return f"{provider.title} doesn't answer in time."
    except ProviderError as error:
        return f"{provider.title} doesn't tell its prices ({error.reason}): {error.detail or error.status}"
    names = {offer.id for offer in own}
    return {name: of for name, of in found.items() if name in names}


def _compared(offers: Mapping[str, Offer], told: Mapping[str, Prices]) -> Iterator[str]:
    for name, of in told.items():
        if _news(offers[name].price, of):
            steps = (f"{length} s {_price(offers[name].price, length)} -> {in_dollars(of[length])}" for length in of)
            yield f"{name}: {', '.join(steps)}{'' if offers[name].price.confirmed else '; an estimate until now'}"
    same = [name for name, of in told.items() if not _news(offers[name].price, of)]
    silent = [name for name in offers if name not in told]
    yield f"As known already: {count(len(same), 'offer')}. Not told: {count(len(silent), 'offer')}."


def _news(price: Price, of: Prices) -> bool:
    """Whether it moved, or makes an estimate certain."""
    return not price.confirmed or any(price.of.get(length) != amount for length, amount in of.items())


def _adopted(offers: Mapping[str, Offer], told: Mapping[str, Prices]) -> Sequence[str]:
    """The entries of KLINGBOT_PRICES after adopting what moved: those that are set already stay."""
    news = {name: of for name, of in told.items() if _news(offers[name].price, of)}
    kept = {name: offer.price.of for name, offer in offers.items() if offer.price.source == SOURCE}
    return [f"{name}={_written(of.values())}" for name, of in sorted({**kept, **news}.items())] if news else []


def _written(amounts: Iterable[int]) -> str:
    return "/".join(in_dollars(amount).removeprefix("$").replace(",", "") for amount in amounts)
