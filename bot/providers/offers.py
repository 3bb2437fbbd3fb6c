"""What providers sell, as data: a row for each workflow and tier, with price, the fields it takes and image rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from bot.kling.images import KLING_IMAGES, ImageRules
from bot.kling.requests import Duration, Tier, Workflow

Prices: TypeAlias = Mapping[Duration, int]
"""Micro-dollars for a clip of each length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Micro-dollars for a clip of each length the offer makes, and where the figure is from.

    An estimated price (`confirmed=False`) is held at its `upper` bound and never beats a confirmed one by itself.
    """

    of: Prices
    source: str
    seen: date
    confirmed: bool
    upper: Prices = field(default_factory=dict)

    def expected(self, duration: Duration) -> int:
        """What the provider is likely to bill, in micro-dollars."""
        return self.of[duration]

    def ceiling(self, duration: Duration) -> int:
        """What is held: the upper estimate, or the price itself where it is confirmed."""
        return self.upper.get(duration, self.of[duration])


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One row of what a provider sells.

    `fields` are the names of request fields it honours (`prompt`, `negative_prompt`, `start`, `end`, `references`,
    `scene`, `people`, `duration`, `aspect_ratio`, `cfg_scale`, `still`, `brushes`, `camera`, `job`). A field it lacks
    is refused when it differs from the `fixed` value, which is what the provider does by itself. `start_required`: an
    end frame alone won't do. `scenes` maps our names of effects to the provider's spelling. `usual` is the range of
    seconds that a clip of 5 s takes, where known. A row that is not `enabled` is shown but never bought until the
    operator switches it on; `note` says why. A `variant` is a second row of the same workflow and tier: it serves only
    requests that set one of its `only_with` fields. `refuses` says, for a field that people could expect here, why it
    isn't taken.
    """

    provider: str
    workflow: Workflow
    tier: Tier
    model: str
    price: Price
    fields: frozenset[str]
    durations: tuple[Duration, ...] = (5, 10)
    fixed: Mapping[str, object] = field(default_factory=dict)
    prompt_required: bool = True
    start_required: bool = True
    max_pictures: int = 0
    min_pictures: int = 0
    scenes: Mapping[str, str] = field(default_factory=dict)
    images: ImageRules = KLING_IMAGES
    usual: tuple[int, int] = (60, 360)
    enabled: bool = True
    note: str = ""
    variant: str = ""
    only_with: frozenset[str] = frozenset()
    refuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`provider/workflow/tier`, a variant's with `/variant`: the name of the row in settings, quotes and logs."""
        return "/".join(part for part in (self.provider, self.workflow, self.tier, self.variant) if part)
