"""A transaction script in which the power goes."""

from collections.abc import Callable
from itertools import count
from typing import Any

from bot.store.scripts import Script


class CrashError(Exception):
    """The power went."""


def crash_before(statement: int, make: Callable[[], Script[Any]]) -> Script[Any]:
    """The script, until the power goes; one that is shorter just ends."""
    script, rows = make(), None
    for number in count():
        try:
            following = script.send(rows) if rows is not None else next(script)
        except StopIteration as done:
            return done.value
        if number == statement:
            raise CrashError
        rows = yield following
    return None
