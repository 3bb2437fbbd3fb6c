"""Providers as an operator sees them: what they sell here, how they are, what is left on the accounts."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.house import House
from bot.errors import ProviderError
from bot.providers import registry
from bot.providers.base import Provider
from bot.providers.health import Ailing, ailing
from bot.providers.offers import Offer
from bot.store.scripts import Row, Script

PATIENCE = 5.0
"""Seconds that a provider gets to tell its balance."""

_LAST_ERRORS = """
SELECT attempt.provider, attempt.error, COALESCE(attempt.ended_at, attempt.intended_at) AS at
FROM attempt JOIN job ON job.id = attempt.job
WHERE attempt.error IS NOT NULL AND (:workspace IS NULL OR job.workspace = :workspace)
ORDER BY attempt.id DESC LIMIT 200
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastError:
    """What a provider said no with last: the reason, its own words, when (ms UTC)."""

    reason: str
    detail: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One provider as an operator sees it. `balance` in micro-dollars, None where it isn't told; `trouble` says why."""

    name: str
    title: str
    on: bool
    keys: tuple[str, ...]
    offers: tuple[Offer, ...]
    ailing: Ailing | None = None
    balance: int | None = None
    trouble: str = ""
    last_error: LastError | None = None


async def supplies(house: House, *, workspace: str | None = None, balances_too: bool = True) -> list[Supply]:
    """Every provider the house knows, those that are on first. Balances are asked for at the same time.

    With a `workspace` the last errors are those of its own jobs: providers quote prompts in them.
    """
    ill, errors = await house.database.view(_known, workspace)
    balances: dict[str, tuple[int | None, str]] = {}
    if balances_too:
        told = await asyncio.gather(*map(_balance, house.providers.values()))
        balances = dict(zip(house.providers, told, strict=True))
    found = [
        Supply(
            name=row.name,
            title=row.title,
            on=row.name in house.providers,
            keys=row.keys,
            offers=tuple(offer for offer in house.offers.values() if offer.provider == row.name),
            ailing=ill.get(row.name),
            balance=balances.get(row.name, (None, ""))[0],
            trouble=balances.get(row.name, (None, ""))[1],
            last_error=errors.get(row.name),
        )
        for row in registry.PROVIDERS.values()
    ]
    return sorted(found, key=lambda one: not one.on)


async def _balance(provider: Provider) -> tuple[int | None, str]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await provider.balance(), ""
    except TimeoutError:
        return None, "no answer in time"
    except ProviderError as error:
        return None, error.detail or error.reason


def _known(workspace: str | None) -> Script[tuple[Mapping[str, Ailing], Mapping[str, LastError]]]:
    ill = yield from ailing()
    errors: dict[str, LastError] = {}
    for row in (yield _LAST_ERRORS, {"workspace": workspace}):
        errors.setdefault(str(row["provider"]), _last_error(row))
    return ill, errors


def _last_error(row: Row) -> LastError:
    said = json.loads(row["error"])
    return LastError(reason=str(said["reason"]), detail=str(said["detail"]), at=int(row["at"]))
