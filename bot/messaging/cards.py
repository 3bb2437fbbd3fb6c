"""A card: a message as data, which every adapter renders in its platform's own way."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "working", "good", "warning", "bad"]
"""What a card feels like: colour or icon, the adapter's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled fact on a card."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press. `action` is `verb:id` (at most 100 ASCII characters); it carries all there is to know.

    So it survives restarts. `confirm` is a question the platform asks before it lets the press through, where credits
    are at stake. `opens` says that the answer is a form, which some platforms have to know beforehand.
    """

    label: str
    action: str
    style: Literal["plain", "primary", "danger"] = "plain"
    confirm: str = ""
    opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPicture:
    """A small picture on a card with what it is for: `start`, `end`, `reference 2`. Its sha256 names a stored file."""

    sha256: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A message as data. All texts are plain text: the adapter neutralises its platform's mentions and markup in them.

    `command` is a one-line command to copy; `progress` runs from 0 to 1, None where nothing is known; `picture` is a
    stored picture (its sha256) and `alt` describes it; `pictures` are those of the request with their roles; `job` is
    the one the card is about, and so is an answer to it; `field` is the form's field that a refusal is about.
    """

    title: str = ""
    text: str = ""
    tone: Tone = "plain"
    rows: tuple[Row, ...] = ()
    buttons: tuple[Button, ...] = ()
    command: str = ""
    footer: str = ""
    progress: float | None = None
    picture: str | None = None
    alt: str = ""
    pictures: tuple[CardPicture, ...] = ()
    job: str | None = None
    field: str = ""
