"""The grammar's table of verbs, and the words that belong to them. A later feature adds rows here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

INPUT_MAX = 10_000
"""Characters that are read of one message."""

PICTURES_MAX = 4
"""Pictures that one request can show; masks come on top."""

FILES_MAX = 10
"""Pictures that are read of one message: four that are shown, six masks."""

Shape = Literal["prompt", "scene", "job", "job_words", "nothing", "topic", "quota", "credits", "settle", "approvals"]
"""What follows a verb: words for a video; an effect; at most a job; a job and words; nothing; at most a topic; what
`quota`, `credits`, `resolve` and `approvals` take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A first word that says what to do. It is one only where what follows has its shape; otherwise it is prose.

    A `free` one costs nothing and changes nothing, so that a button may carry it as it is.
    """

    name: str
    shape: Shape
    summary: str
    example: str
    admin: bool = False
    free: bool = False


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(name="video", shape="prompt", summary="make a video from words", example="video a red fox --ar 9:16"),
        Verb(name="animate", shape="prompt", summary="set a picture in motion", example="animate she waves --d 10"),
        Verb(
            name="elements",
            shape="prompt",
            summary="a new scene with what one to four pictures show",
            example="elements they meet --ref 1,2",
        ),
        Verb(name="effect", shape="scene", summary="a ready-made effect on a picture", example="effect hug"),
        Verb(name="extend", shape="job_words", summary="let a video go on", example="extend 1 she turns around"),
        Verb(name="cost", shape="prompt", summary="show prices, make nothing", example="cost a red fox --pro"),
        Verb(name="status", shape="job", summary="how a job is getting on", example="status", free=True),
        Verb(name="cancel", shape="job", summary="stop a job, if it still can be", example="cancel"),
        Verb(name="show", shape="job", summary="a job's receipt", example="show 1", free=True),
        Verb(name="again", shape="job", summary="the same once more", example="again"),
        Verb(name="credits", shape="credits", summary="what you can still spend", example="credits", free=True),
        Verb(name="approvals", shape="approvals", summary="what waits for an approver", example="approvals", free=True),
        Verb(name="help", shape="topic", summary="how this works", example="help pictures", free=True),
        Verb(
            name="quota",
            shape="quota",
            summary="the team's pool and limits",
            example="quota set default 300/month",
            admin=True,
        ),
        Verb(name="jobs", shape="nothing", summary="everybody's open jobs", example="jobs", admin=True, free=True),
        Verb(
            name="providers",
            shape="nothing",
            summary="who makes videos here, their prices, health and accounts",
            example="providers",
            admin=True,
            free=True,
        ),
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

MAKING = frozenset(("video", "animate", "elements", "effect", "cost"))
"""Verbs that ask for a new video or its price; no verb at all is one of them."""

SETTLE_WORDS = ("charge", "release", "task")
OF_APPROVALS = frozenset(("withdraw", "approve", "approve-once", "deny"))
"""First halves of what a button carries about an approval."""

OF_ASKS = frozenset(("confirm", "drop", "pick", "swap", "enhance"))
"""First halves of what a button carries about an ask, or its approval."""

OF_JOBS = frozenset(
    ("again", "edit", "pro", "extend", "receipt", "reveal", "cancel", "delete", "resolve-charge", "resolve-release")
)
"""First halves of what a button carries about a job."""

ACTIONS = OF_APPROVALS | OF_ASKS | OF_JOBS | {"forget", "go", "home", "try"}
"""First halves of all a button can carry; `go` is followed by a free verb's line, `try` by an example's number,
`home` by a workspace of the platform's, and `forget` by a person's id of ours."""
