"""The table of faults and the orders for them."""

import pytest

from bot.sandbox.faults import CALLS, KINDS, BadFault, Faults, parse_fault
from tests.support.clock import FakeClock


@pytest.fixture
def faults() -> Faults:
    return Faults(FakeClock(), ["fal", "wavespeed"])


def test_every_kind_says_what_it_does_and_in_which_calls() -> None:
    assert all(kind.does.endswith(".") and kind.calls and set(kind.calls) <= set(CALLS) for kind in KINDS.values())


def test_a_count_is_used_up(faults: Faults) -> None:
    faults.add("error_500", count=2)
    drawn = [faults.draw("fal", "submit", "before") for _ in range(3)]
    assert [fault.kind if fault else None for fault in drawn] == ["error_500", "error_500", None]
    assert faults.listed()[0]["hits"] == 2


def test_a_rate_hits_that_share_of_calls(faults: Faults) -> None:
    faults.add("error_500", rate=0.2)
    hits = sum(faults.draw("fal", "submit", "before") is not None for _ in range(2_000))
    assert 320 < hits < 480


def test_a_fault_hits_only_its_provider_call_and_stage(faults: Faults) -> None:
    faults.add("error_503", provider="fal", call="check")
    assert faults.draw("wavespeed", "check", "before") is None
    assert faults.draw("fal", "submit", "before") is None
    assert faults.draw("fal", "check", "after") is None
    assert faults.draw("fal", "check", "before") is not None


def test_any_call_means_those_that_the_kind_knows(faults: Faults) -> None:
    faults.add("error_503", call="any")
    assert faults.draw("fal", "upload", "before") is not None
    assert faults.draw("fal", "file", "before") is None


def test_the_oldest_order_comes_first_and_the_next_when_it_is_used_up(faults: Faults) -> None:
    faults.add("error_500", count=1)
    faults.add("error_502", count=1)
    drawn = [faults.draw("fal", "submit", "before") for _ in range(2)]
    assert [fault.kind for fault in drawn if fault] == ["error_500", "error_502"]


def test_orders_can_be_taken_back(faults: Faults) -> None:
    first, second = faults.add("error_500"), faults.add("error_502")
    assert faults.clear(first.id) == 1
    assert [one["id"] for one in faults.listed()] == [second.id]
    assert faults.clear() == 1
    assert faults.listed() == []


def test_an_unknown_kind_is_refused_with_those_there_are(faults: Faults) -> None:
    with pytest.raises(BadFault, match=r"no such kind: gremlins; there are latency, .*missing_file"):
        faults.add("gremlins")


@pytest.mark.parametrize(
    "text",
    ["kling/error_500", "error_500@file", "error_500@nap", "error_500:1.1", "error_500:x0"],
)
def test_an_order_that_can_not_be_is_refused(faults: Faults, text: str) -> None:
    with pytest.raises(BadFault):
        faults.add(**parse_fault(text))


def test_a_delay_is_not_negative(faults: Faults) -> None:
    with pytest.raises(BadFault):
        faults.add("latency", delay=-1.0)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("stuck", {"kind": "stuck"}),
        ("accept_then_drop:0.2", {"kind": "accept_then_drop", "rate": 0.2}),
        ("fal/error_503@check:x2", {"provider": "fal", "kind": "error_503", "call": "check", "count": 2}),
        ("latency@any:0.5+3", {"kind": "latency", "call": "any", "rate": 0.5, "delay": 3.0}),
        (" slow_video+1.5 ", {"kind": "slow_video", "delay": 1.5}),
    ],
)
def test_faults_are_written_in_one_line(text: str, order: dict[str, object]) -> None:
    assert parse_fault(text) == order


@pytest.mark.parametrize("text", ["", "a b", "stuck:", "stuck:half", "stuck:0.1.2", "/stuck", "stuck@"])
def test_what_is_not_a_fault_is_refused(text: str) -> None:
    with pytest.raises(BadFault):
        parse_fault(text)
