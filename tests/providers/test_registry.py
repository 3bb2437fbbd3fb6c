"""Settings switch providers on, and the table makes them."""

import pytest
from pydantic import ValidationError

from bot.providers.aimlapi import Aimlapi
from bot.providers.fal import Fal, FalSettings
from bot.providers.gmi import Gmi
from bot.providers.kling import Kling
from bot.providers.registry import OFFERS, PROVIDERS, build, open_doors
from bot.providers.vidgo import Vidgo
from bot.providers.wavespeed import WaveSpeed
from tests.support.clock import FakeClock
from tests.support.orders import KEY, read_settings


def test_without_keys_nothing_is_on() -> None:
    settings = read_settings({})
    assert [name for name, one in settings.items() if one.on] == []
    assert settings["fal"].bases == ("https://queue.fal.run", "https://rest.fal.ai", "https://api.fal.ai")
    assert settings["wavespeed"].bases == ("https://api.wavespeed.ai",)
    assert settings["gmi"].bases == ("https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey",)
    assert settings["aimlapi"].bases == ("https://api.aimlapi.com",)
    assert settings["vidgo"].bases == ("https://api.vidgo.ai",)
    assert settings["kling"].bases == ("https://api-singapore.klingai.com",)
    assert open_doors(settings, FakeClock()) == {}


def test_an_empty_variable_is_no_value() -> None:
    settings = read_settings({"FAL_KEY": " ", "FAL_BASE_URL": "", "HOME": "/root"})
    assert not settings["fal"].on
    assert settings["fal"].base_url == "https://queue.fal.run"


async def test_a_key_switches_its_provider_on() -> None:
    settings = read_settings({"WAVESPEED_API_KEY": f" {KEY}\n"})
    doors = open_doors(settings, FakeClock())
    made = build(settings, doors)
    assert [type(provider) for provider in made.values()] == [WaveSpeed]
    assert settings["wavespeed"].secret == KEY
    for provider in made.values():
        await provider.close()
        await provider.close()


def test_a_key_is_not_shown() -> None:
    settings = FalSettings.model_validate({"FAL_KEY": KEY})
    assert KEY not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize("name", ["org\nX-Evil: 1", "two words", "a" * 101, "örg"])
def test_an_organization_that_cannot_be_sent_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_settings({"GMI_ORGANIZATION": name})
    assert "GMI_ORGANIZATION" in str(refused.value)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "ключ-ключ", "tab\tbed"])
def test_a_key_that_cannot_be_sent_is_refused(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_settings({"FAL_KEY": key})
    assert "FAL_KEY" in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "queue.fal.run", "ftp://queue.fal.run", "http://queue.fal.run", "https://user:pw@queue.fal.run", "https://",
        "https://queue.fal.run/?x=1", "https://queue.fal.run/#x", "http://169.254.169.254",
    ],
)  # fmt: skip
def test_an_address_that_a_key_must_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_settings({"FAL_BASE_URL": url})
    assert "FAL_BASE_URL" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://127.0.0.1:9000/fal/", "http://127.0.0.1:9000/fal"),
        ("http://sandbox:9000", "http://sandbox:9000"),
        ("https://proxy.example.org/fal", "https://proxy.example.org/fal"),
    ],
)
def test_an_address_of_ones_own_is_taken(url: str, kept: str) -> None:
    assert read_settings({"FAL_BASE_URL": url})["fal"].base_url == kept


def test_every_setting_says_its_variable_and_what_it_is_for() -> None:
    described = {
        field.alias: bool(field.description)
        for row in PROVIDERS.values()
        for field in row.settings.model_fields.values()
    }
    assert described == dict.fromkeys(
        (
            *("FAL_KEY", "FAL_BASE_URL", "FAL_REST_URL", "FAL_API_BASE_URL", "WAVESPEED_API_KEY", "WAVESPEED_BASE_URL"),
            *("GMI_API_KEY", "GMI_BASE_URL", "GMI_ORGANIZATION", "AIML_API_KEY", "AIML_BASE_URL", "AIML_LEGACY"),
            *("VIDGO_API_KEY", "VIDGO_BASE_URL", "KLING_ACCESS_KEY", "KLING_SECRET_KEY", "KLING_BASE_URL"),
        ),
        True,
    )


def test_the_table_knows_every_provider_by_its_name() -> None:
    assert {name: (row.provider, row.title) for name, row in PROVIDERS.items()} == {
        "fal": (Fal, "fal.ai"), "wavespeed": (WaveSpeed, "WaveSpeedAI"), "gmi": (Gmi, "GMI Cloud"),
        "aimlapi": (Aimlapi, "AI/ML API"), "vidgo": (Vidgo, "Vidgo"), "kling": (Kling, "Kling"),
    }  # fmt: skip
    assert all(name == offer.id for name, offer in OFFERS.items())
    assert len(OFFERS) == sum(len(row.provider.offers) for row in PROVIDERS.values())
