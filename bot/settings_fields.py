"""One setting in words: what it takes, what is wrong with a value, how its default is written."""

import re
import string
from collections.abc import Iterator
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

_INVISIBLE = string.whitespace + "\u00a0\u200b\u200c\u200d\u2060\ufeff"
_QUOTES = ('""', "''", "\u201c\u201d", "\u2018\u2019", "``")
_SHOWN = 80
_PLACEHOLDER = re.compile(
    r"[x*.\-_0]+|<.*>|\$\{.*\}|\$[A-Z_]+"
    r"|(your|insert|paste|enter).*(key|token|secret|id|here)"
    r"|.*(change[-_ ]?me|replace[-_ ]?me|placeholder|(key|token|secret)[-_ ]here).*"
    r"|(api[-_ ]?)?(key|token|secret|password)|(key[-_]?)?id:(key[-_]?)?secret|todo|none|null|dummy|example",
    re.IGNORECASE | re.DOTALL,
)


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """A model's settings by the name of their variable."""
    return {field.alias: field for field in model.model_fields.values() if field.alias}


def is_secret(field: FieldInfo) -> bool:
    """Whether its value must never be shown."""
    return SecretStr in _types(field.annotation)


def cleaned(value: str) -> str:
    """A value without what came along when it was pasted: blanks and line breaks around it, and one pair of quotes."""
    value = value.strip(_INVISIBLE)
    if len(value) > 1 and value[0] + value[-1] in _QUOTES:
        value = value[1:-1].strip(_INVISIBLE)
    return value


def takes(field: FieldInfo) -> str:
    """What a setting can be, such as `a whole number between 0 and 65535`; empty where only its own check tells."""
    for kind in _types(field.annotation):
        if get_origin(kind) is Literal:
            return "one of " + ", ".join(map(str, get_args(kind)))
        if kind is bool:
            return "true or false"
        if kind is int:
            return "a whole number" + _bounds(field)
        if kind in (Decimal, float):
            return "a number" + _bounds(field)
    return ""


def what_is_wrong(name: str, field: FieldInfo | None, value: str | None, error: Any) -> str:
    """One line about a value that was refused; `error` is one of pydantic's. A secret's value isn't shown.

    No field: the complaint is about several settings together and names them itself. No value: one is needed.
    """
    why = str(error["ctx"]["error"]) if error["type"] == "value_error" else str(error["msg"])
    if field is None:
        return why
    if value is None:
        return f"{name}: is needed. {help_text(field)}"
    found = "its value" if is_secret(field) else repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
    if error["type"] != "value_error" and takes(field):
        return f"{name}: {found} is not {takes(field)}"
    return f"{name}: {found} can't be used: {why}"


def secret_problem(name: str, field: FieldInfo, secret: str) -> str:
    """What makes this no secret at all, in one line that doesn't show it; empty where it may be one."""
    if _PLACEHOLDER.fullmatch(secret):
        return f"{name}: holds a placeholder. {help_text(field)}"
    if not secret.isprintable():
        return f"{name}: its value has a line break or an invisible character inside; paste it again, in one line"
    if secret[0] in "".join(_QUOTES) or secret[-1] in "".join(_QUOTES):
        return f"{name}: its value has a quote at one end only; paste it again without quotes"
    if secret.startswith((f"{name}=", f"{name}:")):
        return f"{name}: its value begins with its own name; leave that out"
    return ""


def help_text(field: FieldInfo) -> str:
    """What the setting is for, what it takes, where one gets it: one or more sentences, last an example."""
    extra = field.json_schema_extra
    where = extra.get("where") if isinstance(extra, dict) else None
    sentences = [_sentence(field.description or ""), _sentence(takes(field))]
    example = f"Example: {field.examples[0]}" if field.examples else ""
    return " ".join(filter(None, [*sentences, f"Get it at {where}" if where else "", example]))


def written(default: Any) -> str:
    """A default as one would write it in a file; empty for nothing and for secrets."""
    if default is None or isinstance(default, SecretStr):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, frozenset | set | tuple | list):
        return ",".join(sorted(map(str, default)))
    return str(default)


def _sentence(text: str) -> str:
    return text and text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _bounds(field: FieldInfo) -> str:
    found = {
        key: getattr(rule, key) for rule in field.metadata for key in ("ge", "gt", "le", "lt") if hasattr(rule, key)
    }
    if "ge" in found and "le" in found:
        return f" between {found['ge']} and {found['le']}"
    words = {"ge": "from", "gt": "above", "le": "up to", "lt": "below"}
    text = " and ".join(f"{words[key]} {found[key]}" for key in words if key in found)
    places = next((rule.decimal_places for rule in field.metadata if hasattr(rule, "decimal_places")), None)
    decimals = f", with at most {places} decimals" if places is not None else ""
    return f" {text}{decimals}" if text else decimals


def _types(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without the optional and the annotated around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _types(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for inner in get_args(annotation):
            yield from _types(inner)
    else:
        yield annotation
