"""The book of everything sold: in memory, and as JSON lines on disk, so that a killed sandbox goes on where it was."""

import contextlib
import json
from pathlib import Path
from typing import Any

from bot.sandbox.tasks import Task

_PROGRESS = {"state", "started_at", "rendered_at", "ended_at", "answer", "fate"}
"""What changes after a sale."""


class Book:
    """Tasks by id, oldest first. Every sale and every change is one line of the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tasks: dict[str, Task] = {}
        self._by_slug: dict[str, Task] = {}
        whole = self._load()
        self._file = path.open("a", encoding="utf-8")
        if not whole:
            self._file.write("\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def tasks(self, provider: str = "") -> list[Task]:
        """Everything sold, oldest first; of one provider if named."""
        return [task for task in self._tasks.values() if provider in ("", task.provider)]

    def find(self, provider: str, task_id: str) -> Task | None:
        """A provider's task by its id."""
        task = self._tasks.get(task_id)
        return task if task is not None and task.provider == provider else None

    def find_slug(self, slug: str) -> Task | None:
        """Any provider's task by the name of its file."""
        return self._by_slug.get(slug)

    def sold(self, task: Task) -> None:
        """Enter a sale."""
        self._keep(task)
        self._write({"event": "sold", "task": task.model_dump(mode="json")})

    def changed(self, task: Task) -> None:
        """Enter how far a task has come."""
        self._write({"event": "changed", "id": task.id, **task.model_dump(mode="json", include=_PROGRESS)})

    def _keep(self, task: Task) -> None:
        self._tasks[task.id] = task
        self._by_slug[task.slug] = task

    def _write(self, event: dict[str, Any]) -> None:
        self._file.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()

    def _load(self) -> bool:
        """Read the file, without lines torn by a kill; False if the last one has no end."""
        if not self._path.exists():
            return True
        text = self._path.read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            with contextlib.suppress(ValueError):
                self._replay(json.loads(line))
        return text == "" or text.endswith("\n")

    def _replay(self, event: dict[str, Any]) -> None:
        if event.get("event") == "sold":
            self._keep(Task.model_validate(event["task"]))
        elif event.get("event") == "changed" and event["id"] in self._tasks:
            changed = self._tasks[event["id"]].model_copy(update={name: event[name] for name in _PROGRESS})
            self._keep(changed)
