"""What is looked at once a minute and told of by itself: alerts, unusual spending, providers' prices and accounts.

Nothing is kept in memory but what saves work: an alert is noted once in the table `alerted`, by whoever is first, and
becomes a notice in the transaction that marks it as told. So a restart or a second process tells nothing twice.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.credits import alerting
from bot.credits.alerting import Seen
from bot.credits.periods import period_of
from bot.credits.spending import DAY_MS, first_spent, spent_between
from bot.errors import ProviderError, StoreError
from bot.jobs.notices import direct_place, notify
from bot.jobs.work import Work, place_json
from bot.messaging import Actor
from bot.store.ids import id_of
from bot.store.scripts import Row, Script, first

log = logging.getLogger(__name__)

Facts = Mapping[str, Any]

WEEK_MS = 7 * DAY_MS
WEEKS = 4
"""How many weeks back the same span is compared with."""
UNUSUAL, UNUSUAL_LEAST = 3, 200
"""Unusual is this many times the mean of those weeks, and at least so many credits."""
HOUR_MS = 3_600_000
PATIENCE = 5.0
"""Seconds that a provider gets to tell its balance."""
_DRIFT = 100
"""A cost is off its price where it differs by more than one part in so many."""
_PRICE, _BEYOND = 0, 1
"""Levels of what is told of a price: it is another one; it went beyond what was held."""

_TEAMS = """
SELECT id, timezone, (
    SELECT coalesce(sum(CASE kind WHEN 'charge' THEN amount ELSE -amount END), 0) FROM entry
    WHERE workspace = w.id AND held_at >= :since AND (kind = 'charge' OR kind = 'correction')
) + coalesce((SELECT balance FROM account WHERE account.id = w.id || ':held'), 0) AS spent
FROM workspace AS w ORDER BY id
"""
_OFF_PRICE = """
SELECT a.job, a.offer, a.provider, a.microusd, a.cost, a.ended_at, (
    SELECT coalesce(sum(amount), 0) FROM entry
    WHERE entry.id > a.job || ':end:' AND entry.id < a.job || ':end;' AND kind = 'variance'
) AS beyond
FROM attempt AS a WHERE a.outcome = 'done' AND a.cost <> a.microusd AND a.ended_at >= :since
ORDER BY a.ended_at
"""
_OPEN_COST = """
SELECT coalesce((
    SELECT provider FROM attempt WHERE attempt.job = job.id ORDER BY number DESC LIMIT 1
), '') AS provider, offers, microusd FROM job WHERE ended_at IS NULL
"""
_IDENTITY = """
SELECT mine.platform, mine.platform_workspace, mine.platform_user, person.name FROM person_identity AS mine
JOIN person ON person.id = mine.person
JOIN workspace_identity AS team
    ON team.platform = mine.platform AND team.platform_workspace = mine.platform_workspace
