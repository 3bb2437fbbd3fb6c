"""When to look at a task again: often at the ages where tasks like it end, seldom where they don't.

A look costs a request, a late one costs its person a wait. The sum of both is least where the density of looks follows
the square root of the hazard, the chance to end now of a task that has come so far (Keller, Management Science 21,
1974). So the ages of looks are where the sum of that root grows by `_WORTH`. The hazard is that of the last durations
of the same kind, each taken as a small bell in log time; how wide the bells are is decided by how well each duration is
foretold by the others. Nothing here knows a clock: ages and intervals are seconds.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import erf, exp, log, sqrt
from statistics import quantiles

from bot.providers.base import TaskStatus

KEPT = 100
"""How many durations of a kind are looked back on."""

FLOOR, CEILING = 2.0, 15.0
"""Bounds of an interval between two looks, once a task is old enough to end."""

EARLY = (5.0, 20.0)
"""Ages of two looks beside the others: refusals come early, and are no part of the durations."""

_WORTH = 0.6
"""The larger, the fewer looks: a look is taken to be worth 0.18 s of delay (its half square)."""

_FEW, _TELLING = 12, 5
"""From how many durations on only they count, and a range of them is shown."""

_WIDTHS = (0.02, 0.03, 0.045, 0.07, 0.1, 0.15, 0.22, 0.33)
_STEP = 0.05
_AGES = (0.0, *(exp(_STEP * step) for step in range(1, round(log(7200.0) / _STEP) + 1)))
"""Where a curve is known; straight lines between them."""

_STEADY_FOR, _BEAT, _SHARE_OF_AGE, _SLOWEST = 120.0, 5.0, 0.04, 15.0
_SHARE_OF_REST, _SLOWING = 0.5, 0.02
_SECONDS_A_PLACE, _LONGEST_QUEUE_WAIT, _LONGEST_RETRY_AFTER = 2.0, 30.0, 300.0
_JITTER = 0.1


def plain(age: float) -> float:
    """The interval where nothing is known: 5 s for two minutes, then 4 % of the age, up to 15 s."""
    return _BEAT if age <= _STEADY_FOR else min(_SLOWEST, max(_BEAT, age * _SHARE_OF_AGE))


@dataclass(frozen=True)
class Curve:
    """What durations of one kind, in order, tell: `looks` are the looks due up to each age of the grid."""

    seen: tuple[float, ...]
    looks: tuple[float, ...]

    def after(self, age: float, stretch: float = 1.0) -> float:
        """Seconds from one look to the next. `stretch` makes them rarer everywhere; the shape stays."""
        due = self._age_of(self._looks_at(age) + stretch)
        first = self.seen[0] if self.seen else 0.0
        latest = max(age, first) + CEILING * stretch
        return max(FLOOR, min(due, latest) - age)

    @cached_property
    def rate(self) -> float:
        """Looks a second at one task, on average."""
        return sum(map(self._looks_at, self.seen)) / sum(self.seen) if self.seen else 1 / _BEAT

    @cached_property
    def usual(self) -> tuple[int, int] | None:
        """Seconds within which half, and nine of ten, were done; None where too few were seen to tell."""
        if len(self.seen) < _TELLING:
            return None
        tenths = quantiles(self.seen, n=10, method="inclusive")
        return round(tenths[4]), round(tenths[8])

    def _looks_at(self, age: float) -> float:
        place = min(bisect_right(_AGES, age), len(_AGES) - 1)
        return _between(age, _AGES[place - 1], _AGES[place], self.looks[place - 1], self.looks[place])

    def _age_of(self, looks: float) -> float:
        place = min(bisect_right(self.looks, looks), len(_AGES) - 1)
        return _between(looks, self.looks[place - 1], self.looks[place], _AGES[place - 1], _AGES[place])


def learn(durations: Sequence[float]) -> Curve:
    """The curve of a kind's latest durations (seconds). The fewer they are, the more plain intervals are in it."""
    seen = tuple(sorted(max(1.0, min(duration, _AGES[-1])) for duration in durations))
    weight = min(1.0, len(seen) / _FEW)
    ended, until = _ended(seen)
    looks = [0.0]
    for place, (age, later) in enumerate(pairwise(_AGES)):
        due = (later - age) / plain(later)
        if weight and later <= until:
            left = max(1.0 - (ended[place] + ended[place + 1]) / 2, 0.5 / len(seen))
            root = sqrt(max(0.0, ended[place + 1] - ended[place]) / left * (later - age))
            due = weight * root / _WORTH + (1 - weight) * due
        looks.append(looks[-1] + due)
    return Curve(seen, tuple(looks))


def interval(curve: Curve, age: float, status: TaskStatus, *, stretch: float = 1.0, jitter: float = 0.0) -> float:
    """Seconds until the next look at a task of that age. What the provider says of it goes before what is estimated.

    `jitter`, from -1 to 1, moves it by up to a tenth. A place in the queue and a Retry-After are kept to, both within
    bounds; an early look comes as it is.
    """
    wait = max(FLOOR, _expected(curve, age, status, stretch) * (1 + _JITTER * jitter))
    if status.state == "queued" and status.queue_position:
        wait = max(wait, min(_LONGEST_QUEUE_WAIT, status.queue_position * _SECONDS_A_PLACE))
    wait = min([wait, *(early - age for early in EARLY if age + FLOOR <= early)])
    if status.retry_after is not None:
        wait = max(wait, min(_LONGEST_RETRY_AFTER, status.retry_after))
    return wait


def taken(looked: float, found: float) -> float:
    """How long a task took that was not done at one look and done at the next: half of that gap is taken off.

    But no more than a tenth of all, or a first look after a long rest would tell of far too short a task.
    """
    return found - min((found - looked) / 2, found / 10)


def _expected(curve: Curve, age: float, status: TaskStatus, stretch: float) -> float:
    """By the provider's progress half of what is left, and ever less often when that has stopped to move."""
    if status.progress is None or not 0 < status.progress < 1:
        return curve.after(age, stretch)
    left = age * (1 - status.progress) / status.progress
    return min(CEILING, max(FLOOR, left * _SHARE_OF_REST, age * _SLOWING)) * stretch


def _ended(seen: Sequence[float]) -> tuple[list[float], float]:
    """The share of tasks that have ended by each age of the grid, and the age after which none is expected."""
    if not seen:
        return [], 0.0
    logs = [log(duration) for duration in seen]
    width = _best_width(logs)
    scale = 1 / (width * sqrt(2))
    share = [sum(erf((log(age) - one) * scale) for one in logs) for age in _AGES[1:]]
    return [0.0, *(0.5 + total / len(logs) / 2 for total in share)], exp(logs[-1] + 3 * width)


def _best_width(logs: Sequence[float]) -> float:
    """How wide a bell is: as wide as lets each duration be foretold best by the others."""
    if len(logs) < _TELLING:
        return _WIDTHS[-1]
    squares = [[(one - other) ** 2 for other in logs] for one in logs]

    def foretold(width: float) -> float:
        factor = -0.5 / width**2
        bells = (sum(exp(factor * square) for square in row) - 1 for row in squares)
        return sum(log(max(bell, 0.0) / width + 1e-9) for bell in bells)

    return max(_WIDTHS, key=foretold)


def _between(value: float, low: float, high: float, at_low: float, at_high: float) -> float:
    """The straight line through both ends, and on beyond them."""
    return at_low + (value - low) * (at_high - at_low) / (high - low) if high > low else at_high


UNKNOWN = learn(())
"""The curve of a kind that nothing is known of."""
