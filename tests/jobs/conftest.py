"""The desk that most tests of jobs are done at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, desk


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    """Jobs with one made-up provider, its clock in the test's hands."""
    async with desk(tmp_path) as made:
        yield made
