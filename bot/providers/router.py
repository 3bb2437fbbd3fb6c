"""Chooses among offers: which ones honour every field of a request, in which order, at what price. Asks nobody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.errors import NoOffer, OverBudget
from bot.kling.requests import Request
from bot.providers.fitting import Reason, RefusedOffer, seconds, why_not
from bot.providers.offers import Offer

__all__ = [
    "QUOTE_MS", "Choice", "Health", "Preference", "Quote", "Ranked", "Reason", "RefusedOffer", "choose", "credits_for",
    "no_offer", "quote", "seconds", "why_not", "within",
]  # fmt: skip

Health = Literal["good", "shaky", "down"]
"""How a provider has been lately. A shaky one loses ties; one that is down comes after all others."""

Preference = Literal["cheapest", "fast"]
"""What a person wants where several offers fit: the lowest price, or the shortest wait."""

QUOTE_MS = 600_000
"""How long a quote is good for."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An offer that honours the whole request, with its likely cost and the most it may cost in micro-dollars.

    `seconds` is how long such a video took there lately (the median), None where it wasn't measured.
    """

    offer: Offer
    microusd: int
    ceiling: int
    seconds: float | None = None
    health: Health = "good"


@dataclass(frozen=True, slots=True)
class Choice:
    """All offers, sorted: those that fit, best first, and those that don't."""

    accepted: tuple[Ranked, ...]
    refused: tuple[RefusedOffer, ...]


class Quote(BaseModel):
    """A price for one request, stored with its ask. The first offer is bought; the others may take over for it.

    `credits` are what is held; `microusd` what the provider is likely to bill, `hold_microusd` at most; times in ms
    UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    offers: tuple[str, ...]
    credits: int
    microusd: int
    hold_microusd: int
    estimated: bool
    expires_at: int

    def expired(self, now: int) -> bool:
        """Whether it is too old to be confirmed."""
        return now >= self.expires_at


def choose(
    request: Request,
    offers: Iterable[Offer],
    *,
    on: Collection[str] | None = None,
    via: Sequence[str] | None = None,
    wish: Preference = "cheapest",
    health: Mapping[str, Health] | None = None,
    speeds: Mapping[str, float] | None = None,
    origin: str | None = None,
) -> Choice:
    """Sort offers into those that honour every field of the request, best first, and the others with the reason.

    `on` are the providers that are switched on (None = all), `via` those the person wants, best first (None = any),
    `origin` the one that made the video an extension goes on from; `speeds` are medians in seconds by offer, for this
    request's length. A confirmed price comes before an estimated one, however low; then the lower price (of two
    estimates as high the one with the lower bound), then health, then speed, then the name. With `fast` a measured
    speed comes first of all, and the price breaks ties.
    """
    accepted: list[Ranked] = []
    refused: list[RefusedOffer] = []
    for offer in offers:
        why = _unwanted(offer, on, via) or why_not(request, offer, origin=origin) or _disabled(offer)
        if why:
            refused.append(why)
        else:
            accepted.append(_ranked(offer, request, health or {}, speeds or {}))
    accepted.sort(key=lambda one: _rank(one, via or (), wish))
    return Choice(tuple(accepted), tuple(refused))


def within(choice: Choice, budget: int | None, credit_microusd: int) -> Choice:
    """The choice without what costs more credits than a person allows (None = anything may be spent).

    Raises OverBudget, which names the cheapest, where every offer that fits costs more.
    """
    if budget is None or not choice.accepted:
        return choice
    kept = tuple(one for one in choice.accepted if credits_for(one.ceiling, credit_microusd) <= budget)
    if not kept:
        cheapest = min(choice.accepted, key=lambda one: one.ceiling)
        raise OverBudget(credits_for(cheapest.ceiling, credit_microusd), budget, cheapest.offer.provider)
    dear = tuple(RefusedOffer(one.offer, "budget") for one in choice.accepted if one not in kept)
    return Choice(kept, choice.refused + dear)


def credits_for(microusd: int, credit_microusd: int) -> int:
    """Whole credits that cover an amount; at least one."""
    return max(1, -(-microusd // credit_microusd))


def quote(choice: Choice, *, credit_microusd: int, now: int) -> Quote:
    """The price of the best offer. Others stand in for it only where they fit into the same credits.

    An estimated price is quoted at its upper bound. Raises NoOffer.
    """
    if not choice.accepted:
        raise no_offer(choice)
    first = choice.accepted[0]
    price = credits_for(first.ceiling, credit_microusd)
    same = [one for one in choice.accepted if credits_for(one.ceiling, credit_microusd) <= price]
    return Quote(
        offers=tuple(one.offer.id for one in same),
        credits=price,
        microusd=first.microusd,
        hold_microusd=max(one.ceiling for one in same),
        estimated=not first.offer.price.confirmed,
        expires_at=now + QUOTE_MS,
    )


def no_offer(choice: Choice) -> NoOffer:
    """The refusal of a request that nobody sells: each offer's id with its reason.

    After a colon the field where one is to blame, after another what the provider says of that field.
    """
    return NoOffer(tuple((one.offer.id, _reason(one)) for one in choice.refused))


def _reason(one: RefusedOffer) -> str:
    said = one.offer.refuses.get(one.field, "")
    return ":".join(filter(None, (one.reason, one.field, said)))


def _unwanted(offer: Offer, on: Collection[str] | None, via: Sequence[str] | None) -> RefusedOffer | None:
    if via is not None and offer.provider not in via:
        return RefusedOffer(offer, "via")
    return RefusedOffer(offer, "off") if on is not None and offer.provider not in on else None


def _disabled(offer: Offer) -> RefusedOffer | None:
    """Said last: an offer for something else doesn't serve either when it is switched on."""
    return None if offer.enabled else RefusedOffer(offer, "disabled")


def _ranked(offer: Offer, request: Request, health: Mapping[str, Health], speeds: Mapping[str, float]) -> Ranked:
    length = seconds(request)
    return Ranked(
        offer,
        offer.price.expected(length),
        offer.price.ceiling(length),
        speeds.get(offer.id),
        health.get(offer.provider, "good"),
    )


def _rank(
    one: Ranked, via: Sequence[str], wish: Preference
) -> tuple[int, bool, float, bool, int, int, bool, float, str]:
    named = via.index(one.offer.provider) if via else 0
    unmeasured = float("inf")
    time = unmeasured if one.seconds is None else one.seconds
    first = time if wish == "fast" else 0.0
    down, shaky = one.health == "down", one.health == "shaky"
    return named, down, first, not one.offer.price.confirmed, one.microusd, one.ceiling, shaky, time, one.offer.id
