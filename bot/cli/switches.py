"""The sandbox's faults as switches on the demo's page."""

from typing import Any

from bot.messaging import Choice, Switch, SwitchMode
from bot.sandbox.faults import KINDS, Faults

EVERYWHERE = "*"


class FaultSwitches:
    """Implements `bot.messaging.Switches` over the faults of a running sandbox: a switch is one order."""

    def __init__(self, faults: Faults, providers: tuple[str, ...]) -> None:
        self._faults = faults
        self._providers = providers

    def places(self) -> tuple[Choice, ...]:
        """Every provider that the sandbox plays, after all of them together."""
        named = tuple(Choice(value=name, label=name) for name in self._providers)
        return (Choice(value=EVERYWHERE, label="every provider"), *named)

    def listed(self, place: str) -> tuple[Switch, ...]:
        """Every kind of fault, in the order of the sandbox's own table."""
        return tuple(self._switch(name, place) for name in KINDS)

    def turn(self, name: str, mode: SwitchMode, place: str) -> None:
        """Take back what was ordered, and order anew unless it is to be off."""
        if name not in KINDS or place not in (EVERYWHERE, *self._providers):
            return
        for order in self._orders(name, place):
            self._faults.clear(order["id"])
        if mode != "off":
            self._faults.add(name, provider=place, count=1 if mode == "once" else None)

    def clear(self) -> None:
        """Take back every order."""
        self._faults.clear()

    def _switch(self, name: str, place: str) -> Switch:
        orders = self._orders(name, place)
        in_force = [order["count"] for order in orders if order["count"] != 0]
        mode: SwitchMode = "off"
        if in_force:
            mode = "on" if None in in_force else "once"
        return Switch(name=name, help=KINDS[name].does, mode=mode, hits=sum(order["hits"] for order in orders))

    def _orders(self, name: str, place: str) -> list[dict[str, Any]]:
        return [order for order in self._faults.listed() if (order["kind"], order["provider"]) == (name, place)]
