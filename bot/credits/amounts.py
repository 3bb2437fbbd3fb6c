"""Amounts: whole credits and micro-dollars, bounded, and how one becomes the other."""

from bot.errors import BadValue

MOST = 10**12
CREDIT_MICROUSD = 5_000
"""What a credit is worth where no setting says otherwise: $0.005."""


def check_positive(field: str, amount: int) -> None:
    """Raise BadValue unless the amount is a whole number from 1 to `MOST`."""
    _check(field, amount, 1)


def check_not_negative(field: str, amount: int) -> None:
    """Raise BadValue unless the amount is a whole number from 0 to `MOST`."""
    _check(field, amount, 0)


def credits_for(microusd: int, credit_microusd: int = CREDIT_MICROUSD) -> int:
    """A price in credits, rounded up."""
    check_not_negative("microusd", microusd)
    check_positive("credit_microusd", credit_microusd)
    return -(-microusd // credit_microusd)


def _check(field: str, amount: int, least: int) -> None:
    if type(amount) is not int or not least <= amount <= MOST:
        raise BadValue(field=field, value=str(amount), allowed=(f"{least}…{MOST}",))
