"""Keeps secrets out of the logs: those the house was configured with, and whatever looks like one.

Records are cleaned where they are made, by a record factory. A filter on a logger misses records of its children, and
one on every handler misses the handlers added later; the factory sees each record once, whoever writes it out. A
traceback is formatted there and then, because handlers would otherwise format the exception themselves, secrets and
all.
"""

import base64
import json
import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
SHORTEST_SECRET = 8
"""Characters; hiding anything shorter would blot out ordinary words."""

_QUIET = ("httpx", "httpcore")  # they log every URL and, at DEBUG, headers
_QUERY_NAME = r"[\w.-]{0,40}?(?:token|key|secret|signature|sig|passw(?:or)?d|credential|auth)[\w.-]{0,40}"
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(data:[\w.+/-]{0,80}(?:;[\w.=+-]{1,80}){0,4},)[A-Za-z0-9+/=_%-]{24,}"), r"\1…"),
    (
        re.compile(
            r"(?i)(authorization['\"]?\s{0,3}[:=,]\s{0,3}b?['\"]?)(?:[a-z]{1,12}\s+)?(?:\[hidden\]|[^\s'\",;}\])]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/:=-]{8,}"), rf"\1\2{HIDDEN}"),
    (re.compile(r"\b([Kk]ey)(\s+)(?=[A-Za-z_-]*[0-9:])[A-Za-z0-9._~+/:=-]{8,}"), rf"\1\2{HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,500}+\.[\w-]{8,}+\.[\w-]*"), HIDDEN),
    (re.compile(rf"(?i)([?&]{_QUERY_NAME}=)[^&\s'\"<>#]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(://)[^/\s@'\"?#]{1,200}@"), rf"\1{HIDDEN}@"),
)


class Redactor(logging.Filter):
    """Takes secrets out of texts and log records; configured ones are found as they are and in the usual encodings."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        forms = {form for secret in secrets for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(re.escape(form) for form in longest_first)) if forms else None

    def clean(self, text: str) -> str:
        """The text without secrets, and with data URIs cut short."""
        if self._secrets:
            text = self._secrets.sub(HIDDEN, text)
        for pattern, replacement in _SHAPES:
            text = pattern.sub(replacement, text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record in place: message with arguments, traceback, stack. Lets every record through."""
        record.msg, record.args = self.clean(_message(record)), None
        if record.exc_info and record.exc_info[0]:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        if record.stack_info:
            record.stack_info = self.clean(record.stack_info)
        return True


class _RecordFactory:
    """Makes records as before and cleans them."""

    def __init__(self, before: Any, redactor: Redactor) -> None:
        self.before = before
        self._redactor = redactor

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.before(*args, **kwargs)
        self._redactor.filter(record)
        return record


def install(secrets: Iterable[str]) -> None:
    """Clean every log record of this process from now on; called again, the new secrets replace the old ones."""
    uninstall()
    logging.setLogRecordFactory(_RecordFactory(logging.getLogRecordFactory(), Redactor(secrets)))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def uninstall() -> None:
    """Make records as they were made before `install`."""
    factory = logging.getLogRecordFactory()
    if isinstance(factory, _RecordFactory):
        logging.setLogRecordFactory(factory.before)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a log call with the wrong arguments must not break what it reports on
        return f"{record.msg} {record.args!r}"


def _forms(secret: str) -> set[str]:
    """A secret and what URLs, JSON, repr and base64 make of it; the same for each half of an `id:secret` pair."""
    found: set[str] = set()
    for text in (secret, *secret.split(":")):
        if len(text) < SHORTEST_SECRET:
            continue
        raw = text.encode("utf-8", "surrogatepass")
        encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
        found |= {text, quote(raw, safe=""), quote(raw), quote_plus(raw), json.dumps(text)[1:-1], repr(text)[1:-1]}
        found |= encoded | {form.rstrip("=") for form in encoded}
    return found
