import os

from tests.support.hostile import MEGABYTES, SECONDS, measure


def test_ten_thousand_damaged_pictures_cost_next_to_nothing_each() -> None:
    seed = int(os.environ.get("KLINGBOT_TEST_SEED") or 7)  # another one by hand
    cost = measure(seed, 10_000)
    print(f"seed {seed}: {cost}")
    assert cost.refused > 5_000
    assert cost.slowest < SECONDS, (seed, cost)
    assert cost.grown < MEGABYTES, (seed, cost)
