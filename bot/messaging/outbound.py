"""What goes out: the one protocol a chat platform implements, and what it tells of places and people."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.messaging.cards import Card
from bot.messaging.forms import Choice
from bot.messaging.inbound import Actor, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class OutFile:
    """A file to show: `read` streams its `size` bytes, `alt` says what is to be seen, `poster` is a JPEG's sha256."""

    name: str
    mime: str
    size: int
    sha256: str
    alt: str
    read: Callable[[], AsyncIterator[bytes]]
    poster: str | None = None
    flagged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """Where a posted message is: enough to edit or delete it after a restart. All ids are the platform's own."""

    platform: str
    workspace: str
    channel: str
    message: str
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """What the bot may do in a place. `upload_limit` in bytes for one file; `why` in a word where it may not post.

    `name` is what people call the channel, empty where the platform doesn't tell; `parent` is the channel that a
    thread with an id of its own belongs to: what is spent in one counts in the other.
    """

    can_post: bool
    can_attach: bool
    upload_limit: int
    why: str = ""
    name: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorFacts:
    """What the platform says of a person now. `groups` are its own ids of roles or user groups.

    `workspaces` are those that an actor without one shares with the bot: id and name.
    """

    name: str
    groups: tuple[str, ...] = ()
    admin: bool = False
    active: bool = False
    workspaces: tuple[Choice, ...] = ()


class Messenger(Protocol):
    """A chat platform's outgoing side. Works from ids and tokens alone, without a live connection or its cache.

    Every method raises `MessengerError`'s kin in `bot.messaging.failures` where the platform says no.
    """

    @property
    def beat(self) -> float:
        """Seconds between two edits of one message; in between the latest wins."""
        ...

    async def post(
        self,
        place: Place,
        card: Card,
        files: Sequence[OutFile] = (),
        *,
        key: str,
        only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:
        """Show a card with files. The same `key` twice makes one message and answers with its ref both times.

        With `only_for` nobody else sees it. `reply_to` is the platform's id of the message that this one answers, in
        the same place; where it is gone or can't be answered, the message stands alone.
        """
        ...

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Put `card` in the place of what the message shows; its files stay."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Take the message away; gone already is fine."""
        ...

    async def place(self, place: Place) -> PlaceFacts:
        """What the bot may do there now."""
        ...

    async def actor(self, actor: Actor) -> ActorFacts:
        """What the platform says of a person; answers `active=False` where it can't tell."""
        ...

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        """A workspace's roles or user groups: the ids that `ActorFacts.groups` has of them, and their names."""
        ...

    async def direct(self, actor: Actor) -> Place:
        """Where the person reads alone. Raises PlaceGone where there is no such place."""
        ...
