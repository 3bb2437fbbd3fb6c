"""HTTP's `Range`: which bytes of a file are wanted (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """`length` bytes from `start`."""

    start: int
    length: int


class NotInside(Exception):
    """The wanted bytes are all beyond the end: 416."""


def span_of(header: str | None, size: int) -> Span | None:
    """The span that a `Range` header asks of a file of `size` bytes; None = all of it.

    Several ranges, other units and malformed ones count as none, as the RFC allows. Raises NotInside.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        return _tail(int(last), size)
    return _from(int(first), int(last) if last else size - 1, size)


def _tail(count: int, size: int) -> Span:
    length = min(count, size)
    if length == 0:
        raise NotInside
    return Span(size - length, length)


def _from(start: int, end: int, size: int) -> Span | None:
    if end < start and start < size:
        return None
    if start >= size:
        raise NotInside
    return Span(start, min(end, size - 1) - start + 1)
