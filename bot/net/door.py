"""The one door to outgoing HTTP: answers bounded in bytes and time, addresses judged, no redirect taken blindly.

Failures say what the other side can have seen. `NeverSent` is raised only where no connection opened; whatever goes
wrong after that is `AnswerLost`, known cause or not. Nothing here is repeated.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpcore
import httpx

from bot import __version__
from bot.clock import Clock
from bot.errors import AddressRefused, AnswerLost, AnswerTooLarge, BadStatus, NetError, NeverSent
from bot.net.addresses import AddressRules, Resolver, parse, parsed, resolve
from bot.net.answer import Answer, one_line
from bot.net.transport import Connections, Incoming
from bot.net.unpack import unpacked

CONNECTIONS = 10
"""Most requests of one door at a time; the others queue, and the provider isn't swamped."""

STREAMS = 4
"""Downloads at a time; they have connections of their own, so that they never keep a status or a paid call waiting."""

ANSWER_BYTES = 2_000_000
CONNECT_SECONDS = 10.0
REDIRECTS = 3

_NEVER_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout)
_REDIRECTED = frozenset((301, 302, 303, 307, 308))
# Answers are asked for as they are: what would unpack to more than its limit has no reason to come packed.
_HEADERS = {"User-Agent": f"klingbot/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}

Files = Mapping[str, tuple[str, bytes, str]]
"""A multipart form: field name to file name, bytes and media type."""


@dataclass(frozen=True, slots=True)
class _Lane:
    connections: Connections
    slots: asyncio.Semaphore


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request before it is sent: what a redirect may change are its address and its headers."""

    method: str
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str] | None = None
    json: Any = None
    content: bytes | AsyncIterable[bytes] | None = None
    files: Files | None = None
    timeout: float

    @property
    def host(self) -> str:
        return parse(self.url).host

    def build(self, url: httpx.URL) -> httpx.Request:
        timeout = httpx.Timeout(self.timeout, connect=min(self.timeout, CONNECT_SECONDS)).as_dict()
        headers = httpx.Headers(_HEADERS)
        try:
            headers.update(self.headers)
            return httpx.Request(
                self.method, url, headers=headers, params=self.params, json=self.json, content=self.content,
                files=self.files, extensions={"timeout": timeout},
            )  # fmt: skip
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise NeverSent(self.host, _why(error)) from None

    def redirected(self, location: str) -> "_Call":
        """The same read at another address; the authorization stays behind when scheme, host or port change."""
        url = urljoin(self.url, location)
        same = parse(url) == parse(self.url)
        headers = {name: value for name, value in self.headers.items() if same or name.lower() != "authorization"}
        return _Call(method=self.method, url=url, headers=headers, timeout=self.timeout)


class Door:
    """Outgoing HTTP for one purpose, a provider or people's links. `bases` are the configured addresses it serves.

    A request marked `fresh` gets a connection of its own: a kept one may have been closed by the other side just
    then, and nobody could tell whether it still read the request. That costs a handshake and is meant for the paid
    call.
    """

    def __init__(self, clock: Clock, *, bases: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        self.clock = clock
        rules = AddressRules(bases, resolver)
        self._calls = _Lane(Connections(rules, kept=CONNECTIONS), asyncio.Semaphore(CONNECTIONS))
        self._fresh = _Lane(Connections(rules, kept=0), asyncio.Semaphore(CONNECTIONS))
        self._streams = _Lane(Connections(rules, kept=0), asyncio.Semaphore(STREAMS))

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        files: Files | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        within: float = 30.0,
        limit: int = ANSWER_BYTES,
        fresh: bool = False,
    ) -> Answer:
        """Send one request and read its whole answer, whatever its status. It takes at most `within` seconds.

        A GET follows up to three redirects, each address judged; anything else gets the redirect as its answer.
        Raises NeverSent, AnswerLost, AddressRefused, AnswerTooLarge.
        """
        call = _Call(
            method=method, url=url, headers=headers or {}, params=params, json=json, content=content, files=files,
            timeout=within,
        )  # fmt: skip
        lane = self._fresh if fresh else self._calls
        async with lane.slots:
            try:
                async with asyncio.timeout(within):
                    return await self._answer(lane, call, limit)
            except TimeoutError:
                raise AnswerLost(call.host, "out of time") from None

    async def stream(
        self, url: str, *, limit: int, idle: float = 30.0, overall: float = 900.0
    ) -> AsyncGenerator[bytes, None]:
        """The bytes behind an address, as they come.

        At most `limit` of them, `idle` seconds between two pieces and `overall` seconds for everything.

        Follows redirects as `request` does. Raises what `request` raises, and BadStatus for anything but a 200. What
        the bytes are is for the caller to judge. An iterator left before its end should be closed
        (`contextlib.aclosing`).
        """
        call = _Call(method="GET", url=url, headers={}, timeout=idle)
        async with self._streams.slots:
            deadline = asyncio.get_running_loop().time() + overall
            async with _opened(self._streams, call, deadline) as incoming:
                if incoming.status != 200:
                    answer = self._as_answer(incoming, b"")
                    raise BadStatus(call.host, answer.status, answer.retry_after)
                async for chunk in _chunks(incoming, limit, deadline):
                    yield chunk

    async def close(self) -> None:
        """Close every connection. Calling it again is fine."""
        for lane in (self._calls, self._fresh, self._streams):
            await lane.connections.aclose()

    async def _answer(self, lane: _Lane, call: _Call, limit: int) -> Answer:
        async with _opened(lane, call, None) as incoming:
            body = b"".join([chunk async for chunk in _chunks(incoming, limit, None)])
            return self._as_answer(incoming, body)

    def _as_answer(self, incoming: Incoming, body: bytes) -> Answer:
        return Answer(status=incoming.status, headers=incoming.headers, body=body, received_at=self.clock.now())


@asynccontextmanager
async def _opened(lane: _Lane, call: _Call, deadline: float | None) -> AsyncIterator[Incoming]:
    """The answer of a call, its body unread, after the redirects that a GET may follow."""
    for _ in range(REDIRECTS + 1):
        incoming = await _sent(lane, call, deadline)
        try:
            location = incoming.headers.get("location", "")
            if call.method != "GET" or incoming.status not in _REDIRECTED or not location:
                yield incoming
                return
        finally:
            await incoming.aclose()
        call = call.redirected(location)
    raise AddressRefused(call.host, "too many redirects")


async def _sent(lane: _Lane, call: _Call, deadline: float | None) -> Incoming:
    url, target = parsed(call.url)
    request = call.build(url)
    try:
        async with asyncio.timeout_at(deadline):
            return await lane.connections.send(request)
    except NetError:
        raise
    except _NEVER_SENT as error:
        raise NeverSent(target.host, _why(error)) from None
    except Exception as error:  # also what httpcore doesn't foresee: from here on the other side may have read it
        raise AnswerLost(target.host, _why(error)) from None


async def _chunks(incoming: Incoming, limit: int, deadline: float | None) -> AsyncIterator[bytes]:
    """The body in pieces. The deadline runs only while waiting for the other side's next piece."""
    declared = incoming.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise AnswerTooLarge(incoming.host, limit)
    pieces = unpacked(incoming.pieces(), incoming.headers.get("content-encoding", ""))
    size = 0
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                piece = await anext(pieces, b"")
        except Exception as error:
            raise AnswerLost(incoming.host, _why(error)) from None
        if not piece:
            return
        size += len(piece)
        if size > limit:
            raise AnswerTooLarge(incoming.host, limit)
        yield piece


def _why(error: Exception) -> str:
    """What happened, in a word.

    Only a failed connection says more: other texts may quote headers, the key among them.
    """
    name = type(error).__name__
    return one_line(f"{name}: {error}", 160) if isinstance(error, _NEVER_SENT) else name
