"""The grammar's table of flags. A later feature adds a row to `FLAGS`.

A row needs no more: the reader, the forms, help and the typo help are all made from it. What a flag means for a request
is in `build`; what a kind of value looks like is in `values`, which few words one takes is in `choices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.kling.requests import Effect, ImageToVideo, TextToVideo

Kind = Literal[
    "choice", "number", "phrase", "switch", "scene", "picture", "pictures", "providers", "budget", "camera", "brush",
    "tag",
]  # fmt: skip
"""What follows a flag: one of a few words; 0 to 1; words up to the next flag; nothing; and so on."""

_NEW = frozenset(("video", "animate", "elements", "effect", "cost"))
_ORDERING = frozenset(("video", "animate", "elements", "effect", "extend", "again"))
_WORDY = frozenset(("video", "animate", "elements"))
_ASKING = _ORDERING | {"cost"}
_WORDED = _NEW | {"extend"}
_RECORDS = frozenset(("credits",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A word after `--`. `verbs` are those that take it; a `money` flag with two different values is an error.

    `label` is what a form calls it, `example` a value to show. `many` may stand several times and means all of them.
    `dash` are the names that are taken after a single dash as well, with a valid value. `off` is the switch that
    `--no-<name>` stands for; without one that only takes the switch away.
    """

    name: str
    kind: Kind
    help: str
    label: str
    aliases: tuple[str, ...] = ()
    values: str = ""
    example: str = ""
    verbs: frozenset[str] = _NEW
    money: bool = False
    many: bool = False
    dash: tuple[str, ...] = ()
    off: str = ""


def _described(field: str) -> str:
    """The model's own help text, so that every platform and the grammar say the same."""
    known = {**ImageToVideo.model_fields, **TextToVideo.model_fields, "scene": Effect.model_fields["scene"]}
    return known[field].description or ""


