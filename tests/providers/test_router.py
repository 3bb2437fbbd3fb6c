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
from bot.kling.requests import Brush, Camera, Effect, Elements, Extend, ImageToVideo, Point, Request, TextToVideo
from bot.providers.offers import Offer, Price
from bot.providers.registry import OFFERS
from bot.providers.router import (
    QUOTE_MS,
    Choice,
    Health,
    Quote,
    choose,
    credits_for,
    no_offer,
    quote,
    seconds,
    why_not,
    within,
)
from tests.support.clock import START
from tests.support.orders import ref, simplest

ALL = tuple(OFFERS.values())
FOX = TextToVideo(prompt="a fox")
BRUSH = Brush(mask=ref(3), path=(Point(x=1, y=2), Point(x=3, y=4)))


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
        ("wavespeed/effect/standard", Effect(scene="hug", people=(ref(1), ref(2))), "scene", "scene"),
        ("gmi/image/pro", ImageToVideo(start=ref(1), end=ref(2), prompt="x", tier="pro"), "field", "end"),
        ("fal/image/standard", ImageToVideo(start=ref(1), still=ref(2), prompt="x"), "field", "still"),
        ("fal/image/standard", ImageToVideo(start=ref(1), brushes=(BRUSH,), prompt="x"), "field", "brushes"),
        ("aimlapi/elements/standard", Elements(references=(ref(1),), prompt="x"), "picture_count", ""),
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


def test_that_an_offer_is_switched_off_is_no_reason_where_it_would_not_serve_anyway() -> None:
    other = replace(offer("a", enabled=False), workflow="elements")
    assert [one.reason for one in choose(FOX, [other]).refused] == ["workflow"]


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


# Requests and who takes them, best first, by hand from the capability table and the prices of the facts: confirmed
# prices first, then the lower one. Everybody has a key, and what is uncertain is switched off.
WHO_TAKES: list[tuple[Request, str]] = [
    (simplest("text", "standard"), "vidgo kling fal wavespeed gmi aimlapi"),
    (simplest("text", "pro"), "vidgo kling fal gmi aimlapi"),
    (TextToVideo(prompt="x", aspect_ratio="1:1"), "vidgo kling fal gmi aimlapi"),
    (TextToVideo(prompt="x", camera=Camera(move="zoom", amount=3), tier="pro"), ""),
    (simplest("image", "standard"), "vidgo wavespeed kling fal gmi aimlapi"),
    (simplest("image", "pro"), "vidgo fal kling wavespeed gmi aimlapi"),
    (ImageToVideo(start=ref(1), end=ref(2), prompt="x", tier="pro"), "vidgo fal kling wavespeed aimlapi"),
    (ImageToVideo(end=ref(2), prompt="x", tier="pro"), "kling"),
    (ImageToVideo(start=ref(1), prompt="x", aspect_ratio="9:16"), ""),
    (ImageToVideo(start=ref(1), prompt="x", aspect_ratio="9:16", tier="pro"), "vidgo fal"),
    (ImageToVideo(start=ref(1), still=ref(3), prompt="x", tier="pro"), ""),
    (simplest("elements", "standard"), "vidgo kling fal wavespeed aimlapi"),
    (simplest("elements", "pro"), "vidgo kling fal"),
    (Elements(references=(ref(1),), prompt="x"), "vidgo kling fal wavespeed"),
    (simplest("effect", "standard"), "fal wavespeed aimlapi kling"),
    (simplest("effect", "pro"), "fal aimlapi"),
    (Effect(scene="hug", people=(ref(1), ref(2)), tier="pro"), "fal kling aimlapi"),
    (Extend(job="01jd0000000000000000"), "kling"),
]


@pytest.mark.parametrize(("request_", "who"), WHO_TAKES)
def test_who_takes_a_request_and_in_which_order(request_: Request, who: str) -> None:
    assert ranked(choose(request_, ALL)) == who.split()


@pytest.mark.parametrize(
    ("microusd", "price"), [(250_000, 50), (500_000, 100), (950_000, 190), (1, 1), (0, 1), (5_000, 1), (5_001, 2)]
)
def test_credits_are_rounded_up(microusd: int, price: int) -> None:
    assert credits_for(microusd, 5_000) == price


def test_a_quote_is_the_best_offers_price_for_ten_minutes() -> None:
    choice = choose(simplest("image", "standard"), ALL, on=("fal", "wavespeed"))
    found = quote(choice, credit_microusd=5_000, now=START)
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


