"""Scopes as people name them: `default`, `@ana`, `#ads`, `role:Designers`, `tag:acme`.

Whom somebody named in their platform's own way comes as a reference (`messaging.references`).
"""

import re
from dataclasses import dataclass
from typing import Literal

from bot.commands.nearness import near
from bot.credits.limits import DEFAULT
from bot.errors import BadValue, UnknownWord
from bot.messaging.references import REFERENCE

Kind = Literal["default", "person", "channel", "role", "tag"]

TAG_MAX = 40
_SIGNS: dict[str, Kind] = {"@": "person", "#": "channel", "&": "role"}
_NAMED = re.compile(r"(role|group|tag|channel|person):(.+)", re.IGNORECASE)
_TAG = re.compile(r"[\w][\w.-]{0,39}")
_SHAPES = ("default", "@ana", "#ads", "role:Designers", "tag:acme")


@dataclass(frozen=True, slots=True)
class ScopeWord:
    """A scope as it was typed: the platform's own id where the platform gave it, otherwise a name."""

    kind: Kind
    id: str = ""
    name: str = ""


def scope_word(text: str) -> ScopeWord | None:
    """Read one scope; None where the text is none."""
    word = text.strip()
    if word.casefold() in (DEFAULT, "everybody", "everyone", "all"):
        return ScopeWord("default")
    if found := REFERENCE.fullmatch(word):
        return ScopeWord(_SIGNS[found[1]], found[2], (found[3] or "").lstrip("@#"))
    if found := _NAMED.fullmatch(word):
        return _of_name(found[1].casefold(), found[2].strip())
    if word[:1] in ("@", "#") and len(word) > 1:
        return ScopeWord("person" if word[0] == "@" else "channel", name=word[1:])
    return None


def _of_name(kind: str, name: str) -> ScopeWord:
    inner = scope_word(name) if name.startswith("<") else None
    if inner is not None:
        return inner
    if kind == "tag":
        return ScopeWord("tag", tag(name))
    kinds: dict[str, Kind] = {"role": "role", "group": "role", "channel": "channel", "person": "person"}
    return ScopeWord(kinds[kind], name=name.lstrip("@#"))


def take_scope(text: str) -> tuple[ScopeWord | None, str]:
    """A scope that the text begins with, and what is left of it. A role's name may have spaces in quotes."""
    quoted = re.match(r"(role|group|channel|person):\s*[\"“]([^\"”]+)[\"”]\s*", text, re.IGNORECASE)
    if quoted:
        return _of_name(quoted[1].casefold(), quoted[2]), text[quoted.end() :]
    reference = REFERENCE.match(text)
    first = reference[0] if reference else (text.split(None, 1)[0] if text.strip() else "")
    return scope_word(first), text[len(first) :].strip()


def tag(text: str) -> str:
    """A tag as it is stored: lower case, one word. Raises BadValue."""
    word = text.strip().lstrip("#").casefold()
    if not _TAG.fullmatch(word):
        raise BadValue("tag", text[:TAG_MAX], ("acme",))
    return word


def unknown_scope(text: str) -> UnknownWord:
    """What to raise for a word that is no scope."""
    word = (text.split(None, 1) or [""])[0]
    return UnknownWord("word", word, near(word.casefold(), _SHAPES) or _SHAPES)
