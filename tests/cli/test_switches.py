from bot.cli.switches import FaultSwitches
from bot.messaging import SwitchMode
from bot.sandbox.faults import KINDS, Faults
from tests.support.clock import FakeClock


def made() -> tuple[FaultSwitches, Faults]:
    faults = Faults(FakeClock(), ["fal", "wavespeed"])
    return FaultSwitches(faults, ("fal", "wavespeed")), faults


def modes(switches: FaultSwitches, place: str = "*") -> dict[str, SwitchMode]:
    return {one.name: one.mode for one in switches.listed(place) if one.mode != "off"}


def test_every_fault_of_the_sandbox_is_a_switch_at_every_place() -> None:
    switches, _ = made()
    assert [place.value for place in switches.places()] == ["*", "fal", "wavespeed"]
    assert [one.name for one in switches.listed("fal")] == list(KINDS)
    assert all(one.help and one.mode == "off" for one in switches.listed("*"))


def test_a_switch_is_one_order_and_turning_it_again_is_another() -> None:
    switches, faults = made()
    switches.turn("error_503", "on", "*")
    switches.turn("error_503", "once", "*")
    assert [(order["kind"], order["count"]) for order in faults.listed()] == [("error_503", 1)]
    assert modes(switches) == {"error_503": "once"}
    switches.turn("error_503", "off", "*")
    assert faults.listed() == []


def test_what_happened_once_is_off_again_and_counted() -> None:
    switches, faults = made()
    switches.turn("error_503", "once", "fal")
    assert faults.draw("wavespeed", "submit", "before") is None
    assert faults.draw("fal", "submit", "before") is not None
    assert faults.draw("fal", "submit", "before") is None
    (switch,) = [one for one in switches.listed("fal") if one.name == "error_503"]
    assert (switch.mode, switch.hits) == ("off", 1)


def test_places_are_apart_and_everything_goes_off_at_once() -> None:
    switches, _ = made()
    switches.turn("stuck", "on", "fal")
    switches.turn("latency", "on", "*")
    assert (modes(switches), modes(switches, "fal"), modes(switches, "wavespeed")) == (
        {"latency": "on"},
        {"stuck": "on"},
        {},
    )
    switches.clear()
    assert (modes(switches), modes(switches, "fal")) == ({}, {})


def test_unknown_names_and_places_change_nothing() -> None:
    switches, faults = made()
    switches.turn("no_such", "on", "*")
    switches.turn("stuck", "on", "nowhere")
    assert faults.listed() == []
