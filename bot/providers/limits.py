"""How many of our tasks run at once at each provider: the operator's word over what is documented."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from bot.providers import registry

MOST = 100_000
Limit = tuple[str, int]
"""A provider's name, and how many tasks."""


def read(text: Any) -> Any:
    """Limits as they are written, `fal=20, wavespeed=300`. Raises ValueError with everything that is wrong."""
    if not isinstance(text, str):
        return text
    found: dict[str, int] = {}
    problems = []
    for entry in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        try:
            name, slots = _limit(entry)
            if name in found:
                raise ValueError(f"{name} is there twice")
            found[name] = slots
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(found.items())


def limits(names: Iterable[str], said: Iterable[Limit]) -> Mapping[str, int]:
    """The limit of each provider that is on."""
    return {name: dict(said).get(name, registry.PROVIDERS[name].provider.concurrency) for name in names}


def _limit(entry: str) -> Limit:
    name, sign, number = (part.strip() for part in entry.partition("="))
    if not sign:
        raise ValueError(f"{entry!r} is not provider=number")
    name = name.lower()
    if name not in registry.PROVIDERS:
        close = get_close_matches(name, registry.PROVIDERS, 1) or sorted(registry.PROVIDERS)
        raise ValueError(f"there is no provider {name!r}; did you mean {' or '.join(close)}?")
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= MOST):
        raise ValueError(f"{name}: {number!r} is not a whole number from 1 to {MOST}")
    return name, int(number)
