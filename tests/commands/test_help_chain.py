"""From `help` alone to a team that is set up: every command is quoted literally on a card that was seen before it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.messaging import Choice
from tests.support.front import ADA, Front, front, shown

CHAIN = (
    "help admin",
    "quota",
    "quota refill 10000/month",
    "quota set default 300/month",
    "quota set role:Designers 1000/month",
    "quota approve-over 200",
    "quota alerts #finance 50,80,100",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        made.desk.messenger.known_groups = (Choice(value="7", label="Designers"),)
        yield made


async def test_an_administrator_finds_every_step_on_a_card_seen_before(house: Front) -> None:
    seen = shown(await house.says("help", by=ADA))
    for line in CHAIN:
        assert line in seen
        said = await house.says(line.replace("#finance", "<#finance>"), by=ADA)  # as the platforms tell a channel
        assert said.card is not None
        assert said.card.tone != "warning", shown(said)
        seen += "\n" + shown(said)
    limits = await house.rows("SELECT scope, credits, period FROM spending_limit ORDER BY scope")
    assert [tuple(row.values()) for row in limits] == [
        ("default", 300, "month"), ("role:fake:7", 1_000, "month"),
    ]  # fmt: skip
    (team,) = await house.rows("SELECT refill, rules FROM workspace")
    assert team["refill"] == 10_000
    assert '"approve_over": 200' in team["rules"]
    assert '"channel": "finance"' in team["rules"]
