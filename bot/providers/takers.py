"""Who would make a request after all: the nearest changes under which somebody takes it, and for how much."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from bot.errors import Taker
from bot.kling.requests import Duration, Request, Tier, parse_request
from bot.providers.fitting import RefusedOffer, seconds
from bot.providers.offers import Offer
from bot.providers.router import Choice, Health, choose, credits_for

MOST = 3

_FOR_OPERATORS = frozenset(("off", "disabled"))
_TIERS: Mapping[Tier, Tier] = {"standard": "pro", "pro": "standard"}
_LENGTHS: Mapping[Duration, Duration] = {5: 10, 10: 5}


def who_would(
    request: Request,
    offers: Iterable[Offer],
    *,
    on: Collection[str],
    via: Sequence[str] | None = None,
    health: Mapping[str, Health] | None = None,
    origin: str | None = None,
    budget: int | None = None,
    credit_microusd: int,
) -> tuple[Taker, ...]:
    """Up to three ways to have it made, the smallest change first, each with whoever is cheapest then.

    Without `--via`; without a field that only some take; in the other tier or length. Where nothing of that helps, a
    provider or a row that is switched off here. None of them costs more than `budget` credits.
    """
    found: list[Taker] = []
    for change, changed, tried, who in _changes(request, tuple(offers), on, via, origin):
        if found and change["change"] in _FOR_OPERATORS:
            break
        named = None if change["change"] == "via" else via
        choice = choose(changed, tried, on=who, via=named, health=health, origin=origin)
        taker = _cheapest(choice, change, budget, credit_microusd)
        if taker is not None and taker.provider not in {one.provider for one in found if one.change == taker.change}:
            found.append(taker)
    return tuple(found[:MOST])


_Change = tuple[dict[str, Any], Request, Sequence[Offer], Collection[str] | None]


def _changes(
    request: Request, offers: Sequence[Offer], on: Collection[str], via: Sequence[str] | None, origin: str | None
) -> Iterator[_Change]:
    """What to say of a change, the request after it, and the offers and providers to look at then."""
    if via is not None:
        yield {"change": "via"}, request, offers, on
    refused = choose(request, offers, on=on, via=via, origin=origin).refused
    for name in dict.fromkeys(one.field for one in refused if one.reason == "field"):
        if left_out := _without(request, name):
            yield {"change": "field", "field": name}, left_out, offers, on
    tier = _TIERS[request.tier]
    if other := _with(request, tier=tier):
        yield {"change": "tier", "value": tier}, other, offers, on
    length = _LENGTHS[seconds(request)]
    if "duration" in type(request).model_fields and (other := _with(request, duration=length)):
        yield {"change": "duration", "value": str(length)}, other, offers, on
    yield {"change": "off"}, request, [offer for offer in offers if offer.provider not in on], None
    yield {"change": "disabled"}, request, [replace(one.offer, enabled=True) for one in refused if _closed(one)], on


def _closed(one: RefusedOffer) -> bool:
    return one.reason == "disabled"


def _cheapest(choice: Choice, change: Mapping[str, Any], budget: int | None, credit_microusd: int) -> Taker | None:
    fitting = [one for one in choice.accepted if budget is None or credits_for(one.ceiling, credit_microusd) <= budget]
    if not fitting:
        return None
    best = fitting[0]
    return Taker(
        provider=best.offer.provider,
        credits=credits_for(best.ceiling, credit_microusd),
        estimated=not best.offer.price.confirmed,
        **change,
    )


def _without(request: Request, name: str) -> Request | None:
    """The request with a field as it is by itself; None where it needs one."""
    field = type(request).model_fields[name]
    return None if field.is_required() else _with(request, **{name: field.get_default()})


def _with(request: Request, **changes: Any) -> Request | None:
    """The request with other values; None where Kling 1.6 has no such thing."""
    try:
        return parse_request({**dict(request), **changes})
    except ValidationError:
        return None
