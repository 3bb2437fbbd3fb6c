"""A job's receipt: what happened when, with every attempt, its price and its ending."""

from bot.commands.wording.describing import facts, headline
from bot.commands.wording.figures import in_credits, in_dollars, named, shorten, span
from bot.jobs.states import ENDED, JobState
from bot.jobs.views import AttemptView, JobError, JobView
from bot.messaging import Button, Card, Row
from bot.messaging.cards import Tone

_LINES = 10
_DETAIL = 80


def receipt(view: JobView) -> Card:
    """Everything that is known of a job, ended or not: its settings, price and timeline."""
    title, tone = _title(view)
    said = ending(view.error, view) if view.error and view.state is not JobState.CANCELLED else ""
    return Card(
        job=view.id,
        title=title,
        text="\n".join(filter(None, (headline(view.request), said, *_timeline(view)))),
        tone=tone,
        rows=(
            Row(name="Video", value=facts(view.request)),
            Row(name="Credits", value=price(view)),
            *((Row(name="Made by", value=view.provider),) if view.state is JobState.DONE else ()),
            *booked(view.tag),
            *asked_by(view),
        ),
        buttons=(again(view),) if view.state in ENDED else (),
        footer=footer(view),
    )


def booked(tag: str) -> tuple[Row, ...]:
    """What it is booked under, as a row; none where it isn't under anything."""
    return (Row(name="Booked under", value=tag),) if tag else ()


def asked_by(view: JobView) -> tuple[Row, ...]:
    """Who asked for it, as a row; none where no name is known."""
    name = shorten(view.person_name, 60)
    return (Row(name="Asked by", value=name),) if name else ()


def again(view: JobView) -> Button:
    """The same once more; it may buy at once, so the platform asks first."""
    question = f"Make it once more? The last one was {in_credits(view.charged or view.credits)}."
    return Button(label="Again", action=f"again:{view.id}", confirm=question)


def footer(view: JobView) -> str:
    """The job's id, by which commands find it; a job about to be made has none."""
    return f"Job {view.id}" if view.id else ""


def price(view: JobView) -> str:
    """What was held, charged or released; for a job about to be made, what will be held."""
    if view.charged is None:
        held = f"up to {in_credits(view.credits)}" if view.estimated else in_credits(view.credits)
        return f"{held} held" if view.id else held
    if view.charged == 0:
        return f"none charged; {view.credits:,} released"
    back = view.credits - view.charged
    return f"{view.charged:,} charged" + (f"; {back:,} released" if back > 0 else "")


def ending(error: JobError, view: JobView) -> str:
    """Why there is no video, whether it was billed, and what that means for the person."""
    who = error.provider or "The provider"
    said = _ENDINGS[error.ending].format(who=who)
    if error.detail:
        said += f" It said: {named(error.detail, 300)}."
    if view.charged:
        return f"{said} {in_credits(view.charged)} were charged."
    return f"{said} {_BILLED if error.billed else _RELEASED}"


_RELEASED = "Nothing was charged."
_BILLED = "The provider billed it all the same; that isn't charged to you."
_ENDINGS = {
    "policy": "{who} refused it under its content rules. Other words or another picture may pass.",
    "invalid": "{who} could not use what it got. Please change the words or the picture.",
    "provider": "{who} failed to make it. Please try again, or with another provider.",
    "refused": "No provider took it. Please try again later.",
    "no_video": "{who} made it, but the video could not be fetched whole. The operators know.",
    "cancelled": "It was stopped.",
    "released_by_admin": "An administrator released the credits.",
    "charged_by_admin": "It was bought, says an administrator, though no video came.",
}
_TITLES: dict[JobState, tuple[str, Tone]] = {
    JobState.DONE: ("Video finished", "good"),
    JobState.FAILED: ("No video this time", "bad"),
    JobState.CANCELLED: ("Stopped", "plain"),
    JobState.UNCERTAIN: ("Not settled yet", "warning"),
}


def _title(view: JobView) -> tuple[str, Tone]:
    return _TITLES.get(view.state, ("Under way", "working"))


def _timeline(view: JobView) -> list[str]:
    """Lines with the time since it was asked; in the middle of a long list some are left out, and counted."""
    lines = ["0 s: asked for", *(_attempt(attempt, view) for attempt in view.attempts)]
    if view.ended_at is not None and view.state in _ENDED:
        lines.append(f"{span(view.ended_at - view.created_at)}: {_ENDED[view.state]}")
    if len(lines) > _LINES:
        lines[2 : len(lines) - _LINES + 3] = [f"… {len(lines) - _LINES + 1} more attempts"]
    return lines


_ENDED = {
    JobState.DONE: "video stored and checked",
    JobState.FAILED: "ended without a video",
    JobState.CANCELLED: "stopped, credits released",
}


def _attempt(attempt: AttemptView, view: JobView) -> str:
    at = span(attempt.intended_at - view.created_at)
    money = f"price {in_dollars(attempt.microusd)}"
    if attempt.cost is not None:
        money = f"billed {in_dollars(attempt.cost)}" if attempt.cost else "not billed"
    said = _OUTCOMES.get(attempt.outcome, attempt.outcome)
    since = attempt.accepted_at if attempt.accepted_at is not None else attempt.intended_at
    took = (
        f" after {span(attempt.ended_at - since)}" if attempt.ended_at and attempt.outcome in ("done", "failed") else ""
    )
    task = f", task {shorten(attempt.task, 60)}" if attempt.task else ""
    why = f" ({shorten(attempt.error, _DETAIL)})" if attempt.error else ""
    if why and attempt.outcome in ("accepted", "done"):
        why = " (its answer was lost, and found again)"
    return f"{at}: attempt {attempt.number} at {attempt.provider}: {said}{took}{why}, {money}{task}"


_OUTCOMES = {
    "intended": "handed over",
    "accepted": "accepted",
    "refused": "not accepted",
    "uncertain": "the answer was lost",
    "done": "made",
    "failed": "failed",
    "cancelled": "stopped",
    "settled": "settled by an administrator",
}
