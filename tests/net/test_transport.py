"""Which connection a request goes over: the last one used, as long as the other side left it as it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore
import httpx
import pytest

from bot.net import transport
from bot.net.addresses import AddressRules
from bot.net.transport import Connections

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nok"
After = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers every request alike; `asked` counts the requests of each connection, `after` comes after an answer."""

    url: str = ""
    asked: list[int] = field(default_factory=list)
    after: After | None = None
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        number = len(self.asked)
        self.asked.append(0)
        while not writer.is_closing() and await reader.readline():
            while await reader.readline() != b"\r\n":
                pass
            self.asked[number] += 1
            writer.write(ANSWER)
            if self.after:
                await self.after(writer)
        writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield server
        for writer in server.writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in server.writers), return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as one:
        yield one


@asynccontextmanager
async def connections(*servers: Server, kept: int = 3) -> AsyncIterator[Connections]:
    made = Connections(AddressRules([server.url for server in servers]), kept=kept)
    try:
        yield made
    finally:
        await made.aclose()


async def ask(over: Connections, server: Server, *, read: bool = True) -> None:
    incoming = await over.send(httpx.Request("GET", server.url))
    if read:
        assert [piece async for piece in incoming.pieces()] == [b"ok"]
    await incoming.aclose()
    await asyncio.sleep(0.01)


async def test_an_answer_has_its_headers_by_lower_case_names_and_repeated_ones_together(server: Server) -> None:
    async with connections(server) as over:
        incoming = await over.send(httpx.Request("GET", server.url))
        assert (incoming.status, incoming.headers) == (200, {"content-length": "2", "x-a": "1, 2"})
        await incoming.aclose()


async def test_requests_after_each_other_share_a_connection(server: Server) -> None:
    async with connections(server) as over:
        for _ in range(3):
            await ask(over, server)
    assert server.asked == [3]


async def test_where_none_is_kept_each_request_has_its_own(server: Server) -> None:
    async with connections(server, kept=0) as over:
        await ask(over, server)
        await ask(over, server)
    assert server.asked == [1, 1]


async def test_one_that_is_in_use_is_nobody_else_s(server: Server) -> None:
    async with connections(server) as over:
        incoming = await over.send(httpx.Request("GET", server.url))
        await ask(over, server)
        await incoming.aclose()
    assert server.asked == [1, 1]


async def test_an_answer_left_unread_takes_its_connection_with_it(server: Server) -> None:
    async with connections(server) as over:
        await ask(over, server, read=False)
        await ask(over, server)
    assert server.asked == [1, 1]


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def timed_out(writer: asyncio.StreamWriter) -> None:
    """As some servers tell that they have waited long enough: an answer that nobody asked for."""
    await asyncio.sleep(0.002)
    writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("after", [closed, timed_out])
async def test_one_that_the_other_side_is_done_with_is_not_used_again(server: Server, after: After) -> None:
    server.after = after
    async with connections(server) as over:
        await ask(over, server)
        await ask(over, server)
    assert server.asked == [1, 1]


async def test_one_that_was_idle_for_long_is_not_used_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_KEEP_ALIVE", 0.005)
    async with connections(server) as over:
        await ask(over, server)
        await ask(over, server)
    assert server.asked == [1, 1]


async def test_the_oldest_makes_room_and_every_name_has_its_own() -> None:
    async with serving() as one, serving() as two, connections(one, two, kept=1) as over:
        for server in (one, one, two, two, one):
            await ask(over, server)
    assert (one.asked, two.asked) == ([2, 1], [2])


async def test_four_addresses_of_a_name_share_the_time_and_no_fifth_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, float | None]] = []

    class Deaf:
        async def connect_tcp(self, host: str, port: int, within: float | None, *_: object) -> None:
            tried.append((host, within))
            raise httpcore.ConnectTimeout

    async def resolver(host: str, port: int) -> list[str]:
        return [f"1.1.1.{number}" for number in range(1, 7)]

    monkeypatch.setattr(transport, "Network", Deaf)
    over = Connections(AddressRules(resolver=resolver), kept=0)
    with pytest.raises(httpcore.ConnectTimeout):
        await over.send(httpx.Request("GET", "http://many.example/", extensions={"timeout": {"connect": 8.0}}))
    assert tried == [("1.1.1.1", 2.0), ("1.1.1.2", 2.0), ("1.1.1.3", 2.0), ("1.1.1.4", 2.0)]
