"""What providers sell, as data: a row for each workflow and tier, with price, the fields it takes and image rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.kling.images import KLING_IMAGES, ImageRules
from bot.kling.requests import Duration, Tier, Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Micro-dollars for a clip of each length the offer makes, and where the figure is from.

    An estimated price (`confirmed=False`) is held at its `upper` bound and never beats a confirmed one by itself.
    """

    of: Mapping[Duration, int]
    source: str
    seen: date
    confirmed: bool
    upper: Mapping[Duration, int] = field(default_factory=dict)

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
    `scene`, `people`, `duration`, `aspect_ratio`, `cfg_scale`). A field it lacks is refused when it differs from the
    `fixed` value, which is what the provider does by itself. `start_required`: an end frame alone won't do. `scenes`
    maps our names of effects to the provider's spelling. `usual` is the range of seconds that a clip of 5 s takes,
    where known. A row that is not `enabled` is shown but never bought; `note` says why.
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
    scenes: Mapping[str, str] = field(default_factory=dict)
    images: ImageRules = KLING_IMAGES
    usual: tuple[int, int] = (60, 360)
    enabled: bool = True
    note: str = ""

    @property
    def id(self) -> str:
        """`provider/workflow/tier`, the name of the row in settings, quotes and logs."""
        return f"{self.provider}/{self.workflow}/{self.tier}"
