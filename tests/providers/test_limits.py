"""How many tasks run at once: what is documented, what the operator says, and what is no such thing."""

from typing import Any

import pytest

from bot.errors import SettingsInvalid
from bot.providers.limits import limits, read
from bot.settings import load


def test_what_is_documented_holds_where_the_operator_says_nothing() -> None:
    assert limits(("fal", "wavespeed", "kling"), ()) == {"fal": 10, "wavespeed": 2, "kling": 5}


def test_the_operator_s_word_holds_for_what_it_names() -> None:
    found = load({"KLINGBOT_CONCURRENCY": " Fal = 40,\nwavespeed=300,"}, env_file=None)
    assert found.offers is not None
    assert limits(("fal", "wavespeed", "kling"), found.offers.concurrency) == {"fal": 40, "wavespeed": 300, "kling": 5}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("fal", "'fal' is not provider=number"),
        ("fall=2", "there is no provider 'fall'; did you mean fal?"),
        ("fal=0", "fal: '0' is not a whole number from 1 to 100000"),
        ("fal=many", "fal: 'many' is not a whole number"),
        ("fal=-3", "fal: '-3' is not"),
        ("fal=²", "fal: '²' is not"),
        ("fal=100001", "fal: '100001' is not"),
        ("fal=2, fal=3", "fal is there twice"),
    ],
)
def test_what_is_no_limit_is_told(written: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load({"KLINGBOT_CONCURRENCY": written}, env_file=None)
    (problem,) = caught.value.problems
    assert problem.startswith("KLINGBOT_CONCURRENCY: ")
    assert said in problem


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"fal: 'x'.*; 'kling' is not provider=number"):
        read("fal=x, kling")


@pytest.mark.parametrize("value", [(), (("fal", 3),)])
def test_limits_that_were_read_before_are_kept(value: Any) -> None:
    assert read(value) is value
