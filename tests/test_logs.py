"""Log lines: their two forms, the job they belong to, and what must not be in them."""

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from bot import logs
from bot.net import redact

SECRET = "wsk_8c6f7a9e2d414f6f"
NOON = 1_763_640_000.25
"""2025-11-20T12:00:00.250Z, in seconds."""

log = logging.getLogger("bot.jobs.running")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging belongs to the whole process: each test leaves it as it was."""
    root = logging.getLogger()
    named = [
        logging.getLogger(name) for name in ("PIL", "aiohttp.access", "aiohttp.server", "asyncio", "httpcore", "httpx")
    ]
    handlers, levels = root.handlers[:], [(logger, logger.level) for logger in (root, *named)]
    yield
    logging.captureWarnings(capture=False)
    redact.uninstall()
    root.handlers[:] = handlers
    for logger, level in levels:
        logger.setLevel(level)


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOON)
    monkeypatch.setattr("time.time_ns", lambda: round(NOON * 1e9))


def started(style: Literal["text", "json"] = "text", level: str = "info", *secrets: str) -> io.StringIO:
    stream = io.StringIO()
    logs.setup(style, level, secrets, stream)
    return stream


def facts(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(message: str) -> None:
    try:
        raise ValueError(message)
    except ValueError:
        log.exception("its step broke")


@pytest.mark.usefixtures("at_noon")
def test_a_text_line_says_when_how_bad_who_which_job_and_what() -> None:
    stream = started()
    log.info("fetched %d bytes", 7)
    with logs.with_job("abc234"):
        log.warning("late")
    assert stream.getvalue() == (
        "2025-11-20T12:00:00.250Z INFO    bot.jobs.running fetched 7 bytes\n"
        "2025-11-20T12:00:00.250Z WARNING bot.jobs.running [abc234] late\n"
    )


@pytest.mark.usefixtures("at_noon")
def test_a_json_line_says_the_same_by_name() -> None:
    stream = started("json")
    log.info("")
    with logs.with_job("abc234"):
        log.warning("späte %s", "Nachricht")
    plain = {"time": "2025-11-20T12:00:00.250Z", "level": "info", "logger": "bot.jobs.running", "message": ""}
    assert facts(stream) == [
        plain, plain | {"level": "warning", "message": "späte Nachricht", "job": "abc234"},
    ]  # fmt: skip
    assert stream.getvalue().isascii()


def test_a_traceback_is_set_in_below_its_line() -> None:
    stream = started()
    fail("no such thing")
    first, *below = stream.getvalue().splitlines()
    assert first.endswith("ERROR   bot.jobs.running its step broke")
    assert below[0] == "    Traceback (most recent call last):"
    assert below[-1] == "    ValueError: no such thing"
    assert all(line.startswith("    ") for line in below)


def test_a_traceback_is_a_field_in_json() -> None:
    stream = started("json")
    fail("no such thing")
    log.info("here", stack_info=True)
    [broke, here] = facts(stream)
    assert broke["exception"].startswith("Traceback (most recent call last):\n")
    assert broke["exception"].endswith("\nValueError: no such thing")
    assert here["stack"].startswith("Stack (most recent call last):\n")


def test_what_strangers_wrote_can_not_forge_a_line_or_move_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # a test runner's own can't carry half a character
    stream = started()
    log.warning("said: %s", "ok\n2026-01-01T00:00:00.000Z INFO    bot all fine\r\x1b[2J\u2028\u202e\ud800")
    fail("broken\n2026-01-01T00:00:00.000Z INFO    bot all fine\x1b[2J")
    lines = stream.getvalue().split("\n")
    assert lines[0].endswith("said: ok\\n2026-01-01T00:00:00.000Z INFO    bot all fine\\r\\x1b[2J\\u2028\\u202e\\ud800")
    assert lines[-2] == "    2026-01-01T00:00:00.000Z INFO    bot all fine\\x1b[2J"
    assert stream.getvalue().encode()


@pytest.mark.parametrize("style", ["text", "json"])
def test_no_secret_is_written_wherever_it_stands(style: Literal["text", "json"]) -> None:
    stream = started(style, "debug", SECRET)
    log.info("key %s", SECRET)
    log.info(f"key {SECRET}")
    log.debug({"key": SECRET})
    fail(f"401 for {SECRET}")
    logging.getLogger("somebody.else").warning("https://x.example/?token=%s", "another-one")
    assert len(stream.getvalue().splitlines()) >= 5
    assert SECRET not in stream.getvalue()
    assert "another-one" not in stream.getvalue()


def test_handlers_of_others_see_no_secret_either() -> None:
    theirs = io.StringIO()
    handler = logging.StreamHandler(theirs)
    started("text", "info", SECRET)
    logging.getLogger().addHandler(handler)
    fail(SECRET)
    assert "its step broke" in theirs.getvalue()
    assert SECRET not in theirs.getvalue()


def test_lines_below_the_level_are_left_out() -> None:
    stream = started("text", "warning")
    log.info("chat")
    log.warning("look")
    assert [line.rpartition(" ")[2] for line in stream.getvalue().splitlines()] == ["look"]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("httpx", logging.WARNING),
        ("httpcore.http11", logging.WARNING),
        ("aiohttp.access", logging.WARNING),
        ("aiohttp.server", logging.CRITICAL),
        ("asyncio", logging.ERROR),
        ("PIL.PngImagePlugin", logging.WARNING),
    ],
)
def test_libraries_are_heard_only_when_something_is_wrong(name: str, least: int) -> None:
    stream = started("text", "debug")
    logging.getLogger(name).log(least - 10, "chatter")
    assert stream.getvalue() == ""
    logging.getLogger(name).log(least, "trouble")
    assert "trouble" in stream.getvalue()


def test_set_up_again_it_starts_over() -> None:
    before = started("text", "debug", SECRET)
    after = started("json", "info", "another-secret")
    log.debug("chat")
    log.info(f"{SECRET} another-secret")
    assert before.getvalue() == ""
    assert [line["message"] for line in facts(after)] == [f"{SECRET} [hidden]"]


def test_without_a_stream_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup("text", "info")
    log.info("hello")
    written = capsys.readouterr()
    assert (written.out, written.err.endswith(" hello\n")) == ("", True)


def test_warnings_of_libraries_become_lines() -> None:
    stream = started()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will go", stacklevel=1)
    assert "WARNING py.warnings" in stream.getvalue()
    assert "this will go" in stream.getvalue()


async def test_jobs_that_run_side_by_side_are_told_apart() -> None:
    stream = started("json")

    async def work(job_id: str) -> None:
        with logs.with_job(job_id):
            await asyncio.sleep(0)
            await asyncio.create_task(say(job_id))
        log.info("after")

    async def say(job_id: str) -> None:
        log.info(job_id)

    await asyncio.gather(work("one"), work("two"))
    said = [(line["message"], line.get("job")) for line in facts(stream)]
    assert sorted(said, key=str) == [("after", None), ("after", None), ("one", "one"), ("two", "two")]


def test_the_mark_of_a_job_goes_even_when_its_step_breaks() -> None:
    with pytest.raises(ZeroDivisionError), logs.with_job("outer"), logs.with_job("inner"):
        raise ZeroDivisionError
    assert logs.job.get() is None
