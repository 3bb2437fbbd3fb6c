"""Rules of the house, broken on purpose in one process, to see that the tests notice."""

from unittest import mock

from bot.jobs import scripts, submitting
from bot.jobs.work import Turn, Work
from bot.providers.base import Body, Order
from tests.killing.errand import Broken


def apply(broken: Broken) -> None:
    """Break a rule for the rest of this process. (A delivery without its key is broken in `chat`.)"""
    if broken == "intent":
        mock.patch("bot.jobs.submitting._call", _call_before_the_intent).start()
    elif broken == "compare_and_set":
        careless = scripts._MOVE.replace("AND state = :old", "")
        assert careless != scripts._MOVE
        mock.patch("bot.jobs.scripts._MOVE", careless).start()


async def _call_before_the_intent(work: Work, turn: Turn, order: Order, body: Body) -> None:
    task = await work.providers[order.offer.provider].submit(body)
    if await submitting._intend(work, turn, order, {"path": body.path, "json": body.shown}):
        await submitting._accepted(work, turn, order, task)
