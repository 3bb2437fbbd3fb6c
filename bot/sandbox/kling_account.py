"""Kling's list of the account's resource packs."""

from aiohttp import web

from bot.sandbox.kling_inputs import UNIT_MICROUSD
from bot.sandbox.kling_wire import Envelope
from bot.sandbox.shop import Shop

_UNITS = 1_000.0
"""What the account's one pack began with."""

_YEAR_MS = 365 * 86_400_000


class KlingAccount:
    """`/account/costs`, once a second at most."""

    def __init__(self, shop: Shop, provider: str, envelope: Envelope) -> None:
        self._shop, self._provider, self._envelope = shop, provider, envelope
        self._asked_at: int | None = None

    async def costs(self, request: web.Request) -> web.Response:
        """The packs, with what is left of them."""
        now = self._shop.clock.now()
        if self._asked_at is not None and now - self._asked_at < 1_000:
            return self._envelope.no(1302, "request too frequent")
        self._asked_at = now
        times = [request.query.get(name, "") for name in ("start_time", "end_time")]
        if not all(time.isdecimal() for time in times):
            return self._envelope.no(1200, "start_time and end_time are required, in milliseconds")
        self._shop.advance(self._provider)
        spent = sum(task.price for task in self._shop.book.tasks(self._provider) if task.state == "done")
        pack = {
            "resource_pack_name": "Video Generation - 1000 units", "resource_pack_id": "509f3fd3d4f4a3fe6b3f0b4a7",
            "resource_pack_type": "decreasing_total", "total_quantity": _UNITS,
            "remaining_quantity": _UNITS - spent / UNIT_MICROUSD, "purchase_time": now - _YEAR_MS // 12,
            "effective_time": now - _YEAR_MS // 12, "invalid_time": now + _YEAR_MS, "status": "online",
        }  # fmt: skip
        return self._envelope.yes({"code": 0, "msg": "success", "resource_pack_subscribe_infos": [pack]})
