"""Which addresses the house opens."""

import socket

import pytest

from bot.errors import AddressRefused
from bot.net.addresses import AddressRules, Target, is_private_setting, parse, resolve, why_not
from tests.support.loopback import Names

PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "2606:4700::1111",
]
PUBLIC_INSIDE = ["::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]
REFUSED = [
    "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8", "168.63.129.16",
    "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "", "localhost", "1.1.1", "300.1.1.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC + PUBLIC_INSIDE)
def test_public_addresses_may_be_opened(address: str) -> None:
    assert why_not(address) is None


@pytest.mark.parametrize("address", REFUSED)
def test_every_other_address_may_not(address: str) -> None:
    assert why_not(address) is not None


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://queue.fal.run/a?b#c", Target("https", "queue.fal.run", 443)),
        ("http://example.org", Target("http", "example.org", 80)),
        ("HTTP://EXAMPLE.org:8080/", Target("http", "example.org", 8080)),
        ("http://[2606:4700::1111]:81/", Target("http", "2606:4700::1111", 81)),
        ("https://bücher.example/", Target("https", "xn--bcher-kva.example", 443)),
    ],
)
def test_an_address_is_taken_apart(url: str, target: Target) -> None:
    assert parse(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "/path", "//example.org", "ftp://example.org", "file:///etc/passwd", "gopher://example.org",
        "javascript:alert(1)", "data:image/png;base64,AAAA", "http://", "http:///path", "https://user@example.org",
        "https://user:secret@example.org", "https://:secret@example.org", "http://exa mple.org", "http://example.org:99999",
        "http://example.org\\@127.0.0.1/", "http://exam\nple.org", "http://[::1", "http://" + "a" * 70_000,
    ],
)  # fmt: skip
def test_what_is_no_address_to_open_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000", "http://localhost:9000", "http://sandbox:9000/fal", "http://10.1.2.3", "http://[::1]:9000",
        "http://192.168.1.5:80", "http://[fd00::5]", "https://fal.internal", "http://nas.local", "http://100.64.3.2",
    ],
)  # fmt: skip
def test_a_setting_is_private_by_its_text(url: str) -> None:
    assert is_private_setting(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://queue.fal.run",
        "https://1.1.1.1",
        "http://169.254.169.254",
        "http://100.100.100.200",
        "https://a.example",
    ],
)
def test_other_settings_are_public(url: str) -> None:
    assert not is_private_setting(url)


async def test_a_name_is_refused_if_even_one_of_its_addresses_is_private() -> None:
    rules = AddressRules(resolver=Names(mixed_example=[["1.1.1.1", "10.0.0.1"]]))
    with pytest.raises(AddressRefused) as refused:
        await rules.addresses("mixed.example", 443)
    assert (refused.value.host, refused.value.why) == ("mixed.example", "private")


async def test_a_public_name_gives_all_its_addresses() -> None:
    rules = AddressRules(resolver=Names(two_example=[["1.1.1.1", "2606:4700::1111"]]))
    assert list(await rules.addresses("two.example", 443)) == ["1.1.1.1", "2606:4700::1111"]


async def test_a_private_setting_opens_its_own_host_and_port_only() -> None:
    names = Names(sandbox=[["172.18.0.4"]], other=[["172.18.0.5"]])
    rules = AddressRules(["http://sandbox:9000/fal"], names)
    assert list(await rules.addresses("sandbox", 9000)) == ["172.18.0.4"]
    for host, port in [("sandbox", 9001), ("sandbox", 80), ("other", 9000)]:
        with pytest.raises(AddressRefused):
            await rules.addresses(host, port)


async def test_a_public_setting_opens_no_private_address_whatever_its_name_says() -> None:
    rules = AddressRules(["https://queue.fal.run"], Names(queue_fal_run=[["10.0.0.1"]]))
    with pytest.raises(AddressRefused):
        await rules.addresses("queue.fal.run", 443)


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "224.0.0.1", "0.0.0.0"])
async def test_not_even_a_private_setting_reaches_a_metadata_service(address: str) -> None:
    rules = AddressRules(["http://sandbox:9000"], Names(sandbox=[[address]]))
    with pytest.raises(AddressRefused):
        await rules.addresses("sandbox", 9000)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
async def test_other_spellings_of_loopback_are_seen_through(host: str) -> None:
    with pytest.raises(AddressRefused):
        await AddressRules().addresses(host, 80)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_an_address_stands_for_itself_and_nobody_is_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert await resolve(address, 80) == [address]


async def test_a_name_that_is_none_cannot_be_resolved() -> None:
    with pytest.raises(OSError, match="not a host name"):
        await resolve("a" * 64 + ".example", 80)
    with pytest.raises(OSError, match="no address"):
        await AddressRules(resolver=Names(empty_example=[[]])).addresses("empty.example", 80)
