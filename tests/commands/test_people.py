"""Whoever is seen for the first time gets a row of ours, with the operator's policy."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.people import who_is
from bot.messaging import Actor
from tests.support.front import Front, front

BEN = Actor(platform="fake", workspace="team", user="ben", name="Ben")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


async def test_the_same_person_is_the_same_person_next_time(house: Front) -> None:
    first = await who_is(house.house, BEN)
    assert await who_is(house.house, BEN) == first
    assert (first.person, first.workspace) == (house.desk.person, house.desk.workspace)


async def test_somebody_new_who_says_many_things_at_once_is_one_person(house: Front) -> None:
    new = Actor(platform="fake", workspace="new", user="dora", name="Dora")
    found = await asyncio.gather(*(who_is(house.house, new) for _ in range(10)))
    assert len(set(found)) == 1
    assert len(await house.rows("SELECT id FROM workspace")) == 2


async def test_the_same_id_elsewhere_is_somebody_else(house: Front) -> None:
    here = await who_is(house.house, BEN)
    other_team = await who_is(house.house, replace(BEN, workspace="other"))
    other_chat = await who_is(house.house, replace(BEN, platform="second"))
    assert len({here.person, other_team.person, other_chat.person}) == 3
    assert len({here.workspace, other_team.workspace, other_chat.workspace}) == 3


@pytest.mark.parametrize(
    ("platform", "workspace", "refill"), [("fake", "team-2", 10_000), ("fake", "x", 0), ("y", "team-2", 0)]
)
async def test_only_an_admitted_workspace_starts_with_credits(
    house: Front, platform: str, workspace: str, refill: int
) -> None:
    policy = replace(house.house.policy, admitted=frozenset(("fake:team-2",)))
    who = await who_is(replace(house.house, policy=policy), Actor(platform=platform, workspace=workspace, user="u"))
    room = await house.house.headroom(who.spender())
    assert (room.pool_left, [one.limit.credits for one in room.limits]) == (refill, [1_500])


async def test_a_name_follows_its_person_and_is_the_id_where_there_is_none(house: Front) -> None:
    who = await who_is(house.house, replace(BEN, name="Benjamin"))
    nameless = await who_is(house.house, replace(BEN, user="u-7", name=""))
    names = {row["id"]: row["name"] for row in await house.rows("SELECT id, name FROM person")}
    assert (names[who.person], names[nameless.person]) == ("Benjamin", "u-7")


async def test_a_quick_look_from_a_workspace_gives_it_nothing(house: Front) -> None:
    for _ in range(3):
        await who_is(house.house, replace(BEN, workspace="strangers"))
    assert await house.rows("SELECT * FROM entry") == []
