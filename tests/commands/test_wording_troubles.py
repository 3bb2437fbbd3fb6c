"""What is no refusal says what went wrong, and what it means for the credits."""

import pytest

from bot.commands import wording
from bot.errors import (
    AnswerLost,
    BlobMissing,
    CheckFailed,
    KlingbotError,
    LedgerBroken,
    StoreUnavailable,
    SubmitRefused,
    SubmitUncertain,
)

TROUBLES: list[tuple[KlingbotError, str, str]] = [
    (
        StoreUnavailable("disk"),
        "I can't read or write my books now, and without them I buy nothing. Please try again in a few minutes.",
        "Nothing was spent.",
    ),
    (
        BlobMissing("a"),
        "A file that this needs is no longer kept. Please send the picture again.",
        "Nothing was spent.",
    ),
    (
        LedgerBroken(()),
        "The books don't add up, so nothing is spent until the operator has looked. The log says more.",
        "Nothing was spent.",
    ),
    (
        AnswerLost("x", "y"),
        "An answer from outside didn't come. Please try again in a few minutes.",
        "Nothing was spent.",
    ),
    (
        SubmitUncertain("fal", "unknown"),
        "An answer from outside didn't come. Please try again in a few minutes.",
        "Credits that are held stay held until it is settled; nothing is bought twice.",
    ),
    (
        SubmitRefused("fal", "busy"),
        "An answer from outside didn't come. Please try again in a few minutes.",
        "The credits were released.",
    ),
    (
        CheckFailed("fal", "busy"),
        "An answer from outside didn't come. Please try again in a few minutes.",
        "Credits that are held stay held until it is settled; nothing is bought twice.",
    ),
]


@pytest.mark.parametrize(("error", "text", "footer"), TROUBLES, ids=[type(error).__name__ for error, _, _ in TROUBLES])
def test_trouble_says_what_it_means_for_the_credits(error: KlingbotError, text: str, footer: str) -> None:
    card = wording.trouble(error)
    assert (card.text, card.footer, card.tone) == (text, footer, "bad")


def test_sorry_claims_nothing_about_credits() -> None:
    assert "spent" not in wording.sorry().text + wording.sorry().footer
