"""What a browser may send, as pydantic models: every field bounded, everything else refused."""

import base64
import binascii
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from adapters.web import people
from adapters.web.messages import MESSAGE_ID

MOST_FILES = 6
MOST_TEXT = 10_000
MOST_THUMB = 64 * 1024
MOST_CHOICES = 40
MOST_TYPED = 100

_THUMB = "data:image/jpeg;base64,"


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
JobId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,40}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Verb = Annotated[str, Field(pattern=r"^([a-z0-9_-]{1,40}( [a-z0-9_-]{1,40})?)?$")]
Role = Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,40}$")]
Text = Annotated[str, Field(max_length=MOST_TEXT)]
Thumb = Annotated[str, AfterValidator(_thumb)]
Choices = Annotated[dict[Name, Text], Field(max_length=MOST_CHOICES)]


class Sent(BaseModel):
    """What everything sent says: who, and where."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    person: str
    channel: str


class Wish(Sent):
    """Words and what was filled in beside them. `reply_to` is the message it answers, `about` the job of a form.

    `roles` has one entry for each picture, empty where the person named none.
    """

    text: Text = ""
    verb: Verb = ""
    choices: Choices = {}
    reply_to: MessageId | None = None
    about: JobId | None = None
    roles: Annotated[list[Role], Field(max_length=MOST_FILES)] = []


class AskForm(Wish):
    """Something said. `key` is the same when a send is repeated; one thumbnail for each picture, by the browser."""

    key: Key
    thumbs: Annotated[list[Thumb], Field(max_length=MOST_FILES)] = []


class AsideForm(Wish):
    """Something asked beside the chat: answered in place, said to nobody."""

    key: Key


class PressForm(Sent):
    """A button pressed, on a message or on a card beside the chat; `choices` are those of the form it opened."""

    key: Key
    message: MessageId | None = None
    action: str = Field(pattern=r"^[ -~]{1,100}$")
    choices: Choices = {}


class SwitchForm(Sent):
    """A fault switched; without a name, everything off."""

    name: Name | None = None
    mode: Literal["off", "once", "on"] = "off"
    place: str = Field(default="", max_length=40)


Form = TypeVar("Form", bound=Sent)


def parsed(kind: type[Form], body: bytes) -> Form:
    """A form out of JSON, by somebody who is here and sees the channel. Raises Refused."""
    try:
        form = kind.model_validate_json(body)
    except ValidationError as error:
        problems = {(problem["loc"], problem["type"]) for problem in error.errors()}
        if problems == {(("text",), "string_too_long")}:
            raise Refused("text_too_long", limit=MOST_TEXT) from None
        raise Refused("form") from None
    if form.person not in people.PEOPLE:
        raise Refused("person")
    if not people.sees(form.person, form.channel):
        raise Refused("channel")
    return form
