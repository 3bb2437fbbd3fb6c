"""What several words read: credits, rates, reasons, one job."""

import re
from collections.abc import Mapping

from bot.commands.spelling import quoted
from bot.commands.values import whole
from bot.credits.periods import KINDS, PeriodKind
from bot.errors import BadValue, Missing
from bot.messaging import Choice, FormField

REASON_MAX = 200
"""Characters of a reason that stands in the books."""

_RATE = re.compile(r"([0-9][0-9,]*)\s*(?:cr|credits?)?\s*(?:/|per|an?|every|each)\s*(day|week|month)", re.IGNORECASE)
_PERIODS: Mapping[str, PeriodKind] = {kind: kind for kind in KINDS}


def is_rate(text: str) -> bool:
    """Whether the text begins with credits for a period."""
    return bool(_RATE.match(text))


def rate(field: str, text: str) -> tuple[int, PeriodKind]:
    """Credits for each period: `300/month`, `300 per month`; 0 is none at all. Raises Missing and BadValue."""
    if not text:
        raise Missing("amount", field)
    found = _RATE.fullmatch(text.strip())
    count = whole(found[1]) if found else None
    if found is None or count is None:
        raise BadValue("rate", text, tuple(f"300/{period}" for period in _PERIODS))
    return count, _PERIODS[found[2].casefold()]


def amount(field: str, text: str, example: str = "5000") -> tuple[int, str]:
    """Credits, at least 1, and what follows them. Raises Missing and BadValue."""
    if not text.strip():
        raise Missing("amount", field)
    first, _, rest = text.strip().partition(" ")
    count = whole(first)
    if not count:
        raise BadValue("amount", first, (example,))
    return count, rest.strip()


def reason(text: str) -> str:
    """Why, without its quotes. Raises BadValue for one that is too long."""
    found = unquoted(text.strip())
    if len(found) > REASON_MAX:
        raise BadValue("reason", str(len(found)), (str(REASON_MAX),))
    return found


def unquoted(text: str) -> str:
    """The text without quotes around all of it."""
    for opening, closing in ('""', "''", "“”", "\u2018\u2019"):
        if len(text) > 1 and text[0] == opening and text[-1] == closing:
            return text[1:-1].strip()
    return text


def credits_field(least: int = 1) -> FormField:
    """How many credits."""
    return FormField(name="credits", label="Credits", kind="number", required=True, minimum=least, step=1)


def period_field() -> FormField:
    """How often."""
    choices = tuple(Choice(value=kind, label=kind) for kind in KINDS)
    return FormField(name="period", label="Each", kind="choice", required=True, choices=choices)


def reason_field(help_: str = "stands in the ledger") -> FormField:
    """Why."""
    return FormField(name="reason", label="Reason", kind="text", help=help_, longest=REASON_MAX)


def text_field(name: str, label: str, help_: str, *, required: bool = True) -> FormField:
    """A few words."""
    return FormField(name=name, label=label, kind="text", help=help_, required=required, longest=REASON_MAX)


def write_rate(choices: Mapping[str, str]) -> str:
    """`300/month` of what was filled in."""
    return f"{choices.get('credits', '')}/{choices['period']}" if "period" in choices else choices.get("credits", "")


def write_amount(choices: Mapping[str, str]) -> str:
    """`5000 "PO 881"` of what was filled in."""
    why = quoted(choices["reason"]) if choices.get("reason") else ""
    return f"{choices.get('credits', '')} {why}".strip()
