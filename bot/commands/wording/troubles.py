"""What to say when something of ours broke: what it means for the credits, and nothing that isn't known."""

from bot.commands.wording.figures import shorten
from bot.errors import (
    AddressRefused,
    BlobMissing,
    BlobTooLarge,
    KlingbotError,
    LedgerBroken,
    NetError,
    ProviderError,
    StoreError,
)
from bot.messaging import Card

_CREDITS = {
    "untouched": "Nothing was spent.",
    "held": "Credits that are held stay held until it is settled; nothing is bought twice.",
    "released": "The credits were released.",
}


def trouble(error: KlingbotError) -> Card:
    """An error that isn't the person's. Storage fails closed: without it nothing is held and nothing is bought."""
    return Card(title=_title(error), text=_text(error), tone="bad", footer=_CREDITS[error.credits])


def _title(error: KlingbotError) -> str:
    if isinstance(error, StoreError) and not isinstance(error, BlobMissing | BlobTooLarge):
        return "My storage is away"
    if isinstance(error, ProviderError):
        return f"{error.provider} doesn't answer as it should"
    return "That didn't work"


def _text(error: KlingbotError) -> str:
    if isinstance(error, BlobMissing):
        return "A file that this needs is no longer kept. Please send the picture again."
    if isinstance(error, BlobTooLarge):
        return "The file is too large to be kept. Please send a smaller one."
    if isinstance(error, LedgerBroken):
        return "The books don't add up, so nothing is spent until the operator has looked. The log says more."
    if isinstance(error, StoreError):
        return "I can't read or write my books now, and without them I buy nothing. Please try again in a few minutes."
    if isinstance(error, AddressRefused):
        return "That address isn't one that I open. Please attach the file instead."
    if isinstance(error, NetError | ProviderError):
        return "An answer from outside didn't come. Please try again in a few minutes."
    return "The log says more. Please try again, and tell the operator if it happens again."


def at_home(name: str) -> Card:
    """The answer to whoever said whose credits count in direct messages."""
    return Card(title=f"Credits come from {shorten(name, 60)} here", text="Now say again what you wanted.", tone="good")


def apart() -> Card:
    """The answer to an ask that goes on in direct messages, as the bot can't post where it was said."""
    return Card(title="On its way", text="I'm not a member here, so the video comes to your direct messages.")


def sorry() -> Card:
    """Something broke that nobody foresaw; what became of a job is only known by asking for it."""
    return Card(
        title="Sorry, something broke",
        text="That is my mistake, and it is in the log. If it was about a video, status shows how it stands.",
        tone="bad",
    )
