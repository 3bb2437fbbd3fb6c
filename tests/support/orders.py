"""Settings, requests, pictures and orders for the tests of providers."""

import hashlib
from collections.abc import Mapping

from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo, Tier
from bot.providers.base import Order, PictureFile, Task
from bot.providers.offers import Offer
from bot.providers.registry import OFFERS, PROVIDERS
from bot.providers.settings import ProviderSettings

KEY = "11112222-key-id:3333444455556666"


def read_settings(values: Mapping[str, str]) -> dict[str, ProviderSettings]:
    """Every provider's settings out of one table of environment variables."""
    return {name: row.settings.model_validate(values) for name, row in PROVIDERS.items()}


def ref(number: int) -> str:
    """The name of picture number so-and-so."""
    return f"blob:{hashlib.sha256(str(number).encode()).hexdigest()}"


def picture(number: int, *, width: int, height: int, size: int) -> PictureFile:
    """A stored picture whose bytes are its number, over and over."""
    data = (f"picture {number} " * size)[:size].encode()
    return PictureFile(
        sha256=ref(number).removeprefix("blob:"), mime="image/jpeg", width=width, height=height, size=size,
        read=lambda: data,
    )  # fmt: skip


def order(offer: str | Offer, request: Request, *, width: int = 600, height: int = 400, size: int = 12) -> Order:
    """An order for an offer by its id, with a picture for every reference; an extension's parent has its job's id."""
    numbers = [number for number in range(1, 6) if ref(number) in request.pictures]
    pictures = {ref(number): picture(number, width=width, height=height, size=size) for number in numbers}
    chosen = OFFERS[offer] if isinstance(offer, str) else offer
    parent = Task(id=request.job, extra={"workflow": "text2video"}) if isinstance(request, Extend) else None
    return Order(attempt="01jd0000000000000000", request=request, offer=chosen, pictures=pictures, parent=parent)


def simplest(workflow: str, tier: Tier) -> Request:
    """The smallest request of a workflow, every choice left to the defaults."""
    match workflow:
        case "text":
            return TextToVideo(prompt="a fox", tier=tier)
        case "image":
            return ImageToVideo(start=ref(1), prompt="it runs", tier=tier)
        case "elements":
            return Elements(references=(ref(1), ref(2)), prompt="they meet", tier=tier)
        case "extend":
            return Extend(job="01jd000000000000000a", tier=tier)
        case _:
            return Effect(scene="squish", people=(ref(1),), tier=tier)
