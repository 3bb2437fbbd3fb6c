"""Chooses among offers: which ones honour every field of a request, in which order, at what price. Asks nobody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.errors import NoOffer, OverBudget
from bot.kling.requests import Duration, Request
from bot.providers.offers import Offer

Reason = Literal[
    "off", "disabled", "via", "workflow", "tier", "duration", "field", "scene", "prompt_required", "start_required",
    "picture_count", "price",
]  # fmt: skip
"""Why an offer doesn't fit: its provider has no key, the row is switched off, the person wants another provider, it
makes something else, a field it can't honour, it needs a prompt or a start frame, too many pictures, no such price."""

Health = Literal["good", "shaky", "down"]
"""How a provider has been lately. A shaky one loses ties; one that is down comes after all others."""

QUOTE_MS = 600_000
"""How long a quote is good for."""


@dataclass(frozen=True, slots=True)
class RefusedOffer:
    """An offer that doesn't fit, and why; `field` names the request's field where one is to blame."""

    offer: Offer
    reason: Reason
    field: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An offer that honours the whole request, with its likely cost and the most it may cost in micro-dollars."""

    offer: Offer
    microusd: int
    ceiling: int


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
    health: Mapping[str, Health] | None = None,
) -> Choice:
    """Sort offers into those that honour every field of the request, best first, and the others with the reason.

    `on` are the providers that are switched on (None = all), `via` those the person wants, best first (None = any). A
    confirmed price comes before an estimated one, however low; then the lower price, then health, then the name.
    """
    accepted: list[Ranked] = []
    refused: list[RefusedOffer] = []
    for offer in offers:
        why = _switched(offer, on, via) or why_not(request, offer)
        if why:
            refused.append(why)
        else:
            length = seconds(request)
            accepted.append(Ranked(offer, offer.price.expected(length), offer.price.ceiling(length)))
    accepted.sort(key=lambda one: _rank(one, via or (), health or {}))
    return Choice(tuple(accepted), tuple(refused))


def why_not(request: Request, offer: Offer) -> RefusedOffer | None:
    """The first reason why an offer can't honour a request; None if it can."""
    if request.workflow != offer.workflow:
        return RefusedOffer(offer, "workflow", "workflow")
    if request.tier != offer.tier:
        return RefusedOffer(offer, "tier", "tier")
    if seconds(request) not in offer.durations:
        return RefusedOffer(offer, "duration", "duration")
    return _missing(request, offer) or _unsupported(request, offer)


def seconds(request: Request) -> Duration:
    """The length a request is priced at; an extension is about as long as the shortest clip."""
    length: Duration = getattr(request, "duration", 5)
    return length


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
    """The refusal of a request that nobody sells: each offer's id with its reason, and the field after a colon."""
    reasons = (
        (one.offer.id, f"{one.reason}:{one.field}" if one.field else one.reason)
        for one in choice.refused
    )  # fmt: skip
    return NoOffer(tuple(reasons))


def keep_to_budget(quoted: Quote, budget: int | None) -> None:
    """Raise OverBudget if a quote is above the person's own limit in credits."""
    if budget is not None and quoted.credits > budget:
        raise OverBudget(quoted.credits, budget)


def _switched(offer: Offer, on: Collection[str] | None, via: Sequence[str] | None) -> RefusedOffer | None:
    if via is not None and offer.provider not in via:
        return RefusedOffer(offer, "via")
    if on is not None and offer.provider not in on:
        return RefusedOffer(offer, "off")
    return None if offer.enabled else RefusedOffer(offer, "disabled")


def _missing(request: Request, offer: Offer) -> RefusedOffer | None:
    """What the offer needs and the request lacks, or has too much of."""
    if offer.prompt_required and not getattr(request, "prompt", ""):
        return RefusedOffer(offer, "prompt_required", "prompt")
    if request.workflow == "image" and offer.start_required and not request.start:
        return RefusedOffer(offer, "start_required", "start")
    if len(request.pictures) > offer.max_pictures:
        return RefusedOffer(offer, "picture_count")
    if seconds(request) not in offer.price.of:
        return RefusedOffer(offer, "price", "duration")
    return None


def _unsupported(request: Request, offer: Offer) -> RefusedOffer | None:
    """A field that asks for something the offer neither takes nor does by itself."""
    for name, value in request:
        if name in ("workflow", "tier") or name in offer.fields:
            continue
        if value != offer.fixed[name] if name in offer.fixed else value not in (None, "", ()):
            return RefusedOffer(offer, "field", name)
    if request.workflow == "effect" and request.scene not in offer.scenes:
        return RefusedOffer(offer, "scene", "scene")
    return None


def _rank(one: Ranked, via: Sequence[str], health: Mapping[str, Health]) -> tuple[int, bool, bool, int, bool, str]:
    wish = via.index(one.offer.provider) if via else 0
    state = health.get(one.offer.provider, "good")
    return wish, state == "down", not one.offer.price.confirmed, one.microusd, state == "shaky", one.offer.id
