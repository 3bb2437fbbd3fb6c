"""The step of `queued`: choose an offer, prepare, store the intent, make the paid call once."""

import json
import logging
from collections.abc import Sequence

from bot.errors import BlobMissing, CheckFailed, ProviderReason, SubmitRefused, SubmitUncertain
from bot.jobs import scripts
from bot.jobs.polling import FIRST_MS, backoff
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work, picture_files
from bot.providers.base import Body, Order, Task
from bot.providers.offers import Offer
from bot.providers.router import seconds
from bot.store.scripts import Row

log = logging.getLogger(__name__)

_PASSING: frozenset[ProviderReason] = frozenset(("busy", "unavailable"))
_OPERATORS: frozenset[ProviderReason] = frozenset(("auth", "balance"))
_LONGEST_WAIT = 300.0


async def submit(work: Work, turn: Turn) -> None:
    """Make the paid call at the best offer that has not refused it yet."""
    if turn.row["cancel_asked"] != scripts.CANCEL_NO:
        await _end(work, turn, ending="cancelled", new=JobState.CANCELLED)
        return
    attempts = await work.run(scripts.attempts_of, turn.job)
    choice = _next_offer(work, turn.offer_ids(), attempts)
    if choice is None:
        await _none_left(work, turn, attempts)
        return
    order = await _order(work, turn, choice[0])
    if order is None:
        return
    body = await _prepare(work, turn, order)
    if body is not None:
        await _call(work, turn, order, body)


def _next_offer(work: Work, offers: Sequence[str], attempts: Sequence[Row]) -> tuple[Offer, int] | None:
    """The best offer with the fewest refusals, and how many; None when each refused for good or often enough."""
    best: tuple[Offer, int] | None = None
    for offer in _on_sale(work, offers):
        refusals = [json.loads(attempt["error"])["reason"] for attempt in attempts if attempt["offer"] == offer.id]
        open_still = not refusals or (refusals[-1] in _PASSING and len(refusals) < work.timing.submit_rounds)
        if open_still and (best is None or len(refusals) < best[1]):
            best = offer, len(refusals)
    return best


def _on_sale(work: Work, offers: Sequence[str]) -> list[Offer]:
    """Those of the offers that can still be bought: rows go, and providers are switched off, while jobs wait."""
    known = [work.offers[name] for name in offers if name in work.offers]
    return [offer for offer in known if offer.enabled and offer.provider in work.providers]


async def _order(work: Work, turn: Turn, offer: Offer) -> Order | None:
    request = turn.request()
    try:
        pictures = await picture_files(work, turn.row["ask"], request.pictures)
    except BlobMissing:
        await _end(work, turn, ending="invalid", detail="the picture is no longer stored")
        return None
    return Order(attempt=work.new_id(), request=request, offer=offer, pictures=pictures)


async def _prepare(work: Work, turn: Turn, order: Order) -> Body | None:
    provider = work.providers[order.offer.provider]
    try:
        return await provider.prepare(order)
    except CheckFailed as error:
        if turn.tries + 1 < work.timing.prepare_tries:
            wait = max(backoff(turn.tries, first=1.0, longest=30.0), error.retry_after or 0.0)
            await turn.sleep(wait, tries=turn.tries + 1)
            return None
        refusal = SubmitRefused(error.provider, error.reason, error.detail, error.status)
    except SubmitRefused as error:
        refusal = error
    # A refusal before the call is recorded as an attempt too: it is what tells which offer comes next. Its body is
    # empty, by which `steps.lost` knows after a crash that nothing was sent.
    if await _intend(work, turn, order, {}):
        await _refused(work, turn, order, refusal)
    return None


async def _intend(work: Work, turn: Turn, order: Order, body: dict[str, object]) -> bool:
    """Store the intent. False where the job was stopped or taken over meanwhile; then it is given back."""
    intended = await work.run(
        scripts.intend, turn.job, turn.owner, attempt=order.attempt, provider=order.offer.provider,
        offer=order.offer.id,
        microusd=order.offer.price.ceiling(seconds(order.request)), body=body, now=work.now(),
    )  # fmt: skip
    if not intended:
        await turn.sleep(0)
    return intended


