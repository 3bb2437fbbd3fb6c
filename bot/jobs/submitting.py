"""The step of `queued`: choose an offer, prepare, store the intent, make the paid call once."""

import json
import logging
from collections.abc import Collection, Sequence

from bot.errors import BlobMissing, CheckFailed, ProviderReason, SubmitRefused, SubmitUncertain
from bot.jobs import scripts, slots, waiting
from bot.jobs.extending import parent_task
from bot.jobs.polling import FIRST_MS, backoff
from bot.jobs.slots import Room
from bot.jobs.states import JobState
from bot.jobs.work import Turn, Work, picture_files
from bot.kling.requests import Extend
from bot.providers.base import Body, Order, Task
from bot.providers.health import Ailing, ailing
from bot.providers.offers import Offer
from bot.providers.router import seconds
from bot.store.scripts import Row, Script

log = logging.getLogger(__name__)

_PASSING: frozenset[ProviderReason] = frozenset(("busy", "unavailable"))
_OPERATORS: frozenset[ProviderReason] = frozenset(("auth", "balance"))
_LONGEST_WAIT = 300.0
_LOOK_AGAIN_MS = 10_000
"""Until the next look at a provider that another job is trying."""
_APART = 2.0
"""Seconds over which those are spread that wait for the same provider."""


async def submit(work: Work, turn: Turn) -> None:
    """Make the paid call at the best offer that has not refused it yet."""
    if turn.row["cancel_asked"] != scripts.CANCEL_NO:
        await _end(work, turn, ending="cancelled", new=JobState.CANCELLED)
        return
    outlook = await work.run(_outlook, work, turn, work.at(work.timing.turn_look + work.clock.uniform(0.0, _APART)))
    if outlook is None:
        return
    attempts, ill, rooms = outlook
    open_still = _open_still(work, turn, attempts)
    if not open_still:
        await _none_left(work, turn, attempts)
        return
    awake = _awake(open_still, [name for name, one in ill.items() if not one.takes(turn.job, work.now())])
    if not awake:
        await _rest(work, turn, [ill[one.provider] for one, _ in open_still])
        return
    good, patient_until = _good_enough(work, turn, awake, attempts)
    offer = next((one for one in good if one.provider not in rooms or rooms[one.provider].takes(work.now())), None)
    if offer is None:
        await _line_up(work, turn, [rooms[one.provider] for one in good], patient_until)
        return
    order = await _order(work, turn, offer)
    if order is None:
        return
    body = await _prepare(work, turn, order)
    if body is not None:
        await _call(work, turn, order, body)


def _outlook(work: Work, turn: Turn, look: int) -> Script[tuple[list[Row], dict[str, Ailing], dict[str, Room]] | None]:
    """What was tried for a job, which providers something is wrong with, and which have room for it.

    None where it has to wait for others, or for the end of a pause: then it is given back until `look` (ms).
    """
    if (yield from waiting.mark(turn.job, str(turn.row["waits"]))) is not None:
        yield from _hold_back(turn, work.now(), look)
        return None
    attempts = yield from scripts.attempts_of(turn.job)
    return attempts, (yield from ailing()), (yield from slots.rooms(turn.job))


def _hold_back(turn: Turn, now: int, look: int) -> Script[None]:
    """Leave a provider's slot, and its line, to others meanwhile."""
    yield from slots.out_of_line(turn.job)
    yield from slots.leave(turn.job, now=now)
    yield from scripts.sleep(
        turn.job, turn.owner, wake=look, tries=turn.tries, progress={"rested": _rested(turn, now)}, show=now
    )


def _open_still(work: Work, turn: Turn, attempts: Sequence[Row]) -> list[tuple[Offer, int]]:
    """The offers that haven't refused it for good or often enough, best first, and how often each has refused it."""
    found = []
    since = int(attempts[0]["intended_at"]) if attempts else work.now()  # it may have waited long before, in a pause
    young = work.now() - since < work.timing.busy_patience * 1000
    for offer in _on_sale(work, turn.offer_ids()):
        refusals = [json.loads(attempt["error"])["reason"] for attempt in attempts if attempt["offer"] == offer.id]
        often = len(refusals) - refusals.count("busy") >= work.timing.submit_rounds
        if not refusals or (refusals[-1] in _PASSING and not often and (refusals[-1] != "busy" or young)):
            found.append((offer, len(refusals)))
    return found


