"""A job's status card while it runs, honest about what is known, and the card of its result."""

from collections.abc import Callable, Mapping, Sequence

from bot.commands.canonical import command
from bot.commands.wording import rules
from bot.commands.wording.describing import alt, facts, headline
from bot.commands.wording.figures import count, in_credits, measured, shorten, span, usual
from bot.commands.wording.pictured import changed
from bot.commands.wording.timeline import again, footer, price, receipt
from bot.jobs.states import ENDED, JobState
from bot.jobs.views import JobView
from bot.kling.requests import Extend
from bot.messaging import Button, Card, Row

_STOPPABLE = frozenset((JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING))
_LATE = "It takes longer than usual. I keep looking; there is nothing for you to do."
_ELSE = "otherwise it goes on, and the video is charged when it is there."
_MOVED = "It was meant for the place where you asked. I can't show it there any more, so here it is."
_TEXT = 2_500
"""Characters of a list; platforms take about 3,000."""


def status(view: JobView, now: int) -> Card:
    """How a job is getting on at `now` (ms); its receipt once it has ended."""
    if view.state in ENDED:
        return receipt(view)
    title, text = _SAYING[view.state](view)
    late = _LATE if view.late and view.state is not JobState.UNCERTAIN else ""
    return Card(
        job=view.id or None,
        title=title,
        text="\n".join(filter(None, (headline(view.request), text, _stopping(view), late, *changed(view.changes)))),
        tone="warning" if view.state is JobState.UNCERTAIN or view.late else "working",
        rows=_rows(view, now),
        buttons=(_cancel(view),) if view.id and view.state in _STOPPABLE and not view.cancel_asked else (),
        footer=footer(view),
        progress=view.progress if view.state is JobState.RUNNING else None,
    )


def _rows(view: JobView, now: int) -> tuple[Row, ...]:
    rows = [Row(name="Video", value=facts(view.request)), Row(name="Credits", value=price(view))]
    if view.id:
        rows.append(Row(name="Elapsed", value=span(now - view.created_at)))
    waiting = view.state in (JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING)
    if waiting and view.progress is None and (takes := (measured if view.measured else usual)(view.usual)):
        rows.append(Row(name="Usually takes", value=takes))
    return tuple(rows)


_WAITS = {
    "person": "As many of your videos are being made as one person may have at once; it goes on after one of them.",
    "team": "As many videos are being made as the team allows at once; it goes on after one of them.",
    "paused": "An administrator paused this team; it goes on by itself afterwards.",
    "everything": "The operator paused everything here; it goes on by itself afterwards.",
}
"""Why a job isn't bought yet though it could be."""


def _queued(view: JobView) -> tuple[str, str]:
    if not view.id:
        return "Getting ready", "Nothing is held yet."
    if view.waits:
        return "Waiting for its turn", f"{_WAITS[view.waits]} Nothing is bought yet."
    if view.attempts:
        text = f"{view.attempts[-1].provider} didn't accept it ({count(len(view.attempts), 'attempt')} so far)"
        return "Waiting for another try", f"{text}. Nothing is bought yet."
    return "Waiting for its turn", "Nothing is bought yet."


def _submitting(view: JobView) -> tuple[str, str]:
    return f"Handing it to {view.provider}", ""


def _running(view: JobView) -> tuple[str, str]:
    if view.progress is not None:
        return f"{view.provider} is making it", f"{round(view.progress * 100)} % done, says {view.provider}."
    if view.queue_position:
        return f"Waiting at {view.provider}", f"Number {view.queue_position:,} in its queue."
    return f"{view.provider} is working on it", ""


def _fetching(view: JobView) -> tuple[str, str]:
    return "The video is made, fetching it", "It is charged when it is stored and checked."


def _uncertain(view: JobView) -> tuple[str, str]:
    return "Not known whether it was bought", (
        f"The answer to the paid call at {view.provider} was lost. Nothing is bought again. I look for it; where "
        f"I can't find out, an administrator decides. Until then {in_credits(view.credits)} stay held."
    )


_SAYING: Mapping[JobState, Callable[[JobView], tuple[str, str]]] = {
    JobState.QUEUED: _queued,
    JobState.SUBMITTING: _submitting,
    JobState.RUNNING: _running,
    JobState.FETCHING: _fetching,
    JobState.UNCERTAIN: _uncertain,
}


def stopping(view: JobView) -> Card:
    """The answer to whoever asked to stop a job: what that does, as far as it is known."""
    if view.state is JobState.QUEUED:
        text = "Nothing was bought yet, so your credits are released."
    else:
        text = f"Only if {view.provider} confirms that are the credits released; {_ELSE}"
    return Card(title="Asked to stop", text=f"{headline(view.request)}\n{text}", tone="plain", footer=footer(view))


