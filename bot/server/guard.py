"""Who may see what is not for everybody: this computer itself, or somebody with the access token."""

import hmac
import ipaddress

from aiohttp import web

_FORWARDED = ("x-forwarded-", "forwarded", "x-real-ip", "via", "cf-connecting-ip", "true-client-ip")
"""How the names of headers begin that proxies add."""


def is_local(request: web.Request) -> bool:
    """Whether the request comes from this very computer: no proxy between, and sent to a loopback name.

    The name matters: a page elsewhere may point its name at 127.0.0.1, and then its visitors' browsers are our peers.
    """
    if any(name.lower().startswith(_FORWARDED) for name in request.headers):
        return False
    return _is_loopback(request.remote or "") and _is_loopback(host_of(request.headers.get("Host", "")))


def has_bearer(request: web.Request, token: str) -> bool:
    """Whether the request carries the access token. An empty token lets nobody in."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(_bytes(given.strip()), _bytes(token))


def host_of(authority: str) -> str:
    """The host of `host`, `host:port`, `[::1]` or `[::1]:port`."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
