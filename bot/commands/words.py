"""The grammar as tables: verbs, flags, and how their values may be spelled. A later feature adds rows here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from bot.kling.requests import Duration, ImageToVideo, Ratio, TextToVideo

INPUT_MAX = 10_000
"""Characters that are read of one message."""

PICTURES_MAX = 4
"""Pictures that one request can hold."""

Shape = Literal["prompt", "job", "nothing", "topic", "quota", "settle"]
"""What follows a verb: words for a video; at most a job; nothing; at most a topic; what `quota` and `resolve` take."""

Kind = Literal["choice", "number", "phrase", "switch", "scene", "picture", "pictures", "providers", "budget"]
"""What follows a flag: one of a few words; 0 to 1; words up to the next flag; nothing; and so on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A first word that says what to do. It is one only where what follows has its shape; otherwise it is prose."""

    name: str
    shape: Shape
    summary: str
    example: str
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A word after `--`. `verbs` are those that take it; a `money` flag with two different values is an error."""

    name: str
    kind: Kind
    help: str
    aliases: tuple[str, ...] = ()
    values: str = ""
    verbs: frozenset[str] = frozenset(("video", "animate", "cost"))
    money: bool = False


def _described(field: str) -> str:
    """The model's own help text, so that every platform and the grammar say the same."""
    known = {**ImageToVideo.model_fields, **TextToVideo.model_fields}
    return known[field].description or ""


_ORDERING = frozenset(("video", "animate", "again"))
_ASKING = _ORDERING | {"cost"}

VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(name="video", shape="prompt", summary="make a video from words", example="video a red fox --ar 9:16"),
        Verb(name="animate", shape="prompt", summary="set a picture in motion", example="animate she waves --d 10"),
        Verb(name="cost", shape="prompt", summary="show prices, make nothing", example="cost a red fox --pro"),
        Verb(name="status", shape="job", summary="how a job is getting on", example="status"),
        Verb(name="cancel", shape="job", summary="stop a job, if it still can be", example="cancel"),
        Verb(name="show", shape="job", summary="a job's receipt", example="show 1"),
        Verb(name="again", shape="job", summary="the same once more", example="again"),
        Verb(name="credits", shape="nothing", summary="what you can still spend", example="credits"),
        Verb(name="help", shape="topic", summary="how this works", example="help pictures"),
        Verb(
            name="quota",
            shape="quota",
            summary="the team's pool and limits",
            example="quota set default 300/month",
            admin=True,
        ),
        Verb(name="jobs", shape="nothing", summary="everybody's open jobs", example="jobs", admin=True),
        Verb(
            name="resolve",
            shape="settle",
            summary="settle an uncertain job",
            example="resolve <job> release",
            admin=True,
        ),
    )
}
"""Every verb by its name, in the order that help shows them."""

MAKING = frozenset(("video", "animate", "cost"))
"""Verbs whose words are a prompt; no verb at all is one of them."""

FLAGS: Mapping[str, Flag] = {
    flag.name: flag
    for flag in (
        Flag(
            name="ar",
            aliases=("aspect", "aspect-ratio", "ratio"),
            kind="choice",
            values="16:9, 9:16, 1:1, wide, tall or square",
            help=_described("aspect_ratio"),
        ),
        Flag(
            name="d",
            aliases=("dur", "duration", "seconds", "length"),
            kind="choice",
            values="5 or 10",
            help=_described("duration"),
            money=True,
        ),
        Flag(
            name="no",
            aliases=("neg", "negative", "negative-prompt"),
            kind="phrase",
            values="words up to the next flag",
            help=_described("negative_prompt"),
        ),
        Flag(name="pro", kind="switch", help="1080p"),
        Flag(name="std", aliases=("standard",), kind="switch", help="720p, what you get without --pro"),
        Flag(
            name="cfg",
            aliases=("cfg-scale", "gs", "guidance", "guidance-scale"),
            kind="number",
            values="0 to 1",
            help=_described("cfg_scale"),
        ),
        Flag(name="start", aliases=("first",), kind="picture", values="1 or an address", help=_described("start")),
        Flag(name="end", aliases=("last",), kind="picture", values="2 or an address", help=_described("end")),
        Flag(
            name="ref",
            aliases=("refs", "elements"),
            kind="pictures",
            values="1,2,3 or addresses",
            help="pictures of what appears in the video, up to 4",
        ),
        Flag(name="fx", aliases=("effect",), kind="scene", values="hug, kiss, squish, …", help="a ready-made effect"),
        Flag(
            name="via",
            aliases=("provider",),
            kind="providers",
            values="cheapest or a provider",
            help="who makes it",
            verbs=_ASKING,
            money=True,
        ),
        Flag(
            name="max",
            aliases=("budget", "max-cost"),
            kind="budget",
            values="60 or $0.30",
            help="refuse above this price",
            verbs=_ASKING,
            money=True,
        ),
        Flag(name="yes", kind="switch", help="don't ask before spending", verbs=_ORDERING),
        Flag(name="dry", kind="switch", help="price only, make nothing", verbs=_ASKING),
    )
}
"""Every flag by its name, in the order that help shows them."""

FLAG_NAMES: Mapping[str, Flag] = {name: flag for flag in FLAGS.values() for name in (flag.name, *flag.aliases)}
"""Flags by name and alias."""

EXCLUSIVE: tuple[tuple[str, str], ...] = (("pro", "std"), ("yes", "dry"))
"""Switches that contradict each other."""

_SHAPES: Mapping[Ratio, tuple[str, ...]] = {
    "16:9": ("wide", "landscape", "horizontal"),
    "9:16": ("tall", "portrait", "vertical"),
    "1:1": ("square",),
}

SPELLINGS: Mapping[str, Mapping[str, Ratio | Duration]] = {
    "ar": {
        spelling: ratio
        for ratio, names in _SHAPES.items()
        for spelling in (ratio, *(ratio.replace(":", sign) for sign in ("x", "\u00d7", "/")), *names)
    },
    "d": {
        f"{seconds}{unit}": seconds
        for seconds in get_args(Duration)
        for unit in ("", "s", "sec", "secs", "second", "seconds")
    },
}
"""For each flag that takes one of a few words: what may be typed, in lower case, and what it means."""

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "ar": get_args(Ratio),
    "d": tuple(str(seconds) for seconds in get_args(Duration)),
}
"""The plain spelling of each choice, for error texts and forms."""

QUOTA_WORDS = ("set", "topup", "refill")
SETTLE_WORDS = ("charge", "release", "task")
SCOPES = ("default",)
"""Scopes that a limit can be set on: `default` is every member."""

ACTIONS = frozenset(("confirm", "drop", "cancel", "again", "receipt", "resolve-charge", "resolve-release"))
"""First halves of everything a button can carry; `confirm` and `drop` go with an ask's id, the others with a job's."""
