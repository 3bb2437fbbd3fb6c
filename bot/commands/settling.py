"""An administrator's word on a job whose paid call's answer was lost: charged, released, or its task named."""

from bot.commands.arguments import Settle
from bot.commands.house import House
from bot.credits.amounts import credits_for
from bot.errors import CheckFailed, NotFound, TooLate
from bot.jobs import scripts
from bot.jobs.polling import FIRST_MS
from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.providers.base import Provider, Task

SETTLED_IN = (JobState.UNCERTAIN, JobState.RUNNING, JobState.FETCHING)
"""States that need (uncertain) or take (the others, for a job that hangs) an administrator's word."""


async def settle(house: House, view: JobView, word: Settle, *, actor: str) -> None:
    """Carry it out, once; raises TooLate when the job has moved on. `task` lets it go on with the provider's task."""
    if view.state not in SETTLED_IN or not view.attempts:
        raise TooLate("resolve", view.state)
    if word.how == "task":
        done = await _name_task(house, view, word.task)
    elif word.how == "charge":
        done = await _charge(house, view, actor)
    else:
        done = await house.database.run(
            scripts.give_up,
            view.id,
            view.state,
            attempt=view.attempts[-1].id,
            outcome="settled",
            error={"ending": "released_by_admin"},
            reason="released_by_admin",
            actor=actor,
            now=house.clock.now(),
        )
    if not done:
        raise TooLate("resolve", (await house.reader.view(view.id)).state)
    house.ring()


async def _charge(house: House, view: JobView, actor: str) -> bool:
    attempt = view.attempts[-1]
    credits = min(view.credits, max(1, credits_for(attempt.microusd, house.policy.credit_microusd)))
    return await house.database.run(
        scripts.settle_charged,
        view.id,
        view.state,
        attempt=attempt.id,
        provider=attempt.provider,
        credits=credits,
        microusd=attempt.microusd,
        error={"ending": "charged_by_admin"},
        actor=actor,
        now=house.clock.now(),
    )


async def _name_task(house: House, view: JobView, task: str) -> bool:
    attempt = view.attempts[-1]
    provider, offer = house.providers.get(attempt.provider), house.offers.get(attempt.offer)
    if provider is None or offer is None or view.state is not JobState.UNCERTAIN:
        raise TooLate("resolve", view.state)
    if await house.database.view(scripts.is_taken, attempt.provider, task):
        raise NotFound("task", task)
    named = provider.task(offer, task)
    await _known(provider, named)
    now = house.clock.now()
    return await house.database.run(
        scripts.accepted,
        view.id,
        JobState.UNCERTAIN,
        attempt=attempt.id,
        task_id=named.id,
        task={"id": named.id, "extra": named.extra},
        now=now,
        wake=now + FIRST_MS,
    )


async def _known(provider: Provider, task: Task) -> None:
    """Raise NotFound for an id that the provider says it doesn't know: a slip would lose the video that was bought.

    One that can't be asked now is no reason to doubt the administrator.
    """
    try:
        await provider.check(task)
    except CheckFailed as error:
        if error.reason in ("not_found", "invalid"):
            raise NotFound("task", task.id) from error
