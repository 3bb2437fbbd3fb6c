from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.credits.check import check
from bot.errors import LedgerBroken
from bot.jobs import enhancements
from bot.jobs.enhancements import PATIENCE_MS, end_lost
from tests.support.enhancers import BETTER, FakeEnhancer, with_enhancer
from tests.support.front import Front, front, shown

MINE = "a fox in snow"


class Killed(BaseException):
    """The process is gone: nothing of ours gets to handle it."""


class Fuse:
    """Counts moments around everything that leaves the process, and kills it at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.count, self.blown = at, 0, False

    def tick(self) -> None:
        if self.count == self.at:
            self.blown = True
            raise Killed
        self.count += 1

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def called(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            answer = await call(*args, **kwargs)
            self.tick()
            return answer

        return called


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        await made.says("help")
        yield made


BOUGHT = 14
"""The moment at which its credits are held and it is being bought."""


async def dies_at(house: Front, enhancer: FakeEnhancer, moment: int, key: str) -> bool:
    """Ask for better words in a process that dies at a moment; whether it got that far."""
    fuse = Fuse(moment)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.house.database, "run", fuse.around(house.house.database.run))
        for name in ("prepare_enhancement", "submit", "check_enhancement"):
            patch.setattr(enhancer, name, fuse.around(getattr(enhancer, name)))
        try:
            await house.says(f"{MINE} --enhance", key=key)
        except Killed:
            return True
    return fuse.blown


async def books(house: Front) -> dict[str, int]:
    rows = await house.rows("SELECT kind, SUM(amount) AS sum FROM entry GROUP BY kind")
    return {row["kind"]: row["sum"] for row in rows}


async def test_whenever_a_process_dies_the_books_add_up_and_nothing_is_bought_twice(house: Front) -> None:
    for moment in range(60):
        enhancer = with_enhancer(house)
        if not await dies_at(house, enhancer, moment, f"ask {moment}"):
            break
        await end_lost(house.desk.work, house.desk.clock.now() + 1)  # as the next process does first
        await all_ended(house)
        reply = await house.says(f"{MINE} --enhance", key=f"ask {moment}")  # the same message, delivered again
        assert MINE in shown(reply)
        assert len(enhancer.improved) <= 1
        await all_ended(house)
    else:
        pytest.fail("it never gets through")
    states = {row["state"] for row in await house.rows("SELECT state FROM enhancement")}
    assert (moment > 10, states) == (True, {"done", "uncertain"})


async def all_ended(house: Front) -> None:
    """Nothing is open or held; what gave a text is charged, and nothing else."""
    rows = await house.rows("SELECT * FROM enhancement")
    assert all(row["ended_at"] for row in rows)
    assert (await books(house)).get("charge", 0) == sum(row["state"] == "done" for row in rows)
    assert await house.held() == 0
    await house.check_books()


async def test_a_text_that_was_paid_for_is_shown_after_the_process_died(house: Front) -> None:
    """The moment after the charge and before the question: the button brings it back, without another credit."""
    enhancer = with_enhancer(house)
    question = await house.says(f"{MINE} --d 10")
    assert question.card is not None
    action = question.card.buttons[1].action
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.commands.quoting.Quoting.offer", Fuse(0).around(lambda: None))
        with pytest.raises(Killed):
            await house.presses(action)
    await end_lost(house.desk.work, house.desk.clock.now() + 1)
    assert BETTER in shown(await house.presses(action))
    assert enhancer.improved == [MINE]
    assert (await books(house))["charge"] == 1


async def test_the_sweep_leaves_what_is_still_worked_on(house: Front) -> None:
    enhancer = with_enhancer(house)
    await dies_at(house, enhancer, BOUGHT, "ask")
    (row,) = await house.rows("SELECT * FROM enhancement")
    assert row["ended_at"] is None
    house.desk.clock.advance(PATIENCE_MS / 1_000 - 10)
    await house.sweeps()
    assert (await house.rows("SELECT ended_at FROM enhancement"))[0]["ended_at"] is None
    house.desk.clock.advance(20)
    await house.sweeps()
    (row,) = await house.rows("SELECT * FROM enhancement")
    assert (row["state"], await house.held()) == ("uncertain", 0)
    await house.check_books()


async def test_an_answer_that_comes_after_it_was_given_up_changes_nothing(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    enhancer = with_enhancer(house)
    looks = enhancer.check_enhancement

    async def late(task: Any) -> Any:
        await end_lost(house.desk.work, house.desk.clock.now() + 1)
        return await looks(task)

    monkeypatch.setattr(enhancer, "check_enhancement", late)
    reply = await house.says(f"{MINE} --enhance")
    assert "couldn't be improved" in shown(reply)
    assert await house.rows("SELECT state, text FROM enhancement") == [{"state": "uncertain", "text": None}]
    assert "charge" not in await books(house)
    await house.check_books()


async def test_what_ended_stays_ended(house: Front) -> None:
    with_enhancer(house)
    await house.says(f"{MINE} --enhance")
    (row,) = await house.rows("SELECT id FROM enhancement")
    run, before = house.house.database.run, await books(house)
    assert not await run(enhancements.done, row["id"], "again", now=1)
    for how in ("refused", "failed", "uncertain"):
        assert not await run(enhancements.end, row["id"], how, "", now=1)
    assert not await run(enhancements.accepted, row["id"], {"id": "x"})
    assert await books(house) == before


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE enhancement SET credits = 2",
        "UPDATE enhancement SET state = 'failed'",
        "UPDATE enhancement SET id = 'another'",
    ],
)
async def test_the_check_sees_rows_that_the_ledger_does_not_bear_out(house: Front, wrong: str) -> None:
    with_enhancer(house)
    await house.says(f"{MINE} --enhance")

    def change() -> Any:
        yield wrong, {}

    await house.house.database.run(change)
    with pytest.raises(LedgerBroken, match="enhancement:"):
        await house.house.database.view(check)


async def test_the_check_sees_a_hold_that_outlived_its_improvement(house: Front) -> None:
    enhancer = with_enhancer(house)
    await dies_at(house, enhancer, BOUGHT, "ask")

    def change() -> Any:
        yield "UPDATE enhancement SET state = 'failed', ended_at = 1", {}

    await house.house.database.run(change)
    with pytest.raises(LedgerBroken, match="job:"):
        await house.house.database.view(check)
