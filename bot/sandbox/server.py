"""The sandbox as one server on loopback: every provider under its own prefix, finished clips, and its own routes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.clock import Clock, SystemClock
from bot.sandbox.aimlapi import Aimlapi
from bot.sandbox.book import Book
from bot.sandbox.control import Control
from bot.sandbox.dialect import Dialect
from bot.sandbox.fal import Fal
from bot.sandbox.faults import Faults, parse_fault
from bot.sandbox.files import Files
from bot.sandbox.gallery import Gallery
from bot.sandbox.gate import Gate
from bot.sandbox.gmi import Gmi
from bot.sandbox.kling import Kling
from bot.sandbox.shop import Shop
from bot.sandbox.studio import Clips, Studio
from bot.sandbox.tasks import Task
from bot.sandbox.vidgo import Vidgo
from bot.sandbox.wavespeed import WaveSpeed

DIALECTS: tuple[type[Dialect], ...] = (Fal, WaveSpeed, Gmi, Aimlapi, Vidgo, Kling)
"""Every provider that the sandbox plays. Another one is a file and a row here."""

_LARGEST_BODY = 128 * 1024 * 1024
"""Bytes; four pictures of 10 MB as data URIs fit."""


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """How to run it: where it keeps everything, which port (0 = any), how many times faster than life.

    `faults` as `faults.parse_fault` reads them; `levels` names kinds of account (`{"wavespeed": "bronze"}`); `ready`
    is where ready clips lie, so that several sandboxes can share them (in `folder` unless told).
    """

    folder: Path
    port: int = 0
    speed: float = 1.0
    clips: Clips = "rendered"
    faults: tuple[str, ...] = ()
    render_threads: int = 1
    levels: Mapping[str, str] = field(default_factory=dict)
    ready: Path | None = None


class Sandbox:
    """The running server: `async with Sandbox(options) as sandbox`."""

    def __init__(self, options: SandboxOptions, clock: Clock | None = None) -> None:
        self._options = options
        self._clock = clock or SystemClock()
        self._dialects: list[Dialect] = []
        self.base_url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Load the book, go on with what is unfinished, listen. Raises BadFault, BadLevel, OSError (port taken)."""
        options = self._options
        for dialect in DIALECTS:
            dialect.check_level(options.levels.get(dialect.name, ""))
        self._faults = Faults(self._clock, [dialect.name for dialect in DIALECTS])
        for text in options.faults:
            self._faults.add(**parse_fault(text))
        clips, ready = options.folder / "clips", options.ready or options.folder / "ready"
        for place in (clips, ready):
            place.mkdir(parents=True, exist_ok=True)
        gallery = Gallery(options.folder, self._clock)
        self._studio = Studio(clips, gallery.pictures, ready, clips=options.clips, threads=options.render_threads)
        self._book = Book(options.folder / "sold.jsonl")
        self._shop = Shop(self._book, gallery, self._studio, self._faults, self._clock, speed=options.speed)
        self._dialects = [dialect(self._shop, options.levels.get(dialect.name, "")) for dialect in DIALECTS]
        await self._listen()

    async def _listen(self) -> None:
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._options.port)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._shop.base = self.base_url

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_BODY)
        calls: Counter[str] = Counter()
        self._control = Control(self._shop, self._faults, calls, tuple(dialect.name for dialect in DIALECTS))
        self._control.add_routes(app)
        app.router.add_get("/files/{task}/{name}", Files(self._shop).get)
        for dialect in self._dialects:
            gate = Gate(dialect, self._shop, calls)
            for route in dialect.routes():
                for prefix in (f"/{dialect.name}", *([""] if dialect.at_root else [])):
                    app.router.add_route(route.method, prefix + route.path, gate.wrap(route))
        return app

    async def stop(self) -> None:
        """Stop listening and rendering; what is unfinished goes on after the next start."""
        await self._runner.cleanup()
        await self._shop.close()
        await self._studio.close()
        self._book.close()

    @property
    def sold(self) -> list[Task]:
        """Everything sold as it stands now, oldest first."""
        return self._control.sold()

    async def rendered(self) -> None:
        """Wait until every clip sold so far is rendered."""
        await self._shop.rendered()

    @property
    def faults(self) -> Faults:
        """The faults ordered, to add to and to clear."""
        return self._faults

    def environment(self) -> dict[str, str]:
        """Settings that point klingbot here."""
        return {name: value for dialect in self._dialects for name, value in dialect.environment().items()}

    def sdk_lines(self) -> dict[str, str]:
        """For each provider's SDK the lines of code that point it here."""
        return {name: lines for dialect in self._dialects for name, lines in dialect.sdk_lines().items()}
