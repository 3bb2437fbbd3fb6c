"""When to ask a provider again: a fixed beat that slows with age, and the provider's own word where it gives one."""

from bot.providers.base import TaskStatus

FIRST_MS = 5_000
_BEAT = 5.0
_STEADY_FOR = 120.0
_SHARE_OF_AGE = 0.04
_SLOWEST = 15.0
_SECONDS_A_PLACE = 2.0
_LONGEST_QUEUE_WAIT = 30.0
_LONGEST_RETRY_AFTER = 300.0


def poll_interval(age: float, status: TaskStatus) -> float:
    """Seconds until the next look at a task of that age: 5 s up to two minutes, then 4 % of the age up to 15 s.

    A place in the queue stretches it (nothing finishes before its turn), a Retry-After is kept to, both within bounds.
    """
    interval = _BEAT if age <= _STEADY_FOR else min(_SLOWEST, max(_BEAT, age * _SHARE_OF_AGE))
    if status.state == "queued" and status.queue_position:
        interval = max(interval, min(_LONGEST_QUEUE_WAIT, status.queue_position * _SECONDS_A_PLACE))
    if status.retry_after is not None:
        interval = max(interval, min(_LONGEST_RETRY_AFTER, status.retry_after))
    return interval


def backoff(tries: int, *, first: float, longest: float) -> float:
    """Seconds to wait after the try number `tries` (from 0) failed: doubling, up to `longest`."""
    return float(min(longest, first * 2 ** min(tries, 30)))