WHERE mine.person = :person AND team.workspace = :workspace
ORDER BY CASE WHEN mine.platform = :platform THEN 0 ELSE 1 END, mine.platform, mine.platform_user LIMIT 1
"""


@dataclass(kw_only=True)
class Watch:
    """Looks after the money, a look at a time. Micro-dollars.

    `ceiling` is the operator's month, `low_balance` what an account should hold beside the cost of what is open.
    """

    work: Work
    ceiling: int
    low_balance: int
    _seen: dict[str, Seen] = field(default_factory=dict)

    async def look(self) -> None:
        """One look at everything. A look that breaks keeps no other from its turn."""
        looks: tuple[Callable[[], Awaitable[None]], ...] = (
            self._pools, self._operator, self._rates, self._prices, self._balances,
        )  # fmt: skip
        for one_of in looks:
            try:
                await one_of()
            except StoreError as error:
                log.error("storage is away: %s", error)
            except Exception:
                log.exception("a look broke: %s", one_of.__name__)
        work = self.work
        if await work.database.view(alerting.untold):
            operators = place_json(work.alerts) if work.alerts else None
            await work.run(tell, operators=operators, now=work.now())
            work.ring()

    async def _pools(self) -> None:
        found, seen = await self.work.database.view(alerting.pools, self._seen, self.work.now())
        for pool in found:
            await self.work.run(alerting.note_pool, pool, self.work.now())
        self._seen = seen

    async def _operator(self) -> None:
        await self.work.run(alerting.note_operator, self.ceiling, self.work.now())

    async def _rates(self) -> None:
        """A day that is unlike the same days of the weeks before, told once a day."""
        now = self.work.now()
        for team in await self.work.database.read(_TEAMS, {"since": now - DAY_MS}):
            if team["spent"] < UNUSUAL_LEAST:
                continue
            usual = await self.work.database.view(usual_day, team["id"], now=now)
            if usual is None or team["spent"] < UNUSUAL * usual:
                continue
            facts = {"kind": "rate", "workspace": team["id"], "spent": team["spent"], "usual": usual}
            await self.work.run(
                alerting.latch, f"{team['id']}:rate", "", 0, ceiling=now, facts=facts, now=now, more=DAY_MS
            )

    async def _prices(self) -> None:
        """Videos that cost something else than was quoted, told once for each offer and day (UTC)."""
        now = self.work.now()
        found: dict[tuple[str, str, int], Facts] = {}
        for row in await self.work.database.read(_OFF_PRICE, {"since": now - DAY_MS}):
            offer = self.work.offers.get(row["offer"])
            firm = offer is None or offer.price.confirmed
            drifted = abs(row["cost"] - row["microusd"]) * _DRIFT > row["microusd"]
            level = _BEYOND if row["beyond"] else _PRICE
            if not row["beyond"] and not (drifted and (firm or row["cost"] > row["microusd"])):
                continue  # an estimate that held was no promise
            facts = {
                "kind": "price", "offer": row["offer"], "provider": row["provider"], "job": row["job"],
                "quoted": row["microusd"], "cost": row["cost"], "beyond": row["beyond"],
            }  # fmt: skip
            found.setdefault((f"price:{row['offer']}", period_of(row["ended_at"], "UTC", "day").name, level), facts)
        for (scope, day, level), told in found.items():
            await self.work.run(alerting.latch, scope, day, level, ceiling=0, facts=told, now=now)

    async def _balances(self) -> None:
        """What is left at the providers, asked once an hour by one process, told once until it is enough again."""
        work, now = self.work, self.work.now()
        if not await work.run(alerting.latch, "balances", "", 0, ceiling=now // HOUR_MS, facts={}, now=now, told=True):
            return
        cost = open_cost(await work.database.read(_OPEN_COST))
        answers = await asyncio.gather(*(self._balance(name) for name in work.providers))
        for name, balance in zip(work.providers, answers, strict=True):
            if balance is None:
                continue
            needed = cost.get(name, 0) + self.low_balance
            if balance < needed:
                facts = {"kind": "balance", "provider": name, "balance": balance, "needed": needed}
                await work.run(
                    alerting.latch, f"balance:{name}", "", 0, ceiling=needed, facts=facts, now=now, more=alerting.NEVER
                )
            else:
                await work.run(alerting.unlatch, f"balance:{name}", reached=balance)

    async def _balance(self, name: str) -> int | None:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.work.providers[name].balance()
        except (TimeoutError, ProviderError) as error:
            log.warning("%s doesn't tell its balance: %s", name, error)
            return None


def usual_day(workspace: str, *, now: int) -> Script[int | None]:
    """The mean of the same 24 hours in up to four weeks before; None without a whole week of history."""
    since = yield from first_spent(workspace)
    spans = [now - DAY_MS - week * WEEK_MS for week in range(1, WEEKS + 1)]
    known = [start for start in spans if since is not None and start >= since]
    total = 0
    for start in known:
        total += yield from spent_between(workspace=workspace, start=start, end=start + DAY_MS)
    return total // len(known) if known else None


def open_cost(jobs: list[Row]) -> dict[str, int]:
    """What open jobs will cost at each provider (micro-dollars): where they are, or where they will be tried first."""
    cost: dict[str, int] = {}
    for job in jobs:
        name = job["provider"] or json.loads(job["offers"])[0].split("/")[0]
        cost[name] = cost.get(name, 0) + job["microusd"]
    return cost


def tell(*, operators: Facts | None, now: int) -> Script[None]:
    """Make a notice of every alert that nobody was told of, and mark it, together; without a place, only mark it."""
    for alert in (yield from alerting.untold()):
        facts = json.loads(alert["facts"])
        place, to = yield from _addressed(facts, operators)
        if place is not None:
            name = id_of("alert", alert["scope"], alert["period"], alert["level"], alert["ceiling"], alert["at"])
            yield from notify(name, place=place, facts={**facts, "about": alert["scope"]}, now=now, to=to)
        yield from alerting.told(alert)


def _addressed(facts: Facts, operators: Facts | None) -> Script[tuple[Facts | None, Actor | None]]:
    """Where an alert goes: a person's own limit to that person alone, a team's where it reads, else the operators."""
    if facts.get("person"):
        return (yield from _person(facts))
    if not facts.get("workspace"):
        return operators, None
    rules = yield from alerting.rules_of_alert(facts["workspace"])
    return rules.alerts_at or operators, None


def _person(facts: Facts) -> Script[tuple[Facts | None, Actor | None]]:
    """Somebody's direct messages; where there are none, the channel where they spent, for them alone."""
    platform, _, channel = str(facts.get("channel", "")).partition(":")
    question = {"person": facts["person"], "workspace": facts["workspace"], "platform": platform}
    row = first((yield _IDENTITY, question))
    if row is None:
        return None, None
    actor = Actor(
        platform=row["platform"], workspace=row["platform_workspace"], user=row["platform_user"], name=row["name"]
    )
    place = place_json(direct_place(actor))
    return place | ({"channel": channel} if row["platform"] == platform else {}), actor
