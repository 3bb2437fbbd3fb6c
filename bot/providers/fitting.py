"""Whether an offer honours every field of a request, and the first reason why not. Asks nobody."""

from dataclasses import dataclass
from typing import Literal

from bot.kling.requests import Duration, Request
from bot.providers.offers import Offer

Reason = Literal[
    "off", "disabled", "via", "workflow", "tier", "duration", "field", "scene", "prompt_required", "start_required",
    "picture_count", "price", "variant", "origin", "budget",
]  # fmt: skip
"""Why an offer doesn't fit: its provider has no key, the row is switched off, the person wants another provider, it
makes something else, a field it can't honour, it needs a prompt or a start frame, too many pictures or too few, no such
price, it is there only for fields that the request doesn't use, the video to go on from was made elsewhere, it costs
more than the person allows."""


@dataclass(frozen=True, slots=True)
class RefusedOffer:
    """An offer that doesn't fit, and why; `field` names the request's field where one is to blame."""

    offer: Offer
    reason: Reason
    field: str = ""


def seconds(request: Request) -> Duration:
    """The length a request is priced at; an extension is about as long as the shortest clip."""
    length: Duration = getattr(request, "duration", 5)
    return length


def why_not(request: Request, offer: Offer, *, origin: str | None = None) -> RefusedOffer | None:
    """The first reason why an offer can't honour a request; None if it can.

    `origin` is the provider that made the video an extension goes on from (None = nobody has looked yet).
    """
    if request.workflow != offer.workflow:
        return RefusedOffer(offer, "workflow", "workflow")
    if request.tier != offer.tier:
        return RefusedOffer(offer, "tier", "tier")
    if offer.only_with and not any(getattr(request, name, None) for name in offer.only_with):
        return RefusedOffer(offer, "variant")
    if request.workflow == "extend" and origin not in (None, offer.provider):
        return RefusedOffer(offer, "origin")
    if seconds(request) not in offer.durations:
        return RefusedOffer(offer, "duration", "duration")
    return _missing(request, offer) or _unsupported(request, offer) or _counted(request, offer)


def _missing(request: Request, offer: Offer) -> RefusedOffer | None:
    """What the offer needs and the request lacks."""
    if offer.prompt_required and not getattr(request, "prompt", ""):
        return RefusedOffer(offer, "prompt_required", "prompt")
    if request.workflow == "image" and offer.start_required and not request.start:
        return RefusedOffer(offer, "start_required", "start")
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


def _counted(request: Request, offer: Offer) -> RefusedOffer | None:
    """Numbers out of bounds. Looked at last: end frames and masks are pictures, too, and have reasons of their own."""
    if not offer.min_pictures <= len(request.pictures) <= offer.max_pictures:
        return RefusedOffer(offer, "picture_count")
    if seconds(request) not in offer.price.of:
        return RefusedOffer(offer, "price", "duration")
    return None
