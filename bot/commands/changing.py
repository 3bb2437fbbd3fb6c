"""What an answer to one of our videos means: the same request with what was typed changed, and nothing else."""

from dataclasses import replace
from typing import Any

from bot.commands.canonical import command
from bot.commands.flags import FLAGS
from bot.commands.grammar import parse
from bot.commands.marking import tier_words
from bot.commands.typed import Typed
from bot.errors import BadValue, Conflict
from bot.kling.requests import PROMPT_MAX, Request

_ROLES = ("start", "end", "still", "brush", "ref")
_TIERS = ("pro", "std", "model", "quality")
_NOT_IN_ELEMENTS = ("cfg", "camera")
_NOT_IN_EFFECTS = ("no", "ar", "cfg", "camera")
_ENDS = ".,;:!?"


def changed(parent: Request, typed: Typed, *, own_pictures: bool) -> Typed:
    """The line that the parent's request would have been typed as, with what was typed now in its place.

    With `own_pictures` those take the place of the parent's. Words are the new prompt, words after a `+` are added to
    the old one. A verb such as `animate` begins anew: then only the parent's pictures and what each is for are kept.
    """
    line = command(parent)
    if not line:
        raise BadValue("prompt", str(len(getattr(parent, "prompt", ""))), (str(PROMPT_MAX),))
    base = parse(line)
    if base.verb == "extend":
        return typed if own_pictures or typed.maker else _extension(base, typed)
    if typed.maker is not None:
        roles = {} if own_pictures else {name: base.flags[name] for name in _ROLES if name in base.flags}
        return replace(typed, flags={**(roles if typed.maker == base_maker(base) else {}), **typed.flags})
    flags = _kept(base, typed, own_pictures=own_pictures)
    prompt = "" if "fx" in typed.flags and not typed.prompt else _prompt(base.prompt, typed.prompt)
    return replace(
        typed,
        maker="elements" if own_pictures and "ref" in base.flags and not {"fx", *_ROLES} & set(typed.flags) else None,
        prompt=prompt,
        flags={**flags, **typed.flags},
    )


def base_maker(base: Typed) -> str:
    """The making verb that a request's line stands for."""
    if "fx" in base.flags:
        return "effect"
    return "elements" if "ref" in base.flags else base.maker or "video"


def _kept(base: Typed, typed: Typed, *, own_pictures: bool) -> dict[str, Any]:
    """The parent's flags that what was typed leaves as they are."""
    gone: set[str] = set(_ROLES) if own_pictures else set()
    if tier_words(typed.flags):
        gone |= set(_TIERS)
    if "fx" in typed.flags:
        gone |= {*_ROLES, *_NOT_IN_EFFECTS}
    if "ref" in typed.flags:
        gone |= {*_ROLES, *_NOT_IN_ELEMENTS}
    elif set(_ROLES) & set(typed.flags):
        gone |= {"ref", "fx"}
    return {name: value for name, value in base.flags.items() if name not in gone}


def _extension(base: Typed, typed: Typed) -> Typed:
    """An extension again, with other words: it has fewer flags than a video."""
    for name in typed.flags:
        if "extend" not in FLAGS[name].verbs and name not in ("via", "n", "max", "for", "yes", "dry"):
            raise Conflict(name, "extend")
    dry = {"dry": True} if typed.verb == "cost" else {}
    flags = {name: value for name, value in base.flags.items() if not (name in _TIERS and tier_words(typed.flags))}
    return replace(
        typed,
        verb="extend",
        job=base.job,
        prompt=_prompt(base.prompt, typed.prompt),
        flags={**flags, **typed.flags, **dry},
    )


def _prompt(old: str, new: str) -> str:
    """Typed words instead of the old ones; after a `+` behind them."""
    if not new.startswith("+"):
        return new or old
    more = new.removeprefix("+").strip()
    if not old or not more:
        return more or old
    return f"{old}{' ' if old[-1] in _ENDS else ', '}{more}"
