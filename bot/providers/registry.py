"""The table of providers. Adding one is a file of its own and a row here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock
from bot.net.door import Door
from bot.providers.aimlapi import Aimlapi, AimlapiSettings
from bot.providers.base import Provider
from bot.providers.enhancer import Enhancer
from bot.providers.fal import Fal, FalSettings
from bot.providers.gmi import Gmi, GmiSettings
from bot.providers.kling import Kling, KlingSettings
from bot.providers.offers import Offer
from bot.providers.settings import ProviderSettings
from bot.providers.vidgo import Vidgo, VidgoSettings
from bot.providers.wavespeed import WaveSpeed, WaveSpeedSettings


@dataclass(frozen=True, slots=True)
class Row:
    """One provider: its class, its settings, and how to make it from both."""

    provider: type[Provider]
    settings: type[ProviderSettings]
    make: Callable[[Any, Door], Provider]

    @property
    def name(self) -> str:
        """Its name in settings, flags and code."""
        return self.provider.name

    @property
    def title(self) -> str:
        """Its name as people know it."""
        return self.provider.title

    @property
    def keys(self) -> tuple[str, ...]:
        """The variables that switch it on."""
        return tuple(str(field.alias) for name, field in self.settings.model_fields.items() if name.endswith("key"))


PROVIDERS: Mapping[str, Row] = {
    row.name: row
    for row in (
        Row(Fal, FalSettings, Fal),
        Row(WaveSpeed, WaveSpeedSettings, WaveSpeed),
        Row(Gmi, GmiSettings, Gmi),
        Row(Aimlapi, AimlapiSettings, Aimlapi),
        Row(Vidgo, VidgoSettings, Vidgo),
        Row(Kling, KlingSettings, Kling),
    )
}
"""Every provider the house knows, on or off, by name."""

OFFERS: Mapping[str, Offer] = {offer.id: offer for row in PROVIDERS.values() for offer in row.provider.offers}
"""Every row on sale anywhere, by id (`provider/workflow/tier`)."""


def enhancers() -> tuple[tuple[str, str], ...]:
    """Who could improve prompts, on or off: titles, each with the setting that switches it on."""
    return tuple((row.title, " ".join(row.keys)) for row in PROVIDERS.values() if issubclass(row.provider, Enhancer))


def open_doors(settings: Mapping[str, ProviderSettings], clock: Clock) -> dict[str, Door]:
    """A door for each provider that is on; its videos are downloaded through it too."""
    return {name: Door(clock, bases=one.bases) for name, one in settings.items() if one.on}


def build(settings: Mapping[str, ProviderSettings], doors: Mapping[str, Door]) -> dict[str, Provider]:
    """The providers that are on, by name; each closes its door when it is closed."""
    return {name: PROVIDERS[name].make(settings[name], door) for name, door in doors.items()}
