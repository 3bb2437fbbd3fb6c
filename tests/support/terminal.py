"""The command line as somebody at a terminal sees it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]
"""Runs `klingbot <words>` in this process."""
