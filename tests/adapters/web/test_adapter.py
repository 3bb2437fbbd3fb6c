import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.page import House, page

TOKEN = "correct-horse-battery"


async def status(house: House, path: str, method: str = "GET", **headers: str) -> int:
    async with house.browser.client.request(method, path, headers=headers, allow_redirects=False) as answer:
        return answer.status


async def login(house: House, token: str) -> tuple[int, str, str]:
    headers = {"Origin": house.browser.origin}
    client = house.browser.client
    async with client.post("/web/login", data={"token": token}, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers["Location"], answer.headers.get("Set-Cookie", "")


READS = [
    "/web/hello",
    "/web/complete?person=ana&field=x",
    "/web/switches?person=mira",
    "/web/history?person=ana&channel=general",
    "/web/glance?person=ana",
    "/web/socket?person=ana",
]


async def test_this_computer_gets_the_page() -> None:
    async with page() as house, house.browser.client.get("/") as answer:
        assert answer.status == 200
        assert 'id="composer"' in await answer.text()


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "192.168.0.5:8080"}, {"X-Forwarded-For": "10.0.0.1"}]
)
async def test_without_a_token_others_are_shown_nothing(headers: dict[str, str]) -> None:
    async with page() as house:
        assert [await status(house, path, **headers) for path in READS] == [403] * len(READS)
        assert await status(house, "/web/ask", "POST", **headers) == 403
        assert await status(house, "/web/press", "POST", **headers) == 403
        async with house.browser.client.get("/", headers=headers) as answer:
            assert answer.status == 403
            assert "KLINGBOT_WEB_TOKEN" in await answer.text()
        assert house.verbs.asks == []


async def test_with_a_token_nothing_is_shown_without_it() -> None:
    async with page(token=TOKEN) as house:
        assert [await status(house, path) for path in READS] == [401] * len(READS)
        assert await status(house, "/web/ask", "POST", Origin=house.browser.origin) == 401
        async with house.browser.client.get("/") as answer:
            assert (answer.status, 'name="token"' in await answer.text()) == (401, True)


async def test_the_token_opens_the_page_from_anywhere() -> None:
    async with page(token=TOKEN) as house:
        house.browser.headers = {"Host": "bot.example", "Authorization": f"Bearer {TOKEN}"}
        house.browser.origin = ""
        assert (await house.browser.get("/web/hello")).status == 200
        assert (await house.browser.ask()).status == 200


async def test_the_login_sets_a_careful_cookie_that_opens_the_page() -> None:
    async with page(token=TOKEN) as house:
        code, location, cookie = await login(house, TOKEN)
        assert (code, location) == (303, "/")
        assert TOKEN not in cookie
        for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"):
            assert word in cookie
        name_and_value = cookie.partition(";")[0]
        assert await status(house, "/web/hello", Cookie=name_and_value) == 200
        assert await status(house, "/", Cookie=name_and_value) == 200


async def test_behind_https_the_cookie_is_for_https_only() -> None:
    async with page(token=TOKEN) as house:
        headers = {"Origin": house.browser.origin, "X-Forwarded-Proto": "https"}
        client = house.browser.client
        async with client.post("/web/login", data={"token": TOKEN}, headers=headers, allow_redirects=False) as answer:
            assert "Secure" in answer.headers["Set-Cookie"]


async def test_a_wrong_token_asks_again_and_sets_nothing() -> None:
    async with page(token=TOKEN) as house:
        assert await login(house, "wrong") == (303, "/#wrong", "")


async def test_after_many_wrong_tokens_the_right_one_waits() -> None:
    async with page(token=TOKEN) as house:
        for _ in range(20):
            await login(house, "wrong")
        assert (await login(house, TOKEN))[1] == "/#wrong"
        house.clock.advance(61)
        assert (await login(house, TOKEN))[1] == "/"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/web/ask"), ("POST", "/web/press"), ("GET", "/web/socket?person=ana")]
)
async def test_another_page_can_do_nothing_here(origin: str, method: str, path: str) -> None:
    async with page() as house:
        assert await status(house, path, method, **({"Origin": origin} if origin else {})) == 403
        assert (house.verbs.asks, house.verbs.presses) == ([], [])


async def test_another_page_can_not_log_anybody_in() -> None:
    async with page(token=TOKEN) as house:
        assert await status(house, "/web/login", "POST", Origin="http://evil.example") == 403


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"token=\xff", {}),
        (b"&".join([b"token=x"] * 50), {}),
        (b"token=x", {"Content-Type": "text/plain; charset=no-such"}),
        (b"--x\r\n\r\nno name\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"", {}),
    ],
)
async def test_a_login_that_is_no_form_is_a_wrong_token(body: bytes, headers: dict[str, str]) -> None:
    async with page(token=TOKEN) as house:
        sent = {"Origin": house.browser.origin, "Content-Type": "application/x-www-form-urlencoded", **headers}
        client = house.browser.client
        async with client.post("/web/login", data=body, headers=sent, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/#wrong")


async def test_a_login_that_is_not_packed_as_it_says_is_refused() -> None:
    async with page(token=TOKEN) as house:
        headers = {"Origin": house.browser.origin, "Content-Encoding": "gzip"}
        async with house.browser.client.post("/web/login", data=b"token=x", headers=headers) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": "form"})


@pytest.mark.parametrize("path", ["/web/login", "/web/press"])
async def test_a_body_that_does_not_come_is_not_waited_for(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"token="
        await asyncio.Event().wait()

    monkeypatch.setattr("adapters.web.inbound._BODY_SECONDS", 0.05)
    async with page(token=TOKEN) as house:
        headers = {"Origin": house.browser.origin, "Authorization": f"Bearer {TOKEN}"}
        async with house.browser.client.post(path, data=never(), headers=headers) as answer:
            assert (answer.status, await answer.json()) == (408, {"error": "too_slow"})


async def test_a_link_to_a_file_needs_no_login() -> None:
    async with page(token=TOKEN) as house:
        link = house.browser.server.link(house.blobs.keep(b"\xff\xd8\xff picture"), "picture.jpg")
        assert await status(house, link) == 200
