"""The signed token that every call to Kling carries."""

import jwt

from bot.clock import Clock

_LIFE, _RENEWED_BEFORE, _EARLY = 1_800, 300, 5
"""Seconds a token lives, seconds before its end from which a new one is signed, seconds that clocks may differ."""


class Token:
    """Signs tokens with the secret key, which never leaves this process; one serves until shortly before its end."""

    def __init__(self, access_key: str, secret_key: str, clock: Clock) -> None:
        self._access_key, self._secret_key, self._clock = access_key, secret_key, clock
        self._signed_at, self._header = 0, ""

    def header(self) -> str:
        """The value of the Authorization header for a call that goes out now."""
        now = self._clock.now() // 1000
        if not self._header or not 0 <= now - self._signed_at < _LIFE - _RENEWED_BEFORE:
            claims = {"iss": self._access_key, "exp": now + _LIFE, "nbf": now - _EARLY}
            self._header = f"Bearer {jwt.encode(claims, self._secret_key, algorithm='HS256')}"
            self._signed_at = now
        return self._header

    def forget(self) -> None:
        """Sign a new one for the next call."""
        self._header = ""
