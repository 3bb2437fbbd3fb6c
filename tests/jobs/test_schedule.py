"""When a task is looked at again: what follows from a history, what goes before it, and what it is worth."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.schedule import CEILING, FLOOR, UNKNOWN, Curve, interval, learn, plain, taken
from bot.providers.base import TaskStatus

RUNNING = TaskStatus(state="running")
HISTORIES = st.lists(st.floats(0, 10_000, allow_nan=False), max_size=100)
AGES = st.floats(0, 50_000)


def ages_of_looks(curve: Curve, end: float) -> list[float]:
    """Every look at a task up to an age, without jitter."""
    ages = [0.0]
    while ages[-1] < end:
        ages.append(ages[-1] + interval(curve, ages[-1], RUNNING))
    return ages[1:]


@pytest.mark.parametrize(
    ("age", "seconds"),
    [(0, 5.0), (60, 5.0), (120, 5.0), (121, 5.0), (150, 6.0), (250, 10.0), (375, 15.0), (86_400, 15.0)],
)
def test_where_nothing_is_known_it_is_five_seconds_and_then_four_percent_of_the_age(age: float, seconds: float) -> None:
    assert plain(age) == seconds
    assert interval(UNKNOWN, age, RUNNING) == pytest.approx(seconds, rel=0.05)


@given(HISTORIES)
def test_looks_due_never_become_fewer_with_age(history: list[float]) -> None:
    assert all(before <= after for before, after in pairwise(learn(history).looks))


@given(HISTORIES, AGES, st.floats(-1, 1))
def test_intervals_stay_within_bounds_once_a_task_may_end(history: list[float], age: float, jitter: float) -> None:
    wait = interval(learn(history), age, RUNNING, jitter=jitter)
    first = max(1.0, min(history, default=0.0))
    assert wait >= FLOOR
    assert age + wait <= (max(age, first) + CEILING) + 0.1 * wait + 1e-6


@given(HISTORIES, AGES, st.floats(1, 50), st.floats(1, 50))
def test_the_more_wait_the_rarer_are_the_looks(history: list[float], age: float, one: float, other: float) -> None:
    curve, (less, more) = learn(history), sorted((one, other))
    assert curve.after(age, less) <= curve.after(age, more) + 1e-6


@given(HISTORIES, st.randoms(use_true_random=False))
def test_a_history_is_a_bag(history: list[float], chance: random.Random) -> None:
    mixed = list(history)
    chance.shuffle(mixed)
    assert learn(mixed) == learn(history)


@given(HISTORIES)
def test_two_looks_come_early_whatever_the_history(history: list[float]) -> None:
    ages = ages_of_looks(learn(history), 21)
    assert all(any(abs(age - early) < FLOOR for age in ages) for early in (5, 20))


def test_nobody_looks_where_nothing_ever_ended_and_often_where_most_did() -> None:
    chance = random.Random(1)
    curve = learn([chance.gauss(180, 9) for _ in range(100)])
    ages = ages_of_looks(curve, 600)
    assert [age for age in ages if 20 < age < 150] == []
    middle = [late - early for early, late in pairwise(ages) if early > 165 and late < 195]
    assert len(middle) >= 6
    assert max(middle) < 6


@pytest.mark.parametrize("count", range(1, 12))
def test_a_few_durations_are_believed_by_and_by(count: int) -> None:
    """Looks before the first duration that was seen: as many as with none at first, ever fewer, none in the end."""
    before = [
        len([age for age in ages_of_looks(learn([180.0] * seen), 120) if age > 20]) for seen in (count, count + 1)
    ]
    assert before[0] >= before[1]
    assert 0 <= before[1] <= before[0] <= 20


def test_a_task_that_outlives_all_others_is_looked_at_as_if_nothing_were_known() -> None:
    curve = learn([60.0 + number for number in range(100)])
    assert interval(curve, 1_000, RUNNING) == pytest.approx(plain(1_000), rel=0.01)


@pytest.mark.parametrize(("place", "seconds"), [(0, 5.0), (1, 5.0), (3, 6.0), (10, 20.0), (15, 30.0), (900, 30.0)])
def test_a_place_in_the_queue_stretches_it_up_to_half_a_minute(place: int, seconds: float) -> None:
    assert interval(UNKNOWN, 40, TaskStatus(state="queued", queue_position=place)) == pytest.approx(seconds, rel=0.05)


def test_a_place_in_the_queue_counts_only_while_it_waits() -> None:
    assert interval(UNKNOWN, 40, TaskStatus(state="running", queue_position=900)) == pytest.approx(5.0, rel=0.05)


@pytest.mark.parametrize(("said", "seconds"), [(0.0, 5.0), (3.0, 5.0), (40.0, 40.0), (300.0, 300.0), (86_400.0, 300.0)])
def test_the_provider_s_word_is_kept_to_within_five_minutes_and_never_shortens(said: float, seconds: float) -> None:
    assert interval(UNKNOWN, 0, TaskStatus(state="running", retry_after=said)) == seconds


@pytest.mark.parametrize(
    ("age", "progress", "seconds"),
    [
        (40, 0.5, CEILING),  # 40 s left
        (90, 0.9, 5.0),  # 10 s left
        (100, 0.99, FLOOR),
        (600, 0.99, 12.0),  # it has stopped to move
        (100, 0.0, 5.0),  # says nothing
        (100, 1.0, 5.0),
    ],
)
def test_progress_goes_before_the_history(age: float, progress: float, seconds: float) -> None:
    status = TaskStatus(state="running", progress=progress)
    assert interval(UNKNOWN, age, status) == pytest.approx(seconds, rel=0.05)


@pytest.mark.parametrize(("looked", "found", "took"), [(100, 110, 105), (0, 100, 90), (20, 150, 135), (5, 5, 5)])
def test_a_task_ended_some_time_before_it_was_found(looked: float, found: float, took: float) -> None:
    assert taken(looked, found) == took


def test_the_range_is_of_half_and_of_nine_of_ten() -> None:
    assert learn([float(number) for number in range(100, 201)]).usual == (150, 190)
    assert learn([100.0] * 4).usual is None


KINDS: dict[str, Callable[[random.Random], float]] = {
    "log-normal": lambda chance: chance.lognormvariate(5.19, 0.4),
    "uniform": lambda chance: chance.uniform(60, 600),
    "two humps": lambda chance: chance.gauss(*chance.choice(((60, 9), (360, 54)))),
}


def judged(after: Callable[[float], float], durations: Sequence[float]) -> tuple[float, float]:
    """Looks a task and mean delay."""
    ages = [0.0]
    while ages[-1] < max(durations):
        ages.append(ages[-1] + after(ages[-1]))
    number = [next(place for place, age in enumerate(ages) if age >= one) for one in durations]
    return fmean(number), fmean(ages[place] - one for place, one in zip(number, durations, strict=True))


@pytest.mark.parametrize(("kind", "share"), [("log-normal", 0.8), ("uniform", 0.85), ("two humps", 0.7)])
def test_a_history_saves_delay_at_as_many_looks(kind: str, share: float) -> None:
    """Against the fixed interval with as many looks; `make bench ARGS=polling` compares with the best there can be."""
    chance = random.Random(5)
    durations = [max(21.0, KINDS[kind](chance)) for _ in range(2_000)]
    curve = learn([KINDS[kind](chance) for _ in range(100)])
    looks, delay = judged(lambda age: interval(curve, age, RUNNING), durations)
    fixed = fmean(durations) / (looks - 0.5)
    assert judged(lambda _: fixed, durations)[0] == pytest.approx(looks, rel=0.03)
    assert delay < share * judged(lambda _: fixed, durations)[1]
