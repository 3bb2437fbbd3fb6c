"""What can be asked for, as data: commands with their fields, from which each platform draws options, modals or a page.

Names of fields are the names of flags where there is one, so that a filled field and a typed flag are the same thing.
"""

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "choice", "number", "switch", "picture", "job", "person"]
"""How a value is given: words, one of a few, a number, yes or no, an attached picture, a job's id, somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value a person may pick, with what they read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One thing to fill in.

    `value` is what stands there already. Numbers have bounds and a step; texts at most `longest` characters, `long`
    ones want several lines; of pictures there are `least` to `most`. `open_choices` says that there are more choices
    than are listed, which the platform completes while somebody types.
    """

    name: str
    label: str
    kind: FieldKind
    help: str = ""
    required: bool = False
    value: str = ""
    choices: tuple[Choice, ...] = ()
    open_choices: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    longest: int | None = None
    long: bool = False
    least: int = 0
    most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Fields to fill in before something happens.

    Sent, it is an `Ask` with this `verb`, the values as its `choices` and `about` as the job it is about; or, where
    `action` is set, a `Press` with that action and the values as its `choices`.
    """

    title: str
    fields: tuple[FormField, ...]
    submit: str
    verb: str = ""
    about: str | None = None
    action: str = ""

    def short(self, most: int, *, pictures: bool = True) -> tuple[FormField, ...]:
        """The fields for a platform that shows few: what is needed, the words, pictures, then what is only picked.

        What is left out can be typed as flags among the words. Without `pictures` none of those are asked for.
        """
        fields = [one for one in self.fields if pictures or one.kind != "picture"]
        first = sorted(fields, key=_weight)[:most]
        return tuple(one for one in fields if one in first)


def _weight(field: FormField) -> tuple[bool, ...]:
    easy = field.kind == "switch" or (field.kind == "choice" and not field.open_choices)
    return (not field.required, not field.long, field.kind != "picture", not easy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One verb, as a platform's menu of commands shows it; `words` are its sub-words, where it has any."""

    name: str
    help: str
    example: str = ""
    fields: tuple[FormField, ...] = ()
    admin: bool = False
    words: tuple["Command", ...] = ()
