"""What can be asked for, as data: every verb with its fields, made from the request types and the table of flags.

Bounds, choices and lengths are those of the request types; names, labels and help are those of the flags. A filled form
comes back as an ask with a verb and choices, which `filled` makes a typed line of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.commands.choices import ALLOWED, MOVES
from bot.commands.flags import FLAGS, Flag
from bot.commands.subwords.table import SUBWORDS, words_of
from bot.commands.words import SETTLE_WORDS, VERBS
from bot.kling.requests import PROMPT_MAX, WHOLE_MOVES, Effect, Elements, Extend, ImageToVideo, TextToVideo
from bot.messaging import Choice, Command, FieldKind, FormField

FLAG_OF: Mapping[str, str] = {
    "negative_prompt": "no",
    "duration": "d",
    "aspect_ratio": "ar",
    "cfg_scale": "cfg",
    "start": "start",
    "end": "end",
    "still": "still",
    "brushes": "brush",
    "camera": "camera",
    "references": "ref",
    "people": "ref",
    "scene": "fx",
    "tier": "pro",
}
"""The flag, and so the form's field, of each request field; `prompt` and `job` are words and have none."""

MODELS: Mapping[str, type[BaseModel]] = {
    "video": TextToVideo,
    "animate": ImageToVideo,
    "elements": Elements,
    "effect": Effect,
    "extend": Extend,
}
"""The request type that each making verb fills in."""

_KINDS: Mapping[str, FieldKind] = {
    "choice": "choice",
    "scene": "choice",
    "camera": "choice",
    "providers": "choice",
    "number": "number",
    "switch": "switch",
    "picture": "picture",
    "pictures": "picture",
    "phrase": "text",
    "budget": "text",
    "tag": "text",
    "brush": "text",
}
_LABELS = {"16:9": "16:9, wide", "9:16": "9:16, tall", "1:1": "1:1, square", "5": "5 seconds", "10": "10 seconds"}
_PEOPLE = "Pictures of people"
_HOW_FAR = (-5, 5)
_SHORT_TEXT = 200
_OPEN = ("fx", "camera", "via")


def commands(providers: Mapping[str, str]) -> tuple[Command, ...]:
    """Every verb in the order of help; `providers` are those that are switched on, by name with their titles."""
    return tuple(
        Command(
            name=verb.name,
            help=verb.summary,
            example=verb.example,
            fields=fields(verb.name, providers),
            admin=verb.admin,
            words=_subcommands(verb.name),
        )
        for verb in VERBS.values()
    )


def fields(verb: str, providers: Mapping[str, str], values: Mapping[str, str] | None = None) -> tuple[FormField, ...]:
    """What a verb takes; `values` are filled in already."""
    given = values or {}
    made = [*_of_model(verb), *_of_words(verb), *_of_money(verb, providers)]
    return tuple(_filled(one, given.get(one.name, "")) for one in made)


def _filled(field: FormField, value: str) -> FormField:
    return replace(field, value=value) if value else field


def _of_model(verb: str) -> list[FormField]:
    """The fields of the verb's request type; `cost` takes those of words and of pictures."""
    if verb == "cost":
        names = ("prompt", *ImageToVideo.model_fields)
        found = [*_model_fields(ImageToVideo, names), _field("ref", Elements.model_fields["references"])]
        return [replace(one, required=False, least=0) for one in found]
    model = MODELS.get(verb)
    return _model_fields(model, ("prompt", *model.model_fields)) if model else []


def _model_fields(model: type[BaseModel], names: Iterable[str]) -> list[FormField]:
    made: list[FormField] = []
    for name in dict.fromkeys(names):
        info = model.model_fields.get(name)
        if info is None or name in ("workflow", "job") or (name == "tier" and model is Extend):
            continue
        field = _prompt(info) if name == "prompt" else _field(FLAG_OF[name], info)
        made.append(replace(field, label=_PEOPLE, help=info.description or "") if name == "people" else field)
    return made


def _prompt(info: FieldInfo) -> FormField:
    return FormField(
        name="prompt",
        label="Words",
        kind="text",
        help=info.description or "",
        required=info.is_required(),
        longest=PROMPT_MAX,
        long=True,
    )


