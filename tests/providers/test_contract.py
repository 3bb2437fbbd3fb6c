"""Every provider of the table keeps to what the house builds on."""

from pathlib import Path

import pytest

from bot.providers.registry import PROVIDERS, Row
from tests.support.contract import check_failing_over, check_key, check_looks, check_outcomes, check_table, text_offer
from tests.support.desk import desk
from tests.support.loopback import Loopback
from tests.support.providers import offer

EVERY = pytest.mark.parametrize("row", PROVIDERS.values(), ids=PROVIDERS)


@EVERY
def test_its_rows_fit_together(row: Row) -> None:
    check_table(row)


@EVERY
async def test_the_paid_call_is_bought_refused_or_uncertain(row: Row, server: Loopback) -> None:
    await check_outcomes(row, server)


@EVERY
async def test_a_look_that_brings_nothing_ends_nothing(row: Row, server: Loopback) -> None:
    await check_looks(row, server)


@EVERY
async def test_its_key_is_in_no_error(row: Row, server: Loopback) -> None:
    await check_key(row, server)


@EVERY
async def test_another_takes_over_only_where_nothing_was_bought(row: Row, server: Loopback, tmp_path: Path) -> None:
    async with desk(tmp_path, offers=(text_offer(row), offer("other"))) as at:
        await check_failing_over(row, server, at)
