"""A service that is killed and started again on one data folder, a sandbox and a chat that live on."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.faults import parse_fault
from bot.sandbox.server import Sandbox, SandboxOptions
from tests.killing import watching
from tests.killing.audit import Audit
from tests.killing.errand import Broken, Errand, Kill
from tests.killing.scenarios import Scenario
from tests.killing.template import Template
from tests.support.clips import clip
from tests.support.hurry import HurriedClock

SPEED = 200.0
"""How many times faster than life the service's and the sandbox's common clock is."""

_WORK_SPEED = 8.0
"""How many times faster again the sandbox works."""

KILLED = -9


@dataclass
class Campaign:
    """Lives of one service, each on what the last one left."""

    template: Template
    sandbox: Sandbox
    clock: HurriedClock
    folder: Path
    environment: dict[str, str]
    origin: int
    scenario: Scenario
    broken: Broken = ""
    prompts: list[str] = field(default_factory=list)

    async def live(self, kill: Kill | None = None) -> int:
        """One life; how it ended."""
        return await self.template.run(
            Errand(
                folder=str(self.folder), sandbox=self.sandbox.base_url, environment=self.environment,
                origin=self.origin, speed=SPEED, prompts=self.prompts, habit=self.scenario.habit,
                mood=self.scenario.mood, fetch_tries=self.scenario.fetch_tries, broken=self.broken, kill=kill,
            )
        )  # fmt: skip

    def ask(self, fault: str = "") -> None:
        """People want one more video from the next life on; a fault is ordered at the sandbox with it."""
        if fault:
            self.sandbox.faults.add(**parse_fault(fault))
        self.prompts.append(f"paper boat {len(self.prompts)} drifts ashore")

    async def at_rest(self) -> Audit:
        """A last life without a kill, and what came of everything."""
        ended = await self.live()
        assert ended == 0, f"it came to rest: {ended}\n{(self.folder / 'service.log').read_text()}"
        return Audit(self.folder, self.sandbox.sold, self.prompts)


@asynccontextmanager
async def campaign(
    template: Template, folder: Path, scenario: Scenario, broken: Broken = ""
) -> AsyncIterator[Campaign]:
    """A sandbox of its own, a data folder with triggers, nothing asked yet."""
    data = folder / "data"
    data.mkdir()
    watching.prepare(data / "klingbot.db")
    ready = folder / "ready"
    ready.mkdir()
    (ready / "5s-16x9-standard.mp4").write_bytes(clip(5))  # a small one: every video is looked through
    origin = time.time_ns() // 1_000_000
    clock = HurriedClock(origin, SPEED)
    options = SandboxOptions(
        folder=folder / "sandbox",
        speed=_WORK_SPEED,
        clips="shared",
        ready=ready,
        faults=scenario.faults,
        levels={"fal": "grown"},
    )
    wanted = tuple(f"{provider.upper()}_" for provider in scenario.providers)
    async with Sandbox(options, clock) as sandbox:
        environment = {
            **{name: value for name, value in sandbox.environment().items() if name.startswith(wanted)},
            "KLINGBOT_DATA": str(data), "KLINGBOT_WORKSPACES": "chat:team", "KLINGBOT_ADMINS": "chat:ada",
            "KLINGBOT_ALERTS": "chat:team:operators", "KLINGBOT_MONTHLY_USD": "1000", "KLINGBOT_WEB": "0",
            "KLINGBOT_PORT": "0",
        }  # fmt: skip
        yield Campaign(template, sandbox, clock, folder, environment, origin, scenario, broken)
