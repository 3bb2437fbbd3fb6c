"""A typed line as data: what was read, and how."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Maker = Literal["video", "animate", "elements", "effect"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell of how a line was read.

    `repeated`: a flag was given twice (the last `value` counts). `read_as_prompt`: a verb's `name` was read as prose.
    `one_dash`: a flag had a single dash; `value` is how it is written. `silent`: there is no sound to switch off.
    `not_a_switch`: what follows `--no` is what to avoid, though `name` is the name of a switch. `last_frame`: the video
    goes on from the last frame of another.
    """

    kind: Literal["repeated", "read_as_prompt", "one_dash", "silent", "not_a_switch", "last_frame"]
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A line as read. `verb` is None where none was typed: then it asks for a video, as `video` does.

    `flags` holds what was typed, by the flag's name, as `values.read` gives it; switches are True, `brush` is a tuple.
    `addresses` are pictures to fetch, each once; they are numbered after the attached ones. `maker` is the making verb
    in force, also behind `cost`. `job`, `words` and `change` belong to the other verbs; `extend` has a prompt, too.
    """

    verb: str | None = None
    maker: Maker | None = None
    prompt: str = ""
    flags: Mapping[str, Any] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    job: str | None = None
    change: object = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known of a line beside its text.

    `providers` are the names that `--via` may give (None takes any), `pictures` how many came with it, `reply` whether
    it answers to a job's message, `fixed` that its verb was chosen and not typed: then it is never read as prose.
    """

    providers: Collection[str] | None = None
    pictures: int = 0
    reply: bool = False
    fixed: bool = False
