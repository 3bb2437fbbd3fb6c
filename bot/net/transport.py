"""How connections are opened: to an address that the rules have judged, under the name that was asked for.

httpx takes no network backend, so one line puts a pool of our own into its transport. Connections stay pooled by
*name*: rewriting the URL to an IP address instead would let two names on one address share a connection whose
certificate was checked for only one.
"""

import asyncio
import functools
import ssl
from collections.abc import Iterable

import httpcore
import httpx

from bot.net.addresses import AddressRules

_KEEP_ALIVE = 20.0
_MOST_ADDRESSES = 4


class CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport on connections that `rules` allow; without `keep_alive` every request gets one of its own."""

    def __init__(self, rules: AddressRules, *, connections: int, keep_alive: bool) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=connections,
            max_keepalive_connections=connections if keep_alive else 0,
            keepalive_expiry=_KEEP_ALIVE,
            network_backend=_CheckedNetwork(rules),
        )


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, rules: AddressRules) -> None:
        self._rules = rules
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._judged(host, port, timeout)
        share = timeout / len(addresses) if timeout else None
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, share, local_address, socket_options)

    async def _judged(self, host: str, port: int, within: float | None) -> list[str]:
        try:
            async with asyncio.timeout(within):
                return list(await self._rules.addresses(host, port))[:_MOST_ADDRESSES]
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        except OSError as error:
            raise httpcore.ConnectError(f"the name was not resolved: {error}") from None

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
