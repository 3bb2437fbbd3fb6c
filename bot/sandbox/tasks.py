"""A task: what was sold for what, how it will end, and how far it has come."""

import re
from typing import Any, Literal

from pydantic import BaseModel, Field

from bot.sandbox.orders import Order

State = Literal["queued", "running", "done", "failed", "cancelled"]

Fate = Literal["video", "text", "policy", "failure", "refused", "stuck"]
"""How a task's work ends: a video, words, a refusal after work, a failure, a refusal of its body found late, never."""

ENDED: frozenset[State] = frozenset(("done", "failed", "cancelled"))


class Sale(BaseModel):
    """What a counter sells: the wire as it came, pictures in `fields` as hash and size, the price in micro-dollars.

    `refusal` says what is wrong with a body that is accepted all the same, to be refused as the task's result. `text`
    is what the task answers with where that isn't a video.
    """

    id: str
    provider: str
    path: str
    model: str
    order: Order
    price: int
    fields: dict[str, Any]
    query: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    refusal: list[dict[str, Any]] = Field(default_factory=list)
    text: str = ""


class Task(Sale):
    """A sale and what becomes of it; times in milliseconds UTC. `answer` is what the client got to hear of it."""

    fate: Fate = "video"
    video_fault: str = ""
    sold_at: int
    queue_ms: int
    work_ms: int
    answer: str = "sent"
    state: State = "queued"
    started_at: int | None = None
    rendered_at: int | None = None
    ended_at: int | None = None

    @property
    def slug(self) -> str:
        """The id as a name for files and addresses."""
        return re.sub(r"[^A-Za-z0-9_-]", "-", self.id)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    @property
    def renders(self) -> bool:
        """Whether there is a clip to make."""
        return self.fate == "video"

    @property
    def succeeds(self) -> bool:
        """Whether its work ends well."""
        return self.fate in ("video", "text")

    def share_done(self, now: int) -> float:
        """The share of its work that is over, 0 to 1."""
        if self.started_at is None:
            return 0.0
        return min(1.0, (now - self.started_at) / max(self.work_ms, 1))
