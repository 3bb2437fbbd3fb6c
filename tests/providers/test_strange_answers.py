"""Whatever a provider answers becomes a value of the right shape or a typed error, never anything else."""

import asyncio
import copy
import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import CheckFailed, ProviderError, SubmitRefused, SubmitUncertain
from bot.kling.requests import Extend, TextToVideo
from bot.net.answer import Answer
from bot.providers.base import Body, Lost, Provider, Task, TaskStatus
from bot.providers.enhancer import Enhanced, Enhancer
from bot.providers.registry import OFFERS, PROVIDERS
from bot.providers.wire import WORDS
from tests.support.answers import GOOD, VIDEO, ScriptedDoor, answer
from tests.support.clock import START, FakeClock
from tests.support.orders import KEY, order, simplest

PAID = Body(path="model", json={"prompt": "a fox"})
NO_SALE = (400, 401, 402, 403, 404, 413, 422, 429)
ATTEMPT = "01jd0000000000000000"
BIG = 10**15
"""Micro-dollars; no account has that much."""

EVERY = pytest.mark.parametrize("name", PROVIDERS)
GONE = "gone"
CALLS = [(name, call) for name, calls in GOOD.items() for call in calls]


def made(name: str) -> tuple[Provider, ScriptedDoor]:
    row, door = PROVIDERS[name], ScriptedDoor(FakeClock())
    keys = {
        str(field.alias): KEY for field_name, field in row.settings.model_fields.items() if field_name.endswith("key")
    }
    return row.make(row.settings.model_validate(keys), door), door


def ask(provider: Provider, call: str) -> Coroutine[Any, Any, Any]:
    """One of a provider's calls, for words alone where it is about an order."""
    offer = OFFERS[f"{provider.name}/text/standard"]
    task = provider.task(offer, "task-1")
    lost = Lost(
        attempt=ATTEMPT, offer=offer, request=TextToVideo(prompt="a fox"), body={"prompt": "a fox"}, submitted_at=START
    )
    calls: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "submit": lambda: provider.submit(PAID),
        "check": lambda: provider.check(task),
        "cancel": lambda: provider.cancel(task),
        "find": lambda: provider.find(lost),
        "listed": lambda: provider.find(lost),
        "balance": provider.balance,
        "models": provider.models,
        "ping": provider.ping,
        "prices": lambda: provider.prices(provider.offers),
        "prepare": lambda: prepared(provider),
        "enhanced": lambda: enhanced(provider, task),
    }
    return calls[call]()


async def prepared(provider: Provider) -> Body:
    """The body with a picture that has to be uploaded; for Kling, of an extension of a video that it made."""
    if provider.name == "kling":
        return await provider.prepare(order("kling/extend/standard", Extend(job="01jd000000000000000a")))
    offer = f"{provider.name}/image/standard"
    return await provider.prepare(order(offer, simplest("image", "standard"), size=200_000))


async def enhanced(provider: Provider, task: Task) -> Enhanced:
    assert isinstance(provider, Enhancer)
    return await provider.check_enhancement(task)


# What a good answer gives: without this the samples below could be anything.


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_the_documented_answers_are_understood(name: str, call: str) -> None:
    provider, door = made(name)
    statuses = {("kling", "listed"): [404]}.get((name, call), [])
    door.answers = [
        answer(said, status) for said, status in zip(GOOD[name][call], [*statuses, *[200] * 9], strict=False)
    ]
    found = asyncio.run(ask(provider, call))
    if call == "check":
        assert (found.state, found.video_url) == ("done", VIDEO)
    elif call in ("find", "listed"):
        assert len(found) == 1
    elif call == "cancel":
        assert found == "confirmed"
    else:
        assert found
    assert_sound(call, found)


# The same answers with pieces replaced or taken away, and answers that are nothing but noise.

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 10**4_000, 1e308, float("inf"), float("nan"), "", "\ud800", "x\0\n", "x" * 5_000,
    "1e999999999", [], {}, [[]], [None], {"url": 1}, "http://127.0.0.1:9/x", "http://[", "https://a\ud800.example/",
    "https://a.example/\ud800", "completed", "failed", "COMPLETED", "succeed", "finished", "success", "error",
    "999999999", "deleted", "IN_QUEUE", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
)  # fmt: skip
"""What nobody expects in the place of something else."""

