"""What the transport relies on in httpx."""

import httpx

from bot.net.addresses import AddressRules
from bot.net.transport import CheckedTransport


async def test_httpx_still_keeps_its_connections_where_ours_are_put() -> None:
    async with (
        httpx.AsyncHTTPTransport() as plain,
        CheckedTransport(AddressRules(), connections=3, keep_alive=True) as checked,
    ):
        assert type(vars(plain)["_pool"]) is type(vars(checked)["_pool"])
