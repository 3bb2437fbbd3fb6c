"""Providers as an operator sees them: what is on, what it costs, how it is, what is left, what went wrong last."""

from collections.abc import Sequence

from bot.commands.supplies import LastError, Supply
from bot.commands.wording.figures import count, either, in_dollars, named, span
from bot.messaging import Card, Row
from bot.providers.health import Ailing
from bot.providers.offers import Offer
from bot.providers.router import credits_for

AILMENTS = {
    "auth": "it refuses our key",
    "balance": "no money is left there",
    "unavailable": "it can't be reached",
    "uncertain": "an answer to a paid call was lost",
    "failed": "its videos failed",
}


def providers(supplies: Sequence[Supply], now: int, *, credit_microusd: int) -> Card:
    """A row for each provider, those that are on first. `now` in ms UTC."""
    on = [one for one in supplies if one.on]
    ill = [one.title for one in on if one.ailing and one.ailing.health(now) == "down"]
    text = f"Nobody is sent to {either(ill, 'and')} at the moment." if ill else ""
    return Card(
        title=f"{count(len(on), 'provider')} switched on" if on else "No provider is switched on",
        text=text,
        tone="warning" if ill or not on else "plain",
        rows=tuple(Row(name=f"{one.title} ({one.name})", value=_value(one, now, credit_microusd)) for one in supplies),
        footer="Prices of every offer: klingbot prices, on the command line.",
    )


def _value(one: Supply, now: int, credit_microusd: int) -> str:
    offers = _offers(one.offers, credit_microusd)
    if not one.on:
        return f"off; {offers} with {either(one.keys, 'and')}"
    return "; ".join(filter(None, (f"on, {offers}", _health(one.ailing, now), _balance(one), _last(one, now))))


def _offers(offers: Sequence[Offer], credit_microusd: int) -> str:
    """`5 of 6 offers, 5 s for 50 to 98 credits`."""
    on = [offer for offer in offers if offer.enabled]
    number = count(len(on), "offer") if len(on) == len(offers) else f"{len(on)} of {count(len(offers), 'offer')}"
    prices = sorted({credits_for(offer.price.ceiling(5), credit_microusd) for offer in on if 5 in offer.price.of})
    if not prices:
        return number
    return f"{number}, 5 s for {f'{prices[0]} to ' if len(prices) > 1 else ''}{count(prices[-1], 'credit')}"


def _health(ailing: Ailing | None, now: int) -> str:
    if ailing is None:
        return "well"
    why = AILMENTS[ailing.reason]
    if now < ailing.until:
        return f"resting for {span(ailing.until - now + 999)}: {why}"
    if ailing.health(now) == "down":
        return f"one job is trying it: {why}"
    if ailing.until:
        return f"the next job will try it: {why}"
    return f"{count(ailing.failures, 'video')} in a row failed there"


def _balance(one: Supply) -> str:
    if one.balance is not None:
        return f"{in_dollars(one.balance)} left"
    return f"balance unknown ({named(one.trouble)})" if one.trouble else "balance unknown"


def _last(one: Supply, now: int) -> str:
    return "" if one.last_error is None else f"last error {span(now - one.last_error.at)} ago: {_said(one.last_error)}"


def _said(error: LastError) -> str:
    return f"{error.reason}{f', {named(error.detail, 120)}' if error.detail else ''}"
