"""What a platform's payload holds, whatever it holds: parts that are missing or of another kind count as empty."""

import json
import re
from collections.abc import Mapping
from typing import Any

Payload = Mapping[str, Any]


def mapping(value: object) -> Payload:
    """An object."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Payload]:
    """A list of objects."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """A list of words."""
    return [str(one) for one in value] if isinstance(value, list) else []


def ident(value: object) -> str:
    """An id; empty for what is none."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def string(value: object, like: re.Pattern[str] | None = None) -> str:
    """A text, of that form where one is told; empty for what is none."""
    return value if isinstance(value, str) and (like is None or like.fullmatch(value)) else ""


def decoded(value: object) -> Payload:
    """The object that a text is as JSON."""
    try:
        return mapping(json.loads(string(value)))
    except (ValueError, RecursionError):
        return {}