def _stopping(view: JobView) -> str:
    """What became of the wish to stop; never more than is known."""
    if not view.cancel_asked:
        return ""
    if view.cancel_refused:
        return f"It can't be stopped any more: {view.provider} goes on, and the video is charged when it is there."
    if view.state is JobState.QUEUED:
        return "Stopping it; the credits are released."
    if view.state is JobState.UNCERTAIN:
        return "You asked to stop it; that can't be told before it is settled."
    return f"You asked to stop it. Only if {view.provider} confirms that are the credits released; {_ELSE}"


def _cancel(view: JobView) -> Button:
    return Button(label="Cancel", action=f"cancel:{view.id}", style="danger")


def result(view: JobView, *, fits: bool = True, link: str = "", moved: bool = False, kept_back: str = "") -> Card:
    """The card beside a finished video. `fits` is false where the place doesn't take the file; `link` leads to it.

    `moved` says that it was meant for another place, where it can't be shown; `kept_back` that a flagged video is shown
    behind a `button`, or `never`.
    """
    too_large = f"The video is too large for this place. {f'It is here: {link}' if link else 'It is kept with me.'}"
    flagged = f"{view.provider} marked it as possibly sensitive." if view.flagged else ""
    if kept_back:
        flagged = rules.kept_back(view, kept_back)
    took = f"{view.provider}, in {span(view.ended_at - view.created_at)}" if view.ended_at else view.provider
    return Card(
        job=view.id,
        title=headline(view.request),
        text="\n".join(filter(None, (_MOVED if moved else "", "" if fits else too_large, flagged))),
        tone="good",
        rows=(
            Row(name="Video", value=facts(view.request)),
            Row(name="Made by", value=took),
            Row(name="Credits", value=price(view)),
        ),
        buttons=_of_result(view, kept_back),
        command=command(view.request, tag=view.tag),
        footer=footer(view),
        alt=alt(view.request),
    )


def _of_result(view: JobView, kept_back: str = "") -> tuple[Button, ...]:
    """What can be done with a finished video; less where it isn't shown."""
    if kept_back == "never":
        return again(view), Button(label="Receipt", action=f"receipt:{view.id}")
    pro = view.request.tier == "standard" and not isinstance(view.request, Extend)
    question = "Take the video away here, for everybody? Its receipt stays, and so does its price."
    return (
        *((rules.reveal(view),) if kept_back else ()),
        again(view),
        Button(label="Edit", action=f"edit:{view.id}", opens=True),
        *((Button(label="In pro", action=f"pro:{view.id}"),) if pro else ()),
        Button(label="Extend", action=f"extend:{view.id}", opens=True),
        Button(label="Receipt", action=f"receipt:{view.id}"),
        Button(label="Delete", action=f"delete:{view.id}", style="danger", confirm=question),
    )


def taken_away(view: JobView) -> Card:
    """The answer to whoever had a result deleted."""
    return Card(title="Taken away", text="The message with the video is gone. Its receipt: show", footer=footer(view))


def edit_by_hand(view: JobView) -> Card:
    """What a form would hold, for where none can be opened: the command to copy and change."""
    text = "Answer to the video with what is to be different (--d 10, other words, + more words), or change this line."
    return Card(
        title="Change it and make it anew", text=text, command=command(view.request, tag=view.tag), footer=footer(view)
    )


def short(view: JobView) -> str:
    """A job in a few words, for a list to pick from."""
    return f"{headline(view.request, 60)} ({_STATES[view.state]})"


def jobs_list(views: Sequence[JobView], now: int, *, everybody: bool = False) -> Card:
    """Jobs with their states. A person's own are numbered from the newest, as `status 2` and `show 2` count them."""
    if not views:
        return Card(title="No jobs", text="Nothing is open." if everybody else "Ask for a first one: video a red fox")
    lines = [
        line(view, now, f"{view.person_name}: " if everybody else f"{number}. ") for number, view in enumerate(views, 1)
    ]
    title = count(len(views), "open job") if everybody else "Your newest jobs"
    hint = (
        "Settle an uncertain one: resolve <job> charge, release or task <id>" if everybody else "More: show 1, again 1"
    )
    return Card(title=title, text=_bounded(lines), footer=hint)


def _bounded(lines: Sequence[str]) -> str:
    """As many lines as a message holds, and how many are left."""
    text = lines[0]
    for number, one in enumerate(lines[1:], start=1):
        if len(text) + len(one) > _TEXT:
            return f"{text}\n… and {len(lines) - number} more"
        text += f"\n{one}"
    return text


def line(view: JobView, now: int, start: str = "") -> str:
    """One job in one line, with its id."""
    since = span(now - view.created_at)
    facts_of = (_STATES[view.state], f"{since} ago", price(view), view.id)
    return " · ".join((f"{shorten(start, 40)} {headline(view.request, 50)}", *facts_of))


_STATES = {
    JobState.QUEUED: "waiting",
    JobState.SUBMITTING: "being handed over",
    JobState.RUNNING: "being made",
    JobState.FETCHING: "being fetched",
    JobState.UNCERTAIN: "not settled",
    JobState.DONE: "done",
    JobState.FAILED: "no video",
    JobState.CANCELLED: "stopped",
}
