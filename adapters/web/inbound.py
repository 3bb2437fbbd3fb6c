"""Payload to Ask and Press: what a browser sends, checked."""

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import parse_qs

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http import HttpProcessingError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from adapters.web import people
from adapters.web.messages import MESSAGE_ID, Message
from bot.messaging import Ask, Attachment, Press

MOST_FILES = 6
MOST_FILE_BYTES = 25 * 1024 * 1024
MOST_TEXT = 10_000
MOST_THUMB = 64 * 1024

_FORM_BYTES = 512 * 1024
_READ_SECONDS = 300.0
_BODY_SECONDS = 30.0
_TOKEN_FIELDS = 10
_THUMB = "data:image/jpeg;base64,"
_CALL = re.compile(r"\s*[/@]kling(?:bot)?(?![\w-])[\s:,]*", re.IGNORECASE)


class Refused(Exception):
    """What a browser sent can't be taken: a code for the page, and numbers that belong to it."""

    def __init__(self, code: str, status: int = 400, **facts: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.facts = facts


def _thumb(text: str) -> str:
    """A small JPEG as a data address, and nothing else."""
    if not text.startswith(_THUMB) or len(text) > MOST_THUMB:
        raise ValueError("not a small JPEG")
    try:
        data = base64.b64decode(text.removeprefix(_THUMB), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if not data.startswith(b"\xff\xd8\xff"):
        raise ValueError("not a JPEG")
    return text


Key = Annotated[str, Field(pattern=r"^[0-9a-z]{16,40}$")]
MessageId = Annotated[str, Field(pattern=f"^{MESSAGE_ID}$")]
Thumb = Annotated[str, AfterValidator(_thumb)]


class _Form(BaseModel):
    """What every form says: which send this is (the same again when it is repeated), who, and where."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    key: Key
    person: str
    channel: str


Form = TypeVar("Form", bound=_Form)


class AskForm(_Form):
    """Something said. `reply_to` is the message it answers; one thumbnail for each picture, made by the browser."""

    text: str = Field(default="", max_length=MOST_TEXT)
    reply_to: MessageId | None = None
    thumbs: Annotated[list[Thumb], Field(max_length=MOST_FILES)] = []


class PressForm(_Form):
    """A button pressed on a message."""

    message: MessageId
    action: str = Field(pattern=r"^[ -~]{1,100}$")


@dataclass(frozen=True, slots=True)
class Said:
    """A form with its files."""

    form: AskForm
    attachments: tuple[Attachment, ...]


async def read_ask(request: web.Request) -> Said:
    """A multipart body: the part `form` (JSON) first, then a part `file` for each picture. Raises Refused."""
    if request.content_type != "multipart/form-data":
        raise Refused("form")
    try:
        async with asyncio.timeout(_READ_SECONDS):
            said = await _read_parts(await request.multipart())
    except TimeoutError:
        raise Refused("too_slow", 408) from None
    except (ValueError, HttpProcessingError, web.RequestPayloadError):  # a body that isn't multipart, or not whole
        raise Refused("form") from None
    if not said.form.text.strip() and not said.attachments:
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


def read_press(body: bytes) -> PressForm:
    """A JSON body. Raises Refused."""
    form = _parsed(PressForm, body)
    _known(form)
    return form


def ask_of(said: Said, message: Message, about: str | None) -> Ask:
    """What a person said, for the house; `message` is how it was put on the board, `about` the job it answers to."""
    return Ask(
        key=ask_key(said.form),
        actor=people.actor(said.form.person),
        place=people.place(message.channel, message.root),
        text=unwrapped(said.form.text),
        attachments=said.attachments,
        message=message.id,
        about=about,
    )


def press_of(form: PressForm, message: Message) -> Press:
    """A pressed button, for the house."""
    return Press(
        key=ask_key(form),
        actor=people.actor(form.person),
        place=people.place(message.channel, message.root),
        action=form.action,
    )


def unwrapped(text: str) -> str:
    """What was said, without the call that other chats need before it: here the bot is always the one addressed."""
    call = _CALL.match(text)
    return text[call.end() if call else 0 :].strip()


def ask_key(form: _Form) -> str:
    """One send's key, apart from all other people's and platforms'."""
    return f"{people.PLATFORM}:{form.person}:{form.key}"


async def _read_parts(reader: MultipartReader) -> Said:
    form: AskForm | None = None
    attachments: list[Attachment] = []
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name != ("form" if form is None else "file"):
            raise Refused("form")
        if form is None:
            form = _parsed(AskForm, await _read(part, _FORM_BYTES, "form"))
            _known(form)
        elif len(attachments) == MOST_FILES:
            raise Refused("too_many_files", 413, limit=MOST_FILES)
        else:
            attachments.append(_attachment(part, await _read(part, MOST_FILE_BYTES, "file_too_large")))
    if form is None:
        raise Refused("form")
    return Said(form, tuple(attachments))


async def _read(part: BodyPartReader, limit: int, code: str) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > limit:
            raise Refused(code, 413, limit=limit)
    return bytes(data)


def _attachment(part: BodyPartReader, data: bytes) -> Attachment:
    async def read() -> AsyncIterator[bytes]:
        yield data

    return Attachment(
        name=(part.filename or "picture")[:200], declared_type=part.headers.get("Content-Type", "")[:100], read=read
    )


def _parsed(kind: type[Form], body: bytes) -> Form:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        problems = {(problem["loc"], problem["type"]) for problem in error.errors()}
        if problems == {(("text",), "string_too_long")}:
            raise Refused("text_too_long", limit=MOST_TEXT) from None
        raise Refused("form") from None


def _known(form: _Form) -> None:
    if form.person not in people.PEOPLE:
        raise Refused("person")
    if not people.sees(form.person, form.channel):
        raise Refused("channel")