FLAGS: Mapping[str, Flag] = {
    flag.name: flag
    for flag in (
        Flag(
            name="ar",
            label="Shape",
            aliases=("aspect", "aspect-ratio", "ratio"),
            kind="choice",
            values="16:9, 9:16, 1:1, wide, tall or square",
            example="16:9",
            help=_described("aspect_ratio"),
            dash=("ar", "aspect", "ratio"),
        ),
        Flag(
            name="d",
            label="Length",
            aliases=("dur", "duration", "seconds", "length"),
            kind="choice",
            values="5 or 10",
            example="10",
            help=_described("duration"),
            verbs=_WORDED,
            money=True,
            dash=("d", "dur", "duration"),
        ),
        Flag(
            name="no",
            label="Avoid",
            aliases=("neg", "negative", "negative-prompt"),
            kind="phrase",
            values="words up to the next flag",
            example="blur, text",
            help=_described("negative_prompt"),
            verbs=_WORDED,
            dash=("neg",),
        ),
        Flag(name="pro", label="Pro", kind="switch", help="1080p", off="std", verbs=_WORDED),
        Flag(
            name="std",
            label="Standard",
            aliases=("standard",),
            kind="switch",
            help="720p, what you get without --pro",
            verbs=_WORDED,
        ),
        Flag(
            name="model",
            label="Model",
            aliases=("m",),
            kind="choice",
            values="1.6, 1.6-std or 1.6-pro",
            example="1.6-pro",
            help="the model; there is one here, in two qualities",
            money=True,
            dash=("m", "model"),
        ),
        Flag(
            name="quality",
            label="Quality",
            kind="choice",
            values="standard or pro",
            example="pro",
            help="another way to say --std or --pro",
            money=True,
        ),
        Flag(
            name="cfg",
            label="Closeness to the words",
            aliases=("cfg-scale", "gs", "guidance", "guidance-scale"),
            kind="number",
            values="0 to 1",
            example="0.5",
            help=_described("cfg_scale"),
            verbs=_WORDED,
            dash=("cfg", "gs"),
        ),
        Flag(
            name="start",
            label="First frame",
            aliases=("first",),
            kind="picture",
            values="1 or an address",
            example="1",
            help=_described("start"),
        ),
        Flag(
            name="end",
            label="Last frame",
            aliases=("last",),
            kind="picture",
            values="2 or an address",
            example="2",
            help=_described("end"),
        ),
        Flag(
            name="ref",
            label="Reference pictures",
            aliases=("refs", "elements"),
            kind="pictures",
            values="1,2,3 or addresses",
            example="1,2",
            help="pictures of what appears in the video, up to 4",
        ),
        Flag(
            name="fit",
            label="Pictures of a bad shape",
            kind="choice",
            values="crop or pad",
            example="crop",
            help="cut a picture that is too long, or put bars beside one that is too narrow",
        ),
        Flag(
            name="fx",
            label="Effect",
            aliases=("effect",),
            kind="scene",
            values="hug, kiss, squish, …",
            example="hug",
            help="a ready-made effect",
            dash=("fx",),
        ),
        Flag(
            name="camera",
            label="Camera move",
            aliases=("cam", "camera-control"),
            kind="camera",
            values="zoom:5, pan:-3, …, or left_turn_forward",
            example="zoom:5",
            help=_described("camera"),
        ),
        Flag(
            name="still",
            label="Mask of what stays still",
            aliases=("static", "static-mask"),
            kind="picture",
            values="2 or an address",
            example="2",
            help=_described("still"),
        ),
        Flag(
            name="brush",
            label="Mask and path of what moves",
            aliases=("dynamic-mask",),
            kind="brush",
            values="picture and path, 2:10,20>30,40",
            example="2:10,20>30,40",
            help=_described("brushes"),
            many=True,
        ),
        Flag(
            name="via",
            label="Provider",
            aliases=("provider",),
            kind="providers",
            values="cheapest, fast or a provider",
            example="cheapest",
            help="who makes it",
            verbs=_ASKING,
            money=True,
            dash=("via",),
        ),
        Flag(
            name="max",
            label="Highest price",
            aliases=("budget", "max-cost"),
            kind="budget",
            values="60 or $0.30",
            example="60",
            help="refuse above this price, with --n that of all together",
            verbs=_ASKING,
            money=True,
            dash=("max",),
        ),
        Flag(
            name="n",
            label="How many",
            aliases=("count", "x"),
            kind="choice",
            values="1 to 4",
            example="4",
            help="make several of it; only those that come are charged",
            verbs=_ASKING,
            money=True,
        ),
        Flag(
            name="for",
            label="Booked under",
            aliases=("tag", "project"),
            kind="tag",
            values="a tag, one word",
            example="acme",
            help="what the team's reports and limits count it under",
            verbs=_ASKING | _RECORDS,
            money=True,
        ),
        Flag(
            name="enhance",
            label="Improve the words",
            aliases=("improve", "enhance-prompt", "prompt-enhancer"),
            kind="switch",
            help="propose better words first, for a credit; you choose",
            verbs=_WORDY,
        ),
        Flag(name="yes", label="Don't ask", kind="switch", help="don't ask before spending", verbs=_ORDERING),
        Flag(
            name="dry",
            label="Price only",
            kind="switch",
            help="price only, make nothing",
            verbs=_ASKING,
        ),
        Flag(name="csv", label="As a file", kind="switch", help="receipts as a CSV file", verbs=_RECORDS),
    )
}
"""Every flag by its name, in the order that help shows them."""

FLAG_NAMES: Mapping[str, Flag] = {name: flag for flag in FLAGS.values() for name in (flag.name, *flag.aliases)}
"""Flags by name and alias."""

DASH_NAMES: Mapping[str, Flag] = {name: flag for flag in FLAGS.values() for name in flag.dash}
"""Flags by the names that a single dash does for."""

ABSENT: Mapping[str, str] = {
    name: names.split()[0]
    for names in (
        "seed",
        "audio sound sfx music voice lip-sync lipsync",
        "motion motion-strength",
        "motion-brush",
        "fps frame-rate framerate",
        "resolution res size hd 4k",
    )
    for name in names.split()
}
"""Names that other tools know and Kling 1.6 has nothing for; each to the one that its explanation is kept under."""

DASH_ABSENT = frozenset(("seed", "motion", "fps"))
"""Those of them that are refused after a single dash as well, where a number follows."""

EXCLUSIVE: tuple[tuple[str, str], ...] = (("pro", "std"), ("yes", "dry"), ("enhance", "dry"), ("enhance", "yes"))
"""Switches that contradict each other."""
