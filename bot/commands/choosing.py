"""From a wish to offers in their order and a price; and from a refusal to who would take it, and for how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.commands.build import PictureSlot, Wish, build
from bot.commands.grammar import Typed
from bot.commands.house import House
from bot.errors import Conflict, NoOffer, NotFound, OverBudget, Refusal, Taker
from bot.kling.requests import Extend, Request
from bot.providers.fitting import seconds, why_not
from bot.providers.health import ailing
from bot.providers.router import Choice, Health, Preference, Quote, choose, quote, within
from bot.providers.takers import who_would

FAST, CHEAPEST = "fast", "cheapest"
"""Words after `--via` that name no provider but say what counts."""


async def priced(house: House, want: Wish) -> tuple[Choice, Quote]:
    """What each costs, at whom. Raises NoOffer and OverBudget, which name who would take all, and for how much."""
    outlook = await _outlook(house, want.request)
    names = tuple(name for name in want.via if name not in (FAST, CHEAPEST))
    preference: Preference = "fast" if FAST in want.via else "cheapest"
    credit = house.policy.credit_microusd
    whole = want.max_credits if want.max_microusd is None else want.max_microusd // credit
    budget = None if whole is None else whole // want.count
    found = choose(
        want.request, house.offers.values(), on=house.providers, via=names or None, wish=preference,
        health=outlook.health, speeds=outlook.speeds, origin=outlook.origin,
    )  # fmt: skip
    try:
        choice = within(found, budget, credit)
        return choice, quote(choice, credit_microusd=credit, now=house.clock.now())
    except (NoOffer, OverBudget) as error:
        takers = who_would(
            want.request, house.offers.values(), on=house.providers, via=names or None, health=outlook.health,
            origin=outlook.origin, budget=budget, credit_microusd=credit,
        )  # fmt: skip
        error.takers = tuple(replace(one, credits=one.credits * want.count) for one in takers)
        if isinstance(error, OverBudget) and whole is not None:
            error.price, error.budget = error.price * want.count, whole
        raise


async def built(house: House, typed: Typed, slots: Sequence[PictureSlot]) -> Wish:
    """The wish of a line; a refused end frame on standard names who takes it on pro, and for how much."""
    try:
        return build(typed, slots)
    except Conflict as error:
        if (error.field, error.other) == ("end", "standard"):
            error.takers = await _on_pro(house, typed, slots)
        raise


async def _on_pro(house: House, typed: Typed, slots: Sequence[PictureSlot]) -> tuple[Taker, ...]:
    flags = {name: value for name, value in typed.flags.items() if name != "std"}
    try:
        want = build(replace(typed, flags={**flags, "pro": True}), slots)
        choice, price = await priced(house, want)
    except Refusal:
        return ()
    who = choice.accepted[0].offer.provider
    return (Taker(provider=who, credits=price.credits, estimated=price.estimated, change="tier", value="pro"),)


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What is known at the moment: how providers are, how fast offers were, who made the video to go on from."""

    health: Mapping[str, Health]
    speeds: Mapping[str, float]
    origin: str | None


async def _outlook(house: House, request: Request) -> _Outlook:
    now, durations = house.clock.now(), house.reader.durations
    health = {name: one.health(now) for name, one in (await house.database.view(ailing)).items()}
    await durations.refresh()
    fitting = [offer.id for offer in house.offers.values() if why_not(request, offer) is None]
    known = {name: durations.usual(name, seconds(request)) for name in fitting}
    return _Outlook(health, {name: times[0] for name, times in known.items() if times}, await _origin(house, request))


async def _origin(house: House, request: Request) -> str | None:
    """The provider that made the video an extension goes on from."""
    if not isinstance(request, Extend):
        return None
    try:
        return (await house.reader.view(request.job)).provider
    except NotFound:
        return None
