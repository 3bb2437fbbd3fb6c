"""What can be made to go wrong on purpose where the providers are made up, as a page shows it to an administrator."""

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.messaging.forms import Choice

SwitchMode = Literal["off", "once", "on"]
"""Not at all, the next time only, every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One thing that can go wrong; `help` says what it does, `hits` how often it did since it was switched last."""

    name: str
    help: str
    mode: SwitchMode = "off"
    hits: int = 0


class Switches(Protocol):
    """Faults on demand. Only a demo has them."""

    def places(self) -> tuple[Choice, ...]:
        """Where they may happen; the first choice is everywhere."""
        ...

    def listed(self, place: str) -> tuple[Switch, ...]:
        """Every switch as it stands at a place."""
        ...

    def turn(self, name: str, mode: SwitchMode, place: str) -> None:
        """Set one switch at a place; names and places that aren't there change nothing."""
        ...

    def clear(self) -> None:
        """Everything off, everywhere."""
        ...
