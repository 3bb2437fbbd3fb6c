"""httpcore's network on plain asyncio. Its own is made for several event loops, which costs a third of a connection."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import cast

import httpcore

_READ_AHEAD = 256 * 1024
"""Bytes that may wait to be read before the other side has to wait."""


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections to IP addresses."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection, from any address of ours and as the system sets it up. Raises ConnectTimeout, ConnectError."""
        async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            _, wire = await asyncio.get_running_loop().create_connection(_Wire, host, port)
        return _Stream(wire)

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)


class _Wire(asyncio.Protocol):
    """What came over a connection and was not read yet, and how it ended."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.unread = bytearray()
        self.over = False
        self._error: Exception | None = None
        self._news, self._may_write = asyncio.Event(), asyncio.Event()
        self._may_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        self._news.set()
        if len(self.unread) > _READ_AHEAD:
            self.transport.pause_reading()

    def eof_received(self) -> None:
        self.over = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.over, self._error = True, exc
        self._news.set()
        self._may_write.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    async def read(self, most: int) -> bytes:
        while not self.unread and not self.over:
            self._news.clear()
            await self._news.wait()
        if not self.unread and self._error is not None:
            raise self._error
        data = bytes(self.unread[:most])
        del self.unread[:most]
        if not self.over:
            self.transport.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        if self.over:
            raise self._error or ConnectionResetError("closed by the other side")
        self.transport.write(data)
        await self._may_write.wait()


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        async with _within(timeout, httpcore.ReadTimeout, httpcore.ReadError):
            return await self._wire.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        async with _within(timeout, httpcore.WriteTimeout, httpcore.WriteError):
            await self._wire.write(buffer)

    async def aclose(self) -> None:
        self._wire.transport.abort()
        await asyncio.sleep(0)  # for the socket itself to be closed

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        wire, loop = self._wire, asyncio.get_running_loop()
        try:
            async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
                transport = await loop.start_tls(wire.transport, wire, ssl_context, server_hostname=server_hostname)
        except BaseException:
            await self.aclose()
            raise
        if transport is None:
            raise httpcore.ConnectError("the handshake left no connection")
        wire.transport = transport
        return self

    def get_extra_info(self, info: str) -> object:
        """Of what httpcore asks for: the TLS object, and whether anything came that nobody asked for."""
        if info == "is_readable":
            return bool(self._wire.unread) or self._wire.over
        return self._wire.transport.get_extra_info(info)


@asynccontextmanager
async def _within(seconds: float | None, late: type[Exception], broken: type[Exception]) -> AsyncIterator[None]:
    """Time for the body, and httpcore's names for what goes wrong in it."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise late from None
    except OSError as error:
        raise broken(str(error)) from error
