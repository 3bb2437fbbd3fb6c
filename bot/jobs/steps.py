"""What a job does next: a table from state to step. A step does one thing and leaves nothing in memory.

A step runs under a lease. It ends in a change of state (`scripts.move` and what is built on it) or in `scripts.sleep`;
when it does neither, because the process died, the lease runs out and the step of the state in the rows runs again:

    queued      prepare the call, store the intent, make the paid call once
    submitting  only ever found after a crash: the answer is lost, so uncertain; refused where nothing was sent
    running     ask the provider
    fetching    download, check, store, charge
    uncertain   look the task up where the provider can, then leave it to an administrator
"""

import json
from collections.abc import Awaitable, Callable

from bot.jobs import scripts
from bot.jobs.fetching import fetch
from bot.jobs.running import poll
from bot.jobs.states import JobState
from bot.jobs.submitting import submit
from bot.jobs.uncertain import look_up
from bot.jobs.work import Turn, Work

Step = Callable[[Work, Turn], Awaitable[None]]


async def lost(work: Work, turn: Turn) -> None:
    """The process died around the paid call: whether it was accepted is for `uncertain` to find out.

    An attempt without a body was refused while it was prepared: nothing was sent, and the next offer takes its turn.
    """
    attempt = await turn.last_attempt()
    if not json.loads(attempt["body"]):
        await work.run(
            scripts.refused, turn.job, attempt=attempt["id"], reason="unavailable", detail="stopped before the call",
            now=work.now(), wake=work.now(), theirs=False,
        )  # fmt: skip
        return
    await work.run(
        scripts.uncertain, turn.job, attempt=attempt["id"], detail="stopped during the call", now=work.now(),
        wake=work.now(), theirs=False,
    )  # fmt: skip


STEPS: dict[JobState, Step] = {
    JobState.QUEUED: submit,
    JobState.SUBMITTING: lost,
    JobState.RUNNING: poll,
    JobState.FETCHING: fetch,
    JobState.UNCERTAIN: look_up,
}
"""The step of every state that something follows."""