ODD = st.sampled_from(STRANGE)
JSON = st.recursive(
    ODD | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
STATUSES = st.just(200) | st.sampled_from((201, 204, 299, 301, 307, *NO_SALE, 408, 409, 418, 499, 500, 502, 503, 599))
BYTES = st.sampled_from((b"", b"<html>ok</html>", b'{"id": "a', b"\xff\xfe", b"[" * 10_000, b'"\\ud800"', b"9" * 5_000))
HEADERS = st.dictionaries(
    st.sampled_from(("retry-after", "x-inference-id", "x-fal-error-type", "x-fal-needs-retry", "x-fal-billable-units")),
    st.sampled_from(("", "-1", "nan", "inf", "1e9", "Thu, 99 Foo", "yes", "x" * 999, "\xff\x00", "client_cancelled")),
    max_size=2,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside a JSON value, itself included."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def put(value: Any, path: tuple[Any, ...], other: Any, *, gone: bool) -> Any:
    """The value with what stands at the path replaced, or gone."""
    if not path:
        return other
    changed = copy.copy(value)
    if gone and len(path) == 1:
        del changed[path[0]]
    else:
        changed[path[0]] = put(value[path[0]], path[1:], other, gone=gone)
    return changed


@st.composite
def spoilt(draw: st.DrawFn, good: Any) -> Answer:
    """A good answer with up to three things wrong in it; or, now and then, nothing like it."""
    said = draw(BYTES | JSON) if draw(st.integers(0, 9)) == 0 else good
    for _ in range(draw(st.integers(0, 3))):
        if not isinstance(said, bytes):
            path = draw(st.sampled_from(list(places(said))))
            said = put(said, path, draw(JSON), gone=draw(st.booleans()))
    return answer(said, draw(STATUSES), **draw(HEADERS))


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_one_strange_thing_anywhere_in_a_good_answer(name: str, call: str) -> None:
    """Everything in turn, so that no chance is needed to find it."""
    with asyncio.Runner() as runner:
        for number, good in enumerate(GOOD[name][call]):
            for path in places(good):
                for other in (*STRANGE, GONE):
                    answers = [answer(said) for said in GOOD[name][call]]
                    answers[number] = answer(put(good, path, other, gone=other is GONE and bool(path)))
                    outcome(runner, name, call, answers)


def outcome(runner: asyncio.Runner, name: str, call: str, answers: list[Answer]) -> None:
    provider, door = made(name)
    door.answers, first = answers, answers[0]
    try:
        found = runner.run(ask(provider, call))
    except ProviderError as error:
        assert_fit(error, call, first)
    else:
        assert_sound(call, found)
    assert call != "submit" or len(door.asked) == 1, "the paid call goes out once"


@EVERY
@given(data=st.data())
def test_strange_answers_end_in_a_typed_error_or_a_sound_value(name: str, data: st.DataObject) -> None:
    call = data.draw(st.sampled_from(sorted(GOOD[name])))
    with asyncio.Runner() as runner:
        outcome(runner, name, call, [data.draw(spoilt(good)) for good in GOOD[name][call]])


@EVERY
@given(word=st.text(max_size=12) | ODD)
def test_a_status_word_that_nobody_knows_is_no_ending(name: str, word: Any) -> None:
    known = {"IN_QUEUE", "IN_PROGRESS", "COMPLETED", "created", "queued", "dispatched", "processing", "completed"}
    known |= {"success", "failed", "cancelled", "timeout", "deleted", "generating", "error", "not_started", "running"}
    known |= {"finished", "submitted", "succeed"}
    if isinstance(word, str) and word in known:
        return
    provider, door = made(name)
    status = {"vidgo": ("data", "status"), "wavespeed": ("data", "status"), "kling": ("data", "task_status")}
    good = GOOD[name]["check"][0]
    door.answers = [answer(put(good, status.get(name, ("status",)), word, gone=False))]
    with pytest.raises(CheckFailed):
        asyncio.run(ask(provider, "check"))


def assert_fit(error: ProviderError, call: str, first: Answer) -> None:
    """An error of the kind that the call may end in, with words fit for a row and a card."""
    allowed = {"submit": (SubmitRefused, SubmitUncertain), "prepare": (SubmitRefused, CheckFailed)}
    assert isinstance(error, allowed.get(call, (CheckFailed,)))
    assert len(error.detail) <= WORDS
    assert error.detail.isprintable()
    assert error.retry_after is None or 0 <= error.retry_after <= 3_600
    if call == "submit":
        assert isinstance(error, SubmitRefused) == (first.status in NO_SALE), "only these say that nothing was bought"


def assert_sound(call: str, found: Any) -> None:
    """A value that can be stored, shown and gone on with."""
    checks: Mapping[str, Callable[[Any], object]] = {
        "submit": sound_task, "check": sound_status, "enhanced": storable, "prepare": sound_body,
        "find": sound_tasks, "listed": sound_tasks, "balance": sound_balance, "models": storable,
        "prices": sound_prices,
        "cancel": lambda word: word in ("confirmed", "too_late", "unknown") or pytest.fail(str(word)),
        "ping": lambda word: word is True or pytest.fail(str(word)),
    }  # fmt: skip
    checks[call](found)


def storable(value: Any) -> None:
    plain = asdict(value) if hasattr(value, "__dataclass_fields__") else sorted(value)
    json.dumps(plain, ensure_ascii=False, allow_nan=False).encode()


def sound_task(task: Task) -> None:
    storable(task)
    assert task.id.strip()
    assert task.id.isascii()
    assert task.id.isprintable()
    assert len(task.id) <= WORDS


def sound_tasks(tasks: Any) -> None:
    for task in tasks:
        sound_task(task)


def sound_status(status: TaskStatus) -> None:
    storable(status)
    assert status.state in ("queued", "running", "done", "failed", "cancelled")
    assert (status.state == "done") == (status.video_url is not None)
    assert (status.state in ("failed", "cancelled")) == (status.error is not None)
    assert status.video_url is None or status.video_url.startswith(("http://", "https://"))
    assert status.progress is None or 0 <= status.progress <= 1
    assert status.queue_position is None or 0 <= status.queue_position < 10**9
    assert status.cost is None or 0 <= status.cost <= 1_000_000_000
    assert status.error is None or len(status.error.detail) <= WORDS
    assert all(len(line) <= 2 * WORDS for line in status.logs)


def sound_body(body: Body) -> None:
    storable(Task(id="x", extra={"body": body.shown}))


def sound_balance(microusd: int | None) -> None:
    assert microusd is None or -BIG <= microusd <= BIG


def sound_prices(prices: Mapping[str, Mapping[int, int]]) -> None:
    for name, of in prices.items():
        assert set(of) == set(OFFERS[name].durations)
        assert all(0 < amount < 1_000_000_000 * 10 for amount in of.values())
