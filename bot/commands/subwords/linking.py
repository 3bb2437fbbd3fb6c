"""`quota link` and `credits link`: nothing, which shows a code, or a code."""

import re

from bot.commands.subwords.amounts import text_field
from bot.commands.subwords.subword import SubWord
from bot.credits.linking import ALPHABET, LENGTH
from bot.errors import BadValue

_SEPARATORS = re.compile(r"[\s-]")
_SHAPE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
_EXAMPLE = "ABCD-2345"


def _code(text: str) -> str | None:
    """A typed code as it was made; None where the text is none."""
    word = _SEPARATORS.sub("", text).upper()
    return word if _SHAPE.fullmatch(word) else None


def _team(text: str) -> str:
    """Empty to have a code shown. Raises BadValue."""
    if not text:
        return ""
    code = _code(text)
    if code is None:
        raise BadValue("code", text, (_EXAMPLE,))
    return code


def _own(text: str) -> str | None:
    """The same, but anything else is prose."""
    return _code(text) if text else ""


_FIELD = text_field("code", "Code", "as it is shown in the other chat; without one you get one", required=False)

WORDS = (
    SubWord(
        verb="credits",
        name="link",
        summary="make your accounts in two chats one person: shows a code, or takes it there",
        example="credits link",
        read=_own,
        fields=(_FIELD,),
        write=lambda choices: choices.get("code", ""),
        admin=False,
    ),
    SubWord(
        verb="quota",
        name="link",
        summary="let two chats share one pool: shows a code, or takes it there",
        example="quota link",
        read=_team,
        fields=(_FIELD,),
        write=lambda choices: choices.get("code", ""),
    ),
)
