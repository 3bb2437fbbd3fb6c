"""Many workspaces: installing, renewing, losing tokens, and organisations."""

import asyncio
import json
import time
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack.teams import SCOPES
from bot.messaging import Card, Place
from bot.messaging.failures import PlaceGone
from tests.support.local_slack.world import ANA, DESIGNERS, GENERAL, LEADS, OTHER_TEAM, TEAM
from tests.support.memory import FakeMemory
from tests.support.slack import HERE, Team, team

ORG = "E0ACME"


async def begun(house: Team) -> tuple[str, str]:
    """The state of an installation that somebody has begun, and their cookie."""
    async with house.client.get("/slack/install", allow_redirects=False) as answer:
        address = urlsplit(answer.headers["Location"])
        query = parse_qs(address.query)
        assert (answer.status, address.path) == (302, "/oauth/v2/authorize")
        assert query["scope"][0].split(",") == list(SCOPES)
        cookie = SimpleCookie(answer.headers["Set-Cookie"])["slack_state"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        return query["state"][0], cookie.value


async def ended(house: Team, code: str, state: str, cookie: str) -> int:
    query: Mapping[str, str] = {"code": code, "state": state}
    headers = {"Cookie": f"slack_state={cookie}"} if cookie else {}
    async with house.client.get("/slack/oauth_redirect", params=query, headers=headers) as answer:
        return answer.status


async def installed(house: Team, workspace: str = TEAM) -> None:
    house.slack.methods.codes["c1"] = workspace
    assert await ended(house, "c1", *await begun(house)) == 200


async def test_installed_from_a_link_the_app_works_in_that_workspace_and_in_no_other() -> None:
    async with team("oauth") as house:
        assert (await house.people.slash("too early")).ok
        await installed(house)
        assert (await house.people.slash("a fox")).ok
        await house.quiet()
        assert [ask.text for ask in house.verbs.asks] == ["a fox"]
        await house.adapter.messenger.post(HERE, Card(title="Hello"), key="k")
        there = Place(platform="slack", workspace=OTHER_TEAM, channel=GENERAL)
        with pytest.raises(PlaceGone, match="not installed"):
            await house.adapter.messenger.post(there, Card(title="Hello"), key="k2")


async def test_tokens_are_not_readable_at_rest() -> None:
    memory = FakeMemory()
    async with team("oauth", memory=memory) as house:
        await installed(house)
        [token] = [one for one in house.slack.world.tokens if one.startswith(f"xoxb-{TEAM}-")]
        assert token not in json.dumps(memory.rows)
        assert any("sealed" in row for row in memory.rows.values())


@pytest.mark.parametrize("wrong", ["state", "cookie", "no cookie", "code"])
async def test_an_installation_that_somebody_else_began_is_refused(wrong: str) -> None:
    async with team("oauth") as house:
        house.slack.methods.codes["c1"] = TEAM
        state, cookie = await begun(house)
        code = "c2" if wrong == "code" else "c1"
        state = "another" if wrong == "state" else state
        cookie = {"cookie": "another", "no cookie": ""}.get(wrong, cookie)
        assert await ended(house, code, state, cookie) == 400
        assert await house.memory.scan("grant:") == []


async def test_a_token_that_ends_soon_is_renewed_once_by_whoever_comes_first() -> None:
    async with team("oauth") as house:
        house.slack.methods.rotating = True
        await installed(house)
        old = await house.adapter._teams.token(TEAM)
        _forward(house, 11 * 3_600)
        tokens = await asyncio.gather(*(house.adapter._teams.token(TEAM) for _ in range(5)))
        assert len(set(tokens)) == 1
        assert tokens[0] != old
        assert len(house.slack.made("oauth.v2.access")) == 2
        await house.adapter.messenger.post(HERE, Card(title="Hello"), key="k")


async def test_a_process_that_comes_second_takes_what_the_first_got() -> None:
    async with team("oauth") as house:
        house.slack.methods.rotating = True
        await installed(house)
        _forward(house, 11 * 3_600)
        async with team("oauth", slack=house.slack, memory=house.memory) as second:
            _forward(second, 0)
            second.adapter._teams.grants._now = house.adapter._teams.grants._now
            first, other = await asyncio.gather(house.adapter._teams.token(TEAM), second.adapter._teams.token(TEAM))
            assert await house.adapter._teams.token(TEAM) == await second.adapter._teams.token(TEAM)
            assert {first, other} <= set(house.slack.world.tokens)
            await second.adapter.messenger.post(HERE, Card(title="Hello"), key="k")


async def test_a_token_still_good_is_used_while_slack_cant_renew_it() -> None:
    from tests.support.local_slack.server import Fault

    async with team("oauth") as house:
        house.slack.methods.rotating = True
        await installed(house)
        old = await house.adapter._teams.token(TEAM)
        _forward(house, 11 * 3_600)
        house.slack.faults.append(Fault("oauth.v2.access", 500))
        assert await house.adapter._teams.token(TEAM) == old


def _forward(house: Team, seconds: float) -> None:
    house.slack.world.skew += seconds
    skew = house.slack.world.skew
    house.adapter._teams.grants._now = lambda: time.time() + skew


async def test_a_revoked_token_is_a_place_that_is_gone() -> None:
    async with team("oauth") as house:
        await installed(house)
        house.slack.world.tokens[await house.adapter._teams.token(TEAM)].revoked = True
        with pytest.raises(PlaceGone, match="token_revoked"):
            await house.adapter.messenger.post(HERE, Card(title="Hello"), key="k")


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0KLING"]}}]
)
async def test_taken_off_a_workspace_its_token_is_forgotten(event: dict[str, object]) -> None:
    async with team("oauth") as house:
        await installed(house)
        assert (await house.people.event(event)).ok
        await house.quiet()
        with pytest.raises(PlaceGone, match="not installed"):
            await house.adapter._teams.token(TEAM)
        await installed(house)
        assert await house.adapter._teams.token(TEAM)


