"""A message of the page, as it is kept and as a browser gets it."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from adapters.web.people import PEOPLE, sees
from bot.messaging import Card, OutFile
from bot.messaging.protocols import Json

MESSAGE_ID = r"[0-9]{13}[0-9a-f]{12}"
"""Milliseconds UTC, then a few digits of the key: ids sort by time."""

Link = Callable[[str, str], str]
"""From sha256 and file name to a path that a browser can open."""

_LATEST = 9_999_999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What somebody said (`text`, `thumbs`), or what the bot shows (`card`, `files`; author is empty).

    `only_for` is the one person who sees it; `version` counts edits, so that a browser never shows an older one;
    `gone` ones are kept, empty, so that the same post is not made again; `nonce` is the browser's own id of a send;
    `key` is what it was made for; `pictures` are those that were attached, by name, type and sha256.
    """

    id: str
    channel: str
    thread: str | None = None
    author: str = ""
    only_for: str | None = None
    version: int = 0
    gone: bool = False
    nonce: str = ""
    text: str = ""
    key: str = ""
    thumbs: tuple[str, ...] = ()
    pictures: tuple[Json, ...] = ()
    card: Json | None = None
    files: tuple[Json, ...] = ()

    @property
    def root(self) -> str:
        """The message whose thread this one is in: itself, where it began one."""
        return self.thread or self.id

    @property
    def job(self) -> str | None:
        """The job that the message is about, if any."""
        return self.card.get("job") if self.card else None

    def meant_for(self, person: str) -> bool:
        """Whether news of it are this person's."""
        return self.only_for in (None, person) and sees(person, self.channel)

    def seen_by(self, person: str) -> bool:
        """Whether it is there, for this person."""
        return not self.gone and self.meant_for(person)


def new_id(now: int, key: str) -> str:
    """An id of the form MESSAGE_ID, the same for the same time and key."""
    return f"{now:013d}{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def is_message_id(text: str) -> bool:
    """Whether the text has the form of one."""
    return re.fullmatch(MESSAGE_ID, text) is not None


def row_prefix(channel: str) -> str:
    """What the keys of a channel's messages begin with."""
    return f"message/{channel}/"


def row_key(channel: str, message: str) -> str:
    """The key a message is kept under: newest first, because memory is read in ascending order."""
    if not is_message_id(message):
        raise ValueError(message)
    return f"{row_prefix(channel)}{_LATEST - int(message[:13]):013d}{message[13:]}"


def kept(message: Message) -> Json:
    """As it goes into memory."""
    return asdict(message)


def of(row: Json) -> Message:
    """As it comes out of memory; fields of another version of klingbot are let go."""
    known = {field.name: row[field.name] for field in fields(Message) if field.name in row}
    return Message(**{**known, **{name: tuple(row.get(name, ())) for name in ("thumbs", "pictures", "files")}})


def file_of(file: OutFile) -> Json:
    """What is kept of a file: where its bytes are, never the bytes."""
    return {
        "name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256, "alt": file.alt,
        "poster": file.poster, "flagged": file.flagged,
    }  # fmt: skip


def shown(message: Message, link: Link) -> Json:
    """As a browser gets it: with links that are good for a day in the place of hashes."""
    return {
        "id": message.id,
        "channel": message.channel,
        "thread": message.thread,
        "at": int(message.id[:13]),
        "version": message.version,
        "from": _author(message.author),
        "private": message.only_for is not None,
        "nonce": message.nonce,
        "text": message.text,
        "thumbs": list(message.thumbs),
        "pictures": [link(one["sha256"], one["name"]) for one in message.pictures],
        "card": _card(message.card, link),
        "files": [_file(file, link) for file in message.files],
    }


def _author(person: str) -> Json:
    if not person:
        return {"id": "", "name": "klingbot", "bot": True}
    return {"id": person, "name": PEOPLE[person].name if person in PEOPLE else person, "bot": False}


def _card(card: Json | None, link: Link) -> Json | None:
    if card is None:
        return None
    picture, pictures = card.get("picture"), card.get("pictures", ())
    return {
        **card,
        "picture": link(picture, "picture") if picture else None,
        "pictures": [
            {"url": link(one["sha256"], "picture") if one["sha256"] else None, "label": one["label"]}
            for one in pictures
        ],
    }


def shown_card(card: Card, link: Link) -> Json:
    """A card that stands on no message, as a browser gets it."""
    return _card(asdict(card), link) or {}


def _file(file: Json, link: Link) -> Json:
    poster = file["poster"]
    return {
        **{name: file[name] for name in ("name", "mime", "size", "alt", "flagged")},
        "url": link(file["sha256"], file["name"]),
        "poster": link(poster, "poster.jpg") if poster else None,
    }
