"""Prices, questions, credits and quotas as cards; and the figures in them."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import wording
from bot.commands.grammar import Note
from bot.commands.wording import figures, team
from bot.credits.limits import Limit
from bot.jobs.states import JobState
from bot.kling.requests import TextToVideo
from bot.messaging import Card
from bot.providers.offers import Offer, Price
from bot.providers.router import Choice, Quote, choose, quote
from tests.support.views import FIRST_OF_DECEMBER, JOB, ROOM, VIEW

FOX = TextToVideo(prompt="a red fox", cfg_scale=0.7)


OWN = ROOM.limits[0]


def offer(provider: str, microusd: int, *, fields: str, confirmed: bool = True) -> Offer:
    price = Price(
        of={5: microusd, 10: 2 * microusd},
        source="a test",
        seen=date(2026, 11, 1),
        confirmed=confirmed,
        upper={} if confirmed else {5: microusd + 50_000},
    )
    return Offer(
        provider=provider,
        workflow="text",
        tier="standard",
        model="m",
        price=price,
        fields=frozenset(fields.split()),
    )


ALL = "prompt negative_prompt duration aspect_ratio cfg_scale"
OFFERS = (
    offer("cheap", 250_000, fields=ALL),
    offer("dear", 475_000, fields=ALL),
    offer("vague", 100_000, fields=ALL, confirmed=False),
    offer("plain", 50_000, fields="prompt negative_prompt duration aspect_ratio"),
)


def priced(*offers: Offer) -> tuple[Choice, Quote]:
    choice = choose(FOX, offers)
    return choice, quote(choice, credit_microusd=5_000, now=0)


def rows(card: Card) -> dict[str, str]:
    return {row.name: row.value for row in card.rows}


def test_a_price_card_compares_who_would_make_it_and_says_why_others_would_not() -> None:
    card = wording.prices(*priced(*OFFERS), FOX, ROOM)
    assert card.title == "It would cost 50 credits"
    assert card.text == "a red fox"
    assert rows(card) == {
        "Video": "5 s, 16:9, standard (720p)",
        "Made by": "cheap, 1 to 6 min",
        "Price": "50 credits ($0.25)",
        "Left afterwards": "1,400 of 1,450 credits, resets 1 December",
        "At dear": "95 credits ($0.475), 1 to 6 min",
        "At vague": "at most 30 credits (an estimate, about $0.10), 1 to 6 min",
        "Not plain": "doesn't take --cfg for this",
    }
    assert card.command == "video a red fox --cfg 0.7"
    assert card.buttons == ()
    assert card.footer == "Nothing was spent."


def test_a_price_card_shows_measured_times_and_who_has_trouble() -> None:
    choice = choose(
        FOX, OFFERS[:2], wish="fast", speeds={"dear/text/standard": 42.4, "cheap/text/standard": 90.0},
        health={"cheap": "down", "dear": "shaky"},
    )  # fmt: skip
    card = wording.prices(choice, quote(choice, credit_microusd=5_000, now=0), FOX, ROOM)
    assert card.text == "a red fox\ndear has had trouble lately, so it may take longer."
    assert rows(card)["Made by"] == "dear, usually 42 s"
    assert rows(card)["At cheap"] == "50 credits ($0.25), usually 1 min 30 s, has trouble at the moment"


def test_credits_of_other_offers_are_worth_what_the_operator_says() -> None:
    choice = choose(FOX, OFFERS[:2])
    found = quote(choice, credit_microusd=10_000, now=0)
    assert rows(wording.prices(choice, found, FOX, ROOM, credit_microusd=10_000))["At dear"].startswith("48 credits")


def test_each_provider_that_does_not_serve_has_its_nearest_reason_once() -> None:
    told = {"cfg_scale": "its page says: not on 1.6"}
    more = (
        OFFERS[0],
        replace(OFFERS[3], refuses=told),
        replace(OFFERS[3], tier="pro"),
        replace(OFFERS[1], provider="off"),
        replace(OFFERS[1], provider="closed", enabled=False),
        replace(OFFERS[1], provider="pros", tier="pro"),
        replace(OFFERS[1], provider="painter", workflow="image"),
        replace(OFFERS[0], workflow="image"),
    )
    choice = choose(FOX, more, on=("cheap", "plain", "closed", "pros", "painter"))
    card = wording.prices(choice, quote(choice, credit_microusd=5_000, now=0), FOX, ROOM)
    assert {name: value for name, value in rows(card).items() if name.startswith("Not ")} == {
        "Not plain": "doesn't take --cfg for this (its page says: not on 1.6)",
        "Not closed": "has this offer switched off",
        "Not off": "is switched off here",
        "Not pros": "doesn't make this tier",
        "Not painter": "doesn't make this kind of video",
    }


def test_an_estimate_is_promised_at_its_upper_bound() -> None:
    card = wording.prices(*priced(OFFERS[2]), FOX, ROOM)
    assert card.title == "It would cost at most 30 credits"
    assert rows(card)["Price"] == "at most 30 credits; an estimate, about $0.10, at most $0.15"


def test_a_price_beyond_what_is_left_says_so() -> None:
    card = wording.prices(*priced(OFFERS[0]), FOX, replace(ROOM, limits=(replace(OWN, used=1_490),)))
    assert rows(card)["Left afterwards"] == "not enough: 10 credits left, resets 1 December"


def test_a_question_is_answered_by_buttons_of_its_ask() -> None:
    card = wording.question(JOB, *priced(*OFFERS), FOX, ROOM)
    assert card.title == "Make it for 50 credits?"
    assert card.text == "a red fox\nplain doesn't take --cfg for this, so it isn't asked."
    assert rows(card)["Next best: dear"] == "95 credits ($0.475), 1 to 6 min"
    assert "Next best: vague" not in rows(card)
    assert [(button.label, button.action) for button in card.buttons] == [
        ("Make it (50 credits)", f"confirm:{JOB}.50"),
        ("No", f"drop:{JOB}"),
    ]
    assert card.footer == "Good for 10 minutes. Nothing is spent before you say yes."
    assert "Nothing was spent." in wording.dropped().text
    assert wording.confirmed().buttons == ()


def test_notes_say_how_a_line_was_read() -> None:
    notes = (Note("repeated", "ar", "tall"), Note("read_as_prompt", "show"))
    assert wording.prices(*priced(OFFERS[0]), FOX, ROOM, notes).text.splitlines() == [
        "a red fox",
        "--ar was there more than once; “tall” counts.",
        "“show” was read as part of the prompt. The command of that name goes: show 1",
    ]


def test_credits_name_what_binds_and_when_it_resets() -> None:
    card = team.credits(ROOM, [VIEW], 60_000)
    assert card.title == "You can spend 1,450 credits"
    assert card.text == f"1. a red fox · waiting · 1 min ago · 50 credits held · {JOB}"
    assert rows(card) == {
        "Your limit": "1,500 credits a month: 50 used, 1,450 left, resets 1 December",
        "Held for your open jobs": "50 credits",
        "Team's pool": "9,500 credits left: 9,000 of the refill (resets 1 December), 500 of top-ups",
        "Held for everybody": "120 credits",
    }


def test_a_pool_that_is_the_smaller_one_is_named() -> None:
    card = team.credits(replace(ROOM, pool_refill=0, pool_topup=0, pool_resets_at=None), [], 0)
    assert card.title == "You can spend 0 credits"
    assert card.tone == "warning"
    assert card.text == "The team's pool has less than your own limit leaves, so the pool decides."
    assert rows(card)["Team's pool"] == "0 credits left: 0 of the refill (no refill), 0 of top-ups"


def test_without_a_limit_the_pool_decides() -> None:
    card = team.credits(replace(ROOM, limits=(), pool_held=0, held=0), [], 0)
    assert rows(card)["Your limit"] == "none; the team's pool decides"
    assert "Held for everybody" not in rows(card)


def test_a_glance_is_three_short_rows() -> None:
    assert rows(wording.glance(ROOM)) == {"Left": "1,450 credits", "Held": "50", "Resets": "1 December"}
    assert "Resets" not in rows(wording.glance(replace(ROOM, limits=(), pool_resets_at=None)))


def test_quota_shows_the_pool_and_every_limit() -> None:
    ads = Limit(scope="channel:chat:C1", credits=2_000, period="week", label="#ads")
    leads = Limit(scope="role:chat:R1", credits=1, period="day", label="Leads")
    ana = Limit(scope="person:1", credits=50, period="day", label="Ana")
    card = team.quota(ROOM, [OWN.limit, ads, leads, ana])
    assert card.title == "The team's pool and limits"
    assert rows(card) == {
        "Team's pool": "9,500 credits left: 9,000 of the refill (resets 1 December), 500 of top-ups",
        "Held for everybody": "120 credits",
        "Everybody, each": "1,500 credits a month",
        "#ads in all": "2,000 credits a week",
        "Leads, each": "1 credit a day",
        "Ana": "50 credits a day",
        "One job": "at most 400 credits",
        "Asked before spending": "above 100 credits",
        "Approval": "above 200 credits",
    }
    assert team.quota(ROOM, [], changed=True).title == "Changed"


def test_more_limits_than_a_card_shows_are_counted() -> None:
    limits = [Limit(scope=f"tag:{number}", credits=1, period="day", label=str(number)) for number in range(30)]
    assert rows(team.quota(ROOM, limits))["And"] == "10 more limits"


def test_a_limit_that_a_tighter_one_makes_idle_says_so() -> None:
    ana = Limit(scope="person:1", credits=5_000, period="month", label="Ana")
    assert "The limit for everybody (1,500 credits a month) is tighter" in team.limit_set(ana, ROOM, [OWN.limit]).text
    assert "tighter" not in team.limit_set(replace(ana, credits=50), ROOM, [OWN.limit]).text


def test_dates_are_the_teams_own() -> None:
    room = replace(ROOM, timezone="America/New_York")
    assert rows(wording.glance(room))["Resets"] == "30 November"
    assert "resets 30 November" in rows(team.quota(room, []))["Team's pool"]


def test_an_open_job_with_an_estimated_price_is_listed_as_such() -> None:
    view = replace(VIEW, state=JobState.RUNNING, estimated=True)
    assert "up to 50 credits held" in team.credits(ROOM, [view], 0).text


@pytest.mark.parametrize(
    ("microusd", "text"),
    [
        (0, "$0.00"),
        (250_000, "$0.25"),
        (475_000, "$0.475"),
        (2_500, "$0.0025"),
        (49, "$0.00"),
        (50, "$0.0001"),
        (1_234_500_000, "$1,234.50"),
        (-250_000, "-$0.25"),
    ],
)
def test_dollars(microusd: int, text: str) -> None:
    assert figures.in_dollars(microusd) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (130, "2 min 10 s"),
        (3_600, "1 h"),
        (3_900, "1 h 5 min"),
        (172_800, "2 days"),
        (180_000, "2 days 2 h"),
    ],
)
def test_spans(seconds: int, text: str) -> None:
    assert figures.span(seconds * 1000 + 999) == text or (seconds < 0 and figures.span(seconds * 1000) == text)


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((60, 360), "1 to 6 min"),
        ((45, 90), "45 to 90 s"),
        ((90, 90), "about 90 s"),
        ((170, 190), "about 3 min"),
        ((0, 0), ""),
        ((20, 600), "1 to 10 min"),
    ],
)
def test_usual_ranges(bounds: tuple[int, int], text: str) -> None:
    assert figures.usual(bounds) == text


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((124, 233), "2 min 10 s, 9 of 10 within 4 min"),
        ((41, 60), "45 s, 9 of 10 within 1 min"),
        ((7, 8), "about 10 s"),
    ],
)
def test_measured_ranges(bounds: tuple[int, int], text: str) -> None:
    assert figures.measured(bounds) == text


def test_credits_are_counted_in_words() -> None:
    assert [figures.in_credits(number) for number in (0, 1, 1_500)] == ["0 credits", "1 credit", "1,500 credits"]
    assert figures.day(FIRST_OF_DECEMBER) == "1 December"
    assert [figures.either(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]


@given(st.text(max_size=300), st.integers(10, 120))
def test_shortened_text_is_one_bounded_line(text: str, most: int) -> None:
    short = figures.shorten(text, most)
    assert len(short) <= most
    assert short == " ".join(short.split())
    assert short.endswith("…") or short == " ".join(text.split())


def test_texts_are_cut_between_words_and_emoji() -> None:
    assert figures.shorten("one two three four", 14) == "one two three…"
    assert figures.shorten("x" * 20, 10) == "x" * 9 + "…"
    assert figures.shorten("12345\U0001f468\u200d\U0001f469\u200d\U0001f467", 8) == "12345\U0001f468…"


def test_limits_of_somebody_else_are_not_called_yours() -> None:
    card = team.scope_of_person("Ana", replace(ROOM, limits=(replace(OWN, extra=-50),), pool_held=0))
    assert list(rows(card)) == ["Ana's limit", "Held for open jobs", "Team's pool"]
    assert rows(card)["Ana's limit"].startswith("1,500 credits a month less 50 given away: ")


def test_what_was_changed_is_said_first() -> None:
    said = [
        team.refill_set(10_000, "month"),
        team.topped_up(5_000, "PO 881"),
        team.cap_set(None),
        team.limit_cleared("Designers"),
    ]
    assert said == [
        "The pool is filled up with 10,000 credits each month.",
        "5,000 credits added that don't expire: PO 881.",
        "One job may cost any price.",
        "The limit of Designers is gone.",
    ]
    assert team.quota(ROOM, [], changed=True, said=said[0]).text == said[0]
    assert "quota set default 300/month" in team.quota(ROOM, []).text
