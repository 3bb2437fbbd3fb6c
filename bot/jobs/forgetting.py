"""Forgetting what somebody asked for: words and pictures go, amounts stay.

Rows stay, so that receipts and the ledger go on telling what was held and charged. In the place of a request stands a
neutral one of the same kind, length and tier; in the place of pictures a hash that no file has.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bot.errors import TooLate
from bot.kling.requests import (
    Effect,
    Elements,
    Extend,
    ImageToVideo,
    Request,
    TextToVideo,
    dump_request,
    load_request,
)
from bot.store.scripts import Row, Script

WORDS = "(forgotten)"
"""What a forgotten prompt says."""

NOTHING = f"blob:{'0' * 64}"
"""The picture that a forgotten request names: there is no such file."""

_OPEN = """
SELECT 1 AS found FROM job WHERE person = :person AND ended_at IS NULL
UNION ALL SELECT 1 FROM ask WHERE person = :person AND state IN ('quoted', 'approving')
UNION ALL SELECT 1 FROM open_hold WHERE person = :person
LIMIT 1
"""
_JOBS = "SELECT id, request, error FROM job WHERE person = :person"
_ASKS = "SELECT id, request, options, pictures FROM ask WHERE person = :person AND state <> 'received'"
_JOB = "UPDATE job SET request = :request, error = :error WHERE id = :id"
_ASK = """
UPDATE ask SET text = '', options = :options, pictures = '[]', request = :request,
    state = CASE WHEN state = 'confirming' THEN 'refused' ELSE state END
WHERE id = :id
"""
_ATTEMPTS = """
UPDATE attempt SET body = '{}', logs = '[]', video_url = NULL,
    error = CASE WHEN error IS NULL THEN NULL ELSE :error END
WHERE job = :id
"""
_ENHANCEMENTS = "UPDATE enhancement SET prompt = '', text = NULL, detail = '' WHERE ask = :id AND ended_at IS NOT NULL"
_APPROVALS = "UPDATE approval SET reason = '', note = '' WHERE person = :person AND state <> 'open'"
_OTHERS = """
SELECT pictures FROM ask WHERE pictures <> '[]' AND (person <> :person OR state = 'received')
"""
_VIDEOS = "SELECT video, poster FROM job WHERE video IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many jobs and questions were made neutral, and the files that nobody needs any more."""

    jobs: int
    asks: int
    files: Collection[str]


def is_forgotten(request: Request) -> bool:
    """Whether what was asked for is gone, so that it can't be made again."""
    return NOTHING in request.pictures or (not isinstance(request, Effect) and request.prompt == WORDS)


def forget(person: str) -> Script[Forgotten]:
    """Take the words and pictures out of everything that a person ever asked for. Again it finds nothing more.

    Open questions are closed. Raises TooLate while a job of theirs is open, or an approval is waited for.
    """
    mine = {"person": person}
    if (yield _OPEN, mine):
        raise TooLate("forget", "open")
    yield _APPROVALS, mine
    jobs = yield _JOBS, mine
    for row in jobs:
        yield from _forget_job(row)
    asks = yield _ASKS, mine
    files: set[str] = set()
    for row in asks:
        files |= {picture["sha256"] for picture in json.loads(row["pictures"])} | _named(row["request"])
        yield from _forget_ask(row)
    needed = (yield from _needed(person)) if files else set()
    return Forgotten(jobs=len(jobs), asks=len(asks), files=sorted(files - needed))


def _forget_job(row: Row) -> Script[None]:
    request = dump_request(neutral(load_request(row["request"])))
    yield _JOB, {"id": row["id"], "request": request, "error": _wordless(row["error"])}
    yield _ATTEMPTS, {"id": row["id"], "error": json.dumps({"reason": "forgotten", "detail": ""})}


def _forget_ask(row: Row) -> Script[None]:
    kept: dict[str, Any] = json.loads(row["options"])
    kept.pop("proposal", None)
    if "notes" in kept:
        kept["notes"] = []
    request = None if row["request"] is None else _neutral_text(row["request"])
    yield _ASK, {"id": row["id"], "options": json.dumps(kept), "request": request}
    yield _ENHANCEMENTS, {"id": row["id"]}


def neutral(request: Request) -> Request:
    """A request of the same kind, length and tier that says and shows nothing."""
    match request:
        case TextToVideo() | Elements():
            changes: dict[str, Any] = {"prompt": WORDS, "negative_prompt": ""}
        case ImageToVideo():
            changes = {"prompt": WORDS, "negative_prompt": "", "still": None, "brushes": ()}
            changes |= {name: NOTHING for name in ("start", "end") if getattr(request, name)}
        case Effect():
            changes = {"people": (NOTHING,) * len(request.people)}
        case Extend():
            changes = {"prompt": WORDS, "negative_prompt": ""}
    if isinstance(request, Elements):
        changes["references"] = (NOTHING,) * len(request.references)
    return request.model_copy(update=changes)


def _neutral_text(text: str) -> str:
    return dump_request(neutral(load_request(text)))


def _wordless(error: str | None) -> str | None:
    """How a job went wrong, without the provider's own words: they may repeat the prompt."""
    return None if error is None else json.dumps({**json.loads(error), "detail": ""})


def _named(request: str | None) -> set[str]:
    pictures = load_request(request).pictures if request else ()
    return {ref.removeprefix("blob:") for ref in pictures if ref.startswith("blob:") and ref != NOTHING}


def _needed(person: str) -> Script[set[str]]:
    """Files that others' asks show, and every video with its still."""
    others = yield _OTHERS, {"person": person}
    videos = yield _VIDEOS, {}
    pictures = {picture["sha256"] for row in others for picture in json.loads(row["pictures"])}
    return pictures | {str(row[name]) for row in videos for name in ("video", "poster") if row[name]}
