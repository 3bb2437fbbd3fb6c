"""What `klingbot check` looks at: data, ledger, ceiling and provider accounts. Spends nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot import platforms
from bot.app import App
from bot.cli.sentences import sentence
from bot.commands.wording.figures import in_dollars
from bot.credits.check import check as check_ledger
from bot.errors import KlingbotError, LedgerBroken, ProviderError
from bot.providers.base import Provider
from bot.providers.registry import PROVIDERS

PATIENCE = 20.0
"""Seconds that a provider gets for everything it is asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    text: str


async def findings(app: App) -> AsyncIterator[Finding]:
    """Look at one thing after the other."""
    core = app.settings.core
    yield Finding(True, f"the data folder {core.data} can be written")
    yield await _ledger(app)
    yield Finding(True, f"at most ${core.monthly_microusd / 1_000_000:.2f} a month go to providers")
    if not app.house.providers:
        yield Finding(False, "no provider is switched on: set FAL_KEY or another provider's key, or try klingbot demo")
    for finding in await asyncio.gather(*(_account(app, name) for name in app.house.providers)):
        yield finding
    async for ok, text in platforms.findings(app.settings):
        yield Finding(ok, text)


async def _ledger(app: App) -> Finding:
    try:
        await app.database.view(check_ledger)
    except LedgerBroken as error:
        return Finding(False, f"the ledger does not add up: {error.differences}")
    return Finding(True, "the ledger adds up")


async def _account(app: App, name: str) -> Finding:
    """What a provider says of our key and account, by calls that are free."""
    provider = app.house.providers[name]
    try:
        async with asyncio.timeout(PATIENCE):
            balance, models = await provider.balance(), await provider.models()
            known = balance is not None or models is not None or await provider.ping()
    except TimeoutError:
        return Finding(False, f"{provider.title} doesn't answer within {PATIENCE:g} seconds")
    except ProviderError as error:
        return Finding(False, _no(provider, error))
    except KlingbotError as error:
        return Finding(False, f"{provider.title} can't be asked: {sentence(error)}")
    gone = {offer.model for offer in provider.offers if offer.enabled} - set(models) if models is not None else set()
    if gone:
        return Finding(False, f"{provider.title} knows the key, but doesn't list {', '.join(sorted(gone))}")
    if not known:
        return Finding(True, f"{provider.title} is switched on; whether its key works shows at the first video")
    left = "" if balance is None else f", {in_dollars(balance)} left"
    return Finding(True, f"{provider.title} knows the key{left}")


def _no(provider: Provider, error: ProviderError) -> str:
    keys = " and ".join(PROVIDERS[provider.name].keys)
    text = _NO.get(error.reason, "{title} says no").format(title=provider.title, keys=keys)
    if error.status is None:
        return f"{text} ({error.detail})" if error.detail else text
    return f"{text}. It said: {error.detail or f'status {error.status}'}"


_NO = {
    "auth": "{title} refuses the key; check {keys}",
    "balance": "{title} has no money left on the account; top it up there",
    "busy": "{title} is too busy to tell; try again in a minute",
    "unavailable": "{title} can't be reached or is broken; its offers rest until it is well",
    "not_found": "{title} doesn't know the path that was asked; check its base address",
}
"""What a provider's no means for the operator."""
