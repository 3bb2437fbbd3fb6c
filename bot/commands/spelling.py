"""Characters as phones and chats send them: made plain on the way in, escaped on the way out."""

import re

from bot.commands.words import INPUT_MAX
from bot.errors import BadValue

_UNSEEN = (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF)
_UNSEEN_RANGES = (range(0x202A, 0x202F), range(0x2060, 0x2065), range(0x2066, 0x2070))
_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_BLANKS = "\t\x1c\x1d\x1e\x1f\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

_PLAIN: dict[int, str] = {
    **dict.fromkeys((*_UNSEEN, *(code for codes in _UNSEEN_RANGES for code in codes)), ""),
    **dict.fromkeys(map(ord, _BREAKS), "\n"),
    **dict.fromkeys(map(ord, _BLANKS), " "),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # halves of a character, which no provider takes
}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_FENCE = re.compile(r"\A```[\w+-]*\n|`{3,}")
_TICKED = re.compile(r"(?<!\S)`((?:--|[\u2014\u2013])[^`\n]*)`(?!\S)")
_NAMED = {"n": "\n", '"': '"', "'": "'", "\\": "\\"}


def normalise(text: str) -> str:
    """Typed text with plain blanks and line ends, without what can't be seen; raises BadValue beyond 10,000 characters.

    Code marks go where they are around all of it or around a flag. Joiners (U+200C, U+200D) stay: emoji and some
    scripts need them.
    """
    if len(text) > INPUT_MAX:
        raise BadValue("text", str(len(text)), (str(INPUT_MAX),))
    return _unfenced(text.replace("\r\n", "\n").translate(_PLAIN).strip())


def _unfenced(text: str) -> str:
    """`text` without the marks that chats show code with, again and again until none is left."""
    while "`" in text:
        bare = _FENCE.sub(" ", text).strip()
        while len(bare) > 1 and bare[0] == bare[-1] == "`":
            bare = bare[1:-1].strip()
        bare = _TICKED.sub(r"\1", bare)
        if bare == text:
            break
        text = bare
    return text


def quoted(text: str) -> str:
    """`text` in straight double quotes, on one line, so that the grammar reads it back as it is."""
    return '"' + "".join(map(_escaped, text)) + '"'


def unescaped(text: str) -> str:
    r"""What stands between quotes, with `\n`, `\"`, `\'`, `\\` and `\u1234` read; other backslashes stay."""
    return _ESCAPE.sub(_read, text)


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char == "`":
        return r"\u0060"
    if char == "\n":
        return r"\n"
    return f"\\u{ord(char):04x}" if ord(char) in _PLAIN else char


def _read(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) > 1:
        char = chr(int(code[1:], 16))
        return "\ufffd" if "\ud800" <= char <= "\udfff" else char
    return _NAMED.get(code, found[0])
