"""No secret reaches a log, whoever writes it and however it is spelled."""

import base64
import io
import json
import logging
import string
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.net.redact import HIDDEN, Redactor, install, uninstall

SECRET = "6f1c0c9e-aaaa:9d8f7e6d5c4b3a29"
SECRETS = st.text(string.ascii_letters + string.digits + "+/=:-_.&%é'\"\\", min_size=8, max_size=60)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler writes that was added after the secrets were installed."""
    install([SECRET])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("somebody.elses.library")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)
    uninstall()


LOG = logging.getLogger("somebody.elses.library")


def test_a_secret_is_hidden_in_message_and_arguments(written: io.StringIO) -> None:
    LOG.warning("sent %s with %r", SECRET, {"Authorization": f"Key {SECRET}"})
    assert written.getvalue() == f"sent {HIDDEN} with {{'Authorization': '{HIDDEN}'}}\n"
    LOG.warning("only its second half: %s", SECRET.split(":")[1])
    assert written.getvalue().endswith(f"only its second half: {HIDDEN}\n")


def test_a_secret_is_hidden_in_a_traceback_and_a_stack(written: io.StringIO) -> None:
    try:
        raise ValueError(f"bad key {SECRET}") from KeyError(SECRET)
    except ValueError:
        LOG.exception("it broke", stack_info=True)
    assert "ValueError: bad key" in written.getvalue()
    assert "Stack (most recent call last)" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_a_formatter_that_formats_exceptions_itself_finds_none(written: io.StringIO) -> None:
    class Own(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return f"{record.getMessage()} {record.exc_info}"

    LOG.handlers[0].setFormatter(Own())
    try:
        raise ValueError(SECRET)
    except ValueError:
        LOG.exception("it broke")
    assert written.getvalue() == "it broke None\n"


def test_wrong_arguments_of_a_log_call_break_nothing_and_show_nothing(written: io.StringIO) -> None:
    LOG.warning("only %d", SECRET)
    assert written.getvalue().startswith("only %d ")
    assert SECRET not in written.getvalue()


def test_installing_again_replaces_the_secrets_and_uninstalling_ends_it() -> None:
    before = logging.getLogRecordFactory()
    install(["first-secret"])
    install(["other-secret"])
    record = logging.getLogRecordFactory()("x", 30, "f", 1, "first-secret other-secret", (), None)
    assert record.getMessage() == f"first-secret {HIDDEN}"
    uninstall()
    uninstall()
    assert logging.getLogRecordFactory() is before


def test_the_http_library_logs_no_addresses() -> None:
    install([])
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore.connection").isEnabledFor(logging.INFO)
    uninstall()


@given(SECRETS, st.text(max_size=30), st.text(max_size=30))
def test_a_configured_secret_is_hidden_in_every_usual_spelling(secret: str, before: str, after: str) -> None:
    clean = Redactor([secret]).clean
    raw = secret.encode()
    spellings = [
        secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(), json.dumps(secret)[1:-1], repr(secret)[1:-1],
    ]  # fmt: skip
    for spelling in spellings:
        assert spelling not in clean(f"{before} {spelling} {after}")


@given(st.lists(SECRETS, max_size=5), st.text(max_size=200))
def test_no_secret_survives_in_any_text(secrets: list[str], text: str) -> None:
    cleaned = Redactor(secrets).clean(text + "".join(secrets))
    assert not [secret for secret in secrets if secret in cleaned.replace(HIDDEN, " ")]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678", "authorization: Key id123456:verysecret1",
        "{'Authorization': 'Bearer hidethisplease'}",
        "(b'authorization', b'Key hidethis:please')", 'headers={"authorization": "Basic aGlkZXRoaXM="}',
        "Bearer hidethisplease",
        "GET https://x.org/?token=hidethis&a=1", "GET https://x.org/?a=1&X-Amz-Signature=hidethis",
        "wss://x.org/?api_key=hidethis",
        "https://x.org/v.mp4?Expires=1&Key-Pair-Id=hidethis", "https://user:hidethis@x.org/",
        "the Key 12345678:hidethis is wrong",
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJoaWRlIjoidGhpcyJ9.hidethis",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden_unasked(text: str) -> None:
    cleaned = Redactor().clean(text)
    assert HIDDEN in cleaned
    for part in ("hidethis", "verysecret1", "abcdefgh12345678", "aGlkZXRoaXM"):
        assert part not in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "job 01h2xcejqtf2nbrexx3v running", "key performance figures", "GET https://x.org/a?page=2&size=100",
        "a basic idea", "the author said so", "Key frames every 2 s",
        "blob 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)  # fmt: skip
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Redactor(["short"]).clean(text) == text


def test_a_data_uri_is_cut_short() -> None:
    cleaned = Redactor().clean(f"image=data:image/png;base64,{'QUJD' * 1_000} end")
    assert cleaned == "image=data:image/png;base64,… end"


def test_a_long_text_is_cleaned_in_reasonable_time() -> None:
    for piece in (
        "?" + "a" * 50,
        "authorization ",
        "://" + "a" * 300,
        "key ",
        "data:" + "a" * 100,
        "eyJ" + "a" * 50,
        "-eyJaaaaaaaa",
    ):
        assert Redactor([SECRET]).clean(piece * 2_000)
