"""What every provider's counter sells from: tasks on one clock, one book, one studio."""

import asyncio
import hashlib
import logging
from typing import Literal

from bot.clock import Clock
from bot.sandbox.book import Book
from bot.sandbox.faults import Faults
from bot.sandbox.gallery import Gallery
from bot.sandbox.lanes import Lane, Window
from bot.sandbox.studio import Studio, name_box
from bot.sandbox.tasks import Fate, Sale, Task

_log = logging.getLogger(__name__)

QUEUE_SECONDS = 6.0
WORK_SECONDS = {"standard": 60.0, "pro": 100.0}
"""What a task waits, and works for 5 seconds of video, before `speed` divides it; 10 seconds of video take double."""

TEXT_SECONDS = 4.0
"""What a task for words works, before `speed` divides it; it waits for nothing but a place."""

_FATES: dict[str, Fate] = {"policy_after_work": "policy", "generation_failed": "failure", "stuck": "stuck"}

Cancelled = Literal["removed", "stopped", "goes_on", "too_late"]
"""What a cancel did: took it out of the queue, ended its work, changed nothing, came after the end."""


class Shop:
    """Sells tasks and knows how far each has come. Nothing moves by itself: every look works it out from the clock."""

    def __init__(
        self, book: Book, gallery: Gallery, studio: Studio, faults: Faults, clock: Clock, *, speed: float
    ) -> None:
        self.book, self.gallery, self.studio, self.faults, self.clock = book, gallery, studio, faults, clock
        self.speed = speed
        self.base = ""
        self._lanes: dict[str, Lane] = {}
        self._windows: dict[str, Window] = {}
        self._renders: set[asyncio.Task[None]] = set()

    def open(self, provider: str, places: int, per_minute: int | None) -> None:
        """Open a provider's counter, and go on with its tasks of before a restart."""
        self._lanes[provider] = Lane(places)
        if per_minute is not None:
            self._windows[provider] = Window(per_minute, round(60_000 / self.speed))
        for task in self.book.tasks(provider):
            if not task.ended:
                self._enter(task)

    async def close(self) -> None:
        """Stop rendering; what is unfinished goes on after the next start."""
        for render in self._renders:
            render.cancel()
        await asyncio.gather(*self._renders, return_exceptions=True)

    def within_rate(self, provider: str) -> bool:
        """Count a submit; False if the provider's limit per minute is reached."""
        window = self._windows.get(provider)
        return window is None or window.take(self.clock.now())

    def sell(self, sale: Sale) -> Task:
        """Enter a task in the book and let it wait its turn. Faults that act on sales act here."""
        fault = None if sale.refusal else self.faults.draw(sale.provider, "submit", "sale")
        sticky = self.faults.draw(sale.provider, "submit", "file")
        fate: Fate = "refused" if sale.refusal else _FATES[fault.kind] if fault else "text" if sale.text else "video"
        lasts = TEXT_SECONDS if sale.text else WORK_SECONDS[sale.order.tier] * sale.order.new_seconds / 5
        task = Task(
            **dict(sale),
            fate=fate,
            video_fault=sticky.kind if sticky else "",
            sold_at=self.clock.now(),
            queue_ms=round((0 if sale.text else QUEUE_SECONDS) * _jitter(sale.id, "queue") * 1000 / self.speed),
            work_ms=round(lasts * _jitter(sale.id, "work") * 1000 / self.speed),
        )
        self.book.sold(task)
        self._enter(task)
        return task

    def find(self, provider: str, task_id: str) -> Task | None:
        """A provider's task as it stands now."""
        self.advance(provider)
        return self.book.find(provider, task_id)

    def advance(self, provider: str) -> None:
        """Bring a provider's tasks to the present."""
        for task in self._lanes[provider].advance(self.clock.now()):
            self.book.changed(task)

    def waiting(self, provider: str) -> list[str]:
        """Ids of the provider's tasks that wait, next one first."""
        self.advance(provider)
        return self._lanes[provider].waiting()

    def cancel(self, task: Task) -> Cancelled:
        """Take a waiting task out. One that is worked on goes on, unless the fault `cancel_stops_work` is ordered."""
        if task.ended:
            return "too_late"
        waited = task.state == "queued"
        if not waited and self.faults.draw(task.provider, "cancel", "cancel") is None:
            return "goes_on"
        self._lanes[task.provider].remove(task, self.clock.now())
        task.state, task.ended_at = "cancelled", self.clock.now()
        self.book.changed(task)
        return "removed" if waited else "stopped"

    async def wait(self, task: Task, seconds: float, *, rendered: bool = False) -> bool:
        """Wait until a task has ended, at most so long; whether it has. With `rendered`, rendering doesn't count."""
        until = self.clock.now() + seconds * 1000
        while not task.ended:
            patient = rendered and task.renders and task.rendered_at is None
            if self.clock.now() >= until and not patient:
                break
            await self.clock.sleep(0.05)
            self.advance(task.provider)
        return task.ended

    async def rendered(self) -> None:
        """Wait until nothing is being rendered."""
        while self._renders:
            await asyncio.wait(self._renders)

    def answered(self, task: Task, answer: str) -> None:
        """Note in the book what became of the answer to a sale."""
        task.answer = answer
        self.book.changed(task)

    def video_url(self, task: Task) -> str:
        """Where a finished task's clip can be fetched."""
        return f"{self.base}/files/{task.slug}/output.mp4"

    async def video_bytes(self, task: Task) -> int:
        """The size of a finished task's clip."""
        path = await self.studio.make(task.slug, task.order)
        return path.stat().st_size + len(name_box(task.slug))

    def _enter(self, task: Task) -> None:
        self._lanes[task.provider].add(task)
        if task.renders and task.rendered_at is None:
            render = asyncio.create_task(self._render(task))
            self._renders.add(render)
            render.add_done_callback(self._renders.discard)

    async def _render(self, task: Task) -> None:
        try:
            await self.studio.make(task.slug, task.order)
        except Exception:
            _log.exception("rendering %s failed", task.id)
            task.fate = "failure"
        task.rendered_at = self.clock.now()
        self.book.changed(task)


def _jitter(task_id: str, what: str) -> float:
    """0.85 to 1.15, fixed by the task's id."""
    return 0.85 + 0.3 * hashlib.sha256(f"{task_id}/{what}".encode()).digest()[0] / 255
