"""What every chat platform draws alike: texts cut to a length, and the lines in the middle of a card."""

from bot.messaging.cards import Card

_BAR = 12


def cut(text: str, most: int) -> str:
    """At most that many characters; one that had more ends with `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def bar(progress: float) -> str:
    """Progress from 0 to 1 as a bar with its percentage."""
    full = round(max(0.0, min(1.0, progress)) * _BAR)
    return f"{'▰' * full}{'▱' * (_BAR - full)} {progress:.0%}"


def pictures(card: Card) -> str:
    """Which picture is what: `1 = start · 2 = end`; empty where there are none."""
    return " · ".join(f"{number} = {one.label}" for number, one in enumerate(card.pictures, start=1))
