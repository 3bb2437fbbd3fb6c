"""The house's own settings: money exact and bounded, entries of lists in one shape."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.errors import SettingsInvalid
from bot.messaging import Place
from bot.settings import Parts, Settings, load
from bot.settings_core import CoreSettings

ALONE = Parts(providers={}, adapters={})


def core(**environ: str) -> CoreSettings:
    return load({f"KLINGBOT_{name}": value for name, value in environ.items()}, None, parts=ALONE).core


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        load(environ, None, parts=ALONE)
    return list(caught.value.problems)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "inf", "1e9", "100000.01", "0.0000001", "$50", "50,00", "fifty"])
def test_the_ceiling_is_a_positive_bounded_amount(amount: str) -> None:
    assert problems({"KLINGBOT_MONTHLY_USD": amount}) == [
        f"KLINGBOT_MONTHLY_USD: '{amount}' is not a number above 0 and up to 100000, with at most 6 decimals"
    ]


@pytest.mark.parametrize(("amount", "micro"), [("0.005", 5_000), ("0.000001", 1), ("0.0123", 12_300), ("100", 10**8)])
def test_a_credit_is_exact_in_micro_dollars(amount: str, micro: int) -> None:
    assert core(CREDIT_USD=amount).credit_microusd == micro


def test_case_does_not_matter_where_words_are_chosen() -> None:
    found = core(LOG="JSON", LOG_LEVEL="Debug")
    assert (found.log, found.log_level) == ("json", "debug")


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "::", "localhost", "bot.example.org", "klingbot"])
def test_hosts(host: str) -> None:
    assert core(HOST=host).host == host


@pytest.mark.parametrize("host", ["127.0.0.1:80", "[::1]", "a host", "-", "host/", "user@host"])
def test_not_hosts(host: str) -> None:
    assert len(problems({"KLINGBOT_HOST": host})) == 1


def test_the_data_folder_may_lie_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert core(DATA="~/klingbot").data == Path("/somewhere/klingbot")
    assert problems({"KLINGBOT_DATA": "~nobody-of-that-name/x"}) == [
        "KLINGBOT_DATA: '~nobody-of-that-name/x' can't be used: nobody here has such a home folder"
    ]


def test_lists_are_separated_by_commas_or_blanks() -> None:
    found = core(WORKSPACES="web:page, Console:local,", ADMINS="web:mira web:page:ana", ALERTS="web:page:general")
    assert found.workspaces == {"web:page", "console:local"}
    assert found.admins == {"web:mira", "web:page:ana"}
    assert found.alerts == Place(platform="web", workspace="page", channel="general")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("KLINGBOT_ADMINS", "web:mira,bob", "'bob' is not platform:user or platform:workspace:user"),
        ("KLINGBOT_ADMINS", "a:b:c:d", "'a:b:c:d' is not platform:user or platform:workspace:user"),
        ("KLINGBOT_ADMINS", ":mira", "':mira' is not platform:user or platform:workspace:user"),
        ("KLINGBOT_WORKSPACES", "web", "'web' is not platform:workspace"),
        ("KLINGBOT_WORKSPACES", "web:page:x", "'web:page:x' is not platform:workspace"),
        ("KLINGBOT_WORKSPACES", "web:", "'web:' is not platform:workspace"),
        ("KLINGBOT_ALERTS", "web:page:", "write it as platform:workspace:channel"),
        ("KLINGBOT_ALERTS", "web:page:general:7", "write it as platform:workspace:channel"),
    ],
)
def test_an_entry_of_the_wrong_shape_is_named(name: str, value: str, why: str) -> None:
    assert problems({name: value}) == [f"{name}: '{value}' can't be used: {why}"]


def test_the_house_s_own_part_can_be_made_by_field_names() -> None:
    made = CoreSettings(data=Path("x"), port=0, monthly_usd=Decimal("1.5"), workspaces=frozenset({"web:page"}))
    assert Settings(core=made, providers={}, adapters={}).core.monthly_microusd == 1_500_000
