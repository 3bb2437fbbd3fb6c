"""What operators set about offers: read with every problem named at once, and put over the tables."""

from datetime import date
from typing import Any

import pytest

from bot.errors import SettingsInvalid
from bot.providers.offers import Offer
from bot.providers.overrides import SOURCE, OfferSettings, effective
from bot.providers.registry import OFFERS
from bot.providers.router import choose
from bot.settings import load
from tests.support.orders import simplest

TODAY = date(2026, 11, 20)


def offers(**environ: str) -> dict[str, Offer]:
    settings = load({f"KLINGBOT_{name}": value for name, value in environ.items()}, None)
    assert isinstance(settings.offers, OfferSettings)
    return effective(OFFERS, settings.offers, credit_microusd=settings.core.credit_microusd, today=TODAY)


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as refused:
        offers(**environ)
    return refused.value.problems


def test_nothing_set_is_the_tables_own() -> None:
    assert offers() == OFFERS


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("fal/image/pro=0.475/0.95", {5: 475_000, 10: 950_000}),
        ("fal/image/pro = $0.4 / $.8", None),
        ("fal/image/pro = $0.4 / $0.8", {5: 400_000, 10: 800_000}),
        ("fal/image/pro=1/2", {5: 1_000_000, 10: 2_000_000}),
        ("fal/image/pro=0.000001/0.000002", {5: 1, 10: 2}),
        ("fal/image/pro=45cr/90cr", {5: 225_000, 10: 450_000}),
        ("fal/image/pro=0.2/90cr", {5: 200_000, 10: 450_000}),
    ],
)
def test_a_price_is_dollars_or_credits(text: str, of: dict[int, int] | None) -> None:
    if of is None:
        assert problems(PRICES=text)
        return
    assert offers(PRICES=text)["fal/image/pro"].price.of == of


def test_a_credit_is_worth_what_the_other_setting_says() -> None:
    found = offers(PRICES="vidgo/text/standard=45cr/90cr", CREDIT_USD="0.01")
    assert found["vidgo/text/standard"].price.of == {5: 450_000, 10: 900_000}


def test_a_price_that_was_set_is_confirmed_and_says_where_it_is_from() -> None:
    name = "gmi/text/standard"
    assert not OFFERS[name].price.confirmed
    price = offers(PRICES=f"{name}=0.10/0.20")[name].price
    assert (price.confirmed, price.source, price.ceiling(5), price.upper) == (True, SOURCE, 100_000, {})
    found = choose(simplest("text", "standard"), offers(PRICES=f"{name}=0.10/0.20").values())
    assert found.accepted[0].offer.id == name, "and beats what costs more"


def test_several_are_separated_by_commas_and_the_others_stay_as_they_are() -> None:
    found = offers(PRICES="wavespeed/effect/standard=0.2, fal/text/pro=0.4/0.8,")
    assert found["wavespeed/effect/standard"].price.of == {5: 200_000}
    assert {name for name in OFFERS if found[name] != OFFERS[name]} == {"wavespeed/effect/standard", "fal/text/pro"}


def test_offers_are_switched_on_and_off_by_name_or_by_how_it_begins() -> None:
    found = offers(OFFERS_ON="aimlapi/image/pro/motion", OFFERS_OFF="wavespeed/effect, gmi")
    changed = {name: offer.enabled for name, offer in found.items() if offer.enabled != OFFERS[name].enabled}
    assert changed == {
        "aimlapi/image/pro/motion": True, "wavespeed/effect/standard": False, "gmi/text/standard": False,
        "gmi/text/pro": False, "gmi/image/standard": False, "gmi/image/pro": False,
    }  # fmt: skip


def test_a_tier_does_not_stand_for_its_variants_alone() -> None:
    found = offers(OFFERS_OFF="aimlapi/text/pro")
    assert not found["aimlapi/text/pro"].enabled
    assert not found["aimlapi/text/pro/motion"].enabled


WRONG: list[tuple[dict[str, str], list[str]]] = [
    ({"PRICES": "fal/image/prp=1/2"}, ["there is no offer 'fal/image/prp'; did you mean fal/image/pro?"]),
    ({"PRICES": "nonsense=1/2"}, ["there is no offer 'nonsense'; `klingbot prices` lists all of them"]),
    ({"PRICES": "fal/image/pro"}, ["'fal/image/pro' is not offer=price"]),
    ({"PRICES": "fal/image/pro=0.5"}, ["fal/image/pro makes 5 and 10 seconds", "fal/image/pro=<5 s>/<10 s>"]),
    ({"PRICES": "wavespeed/effect/standard=1/2"}, ["makes 5 seconds"]),
    ({"PRICES": "fal/image/pro=45c/90c"}, ["'45c' is not a price in dollars (0.475) or credits (95cr)"]),
    ({"PRICES": "fal/image/pro=0/1"}, ["'0' is not a price"]),
    ({"PRICES": "fal/image/pro=-1/1"}, ["'-1' is not a price"]),
    ({"PRICES": "fal/image/pro=100/200"}, ["'100' is not a price"]),
    ({"PRICES": "fal/image/pro=0.1234567/1"}, ["'0.1234567' is not a price"]),
    ({"PRICES": "fal/image/pro=1/2, fal/image/pro=2/3"}, ["fal/image/pro is there twice"]),
    ({"PRICES": "a=1/2, fal/image/pro=x/2, b"}, ["there is no offer 'a'", "'x' is not a price", "'b' is not offer="]),
    ({"OFFERS_ON": "fal/image/por, x"}, ["there is no offer 'fal/image/por'", "there is no offer 'x'"]),
    ({"OFFERS_OFF": "fal/imag"}, ["there is no offer 'fal/imag'"]),
    (
        {"OFFERS_ON": "fal/text", "OFFERS_OFF": "fal"},
        ["KLINGBOT_OFFERS_ON and KLINGBOT_OFFERS_OFF both name fal/text/"],
    ),
]


@pytest.mark.parametrize(("environ", "why"), WRONG, ids=[str(environ) for environ, _ in WRONG])
def test_what_cannot_be_is_named(environ: dict[str, Any], why: list[str]) -> None:
    (problem,) = problems(**environ)
    assert problem.startswith("KLINGBOT_")
    for words in why:
        assert words in problem


def test_every_problem_is_named_at_once() -> None:
    found = problems(PRICES="a=1/2, b=1/2", OFFERS_ON="c", OFFERS_OFF="d", PORT="x")
    assert sorted(problem.partition(":")[0] for problem in found) == [
        "KLINGBOT_OFFERS_OFF", "KLINGBOT_OFFERS_ON", "KLINGBOT_PORT", "KLINGBOT_PRICES",
    ]  # fmt: skip
    assert all(name in " ".join(found) for name in ("'a'", "'b'", "'c'", "'d'"))
