"""Who is chosen, as people see it: by price, measured speed, health, within what they allow; and who else would."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.build import Wish
from bot.commands.choosing import priced
from bot.commands.service import Commands
from bot.errors import NoOffer, SubmitRefused
from bot.jobs.states import JobState
from bot.kling.requests import Extend
from bot.providers.base import TaskStatus
from bot.providers.registry import OFFERS
from bot.store.scripts import Script
from tests.support.front import ADA, Front, front, photo, shown

EVERYBODY = ("fal", "wavespeed", "gmi", "aimlapi", "vidgo", "kling")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path, on=EVERYBODY) as made:
        yield made


async def made_by(house: Front, text: str, *pictures: bytes) -> str:
    """Who makes it, as the price card says; a word more where there is one."""
    said = shown(await house.says(f"cost {text}", *pictures)).splitlines()
    (line,) = [line for line in said if line.startswith("Made by: ")]
    return line.removeprefix("Made by: ")


async def measured(house: Front, offer: str, *seconds: int, length: int = 5) -> None:
    """Videos of that length were made there, each in so many seconds."""

    def remember() -> Script[None]:
        for number, took in enumerate(seconds):
            yield (
                "INSERT INTO duration (offer, length, at, attempt, ms) VALUES (:offer, :length, :at, :attempt, :ms)",
                {"offer": offer, "length": length, "at": number, "attempt": str(number), "ms": took * 1000},
            )

    await house.house.database.run(remember)


async def fails(house: Front, provider: str) -> None:
    """Somebody's call there is refused, for which the provider is to blame."""
    house.desk.providers[provider].outcomes = [SubmitRefused(provider, "auth", "no such key")]
    job = await house.orders(f"a red fox --via {provider}")
    await house.desk.until_state(job, JobState.FAILED)


async def test_the_cheapest_confirmed_price_wins_and_cheapest_says_the_same(house: Front) -> None:
    assert await made_by(house, "a red fox") == "vidgo, 1 to 6 min"
    assert await made_by(house, "a red fox --via cheapest") == "vidgo, 1 to 6 min"
    assert await made_by(house, "a red fox --via gmi") == "gmi, 1 to 6 min"


async def test_fast_is_whoever_was_fastest_for_such_a_video(house: Front) -> None:
    assert await made_by(house, "a red fox --via fast") == "vidgo, 1 to 6 min", "nothing is measured yet"
    await measured(house, "kling/text/standard", *range(60, 70))
    await measured(house, "wavespeed/text/standard", *range(40, 50))
    await measured(house, "wavespeed/text/standard", *range(400, 410), length=10)
    await measured(house, "fal/text/pro", *range(20, 30))
    house.desk.clock.advance(120)
    assert await made_by(house, "a red fox --via fast") == "wavespeed, usually 44 s"
    assert await made_by(house, "a red fox --via fast --d 10") == "wavespeed, usually 6 min 44 s"
    assert await made_by(house, "a red fox --via fast --ar 1:1") == "kling, usually 1 min 4 s"
    assert await made_by(house, "a red fox") == "vidgo, 1 to 6 min"
    job = await house.orders("a red fox --via fast")
    assert (await house.house.reader.view(job)).offer == "wavespeed/text/standard"


async def test_one_that_rests_comes_last_and_the_card_says_so(house: Front) -> None:
    await fails(house, "vidgo")
    card = shown(await house.says("cost a red fox"))
    assert "Made by: kling" in card
    assert "At vidgo: 45 credits ($0.225), 1 to 6 min, has trouble at the moment" in card
    house.desk.clock.advance(31)
    card = shown(await house.says("cost a red fox"))
    assert "Made by: vidgo" in card, "its turn to be tried"
    assert "vidgo has had trouble lately, so it may take longer." in card
    job = await house.orders("a red fox")
    view = await house.desk.until_state(job, JobState.RUNNING)
    assert view.provider == "vidgo"
    assert "trouble" not in shown(await house.says("cost a red fox"))


