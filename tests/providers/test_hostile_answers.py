"""Answers made to hurt, over a real connection: too large, without end, or leading to a machine inside."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitUncertain
from bot.providers.base import Body, Provider
from bot.providers.registry import PROVIDERS
from tests.support.answers import GOOD
from tests.support.contract import answer_all, made, text_offer
from tests.support.loopback import Handler, Loopback, loopback

PAID = Body(path="model", json={"prompt": "a fox"})
TEN_MEGABYTES = 10_000_000


@pytest.fixture(params=PROVIDERS)
async def provider(request: pytest.FixtureRequest, server: Loopback) -> AsyncIterator[Provider]:
    async with made(PROVIDERS[request.param], server.url) as one:
        yield one


@pytest.fixture
async def inside() -> AsyncIterator[Loopback]:
    """A machine that nobody configured, on the same network; it would answer whatever is asked."""
    async with loopback() as running:
        yield running


def large(said: object) -> Handler:
    """A good answer with ten megabytes of nothing behind it, its length told beforehand."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=json.dumps(said).encode() + b" " * TEN_MEGABYTES)

    return handler


def endless(said: object) -> Handler:
    """A good answer that never stops; it ends when the other side hangs up."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(json.dumps(said).encode())
        while True:
            await response.write(b" " * 100_000)
            await asyncio.sleep(0)

    return handler


HURTFUL = pytest.mark.parametrize("hurtful", [large, endless])


@HURTFUL
async def test_a_paid_call_with_an_answer_too_large_to_read_is_uncertain(
    server: Loopback, provider: Provider, hurtful: Callable[[object], Handler]
) -> None:
    """The id stands at its beginning, but nobody reads on to see whether the rest takes it back."""
    answer_all(server, hurtful(GOOD[provider.name]["submit"][0]))
    with pytest.raises(SubmitUncertain):
        await provider.submit(PAID)
    assert len(server.seen) == 1


@HURTFUL
async def test_a_look_with_an_answer_too_large_to_read_is_no_ending(
    server: Loopback, provider: Provider, hurtful: Callable[[object], Handler]
) -> None:
    answer_all(server, hurtful(GOOD[provider.name]["check"][0]))
    with pytest.raises(CheckFailed) as failed:
        await provider.check(provider.task(text_offer(PROVIDERS[provider.name]), "task-1"))
    assert failed.value.reason == "unknown"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_the_paid_call_is_not_followed(
    server: Loopback, inside: Loopback, provider: Provider, status: int
) -> None:
    server.answers["POST /model"] = leading_to(inside, status)
    answer_all(inside, good(provider, "submit"))
    with pytest.raises(SubmitUncertain):
        await provider.submit(PAID)
    assert (len(server.seen), inside.seen) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_look_that_is_led_to_a_machine_inside_never_gets_there(
    server: Loopback, inside: Loopback, provider: Provider, status: int
) -> None:
    answer_all(server, leading_to(inside, status))
    answer_all(inside, good(provider, "check"))
    with pytest.raises(CheckFailed):
        await provider.check(provider.task(text_offer(PROVIDERS[provider.name]), "task-1"))
    assert inside.seen == []


def leading_to(inside: Loopback, status: int) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": f"{inside.url}/model"})

    return handler


def good(provider: Provider, call: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(GOOD[provider.name][call][0])

    return handler
