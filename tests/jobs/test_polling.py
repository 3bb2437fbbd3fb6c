"""When what failed is tried again."""

import pytest

from bot.jobs.polling import backoff


@pytest.mark.parametrize(
    ("tries", "wait"), [(0, 2.0), (1, 4.0), (2, 8.0), (6, 128.0), (7, 256.0), (8, 300.0), (10_000, 300.0)]
)
def test_waits_double_up_to_the_longest(tries: int, wait: float) -> None:
    assert backoff(tries, first=2.0, longest=300.0) == wait
