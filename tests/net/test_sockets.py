"""Connections by themselves: TLS with a checked name, bytes in both directions, and every way to break."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.net.sockets import Network
from tests.support.loopback import free_port

HOST = "127.0.0.1"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def connected(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[httpcore.AsyncNetworkStream]:
    """A connection to a server that does that with each of its own."""
    writers = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await serve(reader, writer)

    listener = await asyncio.start_server(served, HOST, 0, ssl=tls)
    async with listener:
        stream = await Network().connect_tcp(HOST, listener.sockets[0].getsockname()[1], timeout=5)
        try:
            yield stream
        finally:
            await stream.aclose()
            for writer in writers:
                writer.close()
            await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


async def closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def everything(stream: httpcore.AsyncNetworkStream, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (data := await stream.read(65_536, timeout=5)):
        found += data
    return bytes(found)


async def came(stream: httpcore.AsyncNetworkStream) -> None:
    """Return when something came that was not read, be it the end."""
    for _ in range(1_000):
        if stream.get_extra_info("is_readable"):
            return
        await asyncio.sleep(0.001)
    raise AssertionError("nothing came")


async def test_what_is_written_comes_back_however_much_it_is() -> None:
    content = bytes(range(256)) * 20_000
    async with connected(echo) as stream:
        reading = asyncio.create_task(everything(stream, len(content)))
        await stream.write(content, timeout=5)
        assert await reading == content


async def test_who_reads_slowly_makes_the_other_side_wait() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        for _ in range(1_000):
            writer.write(bytes(65_536))
            await writer.drain()
            sent += 65_536

    async with connected(pour) as stream:
        for _ in range(200):
            await asyncio.sleep(0.001)
        assert sent < 1_000 * 65_536
        assert len(await everything(stream, 1_000 * 65_536)) == 1_000 * 65_536


async def test_a_write_that_is_not_taken_is_out_of_time() -> None:
    async with connected(silent) as stream:
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(bytes(50_000_000), timeout=0.05)


async def test_an_answer_that_does_not_come_is_out_of_time() -> None:
    async with connected(silent) as stream:
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(100, timeout=0.02)


async def test_an_end_is_read_as_nothing_and_a_reset_breaks() -> None:
    async with connected(closed) as stream:
        assert await stream.read(100, timeout=5) == b""
    async with connected(reset) as stream:
        await came(stream)
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"x")


async def test_what_nobody_asked_for_shows_and_so_does_the_end() -> None:
    async def chatty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"x")

    async with connected(chatty) as stream:
        assert stream.get_extra_info("is_readable") is False
        await stream.write(b"go")
        await came(stream)
        assert await stream.read(100) == b"x"
        assert stream.get_extra_info("is_readable") is False
    async with connected(closed) as stream:
        await came(stream)


async def test_a_port_where_nothing_listens_is_no_connection() -> None:
    with pytest.raises(httpcore.ConnectError):
        await Network().connect_tcp(HOST, free_port(), timeout=5)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its certificate for the name `video.example`, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "video.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("video.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "keys.pem"
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server_tls(keys: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys)
    return context


async def test_tls_carries_bytes_both_ways_and_tells_httpcore_of_itself(keys: Path, server_tls: ssl.SSLContext) -> None:
    content = bytes(range(256)) * 4_000
    trusting = ssl.create_default_context(cafile=str(keys))
    async with connected(echo, server_tls) as plain:
        stream = await plain.start_tls(trusting, "video.example", timeout=5)
        assert isinstance(stream.get_extra_info("ssl_object"), ssl.SSLObject)
        reading = asyncio.create_task(everything(stream, len(content)))
        await stream.write(content, timeout=5)
        assert await reading == content
        assert stream.get_extra_info("is_readable") is False


@pytest.mark.parametrize("wrong", ["name", "issuer"])
async def test_tls_with_the_wrong_certificate_is_no_connection(
    keys: Path, server_tls: ssl.SSLContext, wrong: str
) -> None:
    context = ssl.create_default_context(cafile=str(keys) if wrong == "name" else None)
    async with connected(echo, server_tls) as plain:
        with pytest.raises(httpcore.ConnectError):
            await plain.start_tls(context, "other.example" if wrong == "name" else "video.example", timeout=5)


async def test_a_handshake_that_is_not_answered_is_out_of_time() -> None:
    async with connected(silent) as plain:
        with pytest.raises(httpcore.ConnectTimeout):
            await plain.start_tls(ssl.create_default_context(), "video.example", timeout=0.05)


async def test_a_handshake_that_breaks_off_is_no_connection() -> None:
    async with connected(closed) as plain:
        with pytest.raises(httpcore.ConnectError):
            await plain.start_tls(ssl.create_default_context(), "video.example", timeout=5)
