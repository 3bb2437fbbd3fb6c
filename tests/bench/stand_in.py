"""A stand-in for WaveSpeed's API that costs next to nothing, in a process of its own: its CPU is nobody's here.

A prediction is done at its fifth to ninth look, seven on average; its video is a small real clip with its own bytes.
It remembers every paid call, for the comparison with what the house believes to have bought.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.support.clips import clip

MODEL = "kwaivgi/kling-v1.6-t2v-standard"
_LEAST_LOOKS, _SPREAD = 5, 5


@dataclass
class StandIn:
    """What was sold: each prediction's prompt and how often it was looked at, and how often each video was taken."""

    base: str = ""
    prompts: dict[str, str] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)

    async def submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        number = len(self.prompts)
        name = f"p{number:08d}"
        self.prompts[name] = body["prompt"]
        self.looks[name] = 0
        return _yes({"id": name, "status": "created", "outputs": []})

    async def look(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.looks[name] += 1
        if self.looks[name] < _LEAST_LOOKS + int(name[1:]) % _SPREAD:
            return _yes({"id": name, "status": "processing", "outputs": [], "has_nsfw_contents": []})
        video = f"{self.base}/video/{name}.mp4"
        return _yes({"id": name, "status": "completed", "outputs": [video], "has_nsfw_contents": [False]})

    async def video(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.taken[name] = self.taken.get(name, 0) + 1
        return web.Response(body=clip_of(name), content_type="video/mp4")

    async def log(self, request: web.Request) -> web.Response:
        return web.json_response({"prompts": self.prompts, "looks": self.looks, "taken": self.taken})

    async def forget(self, request: web.Request) -> web.Response:
        for kept in (self.prompts, self.looks, self.taken):
            kept.clear()
        return web.Response()


def clip_of(name: str) -> bytes:
    """Five seconds of H.264, with a box behind it that says whose they are, so that no two files are the same."""
    words = name.encode()
    return clip(5) + (8 + len(words)).to_bytes(4, "big") + b"free" + words


def _yes(data: dict[str, object]) -> web.Response:
    return web.Response(
        body=json.dumps({"code": 200, "message": "success", "data": data}), content_type="application/json"
    )


@contextmanager
def elsewhere() -> Iterator[str]:
    """A stand-in in a process of its own; gives its address."""
    command = [sys.executable, "-m", "tests.bench.stand_in"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.stdin.close()


async def serve() -> None:
    """Serve on loopback until standard input ends, so that it can't outlive who started it."""
    stand_in, app = StandIn(), web.Application()
    app.router.add_post(f"/api/v3/{MODEL}", stand_in.submit)
    app.router.add_get("/api/v3/predictions/{name}/result", stand_in.look)
    app.router.add_get("/video/{name}.mp4", stand_in.video)
    app.router.add_get("/log", stand_in.log)
    app.router.add_post("/forget", stand_in.forget)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    stand_in.base = f"http://{host}:{port}"
    print(stand_in.base, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