async def _call(work: Work, turn: Turn, order: Order, body: Body) -> None:
    """Intent first, then exactly one paid call, then its outcome."""
    if not await _intend(work, turn, order, {"path": body.path, "json": body.shown}):
        return
    provider = work.providers[order.offer.provider]
    try:
        task = await provider.submit(body)
    except SubmitRefused as error:
        await _refused(work, turn, order, error)
    except SubmitUncertain as error:
        await _uncertain(work, turn, order, error.detail)
    except Exception as error:
        # Whatever broke, the call may have gone out: never again.
        log.exception("job %s: the paid call broke", turn.job)
        await _uncertain(work, turn, order, type(error).__name__)
        raise
    else:
        log.info("%s accepted the call as %s", provider.name, task.id)
        await _accepted(work, turn, order, task)


async def _accepted(work: Work, turn: Turn, order: Order, task: Task) -> None:
    """Keep the task, also where another worker gave the call up for lost while this one was held up."""
    for old in (JobState.SUBMITTING, JobState.UNCERTAIN):
        if await work.insist(
            scripts.accepted, turn.job, old, attempt=order.attempt, task_id=task.id,
            task={"id": task.id, "extra": task.extra}, now=work.now(), wake=work.now() + FIRST_MS,
        ):  # fmt: skip
            return
    log.error("job %s went on without the answer that %s has it as %s", turn.job, order.offer.provider, task.id)


async def _uncertain(work: Work, turn: Turn, order: Order, detail: str) -> None:
    await work.insist(
        scripts.uncertain, turn.job, attempt=order.attempt, detail=detail, now=work.now(), wake=work.now()
    )  # fmt: skip


async def _refused(work: Work, turn: Turn, order: Order, error: SubmitRefused) -> None:
    """Certainly not bought: end on a content rule, otherwise the next offer takes its turn."""
    if error.reason == "policy":
        await work.insist(
            scripts.give_up, turn.job, JobState.SUBMITTING, attempt=order.attempt, outcome="refused", now=work.now(),
            error={"ending": "policy", "provider": error.provider, "detail": error.detail}, reason="policy",
        )  # fmt: skip
        return
    wake = work.at(await _wait(work, turn, error))
    await work.insist(
        scripts.refused, turn.job, attempt=order.attempt, reason=error.reason, detail=error.detail, now=work.now(),
        wake=wake,
    )  # fmt: skip
    if error.reason in _OPERATORS:
        await work.tell_operators(turn.job, error.reason, provider=error.provider, detail=error.detail)


async def _wait(work: Work, turn: Turn, error: SubmitRefused) -> float:
    """Seconds until the next attempt: none while an offer is untried, then longer from round to round."""
    attempts = await work.insist(scripts.attempts_of, turn.job)
    tried = {attempt["offer"] for attempt in attempts}
    if error.reason not in _PASSING or any(offer.id not in tried for offer in _on_sale(work, turn.offer_ids())):
        return 0.0
    wait = backoff(len(attempts) // len(tried) - 1, first=work.timing.submit_wait, longest=_LONGEST_WAIT)
    return max(wait, min(_LONGEST_WAIT, error.retry_after or 0.0))


async def _none_left(work: Work, turn: Turn, attempts: Sequence[Row]) -> None:
    last = attempts[-1] if attempts else None
    detail = json.loads(last["error"])["detail"] if last else ""
    await _end(work, turn, ending="refused", detail=detail, provider=str(last["provider"]) if last else "")


async def _end(
    work: Work, turn: Turn, *, ending: str, detail: str = "", provider: str = "", new: JobState = JobState.FAILED
) -> None:
    error = {"ending": ending, "provider": provider, "detail": detail}
    await work.run(
        scripts.give_up, turn.job, JobState.QUEUED, new=new, attempt=None, outcome="", error=error, reason=ending,
        now=work.now(),
    )  # fmt: skip
