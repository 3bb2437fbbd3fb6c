import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Request

from bot.server.guard import has_bearer, host_of, is_local


def request(headers: dict[str, str], peer: str = "127.0.0.1") -> Request:
    return make_mocked_request("GET", "/metrics", headers=headers).clone(remote=peer)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1", "127.0.0.9:1", "[::1]:8080", "LOCALHOST:80"]
)
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_computer_is_local(host: str, peer: str) -> None:
    assert is_local(request({"Host": host}, peer))


@pytest.mark.parametrize("peer", ["192.168.1.20", "172.17.0.1", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", ""])
def test_another_computer_is_not_local(peer: str) -> None:
    assert not is_local(request({"Host": "localhost"}, peer))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:127.0.0.1", "", "0"],
)
def test_a_name_that_was_pointed_at_loopback_is_not_local(host: str) -> None:
    assert not is_local(request({"Host": host}))


@pytest.mark.parametrize(
    "name", ["Forwarded", "x-forwarded-for", "X-Forwarded-Proto", "X-Real-IP", "Via", "CF-Connecting-IP"]
)
def test_what_came_through_a_proxy_is_not_local(name: str) -> None:
    assert not is_local(request({"Host": "localhost", name: "127.0.0.1"}))


def test_the_token_lets_in() -> None:
    assert has_bearer(request({"Authorization": "Bearer correct horse"}), "correct horse")
    assert has_bearer(request({"Authorization": "bearer  correct horse "}), "correct horse")


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer correct", "Basic correct horse", "correct horse", "Bearer ü"]
)
def test_another_token_does_not(given: str) -> None:
    assert not has_bearer(request({"Authorization": given}), "correct horse")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer "])
def test_no_token_set_means_nobody_has_it(given: str) -> None:
    assert not has_bearer(request({"Authorization": given}), "")


@pytest.mark.parametrize(
    ("authority", "host"), [("a", "a"), ("a:1", "a"), ("[::1]:8", "::1"), ("[::1]", "::1"), (":8", ""), ("", "")]
)
def test_the_host_of_an_authority(authority: str, host: str) -> None:
    assert host_of(authority) == host
