"""How a platform says no to a post or an edit. Adapters raise these; deliveries decide by them."""

from dataclasses import dataclass

from bot.errors import KlingbotError


@dataclass(eq=False)
class MessengerError(KlingbotError):
    """A platform's no; `why` are its own words, bounded."""

    why: str


@dataclass(eq=False)
class TryLater(MessengerError):
    """Not now: a rate limit, a 5xx, a cut connection. The same call with the same key may be made again.

    `after` are the seconds to wait at least.
    """

    after: float = 5.0


class PlaceGone(MessengerError):
    """The channel, thread or message is not there any more, or closed to the bot for good."""


class FileTooLarge(MessengerError):
    """The platform takes the message, but not a file of that size."""
