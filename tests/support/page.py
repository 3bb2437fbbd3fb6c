"""The chat page on a running server, with a house that answers what a test wants."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, FormData

from adapters.web import WebMessenger, WebPage, WebSettings
from bot.messaging import Switches
from bot.messaging.protocols import Json
from bot.server import Server
from tests.support.blobs import FakeBlobs
from tests.support.clock import FakeClock
from tests.support.memory import FakeMemory
from tests.support.serving import serving
from tests.support.verbs import FakeVerbs

KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Answer:
    """A status and the JSON that came with it."""

    status: int
    body: Json


@dataclass
class Browser:
    """Somebody at the page. `origin` is sent as browsers do; empty = not sent."""

    client: ClientSession
    server: Server
    origin: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **params: str) -> Answer:
        async with self.client.get(path, params=params, headers=self.headers) as answer:
            return Answer(answer.status, await answer.json())

    async def history(self, person: str = "ana", channel: str = "general", **params: str) -> list[Json]:
        messages: list[Json] = (await self.get("/web/history", person=person, channel=channel, **params)).body[
            "messages"
        ]
        return messages

    async def ask(self, text: str = "a red fox", files: Sequence[tuple[str, bytes]] = (), **form: Any) -> Answer:
        said = {"key": KEY, "person": "ana", "channel": "general", "text": text, **form}
        return await self.send(json.dumps(said), files)

    async def send(self, form: str, files: Sequence[tuple[str, bytes]] = ()) -> Answer:
        data = FormData(default_to_multipart=True)
        data.add_field("form", form)
        for name, content in files:
            data.add_field("file", content, filename=name, content_type="image/jpeg")
        return await self.post("/web/ask", data)

    async def press(self, message: str, action: str = "again:j1", **form: Any) -> Answer:
        said = {"key": KEY, "person": "ana", "channel": "general", "message": message, "action": action, **form}
        return await self.post("/web/press", json.dumps(said))

    async def post(self, path: str, data: object) -> Answer:
        async with self.client.post(path, data=data, headers=self._sending()) as answer:
            return Answer(answer.status, await answer.json())

    async def post_json(self, path: str, form: Mapping[str, object]) -> Answer:
        return await self.post(path, json.dumps(form))

    def listen(self, person: str) -> Any:
        return self.client.ws_connect("/web/socket", params={"person": person}, headers=self._sending())

    def _sending(self) -> Mapping[str, str]:
        return {**self.headers, **({"Origin": self.origin} if self.origin else {})}


@dataclass
class House:
    """Everything behind a page."""

    browser: Browser
    messenger: WebMessenger
    page: WebPage
    verbs: FakeVerbs
    memory: FakeMemory
    blobs: FakeBlobs
    clock: FakeClock


@asynccontextmanager
async def page(
    *,
    verbs: FakeVerbs | None = None,
    memory: FakeMemory | None = None,
    token: str = "",
    clock: FakeClock | None = None,
    switches: Switches | None = None,
) -> AsyncIterator[House]:
    """Serve a page; ends with it stopped. The same `memory` again is the page after a restart."""
    verbs, memory, clock, blobs = verbs or FakeVerbs(), memory or FakeMemory(), clock or FakeClock(), FakeBlobs()
    made: list[tuple[WebMessenger, WebPage]] = []

    def prepare(server: Server) -> None:
        messenger = WebMessenger(memory, server.link, clock.now)
        settings = WebSettings.model_validate({"KLINGBOT_WEB_TOKEN": token})
        made.append((messenger, WebPage(settings, server, verbs, messenger, blobs, clock.now, switches)))

    async with serving(clock=clock, blobs=blobs, access_token=token, prepare=prepare) as (server, client):
        host, port = server.address
        messenger, web = made[0]
        browser = Browser(client, server, origin=f"http://{host}:{port}")
        try:
            yield House(browser, messenger, web, verbs, memory, blobs, clock)
        finally:
            await web.stop()


async def heard(socket: ClientWebSocketResponse) -> Json:
    """The next event."""
    event: Json = await socket.receive_json(timeout=5)
    return event
