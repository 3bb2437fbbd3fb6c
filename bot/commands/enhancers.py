"""Whether a prompt can be improved here, by whom and for how much."""

from dataclasses import dataclass

from bot.commands.house import House
from bot.kling.requests import Elements, ImageToVideo, Request, TextToVideo
from bot.providers.enhancer import Enhancer
from bot.providers.router import credits_for


@dataclass(frozen=True, slots=True)
class Improvement:
    """Who improves prompts, and the price in credits."""

    enhancer: Enhancer
    credits: int


def improvement(house: House) -> Improvement | None:
    """The cheapest way to improve a prompt among the providers that are on; None where none does that."""
    able = [provider for provider in house.providers.values() if isinstance(provider, Enhancer)]
    if not able:
        return None
    best = min(able, key=lambda one: one.enhancement_microusd)
    return Improvement(best, credits_for(best.enhancement_microusd, house.policy.credit_microusd))


def prompt_of(request: Request) -> str:
    """The words that can be improved; empty where there are none, or where they belong to a finished video."""
    return request.prompt if isinstance(request, TextToVideo | ImageToVideo | Elements) else ""
