"""The server: one port for REST, gateway and CDN, a log of every call, faults on demand, signed HTTP interactions."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.local_discord.cdn import Cdn
from tests.support.local_discord.gateway import GUILDS, Gateway
from tests.support.local_discord.interactions import Interactions
from tests.support.local_discord.messages import Messages
from tests.support.local_discord.payloads import File
from tests.support.local_discord.refusals import Refusal, unauthorized
from tests.support.local_discord.rest import Answer, Call, Rest
from tests.support.local_discord.world import Channel, Json, World, small_world

TOKEN = "OTAwMDAwMDAwMDAwMDAwMDAx.local.discord"
_MOST = 128 * 1024 * 1024


@dataclass(frozen=True)
class Logged:
    """One call with its answer. `refused` names the page of the rule it broke; `files` are names with sizes."""

    method: str
    path: str
    payload: Any
    files: tuple[tuple[str, int], ...]
    status: int
    code: int = 0
    refused: str = ""


@dataclass
class Fault:
    """What happens to the next call of that method whose path contains `part`; status 0 cuts the connection.

    With `after` the call is carried out first, and only its answer is lost; `then` is done before it is.
    """

    method: str
    part: str
    status: int
    body: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    then: Callable[[], object] = lambda: None


class LocalDiscord:
    """A running Discord. Use it as an async context manager; `api` is the address the bot is given."""

    def __init__(self, world: World | None = None, *, shards: int = 1, content_intent: bool = False) -> None:
        self.world = world or small_world()
        self.cdn = Cdn(self.world)
        self.messages = Messages(self.world, self.cdn, content_intent=content_intent)
        self.interactions = Interactions(self.world, self.messages)
        self.gateway = Gateway(self.world, lambda: self.gateway_url, granted=1 << 15 if content_intent else 0)
        self.rest = Rest(self.world, self.messages, self.interactions, lambda: self.gateway_url, self._created)
        self.rest.shards = shards
        self.calls: list[Logged] = []
        self.faults: list[Fault] = []
        self.key = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._called = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST)
        app.router.add_route("*", "/api/v10/{tail:.*}", self._answer)
        for kind in ("attachments", "ephemeral-attachments"):
            app.router.add_get(f"/{kind}/{{channel}}/{{ident}}/{{name}}", self._file)
        app.router.add_get("/", self.gateway.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        self.cdn.base = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.cut(1001)
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api(self) -> str:
        """What `DISCORD_API_URL` is set to."""
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What `/gateway/bot` and READY tell."""
        return f"ws://127.0.0.1:{self._port}/"

    @property
    def public_key(self) -> str:
        """What `DISCORD_PUBLIC_KEY` is set to."""
        return self.key.public_key().public_bytes_raw().hex()

    async def post_signed(self, url: str, payload: Json, *, forged: bool = False) -> tuple[int, bytes]:
        """POST an interaction to the app's own address, signed as Discord signs it; the answer's status and body."""
        body = json.dumps(payload).encode()
        moment = str(int(self.world.now()))
        signature = self.key.sign(moment.encode() + body if not forged else b"something else").hex()
        headers = {
            "X-Signature-Ed25519": signature, "X-Signature-Timestamp": moment, "Content-Type": "application/json",
        }  # fmt: skip
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.read()

    def break_next(
        self, method: str, part: str, status: int = 0, body: Json | None = None, *, after: bool = False,
        headers: dict[str, str] | None = None, then: Callable[[], object] = lambda: None,
    ) -> None:  # fmt: skip
        """Let the next call of that kind fail (see `Fault`)."""
        self.faults.append(Fault(method, part, status, body or {}, headers or {}, after, then))

    async def until(self, method: str, part: str, *, times: int = 1) -> list[Logged]:
        """Wait until that many successful calls of that kind have been made; they are returned."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.made(method, part)) >= times)
        return self.made(method, part)

    def made(self, method: str, part: str) -> list[Logged]:
        """Successful calls whose path contains `part`."""
        return [one for one in self.calls if one.method == method and part in one.path and one.status < 300]

    def refusals(self) -> list[Logged]:
        """Every call that broke a rule."""
        return [one for one in self.calls if one.refused]

    def _created(self, thread: Channel) -> None:
        shown = {**self.world.channel(thread), "newly_created": True}
        telling = asyncio.ensure_future(
            self.gateway.dispatch("THREAD_CREATE", shown, guild=thread.guild, intents=GUILDS)
        )  # fmt: skip
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _file(self, request: web.Request) -> web.Response:
        try:
            query = request.query
            data = self.cdn.get(
                request.match_info["ident"], query.get("ex", "0"), query.get("is", ""), query.get("hm", "")
            )
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=refusal.message)
        return web.Response(body=data, content_type="application/octet-stream")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        call = await _read(request)
        fault = self._fault(call)
        if fault is not None and not fault.after:
            return await self._faulty(request, call, fault)
        answer: Answer = None
        status, code, page = 200, 0, ""
        try:
            if call.path[0] not in ("interactions", "webhooks") and not _authorized(request):
                raise unauthorized()
            answer = self.rest.answer(call)
            status = 204 if answer is None else 200
        except Refusal as refusal:
            status, code, page = refusal.status, refusal.code, refusal.page
            answer = {"code": refusal.code, "message": refusal.message}
        if fault is not None:
            return await self._faulty(request, call, fault)
        await self._log(call, status, code, page)
        return _response(call, status, answer)

    def _fault(self, call: Call) -> Fault | None:
        path = "/".join(call.path)
        found = next((one for one in self.faults if one.method == call.method and one.part in path), None)
        if found is not None:
            self.faults.remove(found)
        return found

    async def _faulty(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        fault.then()
        await self._log(call, fault.status or 599, 0, "")
        if fault.status == 0:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        response = _response(call, fault.status, fault.body)
        response.headers.update(fault.headers)
        return response

    async def _log(self, call: Call, status: int, code: int, page: str) -> None:
        files = tuple((file.name, len(file.data)) for file in call.files)
        self.calls.append(
            Logged(call.method, "/" + "/".join(call.path), call.body or call.payload, files, status, code, page)
        )  # fmt: skip
        async with self._called:
            self._called.notify_all()


def _authorized(request: web.Request) -> bool:
    return request.headers.get("Authorization") == f"Bot {TOKEN}"


async def _read(request: web.Request) -> Call:
    payload: Any = {}
    files: list[File] = []
    if request.content_type == "multipart/form-data":
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, aiohttp.BodyPartReader):
                continue
            data = bytes(await part.read(decode=False))
            if part.name == "payload_json":
                payload = json.loads(data)
            else:
                files.append(File(part.name or "", part.filename or "file", data))
    elif raw := await request.read():
        payload = json.loads(raw)
    body = payload if isinstance(payload, list) else []
    path = tuple(request.match_info["tail"].strip("/").split("/"))
    return Call(
        request.method, path, dict(request.query), payload if isinstance(payload, dict) else {}, tuple(files), body
    )


def _response(call: Call, status: int, answer: Any) -> web.Response:
    """An answer with Discord's headers; its type is exactly `application/json`, which discord.py insists on."""
    headers = {"Via": "1.1 google"}
    if call.path[0] != "interactions":  # the callback has no bucket
        bucket = hashlib.sha256(f"{call.method}{call.path[0]}".encode()).hexdigest()[:12]
        headers |= {
            "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49", "X-RateLimit-Reset-After": "1.0",
            "X-RateLimit-Bucket": bucket,
        }  # fmt: skip
    if answer is None:
        return web.Response(status=204, headers=headers)
    return web.Response(
        status=status, body=json.dumps(answer).encode(), headers={**headers, "Content-Type": "application/json"}
    )
