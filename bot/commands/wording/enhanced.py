"""What is said about better words for a video: the offer, both prompts side by side, and why there are none."""

from dataclasses import replace

from bot.commands.wording.figures import in_credits, shorten
from bot.errors import ProviderError
from bot.messaging import Button, Card

WHICH_WORDS = "Which words?"
USE_NEW, KEEP_MINE = "Use the new one", "Keep mine"
NOTHING_BETTER = "Nothing better came back than your own words."

_MOST = 1_000


def improvable(card: Card, ask: str, credits: int) -> Card:
    """A question with a button that buys better words first."""
    first, *others = card.buttons
    button = Button(label=f"Improve the prompt ({in_credits(credits)})", action=f"enhance:{ask}")
    return replace(card, buttons=(first, button, *others))


def side_by_side(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """The person's own words and the new ones, one above the other."""
    return ("Yours", shorten(old, _MOST)), ("New", shorten(new, _MOST))


def not_enhanced(error: ProviderError) -> str:
    """Why no better words came."""
    why = "refused it" if error.reason in ("policy", "invalid") else "gave no answer that could be used"
    return f"The prompt couldn't be improved: {error.provider} {why}. That costs nothing."


def with_word(card: Card, word: str) -> Card:
    """A card with a sentence on top."""
    return replace(card, text=f"{word}\n{card.text}".rstrip())
