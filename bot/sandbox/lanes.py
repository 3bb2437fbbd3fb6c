"""Who is worked on when: a queue and a number of places for each provider, moved on by the clock alone."""

import heapq
from collections import deque

from bot.sandbox.tasks import Task


class Lane:
    """One provider's queue. At most `places` tasks are worked on at a time; the others wait in the order of their sale.

    Nothing runs in the background: `advance` works out, from the times, all that has happened until now. Work is over
    when its time has passed and its clip is rendered. A task that never ends takes no place, so that the others go on.
    """

    def __init__(self, places: int) -> None:
        self._waiting: dict[str, Task] = {}
        self._running: dict[str, Task] = {}
        self._free_since = [0] * places

    def add(self, task: Task) -> None:
        """Let a task wait, or go on with one that was being worked on before a restart."""
        if task.state == "queued":
            self._waiting[task.id] = task
        else:
            self._enter(task)

    def waiting(self) -> list[str]:
        """Ids of the tasks not yet begun, next one first."""
        return list(self._waiting)

    def remove(self, task: Task, now: int) -> None:
        """Take out a task that was cancelled; a place it had is free from now on."""
        if self._waiting.pop(task.id, None) is None:
            self._leave(task, now)

    def advance(self, now: int) -> list[Task]:
        """Begin and end what is due by `now`; the tasks that changed."""
        changed: list[Task] = []
        while True:
            changed += self._end(now)
            begun = self._begin(now)
            if begun is None:
                return changed
            changed.append(begun)

    def _end(self, now: int) -> list[Task]:
        over = [(task, when) for task in self._running.values() if (when := _over_at(task)) is not None and when <= now]
        for task, when in over:
            task.state, task.ended_at = ("done" if task.succeeds else "failed"), when
            self._leave(task, when)
        return [task for task, _ in over]

    def _begin(self, now: int) -> Task | None:
        task = next(iter(self._waiting.values()), None)
        if task is None or not self._free_since:
            return None
        starts = max(task.sold_at + task.queue_ms, self._free_since[0])
        if starts > now:
            return None
        del self._waiting[task.id]
        task.state, task.started_at = "running", starts
        self._enter(task)
        return task

    def _enter(self, task: Task) -> None:
        self._running[task.id] = task
        if task.fate != "stuck" and self._free_since:
            heapq.heappop(self._free_since)

    def _leave(self, task: Task, when: int) -> None:
        if self._running.pop(task.id, None) is not None and task.fate != "stuck":
            heapq.heappush(self._free_since, when)


def _over_at(task: Task) -> int | None:
    """When the task's work is over; None if that can't be said yet."""
    if task.started_at is None or task.fate == "stuck" or (task.renders and task.rendered_at is None):
        return None
    return max(task.started_at + task.work_ms, task.rendered_at or 0)


class Window:
    """A limit of calls per minute, counted over the last minute of the sandbox's own time."""

    def __init__(self, calls: int, minute_ms: int) -> None:
        self._calls, self._minute_ms = calls, minute_ms
        self._taken: deque[int] = deque()

    def take(self, now: int) -> bool:
        """Count one call; False if the limit is reached, and then it doesn't count."""
        while self._taken and self._taken[0] <= now - self._minute_ms:
            self._taken.popleft()
        if len(self._taken) >= self._calls:
            return False
        self._taken.append(now)
        return True
