"""What comes in: who, where, what was said or pressed, and the answer that goes straight back."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from bot.messaging.cards import Card
from bot.messaging.forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person as the platform knows them. `workspace` and `user` are its own ids; `name` is for showing only.

    `workspace` is empty where they talk to the bot alone and the platform doesn't say for which of theirs.
    """

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
    """A file somebody attached. `declared_type` is a claim, never trusted; `read` gives its bytes from the top.

    `role` is the form's field it was put into (`start`, `end`, `ref`), empty where the person named none. `size` is a
    claim as well, in bytes; 0 where the platform makes none.
    """

    name: str
    declared_type: str
    read: Callable[[], AsyncIterator[bytes]]
    role: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person wants, as it arrived. `key` is the platform's own id of the message: a redelivery has the same key.

    `message` is the message to reply to (its id), `about` the job whose message the person answers to, if any. With a
    `verb` (a command of a menu, a form) the text is what follows it, never read as another verb; `choices` are the
    fields filled in beside the text, by the names of flags, as they were typed. `apart` says that the bot can't post
    where this was said, so that `place` is the person's direct messages.
    """

    key: str
    actor: Actor
    place: Place
    text: str
    attachments: tuple[Attachment, ...] = ()
    message: str | None = None
    about: str | None = None
    verb: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A pressed button. `key` tells a redelivery; `action` is what the button carried.

    `choices` are the values of the form that the button opened.
    """

    key: str
    actor: Actor
    place: Place
    action: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The direct answer to an ask or a press: a card, for the person alone or for everybody; none = nothing to say.

    `replaces` is true where the card takes the place of the one whose button was pressed. A `form` is opened at once
    where the platform can; a card beside it is for where it can't.
    """

    card: Card | None = None
    form: Form | None = None
    private: bool = True
    replaces: bool = False
