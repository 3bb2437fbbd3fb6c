"""Pictures behind addresses that people give."""

from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from bot.errors import AddressRefused, AnswerLost, AnswerTooLarge, BadStatus
from bot.net.door import Door
from bot.net.fetch import fetch_picture
from tests.support.clock import FakeClock
from tests.support.loopback import Loopback, Names, loopback, piecemeal


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with loopback() as running:
        yield running


@pytest.fixture
async def door(server: Loopback) -> AsyncIterator[Door]:
    """A door for which the local server stands for the public web."""
    one = Door(FakeClock(), bases=[server.url])
    yield one
    await one.close()


async def test_a_picture_is_fetched_byte_by_byte(server: Loopback, door: Door) -> None:
    server.answers["GET /short"] = web.Response(status=302, headers={"Location": "/fox.png"})
    server.answers["GET /fox.png"] = web.Response(body=b"\x89PNG...", content_type="image/png")
    assert await fetch_picture(door, f"{server.url}/short") == b"\x89PNG..."
    assert "authorization" not in server.seen[0].headers


async def test_what_the_bytes_are_is_not_judged_here(server: Loopback, door: Door) -> None:
    server.answers["GET /page"] = web.Response(body=b"<html>", content_type="text/html")
    assert await fetch_picture(door, f"{server.url}/page") == b"<html>"


async def test_a_picture_above_the_limit_is_refused(server: Loopback, door: Door) -> None:
    server.answers["GET /big"] = web.Response(body=b"x" * 101)
    with pytest.raises(AnswerTooLarge):
        await fetch_picture(door, f"{server.url}/big", limit=100)


async def test_a_picture_that_takes_too_long_is_given_up(server: Loopback, door: Door) -> None:
    server.answers["GET /slow"] = piecemeal(*[b"."] * 100, pause=0.02)
    with pytest.raises(AnswerLost):
        await fetch_picture(door, f"{server.url}/slow", within=0.1)


async def test_a_picture_that_is_not_there_says_so(server: Loopback, door: Door) -> None:
    with pytest.raises(BadStatus) as failed:
        await fetch_picture(door, f"{server.url}/gone")
    assert failed.value.status == 404


async def test_people_reach_no_private_address_not_even_by_a_name_of_their_own(server: Loopback) -> None:
    port = httpx.URL(server.url).port
    door = Door(FakeClock(), resolver=Names(mine_example=[["127.0.0.1"]]))
    for url in (server.url, f"http://mine.example:{port}/x.png", "http://169.254.169.254/latest/meta-data"):
        with pytest.raises(AddressRefused):
            await fetch_picture(door, url)
    await door.close()
    assert server.seen == []
