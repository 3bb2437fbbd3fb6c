"""What the operator knows better than the tables: prices, and which offers are on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.kling.requests import Duration
from bot.providers import registry
from bot.providers.limits import Limit, read
from bot.providers.offers import Offer, Price

SOURCE = "settings"
"""Where a price is from that the operator set."""

_MICRO = 1_000_000
_MOST_DOLLARS, _MOST_CREDITS = 100, 100_000
_DOLLARS = re.compile(r"\$?(\d{1,3})(?:\.(\d{1,6}))?")
_CREDITS = re.compile(r"(\d{1,6})cr")
_AMOUNTS = "dollars (0.475) or credits (95cr)"


@dataclass(frozen=True, slots=True)
class Amount:
    """A price as it was written: micro-dollars, or credits, which are worth what another setting says."""

    microusd: int = 0
    credits: int = 0

    def in_microusd(self, credit_microusd: int) -> int:
        """Micro-dollars, a credit being worth so many."""
        return self.microusd or self.credits * credit_microusd


@dataclass(frozen=True, slots=True)
class Override:
    """An offer's prices as the operator set them, by the lengths that it makes."""

    offer: str
    of: Mapping[Duration, Amount]


def _prices(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    found, problems = {}, []
    for entry in _entries(text):
        try:
            override = _override(entry)
            if override.offer in found:
                raise ValueError(f"{override.offer} is there twice")
            found[override.offer] = override
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(found.values())


def _override(entry: str) -> Override:
    name, sign, amounts = (part.strip() for part in entry.partition("="))
    if not sign:
        raise ValueError(f"{entry!r} is not offer=price")
    if name not in registry.OFFERS:
        raise ValueError(_unknown(name))
    lengths = registry.OFFERS[name].durations
    written = [part.strip() for part in amounts.split("/")]
    if len(written) != len(lengths):
        made = " and ".join(map(str, lengths))
        form = "/".join(f"<{length} s>" for length in lengths)
        raise ValueError(f"{name} makes {made} seconds, so its prices go {name}={form}")
    return Override(name, dict(zip(lengths, map(_amount, written), strict=True)))


def _amount(text: str) -> Amount:
    if (dollars := _DOLLARS.fullmatch(text)) and int(dollars[1]) < _MOST_DOLLARS:
        microusd = int(dollars[1]) * _MICRO + int((dollars[2] or "").ljust(6, "0"))
        if microusd:
            return Amount(microusd=microusd)
    if (credits := _CREDITS.fullmatch(text)) and 0 < int(credits[1]) <= _MOST_CREDITS:
        return Amount(credits=int(credits[1]))
    raise ValueError(f"{text!r} is not a price in {_AMOUNTS}")


def _names(text: Any) -> Any:
    """Offers by their name or by how it begins: `gmi/effect` is both tiers, `gmi` everything there."""
    if not isinstance(text, str):
        return text
    entries = list(_entries(text))
    if unknown := [entry for entry in entries if not _meant(entry)]:
        raise ValueError("; ".join(map(_unknown, unknown)))
    return tuple(sorted({name for entry in entries for name in _meant(entry)}))


def _entries(text: str) -> Iterator[str]:
    return filter(None, (entry.strip() for entry in re.split(r"[,;\n]", text)))


def _meant(entry: str) -> list[str]:
    return [name for name in registry.OFFERS if name == entry or name.startswith(f"{entry}/")]


def _unknown(name: str) -> str:
    close = get_close_matches(name, registry.OFFERS, 1)
    hint = f"did you mean {close[0]}?" if close else "`klingbot prices` lists all of them"
    return f"there is no offer {name!r}; {hint}"


class OfferSettings(BaseModel):
    """Prices and offers: where the operator knows better than the tables."""

    model_config = ConfigDict(frozen=True)

    prices: Annotated[tuple[Override, ...], BeforeValidator(_prices)] = Field(
        default=(),
        alias="KLINGBOT_PRICES",
        description=f"Prices that hold instead of the tables', as offer=5 s/10 s in {_AMOUNTS}, separated by commas. "
        "They count as confirmed. `klingbot prices` shows all offers, with --refresh what the providers say now.",
        examples=["fal/text/pro=0.475/0.95, wavespeed/image/pro=95cr/190cr"],
    )
    on: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(),
        alias="KLINGBOT_OFFERS_ON",
        description="Offers to buy that are switched off by themselves, because something about them isn't certain, "
        "by name or by how it begins, separated by commas.",
        examples=["wavespeed/elements/pro"],
    )
    off: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(),
        alias="KLINGBOT_OFFERS_OFF",
        description="Offers never to buy, by name or by how it begins, separated by commas.",
        examples=["wavespeed/effect, fal/elements/pro"],
    )

    concurrency: Annotated[tuple[Limit, ...], BeforeValidator(read)] = Field(
        default=(),
        alias="KLINGBOT_CONCURRENCY",
        description="How many videos are made at once at a provider, as provider=number, separated by commas; further "
        "ones wait their turn here. Without it 2 at WaveSpeedAI (an account of the first level), 5 at Kling (a trial "
        "pack), 10 elsewhere.",
        examples=["fal=40, wavespeed=300"],
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if both := sorted({*self.on} & {*self.off}):
            raise ValueError(f"KLINGBOT_OFFERS_ON and KLINGBOT_OFFERS_OFF both name {', '.join(both)}")
        return self


def effective(
    offers: Mapping[str, Offer], settings: OfferSettings, *, credit_microusd: int, today: date
) -> dict[str, Offer]:
    """The offers as the operator wants them: switched on and off, with the prices that were set."""
    found = dict(offers)
    for name in (*settings.on, *settings.off):
        if name in found:
            found[name] = replace(found[name], enabled=name in settings.on)
    for one in settings.prices:
        if one.offer in found:
            of = {length: amount.in_microusd(credit_microusd) for length, amount in one.of.items()}
            price = Price(of=of, source=SOURCE, seen=today, confirmed=True)
            found[one.offer] = replace(found[one.offer], price=price)
    return found
