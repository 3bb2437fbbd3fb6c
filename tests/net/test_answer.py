"""Answers from outside are read without trust."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.net.answer import LONGEST_RETRY_AFTER, Answer, dig, one_line

THURSDAY_NOON = 1_763_640_000_000
"""2025-11-20 12:00 UTC."""


def answer(body: bytes = b"", retry_after: str | None = None) -> Answer:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Answer(status=200, headers=headers, body=body, received_at=THURSDAY_NOON)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"a":', b"\xff\xfe\xfa", b"[" * 100_000, b"1" * 10_000, b'{"a": "\xc3"}'],
)
def test_what_is_no_json_reads_as_nothing(body: bytes) -> None:
    assert answer(body).json() is None


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reading(body: bytes) -> None:
    one = answer(body)
    dig(one.json(), "data", 0, "id")
    assert one.text(50).isprintable()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0), (" 7 ", 7.0), ("0", 0.0), ("1.5", 1.5), ("86400", LONGEST_RETRY_AFTER),
        ("inf", LONGEST_RETRY_AFTER),
        ("Thu, 20 Nov 2025 12:00:30 GMT", 30.0), ("Thu, 20 Nov 2025 11:00:00 GMT", 0.0), ("-1", None), ("nan", None),
        ("soon", None), ("", None),
    ],
)  # fmt: skip
def test_retry_after_is_understood_in_both_forms(header: str, seconds: float | None) -> None:
    assert answer(retry_after=header).retry_after == seconds


def test_no_retry_after_is_none() -> None:
    assert answer().retry_after is None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", 0, "b"), 1),
        (("a", -1, "b"), 1),
        (("a", 1), None),
        (("x",), None),
        (("a", "b"), None),
        ((0,), None),
        ((), ...),
    ],
)
def test_digging_ends_where_the_path_breaks_off(path: tuple[str | int, ...], found: Any) -> None:
    value = {"a": [{"b": 1}]}
    assert dig(value, *path) == (value if found is ... else found)


def test_foreign_words_become_one_bounded_line() -> None:
    assert one_line(" two\nlines\x1b[31m \ud800 ", 100) == "two lines [31m"
    assert one_line("x" * 200, 10) == "xxxxxxxxx…"
