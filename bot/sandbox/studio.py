"""Where clips are made: threads that render away from the event loop, and ready clips for campaigns of thousands."""

import asyncio
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from PIL import Image, ImageOps

from bot.kling.images import frame_size, nearest_ratio
from bot.kling.requests import Ratio, Tier
from bot.sandbox.continuation import Continuation
from bot.sandbox.drawing import even
from bot.sandbox.film import write_film
from bot.sandbox.orders import Order, film_size, stage
from bot.sandbox.scenes import TextScene

Clips = Literal["rendered", "shared"]
"""`rendered`: every task gets a clip of its own. `shared`: a handful of ready clips, each with bytes of its own."""

_BOX_TYPE = hashlib.sha256(b"klingbot sandbox clip").digest()[:16]


class Studio:
    """Renders orders in at most `threads` threads; `pictures` is the folder where input pictures lie by their hash."""

    def __init__(self, folder: Path, pictures: Path, ready: Path, *, clips: Clips, threads: int) -> None:
        self._folder, self._pictures, self._ready = folder, pictures, ready
        self._shared = clips == "shared"
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sandbox-render")
        self._stop = threading.Event()
        self._under_way: dict[Path, asyncio.Task[Path]] = {}

    async def close(self) -> None:
        """Stop rendering at the next frame; what is unfinished is rendered again after the next start."""
        self._stop.set()
        under_way = list(self._under_way.values())
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
        await asyncio.gather(*under_way, return_exceptions=True)

    async def make(self, name: str, order: Order) -> Path:
        """The file of an order's clip, rendered now unless it is there. `name` is its own; it seeds the scene, too."""
        if self._shared:
            return await self.ready_clip(order.duration, self._ratio(order), order.tier)
        path = self._folder / f"{name}.mp4"
        return path if path.exists() else await self._once(path, lambda: self._render(path, name, order))

    async def clip(self, name: str, order: Order) -> bytes:
        """The whole MP4 of an order; its last box carries the name, so that no two tasks give the same bytes."""
        path = await self.make(name, order)
        return await asyncio.to_thread(path.read_bytes) + name_box(name)

    async def ready_clip(self, seconds: int, ratio: Ratio, tier: Tier) -> Path:
        """The file of the ready clip of that length, shape and tier."""
        path = self._ready / f"{seconds}s-{ratio.replace(':', 'x')}-{tier}.mp4"
        return path if path.exists() else await self._once(path, lambda: self._render_ready(path, seconds, ratio, tier))

    async def _once(self, path: Path, work: Callable[[], None]) -> Path:
        """Render a file once, however many wait for it."""
        if path not in self._under_way:
            self._under_way[path] = asyncio.create_task(self._run(path, work))
        return await asyncio.shield(self._under_way[path])

    async def _run(self, path: Path, work: Callable[[], None]) -> Path:
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            del self._under_way[path]
        return path

    def _ratio(self, order: Order) -> Ratio:
        if order.ratio is not None or not order.pictures:
            return order.ratio or "16:9"
        with Image.open(self._pictures / order.pictures[0]) as picture:
            return nearest_ratio(picture.width, picture.height)

    def _render(self, path: Path, name: str, order: Order) -> None:
        title = order.prompt or order.scene or "clip"
        if order.parent:
            with Continuation.of(self._folder / f"{order.parent}.mp4", order, name) as scene:
                write_film(path, scene, scene.size, order.duration, title=title, stop=self._stop)
            return
        pictures = [load_picture(self._pictures / sha256) for sha256 in order.pictures]
        follows = bool(pictures) and len(pictures) <= (2 if order.workflow == "image" else 1)
        size = film_size(order, pictures[0].size if follows else None)
        write_film(path, stage(order, pictures, name, size), size, order.duration, title=title, stop=self._stop)

    def _render_ready(self, path: Path, seconds: int, ratio: Ratio, tier: Tier) -> None:
        size = frame_size(ratio, tier)
        scene = TextScene(f"{ratio} {tier}", str(seconds), (even(size[0] / 3), even(size[1] / 3)), float(seconds))
        write_film(path, scene, size, seconds, title="ready clip", stop=self._stop, quick=True)


def load_picture(path: Path) -> Image.Image:
    """A stored picture upright, in RGB, transparent parts on white."""
    with Image.open(path) as stored:
        upright = ImageOps.exif_transpose(stored)
        if upright.mode not in ("RGBA", "LA", "PA", "P"):
            return upright.convert("RGB")
        layered = upright.convert("RGBA")
    white = Image.new("RGB", layered.size, (255, 255, 255))
    white.paste(layered, (0, 0), layered)
    return white


def name_box(name: str) -> bytes:
    """A `uuid` box with the name: players skip it, hashes see it."""
    payload = _BOX_TYPE + name.encode()
    return (8 + len(payload)).to_bytes(4, "big") + b"uuid" + payload
