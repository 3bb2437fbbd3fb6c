"""A team with a refill of 1,000 credits a month, a limit of 300 a member, and a top-up of 500."""

from collections.abc import Iterator

import pytest

from bot.credits.policy import Policy
from tests.support.books import Books, limited


@pytest.fixture
def books() -> Iterator[Books]:
    opened = Books(Policy(refill=1_000, limits=limited(300)))
    opened.top_up(500, key="start")
    yield opened
    opened.check()
    opened.connection.close()
