"""A provider whose answers take as long as a test wants them to."""

from collections.abc import Awaitable, Callable

from bot.providers.base import Body, Order, Task
from tests.support.providers import FakeProvider


async def _nothing() -> None:
    return


class SlowProvider(FakeProvider):
    """Something happens while it prepares, or has the paid call and has not answered yet."""

    def __init__(self) -> None:
        super().__init__()
        self.while_preparing: Callable[[], Awaitable[object]] = _nothing
        self.while_submitting: Callable[[], Awaitable[object]] = _nothing

    async def prepare(self, order: Order) -> Body:
        await self.while_preparing()
        return await super().prepare(order)

    async def submit(self, body: Body) -> Task:
        await self.while_submitting()
        return await super().submit(body)
