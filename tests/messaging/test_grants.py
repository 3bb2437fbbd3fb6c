import asyncio

import pytest

from bot.messaging.grants import Grant, Grants
from tests.support.memory import FakeMemory


class Issuer:
    """Hands out numbered grants of twelve hours; each refresh token works once."""

    def __init__(self) -> None:
        self.number, self.now, self.away = 0, 1_000_000.0, False

    async def renew(self, refresh: str) -> Grant:
        if self.away or refresh != f"r{self.number}":
            raise RuntimeError("invalid_refresh_token")
        self.number += 1
        grant = self.grant()
        await asyncio.sleep(0)
        return grant

    def grant(self) -> Grant:
        return Grant(token=f"t{self.number}", refresh=f"r{self.number}", seconds=43_200)

    def grants(self, memory: FakeMemory, secret: str = "secret") -> Grants:
        return Grants(memory, secret, self.renew, lambda: self.now)


async def test_a_grant_that_never_ends_is_kept_as_it_is() -> None:
    issuer = Issuer()
    grants = issuer.grants(FakeMemory())
    await grants.keep("T1", Grant(token="t"))
    issuer.now += 10**9
    assert (await grants.token("T1"), await grants.token("T2")) == ("t", None)


async def test_two_processes_at_once_end_up_with_the_same_token() -> None:
    issuer, memory = Issuer(), FakeMemory()
    one, other = issuer.grants(memory), issuer.grants(memory)
    await one.keep("T1", issuer.grant())
    issuer.now += 42_000
    await asyncio.gather(*(grants.token("T1") for grants in (one, other, one, other)))
    assert (await one.token("T1"), await other.token("T1"), issuer.number) == ("t1", "t1", 1)


async def test_what_cant_be_renewed_is_used_to_its_end_and_not_longer() -> None:
    issuer = Issuer()
    grants = issuer.grants(FakeMemory())
    await grants.keep("T1", issuer.grant())
    issuer.away, issuer.now = True, issuer.now + 43_000
    assert await grants.token("T1") == "t0"
    issuer.now += 300
    with pytest.raises(RuntimeError):
        await grants.token("T1")


async def test_sealed_with_another_secret_there_is_none() -> None:
    issuer, memory = Issuer(), FakeMemory()
    await issuer.grants(memory).keep("T1", issuer.grant())
    assert "t0" not in str(memory.rows)
    assert await issuer.grants(memory, "another").token("T1") is None


async def test_a_farewell_from_before_the_grant_is_none() -> None:
    issuer = Issuer()
    grants = issuer.grants(FakeMemory())
    await grants.keep("T1", issuer.grant())
    await grants.forget("T1", issuer.now - 10)
    assert await grants.token("T1") == "t0"
    await grants.forget("T1", issuer.now)
    assert await grants.token("T1") is None
