"""Payload to Ask and Press: what a browser sends, checked."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http import HttpProcessingError

from adapters.web import people
from adapters.web.forms import MOST_FILES, AsideForm, AskForm, PressForm, Refused, Wish, parsed
from adapters.web.messages import Message
from adapters.web.room import Share
from bot.messaging import Ask, Attachment, Place, Press
from bot.messaging.references import refers

MOST_FILE_BYTES = 25 * 1024 * 1024

_FORM_BYTES = 512 * 1024
_READ_SECONDS = 300.0
_BODY_SECONDS = 30.0
_TOKEN_FIELDS = 10
_CALL = re.compile(r"\s*[/@]kling(?:bot)?(?![\w-])[\s:,]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A form with its files."""

    form: AskForm
    attachments: tuple[Attachment, ...]


async def read_ask(request: web.Request, share: Share) -> Said:
    """A multipart body: the part `form` (JSON) first, then a part `file` for each picture. Raises Refused."""
    if request.content_type != "multipart/form-data":
        raise Refused("form")
    try:
        async with asyncio.timeout(_READ_SECONDS):
            said = await _read_parts(await request.multipart(), share)
    except TimeoutError:
        raise Refused("too_slow", 408) from None
    except (ValueError, HttpProcessingError, web.RequestPayloadError):  # a body that isn't multipart, or not whole
        raise Refused("form") from None
    if not said.form.text.strip() and not said.attachments and not said.form.verb:
        raise Refused("empty")
    return said


async def read_body(request: web.Request) -> bytes:
    """A small body, all of it. Raises Refused."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise Refused("too_slow", 408) from None
    except web.RequestPayloadError:  # packed, and not what it says
        raise Refused("form") from None


def read_token(body: bytes) -> str:
    """The access token in a login form; empty where there is none."""
    try:
        return parse_qs(body.decode(), max_num_fields=_TOKEN_FIELDS).get("token", [""])[0]
    except ValueError:
        return ""


def ask_of(said: Said, message: Message, about: str | None, borrowed: Sequence[Attachment] = ()) -> Ask:
    """What a person said, for the house; `message` is how it was put on the board, `about` the job it answers to.

    Without pictures of its own it has those `borrowed` from the message it answers.
    """
    return Ask(
        key=key_of(said.form),
        actor=people.actor(said.form.person),
        place=people.place(message.channel, message.root),
        text=meant(said.form),
        attachments=said.attachments or tuple(borrowed),
        message=message.id,
        about=said.form.about or about,
        verb=said.form.verb,
        choices=filled(said.form),
    )


def aside_of(form: AsideForm) -> Ask:
    """What a person asked beside the chat."""
    return Ask(
        key=key_of(form),
        actor=people.actor(form.person),
        place=people.place(form.channel),
        text=meant(form),
        about=form.about,
        verb=form.verb,
        choices=filled(form),
    )


def draft_of(wish: Wish, to: Message | None) -> Ask:
    """What a person has written and not sent, for a look at what it would come to: pictures without bytes."""
    roles = wish.roles or ([""] * len(to.pictures) if to else [])
    return Ask(
        key=f"{people.PLATFORM}:{wish.person}:draft",
        actor=people.actor(wish.person),
        place=people.place(wish.channel, to.root if to else None),
        text=meant(wish),
        attachments=tuple(Attachment(name="picture", declared_type="", read=_nothing, role=role) for role in roles),
        about=wish.about or (to.job if to else None),
        verb=wish.verb,
        choices=filled(wish),
    )


def press_of(form: PressForm, message: Message | None) -> Press:
    """A pressed button, for the house."""
    return Press(
        key=key_of(form),
        actor=people.actor(form.person),
        place=place_of(form.channel, message),
        action=form.action,
        choices=form.choices,
    )


def place_of(channel: str, message: Message | None) -> Place:
    """The thread of a message; the channel where there is none."""
    return people.place(channel, message.root if message else None)


def spoken(form: AskForm) -> str:
    """What the board shows of an ask: its words, and what was filled in beside them as the flags that say the same."""
    prompt = form.choices.get("prompt", "")
    filled = [(name, value) for name, value in form.choices.items() if name != "prompt" and value not in ("", "false")]
    flags = [f"--{name}" if value == "true" else f"--{name} {value}" for name, value in filled]
    return " ".join(word for word in (form.verb, prompt.strip(), form.text.strip(), *flags) if word)


def unwrapped(text: str) -> str:
    """What was said, without the call that other chats need before it: here the bot is always the one addressed."""
    call = _CALL.match(text)
    return text[call.end() if call else 0 :].strip()


def meant(wish: Wish) -> str:
    """What was said, for the house: in a line about credits, names are references."""
    said = unwrapped(wish.text)
    return people.referred(said) if refers(said, wish.verb) else said


def filled(wish: Wish) -> dict[str, str]:
    """What was filled in beside that, in the same way."""
    return {name: people.referred(one) for name, one in wish.choices.items()} if refers("", wish.verb) else wish.choices


def key_of(form: AskForm | AsideForm | PressForm) -> str:
    """One send's key, apart from all other people's and platforms'."""
    return f"{people.PLATFORM}:{form.person}:{form.key}"


async def _nothing() -> AsyncIterator[bytes]:
    """A picture that has not been sent."""
    yield b""


async def _read_parts(reader: MultipartReader, share: Share) -> Said:
    form: AskForm | None = None
    attachments: list[Attachment] = []
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name != ("form" if form is None else "file"):
            raise Refused("form")
        if form is None:
            form = parsed(AskForm, await _read(part, share, _FORM_BYTES, "form"))
        elif len(attachments) == MOST_FILES:
            raise Refused("too_many_files", 413, limit=MOST_FILES)
        else:
            role = form.roles[len(attachments)] if len(attachments) < len(form.roles) else ""
            attachments.append(_attachment(part, await _read(part, share, MOST_FILE_BYTES, "file_too_large"), role))
    if form is None:
        raise Refused("form")
    return Said(form, tuple(attachments))


async def _read(part: BodyPartReader, share: Share, limit: int, code: str) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        share.take(len(chunk))
        data += chunk
        if len(data) > limit:
            raise Refused(code, 413, limit=limit)
    return bytes(data)


def _attachment(part: BodyPartReader, data: bytes, role: str) -> Attachment:
    async def read() -> AsyncIterator[bytes]:
        yield data

    return Attachment(
        name=(part.filename or "picture")[:200],
        declared_type=part.headers.get("Content-Type", "")[:100],
        read=read,
        role=role,
    )
