"""What every provider has to keep to, whoever adds it: checks that ask for nothing but its row in the table.

The server answers the paid call as a test says; the provider is made from its own settings, pointed there.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.kling.requests import TextToVideo
from bot.net.door import Door
from bot.providers.base import Body, Provider
from bot.providers.offers import Offer
from bot.providers.registry import Row
from tests.support.clock import FakeClock
from tests.support.desk import Desk
from tests.support.loopback import Handler, Loopback, dropped, free_port
from tests.support.orders import KEY, order

REFUSED = {400: "invalid", 401: "auth", 404: "not_found", 413: "invalid"}
"""Statuses that say that nothing was started, and why; those of documents apart that say it in their own way."""

UNCERTAIN = (408, 500, 502, 504, 301, 307)

NONSENSE: Sequence[web.Response | Handler] = (
    web.Response(body=b""), web.Response(body=b"<html>ok</html>"), web.Response(body=b'{"id": "a'),
    web.json_response([]), web.json_response({}), dropped,
)  # fmt: skip
"""Answers with a 2xx that tell of nothing, and none at all."""

FIELDS = frozenset(
    ("prompt", "negative_prompt", "start", "end", "references", "scene", "people", "duration", "aspect_ratio",
     "cfg_scale", "still", "brushes", "camera", "job")
)  # fmt: skip


@asynccontextmanager
async def made(row: Row, base: str, clock: FakeClock | None = None) -> AsyncIterator[Provider]:
    """The provider of a row, with a key for each of its keys and every address of it at `base`."""
    values = {}
    for name, field in row.settings.model_fields.items():
        values[str(field.alias)] = KEY if name.endswith("key") else base if name.endswith("url") else ""
    settings = row.settings.model_validate(values)
    assert settings.on
    provider = row.make(settings, Door(clock or FakeClock(), bases=settings.bases))
    yield provider
    await provider.close()
    await provider.close()


def text_offer(row: Row) -> Offer:
    """A row of what it sells that needs no picture."""
    return next(offer for offer in row.provider.offers if offer.workflow == "text" and offer.enabled)


async def paid_call(provider: Provider, offer: Offer) -> Body:
    """The paid call of the smallest request."""
    return await provider.prepare(order(offer, TextToVideo(prompt="a fox", tier=offer.tier)))


def answer_paid_calls(server: Loopback, body: Body, answer: Any) -> None:
    """Let the server answer the paid call, wherever below its address it goes to."""
    server.answers[f"POST /{body.path.lstrip('/')}"] = answer


def check_table(row: Row) -> None:
    """Its rows fit together: names, prices, lengths, fields."""
    provider = row.provider
    assert provider.name.isalnum()
    assert provider.title
    assert row.keys
    for offer in provider.offers:
        assert offer.id.startswith(f"{provider.name}/{offer.workflow}/{offer.tier}")
        assert set(offer.price.of) >= set(offer.durations)
        assert all(0 < offer.price.expected(length) <= offer.price.ceiling(length) for length in offer.durations)
        assert offer.price.confirmed <= (not offer.price.upper), "what is certain has no other bound"
        assert offer.price.source
        assert offer.fields | set(offer.fixed) | offer.only_with | set(offer.refuses) <= FIELDS
        assert not offer.fields & (set(offer.fixed) | set(offer.refuses))
        assert offer.only_with <= offer.fields
        assert bool(offer.variant) == bool(offer.only_with)
        assert 0 <= offer.min_pictures <= offer.max_pictures
        assert offer.enabled or offer.note, "who switches it on should know what isn't certain"


async def check_outcomes(row: Row, server: Loopback) -> None:
    """Refused, uncertain or neither: by the status, and by what is left of an answer. Sent once, whatever comes."""
    async with made(row, server.url) as provider:
        body = await paid_call(provider, text_offer(row))
        for status in (*REFUSED, *UNCERTAIN):
            answer_paid_calls(server, body, (status, {}))
            await _fails(server, provider, body, SubmitRefused if status in REFUSED else SubmitUncertain, status)
        for nothing in NONSENSE:
            answer_paid_calls(server, body, nothing)
            await _fails(server, provider, body, SubmitUncertain, None)
    async with made(row, f"http://127.0.0.1:{free_port()}") as provider:
        with pytest.raises(SubmitRefused) as refused:
            await provider.submit(body)
        assert refused.value.reason == "unavailable"


async def _fails(
    server: Loopback, provider: Provider, body: Body, outcome: type[SubmitRefused | SubmitUncertain], status: int | None
) -> None:
    before = len(server.seen)
    with pytest.raises((SubmitRefused, SubmitUncertain)) as raised:
        await provider.submit(body)
    assert type(raised.value) is outcome, (status, raised.value)
    assert raised.value.provider == provider.name
    assert len(server.seen) == before + 1, "the paid call goes out once"
    if status in REFUSED:
        assert raised.value.reason == REFUSED[status]


async def check_looks(row: Row, server: Loopback) -> None:
    """A look that brings nothing is never taken for an ending."""
    async with made(row, server.url) as provider:
        task = provider.task(text_offer(row), "task-1")

        async def answers(request: web.Request) -> web.StreamResponse:
            return (
                await current(request) if callable(current) else web.Response(status=current.status, body=current.body)
            )

        for nothing in NONSENSE:
            current = nothing
            answer_all(server, answers)
            with pytest.raises(CheckFailed):
                await provider.check(task)


def answer_all(server: Loopback, handler: Handler) -> None:
    """Let the server answer whatever is asked in this way."""

    class Everything(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return handler

    server.answers = Everything()


async def check_key(row: Row, server: Loopback) -> None:
    """The key is in no error, whatever the other side says."""
    async with made(row, server.url) as provider:
        body = await paid_call(provider, text_offer(row))
        said = f"no such key: {KEY}"
        answer_paid_calls(server, body, (401, dict.fromkeys(("message", "detail", "error", "msg"), said)))
        with pytest.raises(SubmitRefused) as refused:
            await provider.submit(body)
        assert KEY not in str(refused.value) + refused.value.detail


async def check_failing_over(row: Row, server: Loopback, at: Desk) -> None:
    """Another offer takes over after a certain refusal, never where the call may have been bought.

    The desk has a made-up provider `other` beside the one of the row.
    """
    offer = text_offer(row)
    async with made(row, server.url, at.clock) as provider:
        cast(dict[str, Provider], at.work.providers)[row.name] = provider
        body = await paid_call(provider, offer)
        for status, other in ((401, 1), (500, 0)):
            answer_paid_calls(server, body, (status, {}))
            before = len(at.providers["other"].bodies)
            request = TextToVideo(prompt="a fox", tier=offer.tier)
            job = await at.ask_for(request, offers=(offer.id, "other/text/standard"))
            await at.turn()
            at.clock.advance(3_600)
            await at.settle()
            view = await at.view(job)
            assert len(at.providers["other"].bodies) == before + other, (status, view)
            at.clock.advance(3_600)
