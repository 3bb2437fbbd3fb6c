"""When a provider is asked again."""

import pytest

from bot.jobs.polling import backoff, poll_interval
from bot.providers.base import TaskStatus

RUNNING = TaskStatus(state="running")


@pytest.mark.parametrize(
    ("age", "interval"),
    [(0, 5.0), (60, 5.0), (120, 5.0), (121, 5.0), (150, 6.0), (250, 10.0), (375, 15.0), (376, 15.0), (86_400, 15.0)],
)
def test_the_beat_is_five_seconds_for_two_minutes_then_four_percent_of_the_age_up_to_fifteen(
    age: float, interval: float
) -> None:
    assert poll_interval(age, RUNNING) == interval


@pytest.mark.parametrize(
    ("place", "interval"), [(0, 5.0), (1, 5.0), (2, 5.0), (3, 6.0), (10, 20.0), (15, 30.0), (900, 30.0)]
)
def test_a_place_in_the_queue_stretches_it_up_to_half_a_minute(place: int, interval: float) -> None:
    assert poll_interval(10, TaskStatus(state="queued", queue_position=place)) == interval


def test_a_place_in_the_queue_counts_only_while_it_waits() -> None:
    assert poll_interval(10, TaskStatus(state="running", queue_position=900)) == 5.0


@pytest.mark.parametrize(
    ("said", "interval"), [(0.0, 5.0), (3.0, 5.0), (40.0, 40.0), (300.0, 300.0), (86_400.0, 300.0)]
)
def test_the_provider_s_word_is_kept_to_within_five_minutes_and_never_shortens(said: float, interval: float) -> None:
    assert poll_interval(10, TaskStatus(state="running", retry_after=said)) == interval


@pytest.mark.parametrize(
    ("tries", "wait"), [(0, 2.0), (1, 4.0), (2, 8.0), (6, 128.0), (7, 256.0), (8, 300.0), (10_000, 300.0)]
)
def test_waits_double_up_to_the_longest(tries: int, wait: float) -> None:
    assert backoff(tries, first=2.0, longest=300.0) == wait
