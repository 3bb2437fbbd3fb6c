"""Downloads through the door: in pieces, bounded in size and time, beside the calls and never before them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from aiohttp import web

from bot.errors import AnswerLost, AnswerTooLarge, BadStatus
from bot.net.door import STREAMS, Door
from tests.support.loopback import Loopback, piecemeal, silent


async def collect(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_a_download_comes_in_pieces_and_whole(server: Loopback, door: Door) -> None:
    server.answers["GET /moved"] = web.Response(status=302, headers={"Location": "/v.mp4"})
    server.answers["GET /v.mp4"] = piecemeal(b"one", b"two", b"three", declared=11)
    assert await collect(door.stream(f"{server.url}/moved", limit=11)) == b"onetwothree"


async def test_a_download_takes_whatever_a_200_brings(server: Loopback, door: Door) -> None:
    server.answers["GET /v.mp4"] = web.Response(body=b"<html>Sign in</html>", content_type="text/html")
    assert await collect(door.stream(f"{server.url}/v.mp4", limit=1_000)) == b"<html>Sign in</html>"


@pytest.mark.parametrize("status", [206, 302, 403, 404, 410, 429, 503])
async def test_a_download_that_is_not_served_says_its_status(server: Loopback, door: Door, status: int) -> None:
    server.answers["GET /v.mp4"] = web.Response(status=status, body=b"no", headers={"Retry-After": "7"})
    with pytest.raises(BadStatus) as failed:
        await collect(door.stream(f"{server.url}/v.mp4", limit=10))
    assert (failed.value.status, failed.value.retry_after) == (status, 7.0)


@pytest.mark.parametrize("declared", [None, 5_000])
async def test_a_download_above_its_limit_stops(server: Loopback, door: Door, declared: int | None) -> None:
    server.answers["GET /"] = piecemeal(*[b"x" * 1_000] * 5, declared=declared, pause=0.001)
    with pytest.raises(AnswerTooLarge):
        await collect(door.stream(f"{server.url}/", limit=2_500))


async def test_a_download_that_falls_silent_is_lost(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(b"one", b"two", pause=5)
    with pytest.raises(AnswerLost):
        await collect(door.stream(f"{server.url}/", limit=100, idle=0.1))


async def test_a_download_that_dribbles_is_lost_when_its_time_is_over(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(*[b"."] * 1_000, pause=0.02)
    with pytest.raises(AnswerLost):
        await collect(door.stream(f"{server.url}/", limit=10_000, idle=1, overall=0.2))


async def test_a_download_that_breaks_off_is_lost(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(b"half", declared=8, then_close=True)
    with pytest.raises(AnswerLost):
        await collect(door.stream(f"{server.url}/", limit=100))


async def test_downloads_left_early_give_their_place_back(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(b"one", b"two", pause=0.01)
    for _ in range(2 * STREAMS):
        async with aclosing(door.stream(f"{server.url}/", limit=100)) as chunks:
            assert await anext(chunks) == b"one"


async def test_slow_downloads_keep_no_call_waiting(server: Loopback, door: Door) -> None:
    busy = asyncio.Barrier(STREAMS + 1)

    async def endless(request: web.Request) -> web.StreamResponse:
        await busy.wait()
        return await silent(request)

    server.answers["GET /slow"] = endless
    server.answers["POST /"] = web.Response(body=b"at once")
    slow = [asyncio.create_task(collect(door.stream(f"{server.url}/slow", limit=1_000))) for _ in range(3 * STREAMS)]
    await busy.wait()
    assert (await door.request("POST", f"{server.url}/", fresh=True)).body == b"at once"
    assert len(server.asked("GET", "/slow")) == STREAMS
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_the_time_of_a_download_runs_from_its_turn_on(server: Loopback, door: Door) -> None:
    server.answers["GET /"] = piecemeal(b"one", pause=0.1)
    waves = [collect(door.stream(f"{server.url}/", limit=10, overall=0.8)) for _ in range(10 * STREAMS)]
    assert await asyncio.gather(*waves) == [b"one"] * 10 * STREAMS
