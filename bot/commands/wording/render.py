"""The one function that the jobs get from here: what a delivery shows of a job now."""

from collections.abc import Mapping
from typing import Any

from bot.commands.wording.alerts import alert
from bot.commands.wording.progress import result, status
from bot.jobs.views import JobView
from bot.messaging import Card


def render(kind: str, view: JobView, facts: Mapping[str, Any], now: int) -> Card:
    """The card of a delivery (`status`, `result` or `alert`) now (ms); `facts` are the delivery's own."""
    if kind == "result":
        return result(
            view, fits=bool(facts.get("fits", True)), link=str(facts.get("link", "")), moved="moved" in facts,
            kept_back=str(facts.get("kept_back", "")),
        )  # fmt: skip
    return alert(view, facts) if kind == "alert" else status(view, now)
