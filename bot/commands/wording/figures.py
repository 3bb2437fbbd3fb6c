"""Numbers, money, times and shortened texts, as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_JOINERS = "\u200d\ufe0e\ufe0f"


def count(number: int, thing: str) -> str:
    """`1 credit`, `1,500 credits`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def thousands(word: str) -> str:
    """A number that came as text, with commas; any other text as it is."""
    return f"{int(word):,}" if word.isascii() and word.isdigit() and len(word) < 20 else word


def in_credits(number: int) -> str:
    """`1,500 credits`."""
    return count(number, "credit")


def in_dollars(microusd: int) -> str:
    """`$0.25`, and as many as four places where cents don't say it: `$0.475`."""
    amount = (Decimal(microusd) / 1_000_000).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    cents, rest = f"{abs(amount):,.4f}"[:-2], f"{abs(amount):,.4f}"[-2:].rstrip("0")
    return f"{'-' if amount < 0 else ''}${cents}{rest}"


def span(ms: int) -> str:
    """A stretch of time in its two largest units: `45 s`, `2 min 10 s`, `1 h 5 min`, `3 days 4 h`."""
    seconds = max(0, ms) // 1000
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return _two(seconds // _MINUTE, "min", seconds % _MINUTE, "s")
    if seconds < 2 * _DAY:
        return _two(seconds // _HOUR, "h", seconds % _HOUR // _MINUTE, "min")
    return _two(seconds // _DAY, "days", seconds % _DAY // _HOUR, "h")


def _two(large: int, unit: str, small: int, sub: str) -> str:
    return f"{large} {unit} {small} {sub}" if small else f"{large} {unit}"


def usual(bounds: tuple[int, int]) -> str:
    """A range of seconds: `45 to 90 s`, `1 to 6 min`; empty where nothing is known."""
    low, high = bounds
    if high <= 0:
        return ""
    if high < 2 * _MINUTE:
        return f"{low} to {high} s" if low < high else f"about {high} s"
    first, last = max(1, round(low / _MINUTE)), round(high / _MINUTE)
    return f"{first} to {last} min" if first < last else f"about {last} min"


def measured(bounds: tuple[int, int]) -> str:
    """Seconds within which half and nine of ten were done, rounded up: `2 min 10 s, 9 of 10 within 4 min`."""
    half, most = (span(1000 * (seconds + -seconds % (5 if seconds < _MINUTE else 10))) for seconds in bounds)
    return f"{half}, 9 of 10 within {most}" if half != most else f"about {most}"


def day(ms: int, zone: tzinfo = UTC) -> str:
    """A date without its year: `1 December`."""
    when = datetime.fromtimestamp(ms / 1000, zone)
    return f"{when.day} {when:%B}"


def shorten(text: str, most: int) -> str:
    """One line of at most `most` characters, cut between words where it can be, and never inside a joined emoji."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    whole = cut.rpartition(" ")[0]
    kept = whole if len(whole) > most * 2 // 3 else cut
    return kept.rstrip(_JOINERS + " ,;:-") + "…"


def either(words: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def named(word: str, most: int = 60) -> str:
    """A person's own word, quoted and bounded."""
    return f"“{shorten(word, most)}”"