def _field(name: str, info: FieldInfo) -> FormField:
    """A flag as a field, with the bounds of the request's own."""
    flag, bounds = FLAGS[name], _bounds(info)
    kind = _KINDS[flag.kind]
    return FormField(
        name=name,
        label=flag.label,
        kind=kind,
        help=_help(flag, info),
        required=info.is_required() and kind != "switch",
        choices=_choices(flag),
        open_choices=name in _OPEN,
        minimum=bounds.get("ge") if kind == "number" else None,
        maximum=bounds.get("le") if kind == "number" else None,
        step=0.1 if kind == "number" else None,
        longest=PROMPT_MAX if flag.kind == "phrase" else _SHORT_TEXT if kind == "text" else None,
        long=False,
        least=int(bounds.get("min_length", 0)) if flag.kind == "pictures" else 0,
        most=int(bounds.get("max_length", 1)) if flag.kind == "pictures" else 1,
    )


def _help(flag: Flag, info: FieldInfo) -> str:
    text = flag.help if flag.kind in ("switch", "pictures") else info.description or flag.help
    return f"{text}: {flag.values}" if flag.kind in ("brush",) else text


def _bounds(info: FieldInfo) -> dict[str, float]:
    """`ge`, `le`, `min_length` and `max_length` of a request field."""
    found: dict[str, float] = {}
    for part in info.metadata:
        for name in ("ge", "le", "min_length", "max_length"):
            value: Any = getattr(part, name, None)
            if value is not None:
                found[name] = value
    return found


def _choices(flag: Flag) -> tuple[Choice, ...]:
    if flag.kind == "camera":
        moves = [move if move in WHOLE_MOVES else f"{move}:{far}" for move in MOVES for far in _far(move)]
        return tuple(Choice(value=move, label=move.replace("_", " ").replace(":", " ")) for move in moves)
    allowed = ALLOWED.get(flag.name, ())
    return tuple(Choice(value=value, label=_LABELS.get(value, value)) for value in allowed)


def _far(move: str) -> Sequence[int]:
    return (0,) if move in WHOLE_MOVES else _HOW_FAR


def _of_money(verb: str, providers: Mapping[str, str]) -> list[FormField]:
    """How many, who makes it, for how much at most, and whether to ask: flags that are no part of the request."""
    made = []
    for name in ("n", "via", "max", "for", "yes", "dry"):
        flag = FLAGS[name]
        if verb == "credits" or verb not in flag.verbs or (name == "dry" and verb == "cost"):
            continue
        made.append(
            FormField(
                name=name,
                label=flag.label,
                kind=_KINDS[flag.kind],
                help=flag.help,
                choices=_vias(providers) if name == "via" else _choices(flag),
                open_choices=name in _OPEN,
                longest=_SHORT_TEXT if _KINDS[flag.kind] == "text" else None,
            )
        )
    return made


def _vias(providers: Mapping[str, str]) -> tuple[Choice, ...]:
    wishes = (Choice(value="cheapest", label="the cheapest"), Choice(value="fast", label="the fastest"))
    return (*wishes, *(Choice(value=n, label=t) for n, t in providers.items()))


def _job(*, required: bool = False) -> FormField:
    return FormField(
        name="job", label="Job", kind="job", help="its id, or 1 for your newest", required=required, open_choices=True
    )


def _picked(name: str, label: str, values: Collection[str], help_: str = "") -> FormField:
    choices = tuple(Choice(value=value, label=value) for value in values)
    return FormField(name=name, label=label, kind="choice", help=help_, required=True, choices=choices)


def _of_words(verb: str) -> list[FormField]:
    """What stands behind the verbs that aren't about a new video."""
    if verb in ("extend", "status", "cancel", "show", "again"):
        return [_job()]
    if verb == "help":
        return [FormField(name="topic", label="Topic", kind="choice", help="what about", open_choices=True)]
    if verb == "resolve":
        task = FormField(name="task", label="Task", kind="text", help="its id at the provider", longest=_SHORT_TEXT)
        return [_job(required=True), _picked("how", "Decision", SETTLE_WORDS), task]
    alone = SUBWORDS.get((verb, ""))
    return list(alone.fields) if alone else []


def _subcommands(verb: str) -> tuple[Command, ...]:
    """The words behind a verb, where it has any; the verb alone is what it takes itself."""
    return tuple(
        Command(name=word.name, help=word.summary, example=word.example, fields=word.fields, admin=word.admin)
        for word in words_of(verb)
        if word.name
    )
