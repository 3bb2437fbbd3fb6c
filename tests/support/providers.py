"""A provider that does what a test tells it to, and remembers every paid call."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from bot.errors import CheckFailed
from bot.kling.requests import Workflow
from bot.providers.base import Body, Cancelled, Lost, Order, Provider, Task, TaskStatus
from bot.providers.offers import Offer, Price


def offer(
    provider: str,
    workflow: Workflow = "text",
    *,
    microusd: int = 250_000,
    confirmed: bool = True,
    usual: tuple[int, int] = (60, 120),
) -> Offer:
    """An offer of a workflow on standard that takes every field."""
    fields = frozenset(("prompt", "negative_prompt", "start", "duration", "aspect_ratio", "cfg_scale"))
    price = Price(of={5: microusd, 10: 2 * microusd}, source="made up", seen=date(2026, 11, 1), confirmed=confirmed)
    return Offer(
        provider=provider, workflow=workflow, tier="standard", model=f"{provider}-{workflow}", price=price,
        fields=fields,
        max_pictures=1 if workflow == "image" else 0, usual=usual, prompt_required=False,
    )  # fmt: skip


P = TypeVar("P", bound=Provider)


class FakeProvider(Provider):
    """Answers from lists: the next outcome of `submit`, the next status of `check`. The last status stays."""

    name = "fake"
    title = "Fake"
    offers = ()

    def __init__(self) -> None:
        self.bodies: list[Body] = []
        self.orders: list[Order] = []
        self.outcomes: list[Exception | str] = []
        self.statuses: list[TaskStatus | CheckFailed] = [TaskStatus(state="running")]
        self.checked: list[str] = []
        self.cancels: Cancelled = "unknown"
        self.cancel_errors: list[CheckFailed] = []
        self.candidates: Sequence[Task] = ()
        self.before_submit: Callable[[], None] = lambda: None
        self.prepared = 0
        self.prepare_errors: list[Exception] = []
        self.balances: list[int | CheckFailed] = []

    async def balance(self) -> int | None:
        if not self.balances:
            return None
        answer = self.balances.pop(0) if len(self.balances) > 1 else self.balances[0]
        if isinstance(answer, CheckFailed):
            raise answer
        return answer

    async def prepare(self, order: Order) -> Body:
        self.prepared += 1
        self.orders.append(order)
        if self.prepare_errors:
            raise self.prepare_errors.pop(0)
        return Body(path="/make", json={"prompt": getattr(order.request, "prompt", ""), "attempt": order.attempt})

    async def submit(self, body: Body) -> Task:
        self.before_submit()
        self.bodies.append(body)
        outcome = self.outcomes.pop(0) if self.outcomes else f"{self.name}-task-{len(self.bodies)}"
        if isinstance(outcome, Exception):
            raise outcome
        return Task(id=outcome)

    async def check(self, task: Task) -> TaskStatus:
        self.checked.append(task.id)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if isinstance(status, CheckFailed):
            raise status
        return status

    async def cancel(self, task: Task) -> Cancelled:
        if self.cancel_errors:
            raise self.cancel_errors.pop(0)
        return self.cancels

    async def find(self, lost: Lost) -> Sequence[Task]:
        return self.candidates


def named(kind: type[P], name: str) -> type[P]:
    """The same under another name: a provider's name is its class's."""
    found: type[P] = type(kind.__name__, (kind,), {"name": name})
    return found
