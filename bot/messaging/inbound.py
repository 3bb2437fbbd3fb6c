"""What comes in: who, where, what was said or pressed, and the answer that goes straight back."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot.messaging.cards import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person as the platform knows them. `workspace` and `user` are its own ids; `name` is for showing only."""

    platform: str
    workspace: str
    user: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said or is to be shown: the platform's own ids. `thread` is None outside of one."""

    platform: str
    workspace: str
    channel: str
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file somebody attached. `declared_type` is a claim, never trusted; `read` gives its bytes from the top."""

    name: str
    declared_type: str
    read: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person wants, as it arrived. `key` is the platform's own id of the message: a redelivery has the same key.

    `message` is the message to reply to (its id), `about` the job whose message the person answers to, if any.
    """

    key: str
    actor: Actor
    place: Place
    text: str
    attachments: tuple[Attachment, ...] = ()
    message: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A pressed button. `key` tells a redelivery; `action` is what the button carried."""

    key: str
    actor: Actor
    place: Place
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The direct answer to an ask or a press: a card, for the person alone or for everybody; none = nothing to say.

    `replaces` is true where the card takes the place of the one whose button was pressed.
    """

    card: Card | None = None
    private: bool = True
    replaces: bool = False
