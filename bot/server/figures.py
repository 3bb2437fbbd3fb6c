"""The figures of `/metrics`, read from the rows."""

from bot.server.metrics import Figures
from bot.store.database import Database

_JOBS = "SELECT state, COUNT(*) AS number FROM job GROUP BY state"
_ATTEMPTS = "SELECT provider, outcome, COUNT(*) AS number FROM attempt GROUP BY provider, outcome"
_DELIVERIES = "SELECT state, COUNT(*) AS number FROM delivery GROUP BY state"
_HELD = "SELECT COALESCE(SUM(balance), 0) AS held FROM account WHERE id LIKE '%:held'"
_MONTH = "SELECT COALESCE(SUM(used), 0) AS used FROM usage WHERE scope = 'operator' AND period = :month"


async def read_figures(database: Database, *, month: str, ceiling_microusd: int) -> Figures:
    """Counts over all rows, and the provider cost of the UTC `month` (`2026-11`)."""
    jobs = await database.read(_JOBS)
    attempts = await database.read(_ATTEMPTS)
    deliveries = await database.read(_DELIVERIES)
    held = await database.read(_HELD)
    used = await database.read(_MONTH, {"month": month})
    return Figures(
        jobs={row["state"]: row["number"] for row in jobs},
        attempts={(row["provider"], row["outcome"]): row["number"] for row in attempts},
        deliveries={row["state"]: row["number"] for row in deliveries},
        credits_held=int(held[0]["held"]),
        month_microusd=int(used[0]["used"]),
        ceiling_microusd=ceiling_microusd,
    )
