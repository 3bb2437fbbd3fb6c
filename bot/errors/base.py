"""What every error of the house is."""

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

Credits = Literal["untouched", "held", "released"]
"""What an error means for the credits of the ask it ends: never set aside, still set aside, or given back."""


@dataclass(eq=False)
class KlingbotError(Exception):
    """Base of every error raised on purpose; its dataclass fields are the facts."""

    credits: ClassVar[Credits] = "untouched"

    def __str__(self) -> str:
        facts = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__name__}({facts})"