async def test_revoked_tokens_of_people_and_news_from_before_the_installation_change_nothing() -> None:
    async with team("oauth") as house:
        await installed(house)
        await house.people.event({"type": "tokens_revoked", "tokens": {"oauth": [ANA], "bot": []}})
        house.slack.world.skew -= 100
        await house.people.event({"type": "app_uninstalled"})
        await house.quiet()
        assert await house.adapter._teams.token(TEAM)


async def test_installed_for_a_whole_organisation_it_works_in_each_of_its_workspaces() -> None:
    async with team("oauth") as house:
        await installed(house, ORG)
        house.people.enterprise = ORG
        await house.people.slash("a fox")
        house.people.team = ""
        await house.people.mention("a hen")
        await house.quiet()
        assert [ask.actor.workspace for ask in house.verbs.asks] == [TEAM, ORG]
        house.slack.world.tokens[await house.adapter._teams.token(ORG)].team = TEAM
        await house.adapter.messenger.post(HERE, Card(title="Hello"), key="k")
        assert len(house.said()) == 1


async def test_a_stranger_s_organisation_takes_no_workspace_over() -> None:
    """In a shared channel a form that somebody else's people send tells of their organisation."""
    async with team("oauth") as house:
        await installed(house, ORG)
        house.people.enterprise = ORG
        await house.people.slash("a fox")
        house.people.enterprise = "E0STRANGE"
        await house.people.slash("a hen")
        await house.quiet()
        assert [ask.actor.workspace for ask in house.verbs.asks] == [TEAM, TEAM]
        assert await house.adapter._teams.token(TEAM) == await house.adapter._teams.token(ORG)


async def test_an_organisation_s_token_is_asked_for_the_user_groups_of_one_workspace() -> None:
    async with team("oauth") as house:
        await installed(house, ORG)
        await house.adapter._teams.belongs(TEAM, ORG)
        found = await house.adapter.messenger.groups(TEAM)
        assert [one.value for one in found] == [DESIGNERS, LEADS]
        [call] = [one for one in house.slack.calls if one.method == "usergroups.list"]
        assert call.args["team_id"] == TEAM
