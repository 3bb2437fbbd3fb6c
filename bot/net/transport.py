"""How connections are opened and kept: to an address that the rules have judged, under the name that was asked for.

httpx takes no network backend, and its pool walks through all of its connections at every request; so requests are
built by httpx and sent here, over single connections of httpcore. They are kept by *name*: rewriting the URL to an IP
address instead would let two names on one address share a connection whose certificate was checked for only one.
"""

import asyncio
import functools
import ssl
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import NamedTuple

import httpcore
import httpx

from bot.net.addresses import AddressRules
from bot.net.sockets import Network

_KEEP_ALIVE = 20.0
_MOST_ADDRESSES = 4


class _Kept(NamedTuple):
    connection: httpcore.AsyncHTTPConnection
    until: float


class Incoming:
    """An answer whose body is still to be read; `aclose` gives its connection back. Header names are lower case."""

    def __init__(self, host: str, answer: httpcore.Response, done: Callable[[], Awaitable[None]]) -> None:
        self.host, self.status = host, answer.status
        self._answer, self._done = answer, done
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in answer.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        return self._answer.aiter_stream()

    async def aclose(self) -> None:
        """Done with it, read or not."""
        try:
            await self._answer.aclose()
        finally:
            await self._done()


class Connections:
    """Sends requests over connections that `rules` allow, and keeps up to `kept` of them for the next requests.

    How many are open at once is for the caller to bound. Raises what httpcore raises, and AddressRefused.
    """

    def __init__(self, rules: AddressRules, *, kept: int) -> None:
        self._network = _CheckedNetwork(rules)
        self._most = kept
        self._kept: deque[_Kept] = deque()

    async def send(self, request: httpx.Request) -> Incoming:
        """Send a request and wait for the head of its answer."""
        url, stream = request.url, request.stream
        if not isinstance(stream, AsyncIterable):
            raise TypeError("the body can't be sent from an event loop")
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=stream,
            extensions=request.extensions,
        )
        connection = await self._connection(asked.url.origin)
        try:
            answer = await connection.handle_async_request(asked)
        except BaseException:
            await connection.aclose()
            raise
        return Incoming(url.host, answer, functools.partial(self._give_back, connection))

    async def _give_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection for the next request, in place of the oldest where there are enough; or close it."""
        if self._most and connection.is_idle():
            self._kept.append(_Kept(connection, asyncio.get_running_loop().time() + _KEEP_ALIVE))
            if len(self._kept) <= self._most:
                return
            connection = self._kept.popleft().connection
        await connection.aclose()

    async def aclose(self) -> None:
        """Close what is kept."""
        while self._kept:
            await self._kept.pop().connection.aclose()

    async def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        """The one that was used last for the same name, if the other side hasn't closed it, else a new one."""
        while self._kept and self._kept[0].until < asyncio.get_running_loop().time():
            await self._kept.popleft().connection.aclose()
        while kept := next((one for one in reversed(self._kept) if one.connection.can_handle_request(origin)), None):
            self._kept.remove(kept)
            if not kept.connection.has_expired():
                return kept.connection
            await kept.connection.aclose()
        return httpcore.AsyncHTTPConnection(origin, ssl_context=_tls(), network_backend=self._network)


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, rules: AddressRules) -> None:
        self._rules = rules
        self._network = Network()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._judged(host, port, timeout)
        share = timeout / len(addresses) if timeout else None
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, share, local_address, socket_options)

    async def _judged(self, host: str, port: int, within: float | None) -> list[str]:
        try:
            async with asyncio.timeout(within):
                return list(await self._rules.addresses(host, port))[:_MOST_ADDRESSES]
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        except OSError as error:
            raise httpcore.ConnectError(f"the name was not resolved: {error}") from None

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
