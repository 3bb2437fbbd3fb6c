"""What a workspace's administrators decide beside its pool and limits, kept as one JSON object; and who changed it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import NotFound
from bot.store.scripts import Script, first

Flagged = Literal["spoiler", "button", "never"]
"""How a result is shown that the provider flagged: hidden until opened, only behind a button, or not at all."""

PlaceFacts = Mapping[str, str | None]
"""A place as it is stored: the fields of `messaging.Place`."""

READ = "SELECT rules FROM workspace WHERE id = :workspace"
WRITE = "UPDATE workspace SET rules = :rules WHERE id = :workspace"
NOTE = """
INSERT INTO audit (id, workspace, actor, action, subject, detail, at)
VALUES (:id, :workspace, :actor, :action, :subject, :detail, :at)
"""


class Digest(BaseModel):
    """When and where the weekly report comes: `weekday` 0 is Monday, `minute` of the day in the team's time zone.

    None comes that was due before `since` (ms), when it was switched on.
    """

    model_config = ConfigDict(frozen=True)

    weekday: int = Field(ge=0, le=6)
    minute: int = Field(ge=0, lt=1440)
    place: PlaceFacts
    since: int = 0


class Rules(BaseModel):
    """A team's rules. Credits; None switches one off.

    `approvers` are scopes (`role:…`, `person:…`), none = administrators, `approver_names` how people call them; `tags`
    are channels' own (`platform:id`); `paused` is the reason, empty where none was given; `together` and
    `together_team` say how many jobs run at once.
    """

    model_config = ConfigDict(frozen=True)

    job_cap: int | None = 400
    approve_over: int | None = 200
    approvers: tuple[str, ...] = ()
    approver_names: tuple[str, ...] = ()
    approvals_at: PlaceFacts | None = None
    own_approval: bool = False
    alerts_at: PlaceFacts | None = None
    alert_levels: tuple[int, ...] = (50, 80, 100)
    digest: Digest | None = None
    paused: str | None = None
    together: int | None = None
    together_team: int | None = None
    tags: Mapping[str, str] = {}
    refused: tuple[str, ...] = ()
    flagged: Flagged = "spoiler"
    effects: bool = True


AS_INSTALLED = Rules()
"""What a team has where nobody changed anything."""


@lru_cache(maxsize=256)
def load_rules(text: str) -> Rules:
    """Rules from a row. What another version wrote and this one doesn't know is left alone."""
    return Rules.model_validate_json(text)


def rules_of(workspace: str) -> Script[Rules]:
    """The rules of a workspace. Raises NotFound."""
    row = first((yield READ, {"workspace": workspace}))
    if row is None:
        raise NotFound(what="workspace", name=workspace)
    return load_rules(row["rules"])


def change_rules(
    *, workspace: str, changes: Mapping[str, Any], actor: str, action: str, detail: str, now: int, audit: str
) -> Script[Rules]:
    """Set some rules, and note who did. Raises NotFound; `audit` is the note's id, again it changes nothing."""
    row = first((yield READ, {"workspace": workspace}))
    if row is None:
        raise NotFound(what="workspace", name=workspace)
    told = json.loads(row["rules"]) | dict(changes)
    text = json.dumps(told)
    after = load_rules(text)
    yield WRITE, {"workspace": workspace, "rules": text}
    yield from note(workspace=workspace, actor=actor, action=action, subject="", detail=detail, now=now, audit=audit)
    return after


def note(*, workspace: str, actor: str, action: str, subject: str, detail: str, now: int, audit: str) -> Script[None]:
    """Write down what an administrator did: `action` in the words of its command, `subject` the scope it was about."""
    values = {
        "id": audit, "workspace": workspace, "actor": actor, "action": action, "subject": subject, "detail": detail,
        "at": now,
    }  # fmt: skip
    yield NOTE, values
