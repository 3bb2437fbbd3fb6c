"""Is it alive? Every part that should be doing something says so; one that has been silent for too long is red."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.clock import Clock

_log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[object]]
"""Touches the database; any exception means it can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the service. `silent_ms` since its last beat, None for a part that is asked and not listened to."""

    name: str
    ok: bool
    silent_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """How every part is; `ok` only where all are."""

    ok: bool
    parts: tuple[Part, ...]

    def json(self) -> dict[str, Any]:
        """What `/health` shows: names, verdicts and seconds, nothing that needs hiding."""
        return {"ok": self.ok, "parts": [_shown(part) for part in self.parts]}


class Health:
    """Listens to the parts of the service, and asks the database."""

    def __init__(self, clock: Clock, probe: Probe | None = None, *, probe_seconds: float = 2.0) -> None:
        self._clock = clock
        self._probe = probe
        self._probe_seconds = probe_seconds
        self._limits: dict[str, int] = {}
        self._beats: dict[str, int] = {}

    def watch(self, name: str, silent_after_seconds: float) -> None:
        """Expect beats of a part from now on: red when none came for that long."""
        self._limits[name] = round(silent_after_seconds * 1_000)
        self._beats[name] = self._clock.now()

    def beat(self, name: str) -> None:
        """A sign of life of a watched part; others are not kept."""
        if name in self._limits:
            self._beats[name] = self._clock.now()

    def report(self, now: int) -> HealthReport:
        """The watched parts at `now` (ms UTC), without asking the database."""
        return _report(self._part(name, now) for name in sorted(self._limits))

    async def check(self) -> HealthReport:
        """The watched parts now, and the database's answer to the probe."""
        heard = self.report(self._clock.now()).parts
        if self._probe is None:
            return _report(heard)
        return _report((Part(name="database", ok=await self._answers(self._probe)), *heard))

    def _part(self, name: str, now: int) -> Part:
        silent = max(0, now - self._beats[name])
        return Part(name=name, ok=silent <= self._limits[name], silent_ms=silent)

    async def _answers(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(self._probe_seconds):
                await probe()
        except Exception as error:
            _log.warning("the database does not answer the health probe: %s", type(error).__name__)
            return False
        return True


def _report(parts: Iterable[Part]) -> HealthReport:
    known = tuple(parts)
    return HealthReport(ok=all(part.ok for part in known), parts=known)


def _shown(part: Part) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": part.name, "ok": part.ok}
    if part.silent_ms is not None:
        shown["silent_seconds"] = round(part.silent_ms / 1_000, 1)
    return shown
