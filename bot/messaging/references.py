"""References: how the core learns whom or what somebody named in their platform's own way.

`<@id>` is a person, `<#id>` a channel, `<&id>` a role or user group, each with the platform's own id, and `|name`
behind it where that was told. They stand only in lines about credits, which need to know exactly. Elsewhere a name is
words: a prompt goes to strangers.
"""

import re

REFERENCE = re.compile(r"<([@#&])([\w-]{1,40})(?:\|([^<>|]{0,80}))?>")
"""The kind, the id, and the name where the platform told it."""

_ABOUT_CREDITS = frozenset(("quota", "credits", "approvals"))
_SIGNS = "`:,?!."


def refers(text: str, verb: str = "") -> bool:
    """Whether a line keeps its references, by its first word; `verb` is what a menu puts in front of the text."""
    first = f"{verb} {text}".split(None, 1)[:1]
    return bool(first) and first[0].strip(_SIGNS).casefold() in _ABOUT_CREDITS


def unreferred(text: str) -> str:
    """References as words: for a line that only began like one about credits."""
    return REFERENCE.sub(lambda found: f"{found[1]}{found[3] or found[2]}", text)
