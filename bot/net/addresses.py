"""Which addresses the house opens: public ones, and the private ones an operator configured, host and port exactly.

Names are resolved once, every address of the answer is judged, and the connection is made to a judged address
(`bot.net.transport`), so a name that answers differently the second time (DNS rebinding) gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import httpx

from bot.errors import AddressRefused

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port in, IP addresses as text out; raises OSError where there are none."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PORTS = {"http": 80, "https": 443}
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".home.arpa")
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, one cloud's metadata among them
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them
        "3fff::/20",  # documentation
    )
)
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "fd00:ec2::254", "fd20:ce::254",
    )
)  # fmt: skip
_INNER_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """Where an address points: scheme, host and port, the port filled in where the address leaves it out."""

    scheme: str
    host: str
    port: int


def parse(url: str) -> Target:
    """Take an address apart. Raises AddressRefused for what no one may ask for."""
    return parsed(url)[1]


def parsed(url: str) -> tuple[httpx.URL, Target]:
    """An address as it will be opened, and where it points. Raises AddressRefused for what no one may ask for."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise AddressRefused("", "not an address") from None
    host = address.raw_host.decode("ascii")
    if address.scheme not in _PORTS:
        raise AddressRefused(host, "not http or https")
    if address.userinfo:
        raise AddressRefused(host, "a user name in it")
    port = _PORTS[address.scheme] if address.port is None else address.port
    if not _HOST.fullmatch(host) or not 0 < port < 65_536:
        raise AddressRefused(host, "no host or port")
    return address, Target(address.scheme, host, port)


def is_private_setting(url: str) -> bool:
    """Whether a configured address means a private machine by its text alone: a private IP, `localhost`, no dots."""
    host = parse(url).host.rstrip(".")
    try:
        return _is_inner(_address(host))
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)


def why_not(address: str) -> str | None:
    """Why nobody from here may open an IP address as a public one; None = it is public."""
    try:
        ip = _address(address)
    except ValueError:
        return "not an address"
    if ip in _METADATA:
        return "metadata service"
    if _is_inner(ip):
        return "private"
    if ip.is_multicast:
        return "multicast"
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_IPV6:
        return "reserved"
    if not ip.is_global or any(ip in network for network in _REFUSED_NETWORKS):
        return "reserved"
    return None


def _address(text: str) -> Address:
    """The address itself, or the IPv4 one that an IPv6 address stands for (mapped, NAT64, 6to4)."""
    ip = ipaddress.ip_address(text)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _is_inner(ip: Address) -> bool:
    """Addresses a private service can have. Link-local ones are not among them: metadata services live there."""
    return ip not in _METADATA and any(ip in network for network in _INNER_NETWORKS)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address the system's resolver knows for a name; an address stands for itself. Raises OSError."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"not a host name: {error}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressRules:
    """Judges host and port of every connection. `bases` are configured addresses; private ones may be opened."""

    def __init__(self, bases: Iterable[str] = (), resolver: Resolver = resolve) -> None:
        targets = [parse(base) for base in bases if is_private_setting(base)]
        self._private = {(target.host, target.port) for target in targets}
        self._resolver = resolver

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses to connect to. Raises AddressRefused if even one is not allowed, OSError if there are none."""
        found = await self._resolver(host, port)
        if not found:
            raise OSError("no address")
        may_be_private = (host, port) in self._private
        for address in found:
            why = why_not(address)
            if why and not (may_be_private and why == "private"):
                raise AddressRefused(host, why)
        return found