def _awake(open_still: Sequence[tuple[Offer, int]], resting: Collection[str]) -> list[Offer]:
    """Those with the fewest refusals first, without providers that nobody is sent to now."""
    awake = [(offer, refusals) for offer, refusals in open_still if offer.provider not in resting]
    return [offer for offer, _ in sorted(awake, key=lambda one: one[1])]


def _good_enough(
    work: Work, turn: Turn, awake: Sequence[Offer], attempts: Sequence[Row]
) -> tuple[list[Offer], int | None]:
    """The best offer, and those that may be bought where it is full; until when the dearer ones may not (ms).

    One that costs no more takes over at once. A dearer one, though within what is held, only after about the time that
    a clip takes: so long a wait is worth the difference, a longer one isn't, and nobody pays more than they agreed to.
    """
    length = seconds(turn.request())
    price = awake[0].price.expected(length)
    since = max(int(turn.row["created_at"]), *(int(attempt["ended_at"] or 0) for attempt in attempts), 0)
    until = since + round(work.timing.line_patience * 1000)
    cheap = [offer for offer in awake if offer.price.expected(length) <= price]
    return (cheap, until) if work.now() < until and len(cheap) < len(awake) else (list(awake), None)


async def _line_up(work: Work, turn: Turn, full: Sequence[Room], patient_until: int | None) -> None:
    """Wait for a slot at one of these providers; woken when there is one, and now and then without."""
    await work.run(slots.join, turn.job, {one.provider for one in full}, now=work.now())
    opening = [one.closed_until for one in full if one.closed_until > work.now()]
    wake = min([work.at(work.timing.line_look), *opening, *([] if patient_until is None else [patient_until])])
    wait = (wake - work.now()) / 1000 + work.clock.uniform(0.0, _APART)
    await turn.sleep(wait, tries=0, progress={"rested": _rested(turn, work.now())}, show=True)


async def _rest(work: Work, turn: Turn, ill: Sequence[Ailing]) -> None:
    """Wait until one of the providers may be tried again, or another job has tried it; not for ever."""
    now, latest = work.now(), max(ill, key=lambda one: one.failed_at)
    rested = _rested(turn, now)
    left = work.timing.rest_patience - rested / 1000
    if left <= 0:
        await _end(work, turn, ending="refused", detail=latest.detail, provider=latest.provider)
        return
    soonest = min(one.until if one.until > now else now + _LOOK_AGAIN_MS for one in ill)
    wait = min(left, (soonest - now) / 1000 + work.clock.uniform(0.0, _APART))
    await turn.sleep(wait, progress={"rests_since": now - rested}, show=True)


def _rested(turn: Turn, now: int) -> int:
    """How long (ms) a job has waited for providers to be well; standing in line in between doesn't count."""
    since = turn.progress.get("rests_since")
    return int(turn.progress.get("rested", 0)) if since is None else now - int(since)


def _on_sale(work: Work, offers: Sequence[str]) -> list[Offer]:
    """Those of the offers that can still be bought: rows go, and providers are switched off, while jobs wait."""
    known = [work.offers[name] for name in offers if name in work.offers]
    return [offer for offer in known if offer.enabled and offer.provider in work.providers]


async def _order(work: Work, turn: Turn, offer: Offer) -> Order | None:
    request = turn.request()
    try:
        pictures = await picture_files(work.database, work.blobs, turn.row["ask"], request.pictures)
    except BlobMissing:
        await _end(work, turn, ending="invalid", detail="the picture is no longer stored")
        return None
    parent = await parent_task(work, turn, request, offer.provider) if isinstance(request, Extend) else None
    if isinstance(request, Extend) and parent is None:
        await _end(work, turn, ending="invalid", detail=f"that video can't be extended at {offer.provider}")
        return None
    return Order(attempt=work.new_id(), request=request, offer=offer, pictures=pictures, parent=parent)


async def _prepare(work: Work, turn: Turn, order: Order) -> Body | None:
    provider = work.providers[order.offer.provider]
    try:
        return await provider.prepare(order)
    except CheckFailed as error:
        if turn.tries + 1 < work.timing.prepare_tries:
            wait = max(backoff(turn.tries, first=1.0, longest=30.0), error.retry_after or 0.0)
            await turn.sleep(wait, tries=turn.tries + 1, show=True)
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
        wake=wake, retry_after=error.retry_after,
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
