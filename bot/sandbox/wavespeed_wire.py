"""WaveSpeed's envelope round every answer."""

from typing import Any

from aiohttp import web


def yes(data: Any) -> web.Response:
    """200 with the data."""
    return web.json_response({"code": 200, "message": "success", "data": data})


def no(status: int, message: str) -> web.Response:
    """A refusal; its code is the HTTP status."""
    return web.json_response({"code": status, "message": message}, status=status)
