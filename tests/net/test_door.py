"""The door against a real socket: what an answer may be, and what each way of failing means."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator

import httpcore
import httpx
import pytest
from aiohttp import web

from bot.errors import AddressRefused, AnswerLost, AnswerTooLarge, NetError, NeverSent
from bot.net.door import CONNECTIONS, REDIRECTS, Door
from bot.net.transport import Connections, Incoming
from tests.net.conftest import opened
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, Names, dropped, free_port, loopback, piecemeal, reset, silent


def redirect(to: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"Location": to})


async def test_a_request_goes_out_as_it_was_given_and_its_answer_comes_back_whole(server: Loopback, door: Door) -> None:
    server.answers["POST /a/b"] = web.Response(status=201, body=b'{"id": 1}', headers={"X-Some-Thing": "yes"})
    answer = await door.request("POST", f"{server.url}/a/b", json={"x": 1}, params={"q": "ü"}, headers={"A": "b"})
    assert (answer.status, answer.json(), answer.headers["x-some-thing"]) == (201, {"id": 1}, "yes")
    [seen] = server.seen
    assert (seen.json, dict(seen.query), seen.headers["a"]) == ({"x": 1}, {"q": "ü"}, "b")
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["user-agent"].startswith("klingbot/")


async def test_bytes_a_stream_of_bytes_and_a_form_can_be_sent(server: Loopback, door: Door) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"

    await door.request("PUT", f"{server.url}/bytes", content=b"abcd")
    await door.request("PUT", f"{server.url}/stream", content=pieces())
    await door.request("POST", f"{server.url}/form", files={"file": ("fox.png", b"PNG!", "image/png")})
    plain, streamed, form = server.seen
    assert plain.body == streamed.body == b"abcd"
    assert b'name="file"; filename="fox.png"\r\nContent-Type: image/png\r\n\r\nPNG!\r\n' in form.body


async def test_no_cookie_is_kept(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = web.Response(headers={"Set-Cookie": "spy=1; Path=/"})
    for _ in range(2):
        await door.request("GET", f"{server.url}/")
    assert "cookie" not in server.seen[1].headers


async def test_reads_share_a_connection_and_a_fresh_call_never_does(server: Loopback, door: Door) -> None:
    ports = []

    async def whence(request: web.Request) -> web.Response:
        assert request.transport is not None
        ports.append(request.transport.get_extra_info("peername")[1])
        return web.Response()

    server.answers["POST /"] = whence
    for fresh in (False, False, True, True):
        await door.request("POST", f"{server.url}/", fresh=fresh)
    assert ports[0] == ports[1]
    assert len(set(ports)) == 3


async def test_no_more_than_ten_requests_are_open_at_once(server: Loopback, door: Door) -> None:
    now, most = 0, 0

    async def slow(request: web.Request) -> web.Response:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.01)
        now -= 1
        return web.Response()

    server.answers["GET /"] = slow
    await asyncio.gather(*(door.request("GET", f"{server.url}/") for _ in range(3 * CONNECTIONS)))
    assert most == CONNECTIONS


async def test_a_handshake_asks_for_the_name_and_one_that_fails_was_never_sent_to() -> None:
    names: list[str | None] = []
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.sni_callback = lambda sock, name, context: names.append(name)
    listener = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, ssl=tls)
    base = f"https://sandbox:{listener.sockets[0].getsockname()[1]}"
    async with listener, opened(Door(FakeClock(), bases=[base], resolver=Names(sandbox=[["127.0.0.1"]]))) as door:
        with pytest.raises(NeverSent):
            await door.request("POST", base, fresh=True)
    assert names == ["sandbox"]


async def test_a_port_where_nothing_listens_was_never_sent_to() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with opened(Door(FakeClock(), bases=[url])) as door:
        with pytest.raises(NeverSent) as failed:
            await door.request("POST", url, fresh=True)
    assert failed.value.host == "127.0.0.1"


async def test_a_name_nobody_knows_was_never_sent_to() -> None:
    async with opened(Door(FakeClock(), resolver=Names())) as door:
        with pytest.raises(NeverSent):
            await door.request("POST", "https://gone.example/", fresh=True)


async def test_a_resolver_that_hangs_was_never_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr("bot.net.door.CONNECT_SECONDS", 0.05)
    async with opened(Door(FakeClock(), resolver=hangs)) as door:
        with pytest.raises(NeverSent):
            await door.request("POST", "https://slow.example/", fresh=True)


async def test_a_second_address_is_tried_when_the_first_does_not_answer(server: Loopback) -> None:
    port = httpx.URL(server.url).port
    base = f"http://twohomes:{port}"
    async with opened(Door(FakeClock(), bases=[base], resolver=Names(twohomes=[["127.0.0.9", "127.0.0.1"]]))) as door:
        server.answers["GET /"] = web.Response(body=b"here")
        assert (await door.request("GET", base)).body == b"here"
    assert server.seen[0].headers["host"] == f"twohomes:{port}"


@pytest.mark.parametrize("what", [dropped, reset, piecemeal(b"half", declared=100, then_close=True)])
@pytest.mark.parametrize("fresh", [True, False])
async def test_a_connection_that_breaks_after_sending_loses_the_answer(
    server: Loopback, door: Door, what: web.Response, fresh: bool
) -> None:
    server.answers["POST /"] = what
    with pytest.raises(AnswerLost):
        await door.request("POST", f"{server.url}/", json={}, fresh=fresh)
    assert len(server.seen) == 1


async def test_an_answer_that_never_comes_is_lost(server: Loopback, door: Door) -> None:
    server.answers["POST /"] = silent
    with pytest.raises(AnswerLost):
        await door.request("POST", f"{server.url}/", within=0.1)


async def test_an_answer_that_dribbles_is_lost_when_its_time_is_over(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(*[b"."] * 100, pause=0.02)
    with pytest.raises(AnswerLost) as failed:
        await door.request("GET", f"{server.url}/", within=0.2)
    assert failed.value.why == "out of time"


async def test_gibberish_instead_of_http_loses_the_answer() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener, opened(Door(FakeClock(), bases=[url])) as door:
        with pytest.raises(AnswerLost):
            await door.request("GET", url)


@pytest.mark.parametrize("declared", [None, 5_000])
async def test_an_answer_above_its_limit_is_not_read_to_its_end(
    server: Loopback, door: Door, declared: int | None
) -> None:
    server.answers["GET /"] = piecemeal(*[b"x" * 1_000] * 5, declared=declared)
    with pytest.raises(AnswerTooLarge) as failed:
        await door.request("GET", f"{server.url}/", limit=2_000)
    assert failed.value.limit == 2_000
    assert len((await door.request("GET", f"{server.url}/", limit=5_000)).body) == 5_000


async def test_a_declared_length_above_the_limit_is_believed_at_once(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(b"x", declared=5_000, pause=5)
    with pytest.raises(AnswerTooLarge):
        await door.request("GET", f"{server.url}/", limit=2_000)


async def test_what_unpacks_to_more_than_its_limit_is_refused(server: Loopback, door: Door) -> None:
    packed = gzip.compress(b"0" * 1_000_000)
    server.answers["GET /"] = web.Response(body=packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(AnswerTooLarge):
        await door.request("GET", f"{server.url}/", limit=10_000)


async def test_what_is_packed_twice_is_not_unpacked_at_all(server: Loopback, door: Door) -> None:
    twice = gzip.compress(gzip.compress(bytes(10_000_000)))
    server.answers["GET /"] = web.Response(body=twice, headers={"Content-Encoding": "gzip, gzip"})
    assert (await door.request("GET", f"{server.url}/", limit=1_000)).body == twice


async def test_a_packed_answer_is_unpacked_and_a_damaged_one_is_lost(server: Loopback, door: Door) -> None:
    packed = gzip.compress(b'{"id": 1}')
    server.answers["POST /"] = web.Response(body=packed, headers={"Content-Encoding": "gzip"})
    assert (await door.request("POST", f"{server.url}/")).json() == {"id": 1}
    server.answers["POST /"] = web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(AnswerLost):
        await door.request("POST", f"{server.url}/")


@pytest.mark.parametrize("header", ["line\nbreak", "ü"])
async def test_a_request_that_cannot_be_written_never_gets_an_answer(server: Loopback, door: Door, header: str) -> None:
    with pytest.raises(NetError) as failed:
        await door.request("POST", f"{server.url}/", headers={"Authorization": f"Key secret-{header}"})
    assert "secret" not in str(failed.value)
    assert server.seen == []


async def test_a_private_address_is_refused_unless_it_is_the_base(server: Loopback) -> None:
    async with opened(Door(FakeClock())) as door:
        with pytest.raises(AddressRefused):
            await door.request("GET", server.url)
    assert server.seen == []


async def test_a_name_that_answers_differently_the_second_time_is_judged_again(server: Loopback) -> None:
    port = httpx.URL(server.url).port
    names = Names(rebinding_example=[["127.0.0.1"]])
    async with opened(Door(FakeClock(), resolver=names)) as door:
        with pytest.raises(AddressRefused):
            await door.request("GET", f"http://rebinding.example:{port}/")
    assert names.asked == ["rebinding.example"], "resolved once: what was judged is what would be connected to"
    assert server.seen == []


async def test_a_proxy_in_the_environment_is_ignored(
    server: Loopback, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
    async with opened(Door(FakeClock(), bases=[server.url])) as second:
        server.answers["GET /"] = web.Response(body=b"direct")
        assert (await second.request("GET", f"{server.url}/")).body == b"direct"


async def test_a_read_follows_redirects_and_keeps_its_key_on_the_same_host(server: Loopback, door: Door) -> None:
    server.answers["GET /a"] = redirect("/b?x=1")
    server.answers["GET /b"] = web.Response(body=b"end")
    answer = await door.request("GET", f"{server.url}/a", headers={"Authorization": "Key abc"}, params={"q": "1"})
    assert answer.body == b"end"
    assert [(seen.headers["authorization"], dict(seen.query)) for seen in server.seen] == [
        ("Key abc", {"q": "1"}), ("Key abc", {"x": "1"}),
    ]  # fmt: skip


async def test_the_key_stays_behind_when_a_redirect_leads_to_another_host(server: Loopback) -> None:
    async with loopback() as other, opened(Door(FakeClock(), bases=[server.url, other.url])) as door:
        server.answers["GET /a"] = redirect(f"{other.url}/b")
        other.answers["GET /b"] = redirect(f"{server.url}/c")
        server.answers["GET /c"] = web.Response(body=b"end")
        answer = await door.request("GET", f"{server.url}/a", headers={"Authorization": "Key abc", "Accept": "x/y"})
        assert answer.body == b"end"
        assert "authorization" not in other.seen[0].headers
        assert other.seen[0].headers["accept"] == "x/y"
        assert "authorization" not in server.seen[1].headers, "a key that was dropped does not come back"


async def test_the_key_stays_behind_when_a_redirect_leaves_the_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same host and port without TLS: whoever sits in between would read the key."""
    answers = [httpcore.Response(302, headers={"Location": "http://api.example:8443/b"}), httpcore.Response(200)]
    sent: list[httpx.Request] = []

    async def done() -> None:
        return

    async def send(_: Connections, request: httpx.Request) -> Incoming:
        sent.append(request)
        return Incoming("api.example", answers.pop(0), done)

    monkeypatch.setattr(Connections, "send", send)
    async with opened(Door(FakeClock())) as door:
        await door.request("GET", "https://api.example:8443/a", headers={"Authorization": "Key abc"})
    assert [request.headers.get("authorization") for request in sent] == ["Key abc", None]


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:1/", "http://169.254.169.254/latest", "file:///etc/passwd", "https://user:pw@example.org/"]
)
async def test_every_hop_of_a_redirect_is_judged(server: Loopback, door: Door, to: str) -> None:
    server.answers["GET /"] = redirect(to)
    with pytest.raises(AddressRefused):
        await door.request("GET", f"{server.url}/")


async def test_a_read_follows_three_redirects_and_no_fourth(server: Loopback, door: Door) -> None:
    for hop in range(REDIRECTS + 1):
        server.answers[f"GET /{hop}"] = redirect(f"/{hop + 1}")
    server.answers[f"GET /{REDIRECTS + 1}"] = web.Response()
    assert (await door.request("GET", f"{server.url}/1")).status == 200
    with pytest.raises(AddressRefused):
        await door.request("GET", f"{server.url}/0")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_anything_but_a_read_is_never_sent_on(server: Loopback, door: Door, method: str, status: int) -> None:
    server.answers[f"{method} /"] = redirect("/elsewhere", status)
    assert (await door.request(method, f"{server.url}/", json={})).status == status
    assert [seen.path for seen in server.seen] == ["/"]
