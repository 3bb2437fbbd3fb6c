"""Log lines: for people or for machines, with the job they belong to, and without secrets.

Secrets are taken out where records are made (`bot.net.redact`), tracebacks included, so no handler can miss them. What
strangers wrote can't forge a line: a record is one line, its traceback is set in below it, and control characters are
written out.
"""

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.net import redact

job: ContextVar[str | None] = ContextVar("job", default=None)
"""The job that is being worked on, for the log lines written meanwhile; set by `with_job`."""

_CHATTER = {
    "PIL": logging.WARNING,
    "aiohttp.access": logging.WARNING,  # paths carry signatures
    "aiohttp.server": logging.CRITICAL,  # tracebacks of what strangers send that isn't HTTP
    "asyncio": logging.ERROR,  # below that: slow callbacks, and which selector is used
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,  # every address at INFO
}


@contextmanager
def with_job(job_id: str) -> Iterator[None]:
    """Mark the log lines of this task, and of tasks it starts, with a job's id."""
    token = job.set(job_id)
    try:
        yield
    finally:
        job.reset(token)


def setup(
    style: Literal["text", "json"], level: str, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Write all log lines from `level` on to one stream (stderr), without the secrets. Called again, it starts over."""
    redact.install(secrets)
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name, least in _CHATTER.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)


class TextLines(logging.Formatter):
    """`2026-11-20T13:04:05.678Z WARNING bot.jobs.running [job] message`, then the traceback, set in."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, with its traceback and stack below."""
        about = f" [{current}]" if (current := job.get()) else ""
        first = f"{_time(record)} {record.levelname:<7} {record.name}{about} {record.getMessage()}"
        below = "\n".join(filter(None, (record.exc_text, record.stack_info))).split("\n")
        return "\n    ".join(map(_one_line, (first, *filter(None, below))))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and where there are any: job, exception, stack."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON in ASCII, so that no encoding can break it."""
        facts = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "job": job.get(),
            "exception": record.exc_text,
            "stack": record.stack_info,
        }
        return json.dumps({name: fact for name, fact in facts.items() if fact or name == "message"})


class _Handler(logging.StreamHandler[TextIO]):
    """The one handler that `setup` made, told by its class from those of others."""


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    """The text with everything that a terminal would not print as it is written out."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
