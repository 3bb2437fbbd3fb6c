"""The server: Web API, Socket Mode, files and response addresses on one port; deliveries by socket or signed HTTP."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.support.local_slack.methods import Methods, basic, decoded
from tests.support.local_slack.payloads import Refused
from tests.support.local_slack.world import SIGNING_SECRET, Json, World, small_world

ACK_SECONDS, TRIGGER_SECONDS, ANSWER_SECONDS, MOST_ANSWERS = 3.0, 3.0, 1_800.0, 5
_MOST = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Called:
    """One call of the Web API, the file host or a response address. `error` is Slack's word where it refused."""

    method: str
    args: Json
    token: str
    error: str = ""


@dataclass
class Fault:
    """What happens to the next call of a method; status 0 cuts the connection, with `after` once it is carried out."""

    method: str
    status: int
    body: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


@dataclass(frozen=True)
class Acked:
    """How the app acknowledged: whether in time, with what, after how many seconds."""

    ok: bool
    payload: Any = None
    seconds: float = 0.0


class LocalSlack:
    """A running Slack. Use it as an async context manager; `api` is the address the bot is given.

    `before_answer` hears of each method that was carried out, before the app does.

    With `endpoint` set, deliveries go there as signed HTTP posts, else over the open sockets in turn.
    """

    def __init__(self, world: World | None = None) -> None:
        self.world = world or small_world()
        self.sockets: list[web.WebSocketResponse] = []
        self.methods = Methods(self.world, lambda: self.base, lambda: sum(not one.closed for one in self.sockets))
        self.calls: list[Called] = []
        self.faults: list[Fault] = []
        self.answers: dict[str, Json] = {}
        self.endpoint: str | None = None
        self.html_files = False
        self.before_answer: Callable[[str], None] = lambda method: None
        self._acks: dict[str, asyncio.Future[Any]] = {}
        self._leaving: list[web.WebSocketResponse] = []
        self._turn = itertools.count()
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self._socket)
        app.router.add_post("/upload/v1/{ident}", self._upload)
        app.router.add_get("/files-pri/{key}/{name:.*}", self._download)
        app.router.add_post("/commands/{ident}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in self.sockets:
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def base(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api(self) -> str:
        """What `SLACK_API_URL` is set to."""
        return f"{self.base}/api/"

    async def connected(self, sockets: int = 1) -> None:
        """Wait until that many sockets are open."""
        async with self._changed:
            await self._changed.wait_for(lambda: sum(not one.closed for one in self.sockets) >= sockets)

    async def until(self, method: str, *, times: int = 1) -> list[Called]:
        """Wait until a method was called that often with success; those calls."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.made(method)) >= times)
        return self.made(method)

    def made(self, method: str) -> list[Called]:
        """Successful calls of a method."""
        return [one for one in self.calls if one.method == method and not one.error]

    def refusals(self) -> list[Called]:
        """Calls that Slack refused."""
        return [one for one in self.calls if one.error]

    def trigger(self) -> str:
        """A fresh trigger, good for one modal within 3 s."""
        trigger = f"{next(self._turn)}.{uuid.uuid4().hex}"
        self.methods.triggers[trigger] = self.world.now() + TRIGGER_SECONDS
        return trigger

    def response_url(self, channel: str) -> str:
        """A fresh address for up to five answers within 30 minutes."""
        ident = uuid.uuid4().hex
        self.answers[ident] = {
            "left": MOST_ANSWERS, "until": self.world.now() + ANSWER_SECONDS, "channel": channel, "said": [],
        }  # fmt: skip
        return f"{self.base}/commands/{ident}"

    async def refresh(self) -> None:
        """Ask every client to open a new socket instead of the one it has, and wait until the old ones are gone."""
        for socket in [one for one in self.sockets if not one.closed]:
            self._leaving.append(socket)
            await socket.send_json(
                {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "local"}}
            )
            await self._gone(socket)

    async def _gone(self, socket: web.WebSocketResponse) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: socket not in self.sockets)

    async def deliver(self, kind: str, payload: Json, *, retry: int = 0) -> Acked:
        """Hand the app something and wait for its acknowledgement (`slash_commands`, `interactive`, `events_api`)."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(ACK_SECONDS):
                said = await (self._post(kind, payload, retry) if self.endpoint else self._send(kind, payload, retry))
        except (TimeoutError, aiohttp.ClientError):
            return Acked(False, "operation_timeout", time.monotonic() - started)
        return Acked(said is not _UNACKED, None if said is _UNACKED else said, time.monotonic() - started)

    async def _send(self, kind: str, payload: Json, retry: int) -> Any:
        live = [one for one in self.sockets if not one.closed and one not in self._leaving]
        envelope = str(uuid.uuid4())
        waiting = self._acks[envelope] = asyncio.get_running_loop().create_future()
        frame: Json = {
            "type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": kind != "events_api",
        }  # fmt: skip
        if retry:
            frame |= {"retry_attempt": retry, "retry_reason": "timeout"}
        await live[next(self._turn) % len(live)].send_json(frame)
        return await waiting

    async def _post(self, kind: str, payload: Json, retry: int) -> Any:
        if kind == "events_api":
            body, form = json.dumps(payload), "application/json"
        else:
            fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, form = urlencode(fields), "application/x-www-form-urlencoded"
        headers = {**signed(body, self.world.now()), "Content-Type": form}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.endpoint or "", data=body, headers=headers) as answer,
        ):
            text = await answer.text()
            if answer.status != 200:
                return _UNACKED
            return json.loads(text) if text.startswith("{") else (text or None)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args: Json = dict(request.query)
        if request.content_type == "application/json":
            args |= await request.json()
        elif request.method == "POST":
            args |= dict(await request.post())
        authorization = request.headers.get("Authorization", "")
        if authorization.startswith("Basic "):
            args["client_id"], args["client_secret"] = basic(authorization)
        token = authorization.removeprefix("Bearer ") or str(args.pop("token", ""))
        fault = next((one for one in self.faults if one.method == method), None)
        if fault is not None:
            self.faults.remove(fault)
            if not fault.after:
                return await self._faulty(request, fault, args, token)
        try:
            answer: Json = {"ok": True, **self.methods.call(method, decoded(args), token)}
        except Refused as refused:
            answer = {"ok": False, "error": refused.error, **refused.more}
        self.before_answer(method)
        if fault is not None:
            return await self._faulty(request, fault, args, token)
        await self._log(Called(method, decoded(args), token, answer.get("error", "")))
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(self._scopes(token))})

    def _scopes(self, token: str) -> tuple[str, ...]:
        installed = self.world.tokens.get(token)
        return installed.scopes if installed else ()

    async def _faulty(self, request: web.Request, fault: Fault, args: Json, token: str) -> web.StreamResponse:
        await self._log(Called(fault.method, args, token, f"fault_{fault.status}"))
        if fault.status == 0:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return web.json_response(fault.body, status=fault.status, headers=fault.headers)

    async def _log(self, call: Called) -> None:
        self.calls.append(call)
        async with self._changed:
            self._changed.notify_all()

    async def _upload(self, request: web.Request) -> web.Response:
        upload = self.methods.uploads.get(request.match_info["ident"])
        if upload is None:
            return web.Response(status=404, text="not found")
        if "Authorization" in request.headers:
            return web.Response(status=400, text="the token has no business here")
        data = await request.read()
        upload["data"] = data
        await self._log(Called("upload", {"length": len(data)}, ""))
        return web.Response(text=f"OK - {len(data)}")

    async def _download(self, request: web.Request) -> web.Response:
        """A file, for the token of its own workspace; everybody else gets the sign-in page with status 200."""
        team, ident = request.match_info["key"].split("-", 1)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        installed = self.world.tokens.get(token)
        allowed = installed is not None and installed.team == team and "files:read" in installed.scopes
        await self._log(Called("download", {"file": ident}, token, "" if allowed else "sign_in"))
        if not allowed or self.html_files or ident not in self.world.file_bytes:
            return web.Response(text="<!DOCTYPE html><html><title>Sign in</title></html>", content_type="text/html")
        return web.Response(body=self.world.file_bytes[ident], content_type=self.world.files[ident]["mimetype"])

    async def _answer(self, request: web.Request) -> web.Response:
        known = self.answers.get(request.match_info["ident"])
        body = await request.json()
        if known is None or known["left"] <= 0 or self.world.now() > known["until"]:
            await self._log(Called("response_url", body, "", "expired_url"))
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        known["left"] -= 1
        known["said"].append(body)
        await self._log(Called("response_url", body, ""))
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.methods.tickets:
            return web.Response(status=403)
        self.methods.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        hello = {"type": "hello", "num_connections": len(self.sockets), "connection_info": {"app_id": "A0KLING"}}
        await socket.send_json({**hello, "debug_info": {"host": "local", "approximate_connection_time": 18_060}})
        async with self._changed:
            self._changed.notify_all()
        async for message in socket:
            if message.type == WSMsgType.TEXT and message.data.startswith("{"):
                frame = json.loads(message.data)
                waiting = self._acks.pop(str(frame.get("envelope_id")), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame.get("payload"))
        self.sockets.remove(socket)
        async with self._changed:
            self._changed.notify_all()
        return socket


class _Unacked:
    """What an app answers that doesn't acknowledge."""


_UNACKED = _Unacked()


def signed(body: str, now: float, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers of a signed post."""
    moment = str(int(now))
    digest = hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}
