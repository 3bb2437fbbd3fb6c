"""Looks at a task and how late they find it done: our schedule against fixed ones and against the best there can be.

The durations are known here to the last digit, so that nothing but the histories and the jitter is drawn.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
import numpy.typing as npt

from bot.jobs.schedule import EARLY, UNKNOWN, Curve, interval, learn, taken
from bot.providers.base import TaskStatus
from tests.bench.figures import table, verdict

_STEP = 0.5
_RUNNING = TaskStatus(state="running")
_AIMS = {"log-normal, 180 s": 1.15, "uniform, 60 to 600 s": 1.15, "two humps, 60 and 360 s": 1.4}
_BISECTIONS = 12
_OWN_JOBS, _RELEARN = 300, 10

Floats = npt.NDArray[np.float64]
Next = Callable[[float], float]
"""From a task's age to the seconds until the next look."""


@dataclass(frozen=True)
class Durations:
    """How likely each duration is: `times` lie in the middle of steps, looks at their ends."""

    times: Floats
    chance: Floats

    def draw(self, chance: random.Random, count: int) -> list[float]:
        """So many durations."""
        return [float(one) for one in chance.choices(self.times.tolist(), self.chance.tolist(), k=count)]

    def judge(self, after: Next) -> tuple[float, float]:
        """Looks a task and mean delay in seconds when the next look comes as `after` says."""
        looks, age = [0.0], 0.0
        while age <= self.times[-1]:
            age += after(age)
            looks.append(age)
        number = np.searchsorted(looks, self.times)
        return float(number @ self.chance), float((np.array(looks)[number] - self.times) @ self.chance)

    def best(self, worth: float) -> tuple[float, float]:
        """The same for the schedule with the least delay where a look is worth so many seconds of it."""
        ended, moment, ends, cost, following = self._sums
        for now in range(len(ends) - 2, -1, -1):
            late = ends[now + 1 :] * (ended[now + 1 :] - ended[now]) - (moment[now + 1 :] - moment[now])
            total = worth * (1 - ended[now]) + late + cost[now + 1 :]
            following[now] = now + 1 + int(total.argmin())
            cost[now] = total[following[now] - now - 1]
        now, looks = 0, 0.0
        while now < len(ends) - 1:
            looks, now = looks + 1 - ended[now], int(following[now])
        return float(looks), float(cost[0] - worth * looks)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats, Floats, Floats, npt.NDArray[np.int64]]:
        ended = np.concatenate(([0.0], self.chance.cumsum()))
        moment = np.concatenate(([0.0], (self.chance * self.times).cumsum()))
        ends = np.concatenate(([0.0], self.times + _STEP / 2))
        return ended, moment, ends, np.zeros_like(ends), np.zeros(len(ends), np.int64)


def _of(end: float, density: Callable[[Floats], Floats]) -> Durations:
    times = np.arange(_STEP / 2, end, _STEP)
    chance = density(times)
    return Durations(times, chance / chance.sum())


def _log_normal(times: Floats) -> Floats:
    return np.asarray(np.exp(-(np.log(times / 180) ** 2) / (2 * 0.4**2)) / times)


def _hump(times: Floats, middle: float) -> Floats:
    width = 0.15 * middle
    return np.asarray(np.exp(-((times - middle) ** 2) / (2 * width**2)) / width)


def _between(times: Floats, low: float, high: float) -> Floats:
    return np.asarray(np.where((times > low) & (times < high), 1.0 / (high - low), 0.0))


def _stuck(times: Floats) -> Floats:
    usual = _log_normal(times)
    return np.asarray(0.98 * usual / (usual.sum() * _STEP) + 0.02 * _between(times, 3_000, 4_200))