async def test_max_leaves_an_estimate_that_fits_where_nothing_confirmed_does(house: Front) -> None:
    card = shown(await house.says("cost a red fox --via fal,kling --max 56"))
    assert "Made by: fal" in card
    assert await made_by(house, "a red fox --via aimlapi,kling --max 60") == "kling, 1 to 2 min"
    said = shown(await house.says("a red fox --via aimlapi --max 60"))
    assert "The cheapest, aimlapi, costs 84 credits; your --max allows 60 credits." in said
    assert "Without --via, vidgo takes it for 45 credits." in said


async def test_an_end_frame_on_standard_is_told_who_takes_it_on_pro(house: Front) -> None:
    said = shown(await house.says("morph --std", photo(1), photo(2)))
    assert "An end frame needs pro." in said
    assert "With --pro, vidgo takes it for 75 credits." in said
    said = shown(await house.says("morph --via kling", photo(1), photo(2)))
    assert "With --pro, kling takes it for 98 credits." in said


async def test_an_extension_is_asked_for_where_the_video_was_made(house: Front) -> None:
    for provider, others in (("fal", 1), ("kling", 0)):
        house.desk.providers[provider].statuses = [TaskStatus(state="done", video_url="https://example.org/v.mp4")]
        job = await house.orders(f"a red fox --via {provider}")
        await house.desk.until_state(job, JobState.DONE)
        want = Wish(request=Extend(job=job))
        if not others:
            _, price = await priced(house.house, want)
            assert price.offers == ("kling/extend/standard",)
            continue
        with pytest.raises(NoOffer) as refused:
            await priced(house.house, want)
        assert ("kling/extend/standard", "origin") in refused.value.reasons


async def test_providers_are_for_administrators(house: Front) -> None:
    assert "for administrators" in shown(await house.says("providers"))
    said = shown(await house.says("providers", by=ADA))
    assert "6 providers switched on" in said
    assert "Vidgo (vidgo): on, 6 offers, 5 s for 45 to 75 credits; well; balance unknown" in said


async def test_providers_shows_who_rests_and_what_was_said(house: Front) -> None:
    await fails(house, "vidgo")
    house.desk.clock.advance(5)
    said = shown(await house.says("providers", by=ADA))
    assert "Nobody is sent to Vidgo at the moment." in said
    assert "resting for 25 s: it refuses our key; balance unknown; last error 5 s ago: auth, “no such key”" in said


async def test_what_an_account_holds_and_what_went_wrong_elsewhere_is_not_for_every_team(
    house: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may add the bot to a team of their own, and is an administrator there."""

    async def five_dollars() -> int:
        return 5_000_000

    monkeypatch.setattr(house.desk.providers["vidgo"], "balance", five_dollars)
    await fails(house, "vidgo")
    told = shown(await house.says("providers", by=ADA, team="strangers"))
    assert "it refuses our key; balance unknown" in told
    assert "no such key" not in told
    assert "$5.00" not in told
    told = shown(await house.says("providers", by=ADA))
    assert "$5.00 left" in told
    assert "no such key" in told
    operator = replace(house.house.policy, admins=frozenset(("fake:strangers:ada",)))
    house.commands = Commands(replace(house.house, policy=operator))
    told = shown(await house.says("providers", by=ADA, team="strangers"))
    assert "$5.00 left" in told
    assert "no such key" in told


async def test_a_look_at_providers_changes_nothing(house: Front) -> None:
    before = await house.books()
    await house.says("providers", by=ADA)
    assert await house.books() == before


async def test_what_is_quoted_is_what_stands_in_the_table(house: Front) -> None:
    job = await house.orders("a red fox")
    (row,) = await house.rows("SELECT offers, credits FROM job WHERE id = :id", id=job)
    names = json.loads(row["offers"])
    assert (names[0], row["credits"]) == ("vidgo/text/standard", 45)
    assert all(OFFERS[name].price.ceiling(5) <= 45 * 5_000 for name in names), "stand-ins fit into the same credits"
