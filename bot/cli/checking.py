"""What `klingbot check` looks at: data, ledger, ceiling and provider accounts. Spends nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.app import App
from bot.cli.sentences import sentence
from bot.credits.check import check as check_ledger
from bot.errors import KlingbotError, LedgerBroken, ProviderError


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
        yield Finding(False, "no provider is switched on: set FAL_KEY or WAVESPEED_API_KEY, or try klingbot demo")
    for name in app.house.providers:
        yield await _account(app, name)


async def _ledger(app: App) -> Finding:
    try:
        await app.database.view(check_ledger)
    except LedgerBroken as error:
        return Finding(False, f"the ledger does not add up: {error.differences}")
    return Finding(True, "the ledger adds up")


async def _account(app: App, name: str) -> Finding:
    provider = app.house.providers[name]
    try:
        balance = await provider.balance()
    except ProviderError as error:
        return Finding(False, f"{provider.title} says no ({error.reason}): {error.detail or error.status}")
    except KlingbotError as error:
        return Finding(False, f"{provider.title} can't be asked: {sentence(error)}")
    if balance is None:
        return Finding(True, f"{provider.title} is switched on; whether its key works shows at the first video")
    return Finding(True, f"{provider.title} knows the key, ${balance / 1_000_000:.2f} left")
