"""Who may see the page: this computer, or, where an access token is set, whoever has it."""

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

COOKIE = "klingbot_page"
COOKIE_SECONDS = 30 * 24 * 60 * 60

_TRIES = 20
_TRIES_MS = 60_000


class Guard:
    """Looks at a request before anybody else does."""

    def __init__(self, token: str, local: Callable[[web.Request], bool], now: Callable[[], int]) -> None:
        self._token = token
        self._local = local
        self._now = now
        self._failures: list[int] = []

    @property
    def asks_for_token(self) -> bool:
        """Whether there is an access token."""
        return bool(self._token)

    def lets_in(self, request: web.Request) -> bool:
        """Whether the request may see anything at all."""
        if not self._token:
            return self._local(request)
        return self._has_bearer(request) or _same(request.cookies.get(COOKIE, ""), self._session())

    def same_origin(self, request: web.Request) -> bool:
        """Whether a request that does something comes from our own page; another one can't name the token itself."""
        if self._token and self._has_bearer(request):
            return True
        return _same(_authority(request.headers.get("Origin", "")), request.host)

    def session(self, given: str) -> str | None:
        """What the cookie is to say for a given token; None for a wrong one, and for any after too many wrong ones."""
        recent = self._now() - _TRIES_MS
        self._failures = [at for at in self._failures if at > recent]
        if len(self._failures) >= _TRIES:
            return None
        if self._token and _same(given, self._token):
            return self._session()
        self._failures.append(self._now())
        return None

    def _session(self) -> str:
        """Not the token itself; void as soon as the token is changed."""
        return hmac.new(self._token.encode(), b"a session of the chat page", hashlib.sha256).hexdigest()

    def _has_bearer(self, request: web.Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and _same(given.strip(), self._token)


def _authority(origin: str) -> str:
    """Host and port of an origin; empty where it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _same(one: str, other: str) -> bool:
    """Whether two texts are equal and not empty, in a time that doesn't tell how much of them is."""
    return bool(other) and hmac.compare_digest(
        one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape")
    )
