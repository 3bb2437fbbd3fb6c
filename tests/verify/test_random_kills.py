"""kill -9 at any commit, while everything goes wrong that the sandbox can make go wrong.

`KLINGBOT_TEST_ROUNDS=50 pytest tests/verify/test_random_kills.py` runs fifty campaigns of twenty kills each. The number
of a campaign decides which commits are hit; what runs beside them differs from run to run.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.killing.campaign import KILLED, campaign
from tests.killing.errand import Change, Habit, Kill
from tests.killing.scenarios import Scenario
from tests.killing.template import Template

ROUNDS = int(os.environ.get("KLINGBOT_TEST_ROUNDS", "4"))
KILLS = 20
LAST_COMMIT = 60
"""About as many commits as one job and what was left of the others take."""

FAULTS = (
    "accept_then_drop:0.1", "no_id:0.05", "malformed_json@any:0.05", "closed@submit:0.05", "rate_limited@submit:0.1+5",
    "error_503@submit:0.05", "error_500@check:0.1", "closed@check:0.05", "policy_at_submit:0.05",
    "generation_failed:0.1",
    "truncated_video@file:0.1", "half_video@file:0.05",
)  # fmt: skip
HABITS: tuple[Habit, ...] = ("", "cancel_running", "settle", "")


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    with Template() as made:
        yield made


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_killed_at_random_nothing_is_bought_twice_or_lost(
    number: int, template: Template, tmp_path: Path
) -> None:
    chance = random.Random(number)
    scenario = Scenario(
        Change(what="job", old="", new="queued"), providers=("fal", "wavespeed"), faults=FAULTS,
        habit=HABITS[number % len(HABITS)],
    )  # fmt: skip
    async with campaign(template, tmp_path, scenario) as lives:
        ends = []
        for _ in range(KILLS):
            lives.ask()
            kill = Kill(side=chance.choice(("before", "after")), commit=chance.randint(1, LAST_COMMIT))
            ends.append(await lives.live(kill))
        assert set(ends) <= {0, KILLED}, f"it dies, or comes to rest before: {ends}"
        assert ends.count(KILLED) > KILLS // 2
        audit = await lives.at_rest()
        audit.everything()
        await audit.the_ledger_adds_up(lives.clock)
