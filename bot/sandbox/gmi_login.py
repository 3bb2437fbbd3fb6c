"""GMI Cloud's sign-in, which its SDK uses in the place of a key: e-mail and password become a session with two JWTs.

Any e-mail and password will do, but a password that begins with `bad`. Tokens are signed with a secret of this run, so
that after a restart of the sandbox everybody signs in anew.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from bot.clock import Clock
from bot.sandbox.dialect import Route, json_object

_SESSION_SECONDS = 3_600
_REFRESH_SECONDS = 30 * 24 * 3_600


class GmiLogin:
    """`/me/...` below the root of the API; errors stand under `message` here."""

    def __init__(self, clock: Clock, root: str) -> None:
        self._clock, self._root = clock, root
        self._secret = clock.randbytes(32)

    def routes(self) -> Iterable[Route]:
        """Sign in, open and renew a session, the profile."""
        return (
            Route("POST", f"{self._root}/me/auth-tokens", "account", self._sign_in, open=True),
            Route("POST", f"{self._root}/me/sessions", "account", self._open_session, open=True),
            Route("PATCH", f"{self._root}/me/sessions", "account", self._renew, open=True),
            Route("GET", f"{self._root}/me/profile", "account", self._profile),
        )

    def knows(self, token: str) -> bool:
        """Whether a token opens a session now."""
        return self._read(token).get("kind") == "access"

    async def _sign_in(self, request: web.Request) -> web.Response:
        body = await json_object(request) or {}
        email, password = body.get("email"), body.get("password")
        if not isinstance(email, str) or not isinstance(password, str) or not email or password[:3] in ("", "bad"):
            return _no(401, "invalid email or password")
        return web.json_response({"authToken": self._token("auth", 300), "is2FARequired": False})

    async def _open_session(self, request: web.Request) -> web.Response:
        body = await json_object(request) or {}
        if body.get("type") != "native" or self._read(body.get("authToken")).get("kind") != "auth":
            return _no(401, "invalid auth token")
        return self._session()

    async def _renew(self, request: web.Request) -> web.Response:
        body = await json_object(request) or {}
        if self._read(body.get("refreshToken")).get("kind") != "refresh":
            return _no(401, "invalid refresh token")
        return self._session()

    def _session(self) -> web.Response:
        tokens = {
            "accessToken": self._token("access", _SESSION_SECONDS),
            "refreshToken": self._token("refresh", _REFRESH_SECONDS),
        }
        return web.json_response(tokens, status=201)

    async def _profile(self, request: web.Request) -> web.Response:
        user = {"id": "sandbox-user", "email": "you@example.org", "firstName": "Sandbox", "lastName": "User"}
        return web.json_response({"user": user, "organization": {"id": "sandbox-org", "role": "owner"}})

    def _token(self, kind: str, seconds: int) -> str:
        claims = {"userId": "sandbox-user", "kind": kind, "exp": self._clock.now() // 1000 + seconds}
        head = f"{_packed({'alg': 'HS256', 'typ': 'JWT'})}.{_packed(claims)}"
        return f"{head}.{self._signature(head)}"

    def _signature(self, head: str) -> str:
        return _base64(hmac.digest(self._secret, head.encode(), hashlib.sha256))

    def _read(self, token: Any) -> dict[str, Any]:
        """The claims of a token of ours that is still good; empty for anything else."""
        head, _, signature = token.rpartition(".") if isinstance(token, str) else ("", "", "")
        if not head or not hmac.compare_digest(signature.encode(), self._signature(head).encode()):
            return {}
        part = head.partition(".")[2]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return claims if claims["exp"] > self._clock.now() // 1000 else {}


def _packed(part: dict[str, Any]) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _no(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
