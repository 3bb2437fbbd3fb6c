"""Faults on demand without a sandbox."""

from dataclasses import dataclass, field

from bot.messaging import Choice, Switch, SwitchMode


@dataclass
class FakeSwitches:
    """Implements `bot.messaging.Switches` with two faults at two places."""

    modes: dict[tuple[str, str], SwitchMode] = field(default_factory=dict)

    def places(self) -> tuple[Choice, ...]:
        return (Choice(value="*", label="every provider"), Choice(value="acme", label="Acme"))

    def listed(self, place: str) -> tuple[Switch, ...]:
        return tuple(
            Switch(name=name, help=f"what {name} does", mode=self.modes.get((name, place), "off"))
            for name in ("late", "gone")
        )

    def turn(self, name: str, mode: SwitchMode, place: str) -> None:
        self.modes[name, place] = mode

    def clear(self) -> None:
        self.modes.clear()
