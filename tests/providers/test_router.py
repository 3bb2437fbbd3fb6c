"""Which offers are chosen, in which order, at what price."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NoOffer, OverBudget
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo
from bot.providers.offers import Offer, Price
from bot.providers.registry import OFFERS
from bot.providers.router import (
    QUOTE_MS,
    Choice,
    Health,
    Quote,
    choose,
    credits_for,
    keep_to_budget,
    no_offer,
    quote,
    seconds,
    why_not,
)
from tests.support.clock import START
from tests.support.orders import ref, simplest

ALL = tuple(OFFERS.values())
FOX = TextToVideo(prompt="a fox")


def offer(provider: str, cents: int = 25, *, confirmed: bool = True, upper: int = 0, **more: Any) -> Offer:
    """A text offer at a price in cents for 5 s, twice that for 10 s."""
    price = Price(
        of={5: cents * 10_000, 10: cents * 20_000}, source="made up", seen=date(2026, 11, 20), confirmed=confirmed,
        upper={5: upper * 10_000, 10: upper * 20_000} if upper else {},
    )  # fmt: skip
    row = Offer(
        provider=provider, workflow="text", tier="standard", model=provider, price=price,
        fields=frozenset(("prompt", "negative_prompt", "duration", "aspect_ratio", "cfg_scale")),
    )  # fmt: skip
    return replace(row, **more)


def ranked(choice: Choice) -> list[str]:
    return [one.offer.provider for one in choice.accepted]


@pytest.mark.parametrize(
    ("name", "request_", "reason", "field"),
    [
        ("fal/text/standard", simplest("image", "standard"), "workflow", "workflow"),
        ("fal/text/standard", TextToVideo(prompt="x", tier="pro"), "tier", "tier"),
        ("wavespeed/text/standard", TextToVideo(prompt="x", aspect_ratio="9:16"), "field", "aspect_ratio"),
        ("wavespeed/text/standard", TextToVideo(prompt="x", aspect_ratio="16:9"), None, ""),
        ("fal/image/standard", ImageToVideo(start=ref(1), prompt="x", aspect_ratio="16:9"), "field", "aspect_ratio"),
        ("fal/image/standard", ImageToVideo(start=ref(1), prompt="x"), None, ""),
        ("fal/image/standard", ImageToVideo(start=ref(1)), "prompt_required", "prompt"),
        ("wavespeed/image/standard", ImageToVideo(start=ref(1)), "prompt_required", "prompt"),
        ("fal/image/pro", ImageToVideo(end=ref(1), prompt="x", tier="pro"), "start_required", "start"),
        ("fal/image/pro", ImageToVideo(start=ref(1), end=ref(2), prompt="x", tier="pro"), None, ""),
        ("wavespeed/elements/standard", Elements(references=tuple(map(ref, range(4))), prompt="x"), None, ""),
        ("wavespeed/effect/standard", Effect(scene="squish", people=(ref(1),), duration=10), "duration", "duration"),
        ("wavespeed/effect/standard", Effect(scene="squish", people=(ref(1),)), None, ""),
        ("wavespeed/effect/standard", Effect(scene="hug", people=(ref(1), ref(2))), "picture_count", ""),
        ("wavespeed/effect/standard", Effect(scene="nezha", people=(ref(1),)), "scene", "scene"),
        ("fal/effect/standard", Effect(scene="fight", people=(ref(1), ref(2))), "scene", "scene"),
        ("fal/effect/standard", Effect(scene="hug", people=(ref(1), ref(2)), duration=10), None, ""),
        ("fal/text/standard", Extend(job="01jd0000000000000000"), "workflow", "workflow"),
    ],
)  # fmt: skip
def test_an_offer_that_cannot_honour_a_field_says_which(
    name: str, request_: Request, reason: str | None, field: str
) -> None:
    refused = why_not(request_, OFFERS[name])
    assert (refused and (refused.reason, refused.field)) == (reason and (reason, field))


def test_an_offer_without_a_price_for_that_length_is_not_one() -> None:
    price = Price(of={5: 1}, source="x", seen=date(2026, 11, 20), confirmed=True)
    refused = why_not(TextToVideo(prompt="x", duration=10), offer("a", price=price))
    assert refused is not None
    assert refused.reason == "price"


def test_a_field_that_is_empty_asks_for_nothing() -> None:
    bare = offer("a", fields=frozenset(("prompt", "duration", "aspect_ratio", "cfg_scale")))
    assert why_not(FOX, bare) is None
    refused = why_not(TextToVideo(prompt="x", negative_prompt="rain"), bare)
    assert refused is not None
    assert (refused.reason, refused.field) == ("field", "negative_prompt")


def test_offers_that_are_off_disabled_or_unwanted_are_listed_with_that_reason() -> None:
    offers = [offer("a"), offer("b"), offer("c", enabled=False), offer("d")]
    choice = choose(FOX, offers, on={"a", "b", "c"}, via=("a", "c", "d"))
    assert ranked(choice) == ["a"]
    assert {one.offer.provider: one.reason for one in choice.refused} == {"b": "via", "c": "disabled", "d": "off"}


def test_a_confirmed_price_comes_before_a_lower_estimate() -> None:
    assert ranked(choose(FOX, [offer("a", 10, confirmed=False), offer("b", 25)])) == ["b", "a"]


def test_the_persons_wish_comes_before_everything() -> None:
    offers = [offer("a", 10), offer("b", 25, confirmed=False), offer("c", 5)]
    assert ranked(choose(FOX, offers, via=("b", "a"), health={"b": "down"})) == ["b", "a"]


@pytest.mark.parametrize(
    ("health", "order"),
    [
        ({}, ["a", "b", "c"]),
        ({"a": "shaky"}, ["b", "a", "c"]),
        ({"b": "shaky", "a": "shaky"}, ["a", "b", "c"]),
        ({"a": "down"}, ["b", "c", "a"]),
        ({"a": "down", "b": "down", "c": "down"}, ["a", "b", "c"]),
    ],
)
def test_equals_are_ranked_by_health_then_name(health: Mapping[str, Health], order: list[str]) -> None:
    assert ranked(choose(FOX, [offer("c", 26), offer("b"), offer("a")], health=health)) == order


def test_the_known_providers_are_chosen_as_expected() -> None:
    assert ranked(choose(simplest("image", "standard"), ALL)) == ["wavespeed", "fal"]
    assert ranked(choose(simplest("image", "pro"), ALL)) == ["fal", "wavespeed"]
    assert ranked(choose(simplest("elements", "pro"), ALL)) == ["fal"]
    assert ranked(choose(TextToVideo(prompt="x", aspect_ratio="1:1"), ALL)) == ["fal"]


@pytest.mark.parametrize(
    ("microusd", "price"), [(250_000, 50), (500_000, 100), (950_000, 190), (1, 1), (0, 1), (5_000, 1), (5_001, 2)]
)
def test_credits_are_rounded_up(microusd: int, price: int) -> None:
    assert credits_for(microusd, 5_000) == price


def test_a_quote_is_the_best_offers_price_for_ten_minutes() -> None:
    found = quote(choose(simplest("image", "standard"), ALL), credit_microusd=5_000, now=START)
    assert found == Quote(
        offers=("wavespeed/image/standard",), credits=50, microusd=250_000, hold_microusd=250_000, estimated=False,
        expires_at=START + 600_000,
    )  # fmt: skip
    assert not found.expired(START + QUOTE_MS - 1)
    assert found.expired(START + QUOTE_MS)


def test_an_estimate_is_held_at_its_upper_bound() -> None:
    found = quote(choose(FOX, ALL, via=("fal",)), credit_microusd=5_000, now=START)
    assert (found.credits, found.microusd, found.hold_microusd, found.estimated) == (56, 250_000, 280_000, True)


def test_only_offers_within_the_same_credits_may_take_over() -> None:
    offers = [
        offer("a", 25),
        offer("b", 25),
        offer("c", 26),
        offer("d", 20, confirmed=False, upper=30),
        offer("e", 24, confirmed=False),
    ]
    found = quote(choose(FOX, offers), credit_microusd=5_000, now=START)
    assert found.offers == ("a/text/standard", "b/text/standard", "e/text/standard")


def test_the_operator_holds_what_the_dearest_stand_in_costs() -> None:
    cheap = offer("a", price=replace(offer("a").price, of={5: 241_000}))
    dear = offer("b", price=replace(offer("b").price, of={5: 249_000}))
    found = quote(choose(FOX, [cheap, dear]), credit_microusd=5_000 * 10, now=START)
    assert (found.credits, found.microusd, found.hold_microusd) == (5, 241_000, 249_000)


def test_a_quote_comes_back_from_storage_as_it_was() -> None:
    found = quote(choose(FOX, ALL), credit_microusd=5_000, now=START)
    assert Quote.model_validate_json(found.model_dump_json()) == found


def test_nobody_selling_it_is_refused_with_every_reason() -> None:
    choice = choose(
        TextToVideo(prompt="x", aspect_ratio="9:16"), [OFFERS["wavespeed/text/standard"], offer("b", enabled=False)]
    )
    with pytest.raises(NoOffer) as refused:
        quote(choice, credit_microusd=5_000, now=START)
    assert refused.value.reasons == (("wavespeed/text/standard", "field:aspect_ratio"), ("b/text/standard", "disabled"))
    assert no_offer(choice).reasons == refused.value.reasons


def test_a_budget_refuses_what_costs_more() -> None:
    found = quote(choose(FOX, [offer("a", 25)]), credit_microusd=5_000, now=START)
    keep_to_budget(found, None)
    keep_to_budget(found, 50)
    with pytest.raises(OverBudget) as refused:
        keep_to_budget(found, 49)
    assert (refused.value.price, refused.value.budget) == (50, 49)


def test_an_extension_is_priced_as_the_shortest_clip() -> None:
    assert seconds(Extend(job="01jd0000000000000000")) == 5
    assert seconds(TextToVideo(prompt="x", duration=10)) == 10


OFFER_ROWS = st.lists(
    st.builds(
        offer,
        st.sampled_from("abcdefgh"),
        st.integers(1, 60),
        confirmed=st.booleans(),
        upper=st.just(0) | st.integers(60, 90),
        enabled=st.booleans(),
        tier=st.sampled_from(["standard", "pro"]),
        prompt_required=st.booleans(),
        durations=st.sampled_from([(5,), (5, 10)]),
    ),
    unique_by=lambda one: one.provider,
    max_size=8,
)
REQUESTS = st.builds(
    TextToVideo, prompt=st.just("a fox"), duration=st.sampled_from([5, 10]), tier=st.sampled_from(["standard", "pro"])
)
HEALTH = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["good", "shaky", "down"]))


@given(REQUESTS, OFFER_ROWS, HEALTH, st.none() | st.sets(st.sampled_from("abcdefgh")))
def test_every_offer_is_either_ranked_or_refused_and_the_ranking_keeps_its_promises(
    request: Request, offers: list[Offer], health: dict[str, Health], on: set[str] | None
) -> None:
    choice = choose(request, offers, health=health, on=on)
    assert sorted([one.offer.id for one in choice.accepted] + [one.offer.id for one in choice.refused]) == sorted(
        one.id for one in offers
    )
    for one in choice.accepted:
        assert one.offer.enabled
        assert one.offer.tier == request.tier
        assert on is None or one.offer.provider in on
    up = [one for one in choice.accepted if health.get(one.offer.provider) != "down"]
    assert choice.accepted[: len(up)] == tuple(up), "what is down comes last"
    confirmed = [one.offer.price.confirmed for one in up]
    assert confirmed == sorted(confirmed, reverse=True), "no estimate before a confirmed price"
    for best, next_best in pairwise(up):
        if best.offer.price.confirmed == next_best.offer.price.confirmed:
            assert best.microusd <= next_best.microusd
    assert choose(request, offers[::-1], health=health, on=on).accepted == choice.accepted, "whatever the table's order"


@given(REQUESTS, OFFER_ROWS, st.integers(1, 100_000))
def test_no_offer_of_a_quote_costs_more_than_its_credits(
    request: Request, offers: list[Offer], credit_microusd: int
) -> None:
    choice = choose(request, offers)
    if not choice.accepted:
        return
    found = quote(choice, credit_microusd=credit_microusd, now=START)
    ceilings = {one.offer.id: one.ceiling for one in choice.accepted}
    assert found.offers[0] == choice.accepted[0].offer.id
    assert max(ceilings[name] for name in found.offers) == found.hold_microusd <= found.credits * credit_microusd
    assert found.microusd <= found.hold_microusd
