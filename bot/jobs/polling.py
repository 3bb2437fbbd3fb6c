"""When to look at a task first, and when to try again what failed."""

from bot.jobs.schedule import EARLY

FIRST_MS = round(EARLY[0] * 1000)
"""From the acceptance of a task to the first look at it."""


def backoff(tries: int, *, first: float, longest: float) -> float:
    """Seconds to wait after the try number `tries` (from 0) failed: doubling, up to `longest`."""
    return float(min(longest, first * 2 ** min(tries, 30)))