def test_a_budget_leaves_what_it_pays_for() -> None:
    choice = choose(FOX, [offer("a", 25), offer("b", 26), offer("c", 20, confirmed=False, upper=24)])
    assert within(choice, None, 5_000) == choice
    assert ranked(within(choice, 52, 5_000)) == ["a", "b", "c"]
    kept = within(choice, 50, 5_000)
    assert ranked(kept) == ["a", "c"]
    assert [(one.offer.provider, one.reason) for one in kept.refused] == [("b", "budget")]
    assert ranked(within(choice, 49, 5_000)) == ["c"], "an estimate counts by its upper bound"
    with pytest.raises(OverBudget) as refused:
        within(choice, 47, 5_000)
    assert (refused.value.price, refused.value.budget, refused.value.provider) == (48, 47, "c")


def test_a_budget_says_nothing_where_nobody_sells_it() -> None:
    nobody = choose(FOX, [])
    assert within(nobody, 1, 5_000) == nobody


def test_fast_is_the_lowest_measured_time_and_the_price_breaks_ties() -> None:
    offers = [offer("a", 10), offer("b", 20), offer("c", 30), offer("d", 40, confirmed=False)]
    speeds = {"b/text/standard": 60.0, "c/text/standard": 60.0, "d/text/standard": 45.0}
    choice = choose(FOX, offers, wish="fast", speeds=speeds)
    assert ranked(choice) == ["d", "b", "c", "a"], "what nobody measured comes last"
    assert [one.seconds for one in choice.accepted] == [45.0, 60.0, 60.0, None]
    assert ranked(choose(FOX, offers, wish="fast", speeds=speeds, health={"d": "down"})) == ["b", "c", "a", "d"]
    assert ranked(choose(FOX, offers, wish="fast", speeds=speeds, via=("a", "b"))) == ["a", "b"]
    assert ranked(choose(FOX, offers, wish="fast")) == ["a", "b", "c", "d"], "by price where nothing is measured"


def test_speed_ranks_equals_that_are_equally_well() -> None:
    offers = [offer("a"), offer("b"), offer("c")]
    speeds = {"a/text/standard": 90.0, "b/text/standard": 60.0}
    assert ranked(choose(FOX, offers, speeds=speeds)) == ["b", "a", "c"]
    assert ranked(choose(FOX, offers, speeds=speeds, health={"b": "shaky"})) == ["a", "c", "b"]


def test_a_video_goes_on_only_where_it_was_made() -> None:
    rows = [
        offer(name, workflow="extend", durations=(5,), prompt_required=False, fields=frozenset(("job", "prompt")),
              fixed={"cfg_scale": 0.5, "negative_prompt": ""})
        for name in ("a", "b")
    ]  # fmt: skip
    more = Extend(job="01jd0000000000000000")
    choice = choose(more, rows, origin="b")
    assert ranked(choice) == ["b"]
    assert [(one.offer.provider, one.reason) for one in choice.refused] == [("a", "origin")]
    assert ranked(choose(more, rows)) == ["a", "b"], "before anybody has looked"


def test_a_second_row_serves_only_what_it_is_there_for() -> None:
    camera = Camera(move="zoom", amount=3)
    rows = [offer("a"), offer("a", 40, variant="motion", only_with=frozenset(("camera",)),
                              fields=offer("a").fields | {"camera"})]  # fmt: skip
    assert [one.offer.id for one in choose(FOX, rows).accepted] == ["a/text/standard"]
    moved = choose(TextToVideo(prompt="a fox", camera=camera), rows)
    assert [one.offer.id for one in moved.accepted] == ["a/text/standard/motion"]
    assert [(one.reason, one.field) for one in moved.refused] == [("field", "camera")]


def test_too_few_pictures_are_as_wrong_as_too_many() -> None:
    row = offer("a", workflow="elements", fields=frozenset(("prompt", "references")), min_pictures=2, max_pictures=3,
                fixed={"duration": 5, "aspect_ratio": "16:9"})  # fmt: skip
    for number, reason in ((1, "picture_count"), (2, None), (3, None), (4, "picture_count")):
        refused = why_not(Elements(references=tuple(map(ref, range(number))), prompt="x"), row)
        assert (refused and refused.reason) == reason


def test_what_a_provider_says_of_a_field_goes_with_the_refusal() -> None:
    row = offer("a", refuses={"camera": "not on 1.6: ask 1.0"})
    choice = choose(TextToVideo(prompt="a fox", camera=Camera(move="zoom", amount=3)), [row])
    assert no_offer(choice).reasons == (("a/text/standard", "field:camera:not on 1.6: ask 1.0"),)


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
