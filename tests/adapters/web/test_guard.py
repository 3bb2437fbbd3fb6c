import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Request

from adapters.web.guard import COOKIE, Guard
from tests.support.clock import FakeClock

TOKEN = "correct-horse-battery"


def request(**headers: str) -> Request:
    return make_mocked_request("POST", "/web/ask", headers={"Host": "bot.example:8080", **headers})


def made(token: str = TOKEN, *, local: bool = False, clock: FakeClock | None = None) -> Guard:
    return Guard(token, lambda request: local, (clock or FakeClock()).now)


@pytest.mark.parametrize("local", [True, False])
def test_without_a_token_this_computer_and_nobody_else_is_let_in(local: bool) -> None:
    assert made("", local=local).lets_in(request()) is local


def test_without_a_token_a_bearer_or_cookie_opens_nothing() -> None:
    assert not made("").lets_in(request(Authorization="Bearer ", Cookie=f"{COOKIE}="))


def test_with_a_token_this_computer_needs_it_too() -> None:
    assert not made(local=True).lets_in(request())


def test_the_token_lets_in() -> None:
    assert made().lets_in(request(Authorization=f"Bearer {TOKEN}"))


def test_the_session_lets_in_and_is_not_the_token() -> None:
    session = made().session(TOKEN)
    assert session is not None
    assert TOKEN not in session
    assert made().lets_in(request(Cookie=f"{COOKIE}={session}"))


def test_a_session_ends_when_the_token_is_changed() -> None:
    session = made("the-token-of-yesterday").session("the-token-of-yesterday")
    assert not made().lets_in(request(Cookie=f"{COOKIE}={session}"))


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}x", "Bearer", f"Basic {TOKEN}", TOKEN, "Bearer ü", ""])
def test_anything_else_does_not(given: str) -> None:
    assert not made().lets_in(request(Authorization=given, Cookie=f"{COOKIE}={TOKEN}"))


def test_many_wrong_tokens_make_even_the_right_one_wait() -> None:
    clock = FakeClock()
    guard = made(clock=clock)
    for number in range(20):
        assert guard.session(f"guess number {number}") is None
    assert guard.session(TOKEN) is None
    clock.advance(61)
    assert guard.session(TOKEN) is not None


def test_without_a_token_there_is_no_session() -> None:
    assert made("").session("") is None


@pytest.mark.parametrize("origin", ["http://bot.example:8080", "https://bot.example:8080"])
def test_our_own_page_may_act(origin: str) -> None:
    assert made().same_origin(request(Origin=origin))


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://[",
        "http://evil.example",
        "http://bot.example",
        "http://bot.example:8080.evil.example",
        "bot.example:8080",
    ],
)
def test_another_page_may_not(origin: str) -> None:
    assert not made().same_origin(request(Origin=origin))


def test_a_request_without_origin_may_act_with_the_token_in_hand_only() -> None:
    assert not made("", local=True).same_origin(request())
    assert not made().same_origin(request(Cookie=f"{COOKIE}={made().session(TOKEN)}"))
    assert made().same_origin(request(Authorization=f"Bearer {TOKEN}"))
