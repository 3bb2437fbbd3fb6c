"""AI/ML API's error objects, its trace headers, and its money."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from bot.clock import Clock

CREDITS_A_DOLLAR = 2_000_000


def no(clock: Clock, path: str, status: int, message: str, *, as_text: bool = False) -> web.Response:
    """A refusal; with `as_text` its code is written as text, as one of the documented examples has it."""
    body = {
        "message": message,
        "path": path,
        "requestId": str(UUID(bytes=clock.randbytes(16), version=4)),
        "statusCode": str(status) if as_text else status,
        "timestamp": iso(clock.now()),
    }
    return web.json_response(body, status=status)


def credits_of(microusd: int) -> int:
    """Its credits for micro-dollars."""
    return microusd * CREDITS_A_DOLLAR // 1_000_000


def amount(microusd: int) -> dict[str, Any]:
    """Money as its lists show it."""
    return {"usd": microusd / 1_000_000, "credits": credits_of(microusd)}


def iso(moment: int) -> str:
    """A time in milliseconds as its texts have it."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def moment_of(text: str) -> int:
    """Milliseconds of an ISO time; without an offset it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
