"""Cards for the operators: a job that needs a decision, or a provider that needs care. And the answer to their word."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import in_credits, in_dollars, named, shorten, span
from bot.commands.wording.timeline import asked_by, footer, price, receipt
from bot.jobs.states import ENDED, JobState
from bot.jobs.views import JobView
from bot.messaging import Button, Card, Row

Facts = Mapping[str, Any]
Said = tuple[str, str]


def alert(view: JobView, told: Facts) -> Card:
    """What the operators should know of a job. `told["kind"]` says what happened; the rest are that kind's facts.

    A question that is answered meanwhile turns into the job's receipt.
    """
    kind = str(told.get("kind", ""))
    if kind == "uncertain" and view.state is not JobState.UNCERTAIN:
        return receipt(view)
    title, text = _SAYING.get(kind, _other)(view, told)
    detail = str(told.get("detail", ""))
    return Card(
        title=title,
        text="\n".join(filter(None, (text, f"It said: {named(detail, 300)}." if detail else ""))),
        tone="bad" if kind in ("auth", "balance", "no_video") else "warning",
        rows=(
            Row(name="Video", value=f"{headline(view.request, 60)} ({facts(view.request)})"),
            *asked_by(view),
            Row(name="Credits", value=price(view)),
            *_paid(view),
        ),
        buttons=_decisions(view) if view.state is JobState.UNCERTAIN else (),
        command=f"resolve {view.id} task <id>" if view.state is JobState.UNCERTAIN else "",
        footer=footer(view),
    )


def settled(view: JobView) -> Card:
    """The answer to an administrator's word: how the job stands now."""
    if view.state in ENDED:
        return receipt(view)
    return Card(
        title="Taken over",
        text=f"{headline(view.request)}\nIt goes on with that task at {view.provider}, and the video still comes.",
        tone="plain",
        footer=footer(view),
    )


def _who(view: JobView, told: Facts) -> str:
    return shorten(str(told.get("provider") or view.provider), 40)


def _paid(view: JobView) -> tuple[Row, ...]:
    if not view.attempts:
        return ()
    last = view.attempts[-1]
    return (Row(name=f"Attempt {last.number}", value=f"{last.offer}, {in_dollars(last.microusd)}"),)


def _decisions(view: JobView) -> tuple[Button, ...]:
    return (
        Button(
            label="It was bought: charge",
            action=f"resolve-charge:{view.id}",
            style="danger",
            confirm=f"Charge for it without a video? At most {in_credits(view.credits)}.",
        ),
        Button(
            label="It was not: release",
            action=f"resolve-release:{view.id}",
            confirm=f"Release {in_credits(view.credits)}? If it was bought after all, nobody is charged for it.",
        ),
    )


def _uncertain(view: JobView, told: Facts) -> Said:
    number = int(told.get("candidates", 0))
    seen = f"{number} tasks there could be it." if number > 1 else "No task that could be it was found there."
    return "Was this bought? Please decide", (
        f"The answer to the paid call at {_who(view, told)} was lost. {seen} Nothing was bought again. Please look at "
        "the provider's own list. If its task is there, resolve it with the task's id, and the video still comes."
    )


def _no_video(view: JobView, told: Facts) -> Said:
    return "Billed, but no video", (
        f"{_who(view, told)} made the video, but it could not be fetched whole. The person was not charged; what "
        "it cost is booked as variance."
    )


def _auth(view: JobView, told: Facts) -> Said:
    return f"{_who(view, told)} refuses our key", "Please check the key in the settings. Until then its offers fail."


def _balance(view: JobView, told: Facts) -> Said:
    return f"No money left at {_who(view, told)}", "Please top up the account there. Until then its offers fail."


def _provider_off(view: JobView, told: Facts) -> Said:
    who = _who(view, told)
    return (
        f"{who} is switched off, and works for us",
        f"A job is still being made there. Switch {who} on to get its video.",
    )


def _overdue(view: JobView, told: Facts) -> Said:
    late = span(int(told.get("seconds", 0)) * 1000)
    return "Far longer than usual", (
        f"{_who(view, told)} has had this for {late}. I keep looking. If it never comes, settle it: "
        f"resolve {view.id} charge, or release"
    )


def _stuck(view: JobView, told: Facts) -> Said:
    return "Stuck on a fault of mine", (
        f"One of its steps breaks every time ({named(str(told.get('error', 'unknown')), 60)}). I keep trying, ever "
        "more seldom, and nothing is bought twice. My log tells more."
    )


def _other(view: JobView, told: Facts) -> Said:
    return (
        "Please have a look",
        f"{_who(view, told)}: {shorten(str(told.get('kind', 'unknown')).replace('_', ' '), 60)}.",
    )


_SAYING: Mapping[str, Callable[[JobView, Facts], Said]] = {
    "uncertain": _uncertain,
    "no_video": _no_video,
    "auth": _auth,
    "balance": _balance,
    "provider_off": _provider_off,
    "overdue": _overdue,
    "stuck": _stuck,
}
