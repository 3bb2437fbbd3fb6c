"""kill -9 around every change of state, just before its commit and just after; `make verify` does so three times each,
`make test` once around those that money hangs on.

A real service (`bot.app`, the provider's real client over HTTP) runs in a process of its own against a sandbox and a
chat that outlive it, and kills itself in the transaction that it was told. Each life has one more job than the last,
so every kill has its first sight of a job, and those of the lives before are in the midst of something. A last life
comes to rest. Then `audit` holds the service's rows against what the sandbox sold and what the chat shows: for each
ask one job, one ending, at most one task, one charge or one release, one message; no lease, no hold and no unfinished
file left.

The changes are those of the tables in `bot.jobs.states`: a new one without a scenario fails the first test. That
these tests can fail was tried by breaking three rules, and `test_a_broken_rule_is_noticed` tries it every time: the
intent stored after the paid call (two tasks are sold for one job), no compare-and-set on the state (a job that an
administrator has released goes on to be fetched), a delivery without its key (two messages).
`tests/verify/test_random_kills.py` kills at any commit, with many faults at once.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.killing.campaign import KILLED, Campaign, campaign
from tests.killing.errand import Broken, Change, Kill, Side
from tests.killing.scenarios import SCENARIOS, Scenario, changes_without_a_scenario
from tests.killing.template import Template

_WHOLE = os.environ.get("KLINGBOT_TEST_PROFILE") == "verify"
_MONEY = (
    "job:queued-submitting", "job:submitting-running", "job:submitting-uncertain", "job:fetching-done",
    "result:posting-posted",
)  # fmt: skip
ROUNDS: tuple[Side, ...] = ("before", "after") * (3 if _WHOLE else 1)
"""Where a life ends, one after the other."""


@pytest.fixture(scope="session")
def template() -> Iterator[Template]:
    with Template() as made:
        yield made


def test_every_change_that_the_tables_of_states_allow_has_a_scenario() -> None:
    assert changes_without_a_scenario() == set()


async def killed(lives: Campaign, change: Change, side: Side) -> None:
    """A life that ends there, and nowhere else."""
    ended = await lives.live(Kill(side=side, change=change))
    log = lives.folder / "service.log"
    assert ended == KILLED, f"it dies {side} {change}: {ended}\n{log.read_text() if log.exists() else ''}"


@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if _WHOLE or str(one) in _MONEY], ids=str)
async def test_a_service_killed_around_a_change_of_state_goes_on_as_if_it_had_not_been(
    scenario: Scenario, template: Template, tmp_path: Path
) -> None:
    async with campaign(template, tmp_path, scenario) as lives:
        for number, side in enumerate(ROUNDS):
            lives.ask(scenario.turns[number % len(scenario.turns)] if scenario.turns else "")
            await killed(lives, scenario.change, side)
        audit = await lives.at_rest()
        audit.everything()
        await audit.the_ledger_adds_up(lives.clock)


@pytest.mark.parametrize(
    ("broken", "scenario", "complaint"),
    [
        ("intent", "job:queued-submitting", "was bought 2 times"),
        ("compare_and_set", "job:running-failed-by-an-administrator", "only what the table of states allows"),
        ("key", "result:posting-posted", "one result message, not 2"),
    ],
)
async def test_a_broken_rule_is_noticed(
    broken: Broken, scenario: str, complaint: str, template: Template, tmp_path: Path
) -> None:
    found = next(one for one in SCENARIOS if str(one) == scenario)
    async with campaign(template, tmp_path, found, broken) as lives:
        lives.ask()
        await killed(lives, found.change, "before")
        with pytest.raises(AssertionError, match=complaint):
            (await lives.at_rest()).everything()
