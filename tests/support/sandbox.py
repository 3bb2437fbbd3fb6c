"""A running sandbox with ready clips, and a client that talks to it as any HTTP client would."""

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, TCPConnector

from bot.sandbox.server import Sandbox, SandboxOptions
from tests.support.clock import FakeClock
from tests.support.tokens import token


@functools.cache
def ready_clips() -> Path:
    """A folder of ready clips for every test of this process; gone with it."""
    folder = tempfile.mkdtemp(prefix="klingbot-ready-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@dataclass(frozen=True)
class Answer:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Bench:
    """The sandbox, its clock, and a client with a key of every provider."""

    box: Sandbox
    clock: FakeClock
    session: ClientSession

    async def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **options: Any) -> Answer:
        """One request; `path` may be a whole address. The key is of the path's provider unless one is given."""
        url = path if path.startswith("http") else self.box.base_url + path
        headers = {"Authorization": self.key(url) if key is None else key, **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        async with self.session.request(method, url, headers=headers, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    def key(self, url: str) -> str:
        """The header that opens an address of this sandbox."""
        if "/kling/" in url:
            return f"Bearer {token(self.clock.now())}"
        return f"{'Key' if '/fal/' in url else 'Bearer'} sandbox:sandbox"

    async def sell_fal(self, endpoint: str = "standard/text-to-video", **body: Any) -> Any:
        """A submit at the first provider that is accepted; its answer."""
        answer = await self.call("POST", f"/fal/fal-ai/kling-video/v1.6/{endpoint}", {"prompt": "a boat"} | body)
        assert answer.status == 200, answer.body
        return answer.json

    async def sell_wavespeed(self, model: str = "kwaivgi/kling-v1.6-t2v-standard", **body: Any) -> Any:
        """A submit at the second provider that is accepted; its prediction."""
        answer = await self.call("POST", f"/wavespeed/api/v3/{model}", {"prompt": "a boat"} | body)
        assert answer.status == 200, answer.body
        return answer.json["data"]

    async def sell_gmi(self, model: str = "Kling-Text2Video-V1.6-Standard", **payload: Any) -> Any:
        """A submit at GMI that is accepted; its request."""
        body = {"model": model, "payload": {"prompt": "a boat"} | payload}
        answer = await self.call("POST", "/gmi/api/v1/ie/requestqueue/apikey/requests", body)
        assert answer.status == 200, answer.body
        return answer.json

    async def sell_aimlapi(self, model: str = "kling-video/v1.6/standard/text-to-video", **body: Any) -> Any:
        """A submit at AI/ML API that is accepted; its generation."""
        answer = await self.call("POST", "/aimlapi/v2/video/generations", {"model": model, "prompt": "a boat"} | body)
        assert answer.status == 200, answer.body
        return answer.json

    async def sell_vidgo(self, model: str = "kling-1.6/standard", **fields: Any) -> Any:
        """A submit at Vidgo that is accepted; its data."""
        body = {"model": model, "input": {"prompt": "a boat"} | fields}
        answer = await self.call("POST", "/vidgo/api/generate/submit", body)
        assert answer.status == 200, answer.body
        return answer.json["data"]

    async def sell_kling(self, path: str = "text2video", **body: Any) -> Any:
        """A submit at Kling itself that is accepted; its data."""
        model = {} if path in ("effects", "video-extend") else {"prompt": "a boat", "model_name": "kling-v1-6"}
        answer = await self.call("POST", f"/kling/v1/videos/{path}", model | body)
        assert answer.status == 200, answer.body
        return answer.json["data"]

    async def finish(self) -> None:
        """Let everything sold so far be rendered and end."""
        await self.box.rendered()
        self.clock.advance(3_600)


@asynccontextmanager
async def sandbox(folder: Path, *, clock: FakeClock | None = None, **options: Any) -> AsyncIterator[Bench]:
    """A sandbox on a port of its own; time stands still unless the test moves it."""
    clock = clock or FakeClock()
    wanted: dict[str, Any] = {"clips": "shared", "ready": ready_clips()} | options
    async with (
        Sandbox(SandboxOptions(folder=folder, **wanted), clock) as box,
        ClientSession(connector=TCPConnector(force_close=True)) as session,
    ):
        yield Bench(box, clock, session)
