"""Administrators of a team that the operator hasn't admitted: what was spent there stays spent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.credits.pool import top_up
from bot.jobs.states import JobState
from tests.support.front import ADA, BEN, Front, front, shown

THEIRS = "third"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    """The operator gave `third` 100 credits; Ada administers it, and is no operator there."""
    async with front(tmp_path, on=("fal",)) as made:
        await made.says("help", by=BEN, team=THEIRS)
        sql = "SELECT workspace FROM workspace_identity WHERE platform_workspace = :team"
        (row,) = await made.rows(sql, team=THEIRS)
        await made.house.database.run(
            top_up, workspace=row["workspace"], credits=100, now=made.desk.clock.now(), actor="operator", reason="",
            key="gift",
        )  # fmt: skip
        yield made
        await made.check_books()


async def left(house: Front) -> int:
    (row,) = await house.rows(
        "SELECT balance FROM account JOIN workspace_identity AS team ON id = team.workspace || ':topup'"
        " WHERE platform_workspace = :team",
        team=THEIRS,
    )
    return int(row["balance"])


async def test_they_give_nothing_back_that_a_provider_was_paid_for(house: Front) -> None:
    """Removed: `require_trust` in pool._refund (100 credits bought as many videos as they liked)."""
    job = await house.orders(by=BEN, team=THEIRS)
    attempt = await house.lost(job)
    await house.says(f"resolve {job} charge", by=ADA, team=THEIRS)
    assert await house.rows("SELECT id FROM attempt WHERE id = :id AND job = :job", id=attempt, job=job)
    before = await left(house)
    assert before < 100
    said = shown(await house.says(f'quota refund {job} "blurred"', by=ADA, team=THEIRS))
    assert said.startswith("Only for the operator")
    assert await left(house) == before


@pytest.mark.parametrize("way", ["resolve {job} release", "resolve-release:{job}"])
@pytest.mark.parametrize("running", [True, False])
async def test_nor_do_they_release_what_is_bought(house: Front, way: str, running: bool) -> None:
    """Removed: `require_trust` in Ruling._settle (also of a video that a provider was making)."""
    job = await house.orders(by=BEN, team=THEIRS)
    await house.lost(job, running=running)
    before, line = await left(house), way.format(job=job)
    act = house.presses if line.startswith("resolve-") else house.says
    assert shown(await act(line, by=ADA, team=THEIRS)).startswith("Only for the operator")
    assert (await left(house), await house.state(job)) == (before, JobState.RUNNING if running else JobState.UNCERTAIN)
