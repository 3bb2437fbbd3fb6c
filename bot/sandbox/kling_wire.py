"""Kling's envelope round every answer, and its table of refusals."""

from typing import Any

from aiohttp import web

from bot.clock import Clock

STATUS: dict[int, int] = {
    1000: 401, 1001: 401, 1002: 401, 1003: 401, 1004: 401, 1100: 429, 1101: 429, 1102: 429, 1103: 403, 1200: 400,
    1201: 400, 1202: 404, 1203: 404, 1300: 400, 1301: 400, 1302: 429, 1303: 429, 1304: 429, 5000: 500, 5001: 503,
    5002: 504,
}  # fmt: skip
"""The HTTP status that each code comes with."""


class Refused(Exception):
    """A call that Kling refuses, with a code of its table and words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class Envelope:
    """Makes answers; each has a request id of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def yes(self, data: Any) -> web.Response:
        """200 with the data."""
        return web.json_response({"code": 0, "message": "SUCCEED", "request_id": self._request_id(), "data": data})

    def no(self, code: int, words: str, status: int | None = None) -> web.Response:
        """A refusal; it has no data."""
        body = {"code": code, "message": words, "request_id": self._request_id()}
        return web.json_response(body, status=status or STATUS[code])

    def _request_id(self) -> str:
        return self._clock.randbytes(16).hex()
