"""What came back from outside: status, headers and bytes, read without trust."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_RETRY_AFTER = 3_600.0
"""Seconds; whoever asks for more patience than this gets asked again anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One whole answer. Header names are lower case; `received_at` in ms UTC."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: int

    @property
    def ok(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, or None where it isn't any."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def text(self, limit: int = 300) -> str:
        """The beginning of the body as one line of printable text."""
        return one_line(self.body[: 4 * limit].decode("utf-8", "replace"), limit)

    @property
    def retry_after(self) -> float | None:
        """Seconds the other side asks to wait (Retry-After, a number or a date), at most an hour; None if unsaid."""
        value = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(value)
        except ValueError:
            seconds = self._seconds_until(value)
        return min(seconds, LONGEST_RETRY_AFTER) if seconds >= 0 else None

    def _seconds_until(self, date: str) -> float:
        try:
            return max(0.0, parsedate_to_datetime(date).timestamp() - self.received_at / 1000)
        except (ValueError, TypeError, OverflowError):
            return math.nan


def one_line(text: str, limit: int) -> str:
    """Foreign words made fit for a row or a log: one line, printable, at most `limit` characters."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def dig(value: Any, *path: str | int) -> Any:
    """What stands at a path of keys and positions in foreign JSON, or None where the path breaks off."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value
