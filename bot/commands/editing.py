"""Forms about a job: everything that it was asked for, to be changed; and the words with which it goes on."""

from collections.abc import Mapping

from bot.commands.canonical import command
from bot.commands.changing import base_maker
from bot.commands.flags import FLAGS
from bot.commands.forms import fields
from bot.commands.grammar import parse
from bot.commands.typed import Typed
from bot.kling.requests import Request
from bot.messaging import Form


def edit_form(job: str, request: Request, providers: Mapping[str, str]) -> Form:
    """A job's request as a form; sent, it is made anew with the job's own pictures."""
    base = parse(command(request) or "video")
    verb = "extend" if base.verb == "extend" else base_maker(base)
    own = [field for field in fields(verb, providers, _values(base)) if field.kind not in ("picture", "job")]
    return Form(title="Change it and make it anew", fields=tuple(own), submit="Show the price", verb=verb, about=job)


def extend_form(job: str) -> Form:
    """How a video goes on."""
    own = tuple(field for field in fields("extend", {}) if field.name in ("prompt", "no"))
    return Form(title="Let it go on", fields=own, submit="Show the price", verb="extend", about=job)


def _values(base: Typed) -> dict[str, str]:
    """What was said, as a form's fields have it."""
    values = {"prompt": base.prompt}
    for name, value in base.flags.items():
        if FLAGS[name].kind == "switch":
            values[name] = "true"
        elif FLAGS[name].kind == "camera":
            values[name] = value.move if value.amount is None else f"{value.move}:{value.amount}"
        elif isinstance(value, str | int | float):
            values[name] = str(value)
    return values
