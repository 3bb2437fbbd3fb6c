"""What somebody wants of a word behind `quota` or `credits`, and what carries it out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.commands.house import House, Who
from bot.messaging import Ask, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody wants: their ask, who they are by our ids, `what` was read behind the word, and its flags."""

    house: House
    ask: Ask
    who: Who
    what: Any = None
    flags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells a redelivery, for rows that must not be written twice."""
        return f"{self.ask.actor.platform}:{self.ask.actor.workspace}:{self.ask.key}"


Do = Callable[[Told], Awaitable[Reply]]
"""Carries a word out. Raises Refusals."""

Doing = dict[tuple[str, str], Do]
"""What carries out which word: by its verb and name, as in the table of `subwords`."""
