"""Vidgo's envelope round an answer, and the shapes in which its refusals have been seen."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Faults

_SHAPES: tuple[Callable[[int, str], tuple[int, Any]], ...] = (
    lambda status, words: (status, {"code": status, "msg": words}),
    lambda status, words: (status, {"code": status, "message": words}),
    lambda status, words: (status, {"detail": words}),
    lambda status, words: (200, {"code": status, "msg": words, "data": None}),
)
"""Beside the usual one; the last says it inside a 200."""


def yes(data: Any) -> web.Response:
    """200 with the data."""
    return web.json_response({"code": 200, "data": data})


class Refusals:
    """Words a no: usually as an error object, with the fault `other_shape` in one of the other shapes after another."""

    def __init__(self, faults: Faults, provider: str) -> None:
        self._faults, self._provider = faults, provider

    def no(self, status: int, words: str, call: str = "submit") -> web.Response:
        """A refusal."""
        fault = self._faults.draw(self._provider, call, "shape")
        if fault is None:
            return web.json_response({"code": status, "error": {"message": words}}, status=status)
        status, body = _SHAPES[(fault.hits - 1) % len(_SHAPES)](status, words)
        return web.json_response(body, status=status)