_KINDS: Mapping[str, tuple[float, Callable[[Floats], Floats]]] = {
    "log-normal, 180 s": (1_200, _log_normal),
    "uniform, 60 to 600 s": (600, lambda times: _between(times, 60, 600)),
    "two humps, 60 and 360 s": (700, lambda times: _hump(times, 60) + _hump(times, 360)),
    "log-normal, 2 % stuck for an hour": (4_200, _stuck),
}


def run(*, rounds: int) -> None:
    """Compute and print: each kind of durations, every schedule beside the optimum with as many looks."""
    print("Looks: how many a task, how late the last one is, and how late the best schedule with as many would be")
    print(f"Two of each are at {EARLY[0]:g} and {EARLY[1]:g} s, for refusals; the best schedule has them, too")
    for name, (end, density) in _KINDS.items():
        print(f"\n{name}")
        _one_kind(name, _of(end, density), rounds)


def _one_kind(name: str, durations: Durations, rounds: int) -> None:
    found = {f"every {beat:g} s": durations.judge(_fixed(beat)) for beat in (1.0, 5.0, 10.0)}
    found["1 s, then half as long again, up to 20 s"] = durations.judge(_back_off)
    found["ours, nothing known"] = _ours(durations, rounds, 0)
    found["ours, 30 seen"] = _ours(durations, rounds, 30)
    found["ours, 100 seen"] = after_100 = _ours(durations, rounds, 100)
    found["ours, the last 100 of 300 by its own looks"] = _by_own_looks(durations, random.Random(3))
    rows = []
    for schedule, (looks, delay) in found.items():
        least = _optimum(durations, looks - len(EARLY))
        rows.append([schedule, f"{looks:.1f}", f"{delay:.2f}", f"{least:.2f}", f"{delay / least:.2f}"])
    table(("", "looks", "delay s", "optimum s", "ratio"), rows)
    if name in _AIMS:
        ratio = after_100[1] / _optimum(durations, after_100[0] - len(EARLY))
        verdict(f"{ratio:.2f} of the optimum after 100", f"at most {_AIMS[name]:g}", met=ratio <= _AIMS[name])


def _fixed(beat: float) -> Next:
    return lambda _: beat


def _back_off(age: float) -> float:
    """1, 1.5, 2.25 s and so on up to 20: half of what has passed so far, and one."""
    return min(20.0, 1 + age / 2)


def _ours(durations: Durations, rounds: int, seen: int) -> tuple[float, float]:
    chance = random.Random(1)
    judged = [durations.judge(_by(learn(durations.draw(chance, seen)), chance)) for _ in range(rounds)]
    return fmean(looks for looks, _ in judged), fmean(delay for _, delay in judged)


def _by(curve: Curve, chance: random.Random) -> Next:
    return lambda age: interval(curve, age, _RUNNING, jitter=chance.uniform(-1, 1))


def _by_own_looks(durations: Durations, chance: random.Random) -> tuple[float, float]:
    """The history is what the looks themselves tell, as in life."""
    curve, known = UNKNOWN, list[float]()
    for job, duration in enumerate(durations.draw(chance, _OWN_JOBS)):
        if job % _RELEARN == 0:
            curve = learn(known[-100:])
        looked, age = 0.0, 0.0
        while age < duration:
            looked, age = age, age + interval(curve, age, _RUNNING, jitter=chance.uniform(-1, 1))
        known.append(taken(looked, age))
    return durations.judge(_by(learn(known[-100:]), chance))


def _optimum(durations: Durations, looks: float) -> float:
    """The least mean delay with so many looks: what a look is worth is bisected until it comes to that."""
    low, high = 1e-4, 1e3
    found: Sequence[tuple[float, float]] = ()
    for _ in range(_BISECTIONS):
        worth = float(np.sqrt(low * high))
        found = [*found, durations.best(worth)]
        low, high = (worth, high) if found[-1][0] > looks else (low, worth)
    fewest_first = np.log(sorted(found))
    return float(np.exp(np.interp(np.log(looks), fewest_first[:, 0], fewest_first[:, 1])))
