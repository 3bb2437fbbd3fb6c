"""`klingbot prices`: what is known of every offer, and what the providers say now, without changing anything."""

import argparse
from collections.abc import AsyncIterator

import pytest

from bot.cli import pricing
from bot.providers.registry import OFFERS
from bot.sandbox.server import Sandbox
from bot.settings import load
from tests.support.loopback import Loopback, loopback
from tests.support.terminal import Run

SHOW, REFRESH = argparse.Namespace(refresh=False), argparse.Namespace(refresh=True)
MODEL = "fal-ai/kling-video/v1.6/pro/image-to-video"


@pytest.fixture
async def fal(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    """fal alone, which tells what the test says."""
    async with loopback() as server:
        for name in ("FAL_BASE_URL", "FAL_REST_URL", "FAL_API_BASE_URL"):
            monkeypatch.setenv(name, server.url)
        monkeypatch.setenv("FAL_KEY", "0123456789:abcdef0123456789")
        yield server


def line(said: str, offer: str) -> list[str]:
    (found,) = [one for one in said.splitlines() if one.startswith(f"{offer} ")]
    return found.split("  ")


def test_every_offer_is_listed_with_price_state_and_source(run: Run) -> None:
    said = run("prices")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == ["offer", "5", "s", "10", "s", "credits", "where", "from"]
    assert [one.split()[0] for one in lines[1:]] == list(OFFERS)
    cells = [cell.strip() for cell in line(said.out, "fal/image/pro") if cell.strip()]
    assert cells == [
        "fal/image/pro", "$0.475", "$0.95", "95/190", "confirmed", "no key",
        "model page: $0.095 a second (2026-11-20)",
    ]  # fmt: skip
    cells = [cell.strip() for cell in line(said.out, "wavespeed/effect/standard") if cell.strip()]
    assert cells[1:5] == ["$0.25 to $0.28", "-", "56", "estimated"]


def test_prices_that_were_set_and_offers_that_are_off_show_as_such(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "0123456789:abcdef0123456789")
    monkeypatch.setenv("KLINGBOT_PRICES", "fal/text/pro=0.40/0.80")
    monkeypatch.setenv("KLINGBOT_OFFERS_OFF", "fal/effect")
    said = run("prices").out
    cells = [cell.strip() for cell in line(said, "fal/text/pro") if cell.strip()]
    assert cells == ["fal/text/pro", "$0.40", "$0.80", "80/160", "confirmed", "settings"]
    assert "off" in [cell.strip() for cell in line(said, "fal/effect/pro")]


@pytest.mark.usefixtures("sandbox")
async def test_refresh_says_what_moved_and_how_to_adopt_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLINGBOT_PRICES", "vidgo/text/pro=70cr/140cr")
    assert await pricing.prices(REFRESH) == 0
    said = capsys.readouterr().out
    assert (
        "fal/text/standard: 5 s $0.25 to $0.28 -> $0.28, 10 s $0.50 to $0.56 -> $0.56; an estimate until now"
        in said.splitlines()
    )
    assert (
        "fal/text/pro: 5 s $0.475 to $0.49 -> $0.475, 10 s $0.95 to $0.98 -> $0.95; an estimate until now"
        in said.splitlines()
    )
    assert "fal/image/pro:" not in said, "known already"
    assert "wavespeed/image/standard:" not in said
    assert "Nothing was changed." in said
    adopting = said.splitlines()[-1]
    assert adopting.startswith("KLINGBOT_PRICES=fal/effect/pro=0.475/0.95, ")
    assert "vidgo/text/pro=0.35/0.70" in adopting, "what was set stays"
    monkeypatch.setenv("KLINGBOT_PRICES", adopting.removeprefix("KLINGBOT_PRICES="))
    assert load(None, None).offers is not None
    assert await pricing.prices(REFRESH) == 0
    assert "KLINGBOT_PRICES" not in capsys.readouterr().out, "and then there is no news"


async def test_a_price_that_moved_is_told_also_where_it_was_certain(
    fal: Loopback, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = {"endpoint_id": MODEL, "unit_price": 0.11, "unit": "seconds", "currency": "USD"}
    fal.answers["GET /v1/models/pricing"] = (200, {"prices": [entry]})
    assert await pricing.prices(REFRESH) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fal/image/pro: 5 s $0.475 -> $0.55, 10 s $0.95 -> $1.10"
    assert lines[1] == f"As known already: 0 offers. Not told: {len(OFFERS) - 1} offers."
    assert lines[-1] == "KLINGBOT_PRICES=fal/image/pro=0.55/1.10"


async def test_who_does_not_tell_is_named_and_the_others_are_told(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.faults.add("error_500", provider="wavespeed", call="account")
    assert await pricing.prices(REFRESH) == 1
    said = capsys.readouterr().out
    assert said.startswith("WaveSpeedAI doesn't tell its prices (unavailable): Internal Server Error")
    assert "\nfal/text/standard: " in said


def test_refresh_without_a_provider_has_nobody_to_ask(run: Run) -> None:
    said = run("prices", "--refresh")
    assert said.code == 1
    assert said.out.startswith("No provider is switched on, so there is nobody to ask.")


def test_a_setting_that_cannot_be_is_told_as_for_every_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLINGBOT_PRICES", "fal/image/prp=1/2")
    said = run("prices")
    assert said.code == 78
    assert "did you mean fal/image/pro?" in said.err
