import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.server.ranges import NotInside, Span, span_of


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-99", Span(0, 100)),
        ("bytes=10-19", Span(10, 10)),
        ("bytes=90-", Span(90, 10)),
        ("bytes=90-500", Span(90, 10)),
        ("bytes=-5", Span(95, 5)),
        ("bytes=-500", Span(0, 100)),
        (" bytes=1-1 ", Span(1, 1)),
    ],
)
def test_one_range_is_honoured(header: str, span: Span) -> None:
    assert span_of(header, 100) == span


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=0x1-2", "bytes=+1-2"],
)
def test_what_is_no_single_range_asks_for_everything(header: str | None) -> None:
    assert span_of(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999999-"])
def test_a_range_beyond_the_end_is_not_inside(header: str) -> None:
    with pytest.raises(NotInside):
        span_of(header, 100)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "bytes=0-0"])
def test_nothing_is_inside_an_empty_file(header: str) -> None:
    with pytest.raises(NotInside):
        span_of(header, 0)


@given(st.text(max_size=40) | st.from_regex(r"bytes=[0-9]{0,20}-[0-9]{0,20}", fullmatch=True), st.integers(0, 1_000))
def test_a_span_is_always_within_the_file(header: str, size: int) -> None:
    try:
        span = span_of(header, size)
    except NotInside:
        return
    assert span is None or (span.start >= 0 and span.length > 0 and span.start + span.length <= size)
