"""The manifest within Slack's limits, and what `klingbot check` finds out."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.slack.manifest import findings, link, manifest
from adapters.slack.settings import SlackSettings
from bot.commands.forms import commands
from bot.messaging import Command
from tests.support.local_slack import LocalSlack
from tests.support.local_slack.world import APP_TOKEN, BOT_TOKEN, Json

MENU = commands({"fal": "fal"})
URL = "https://kling.example.org"


def text(most: int, least: int = 1) -> Any:
    return lambda value: isinstance(value, str) and least <= len(value) <= most


def one_of(*values: object) -> Any:
    return lambda value: value in values


ADDRESS, FLAG = re.compile(r"https://\S+").fullmatch, one_of(True, False)
COMMAND = {
    "command": re.compile(r"/[a-z0-9_-]{1,31}").fullmatch, "description": text(2_000), "usage_hint?": text(1_000),
    "should_escape?": FLAG, "url?": ADDRESS,
}  # fmt: skip
SHORTCUT = {"type": one_of("message", "global"), "name": text(24), "callback_id": text(255), "description": text(150)}
POSTS = {"request_url?": ADDRESS}
SCHEMA = {
    "display_information": {"name": text(35), "description?": text(140)},
    "features": {
        "app_home": {"home_tab_enabled": FLAG, "messages_tab_enabled": FLAG, "messages_tab_read_only_enabled": FLAG},
        "bot_user": {"display_name": text(80), "always_online": FLAG},
        "shortcuts": [SHORTCUT], "slash_commands": [COMMAND],
    },
    "oauth_config": {"scopes": {"bot": [re.compile(r"[a-z_.:]{3,40}").fullmatch]}, "redirect_urls?": [ADDRESS]},
    "settings": {
        "event_subscriptions": {**POSTS, "bot_events": [re.compile(r"[a-z_.]{3,40}").fullmatch]},
        "interactivity": {**POSTS, "is_enabled": FLAG}, "org_deploy_enabled": FLAG, "socket_mode_enabled": FLAG,
        "token_rotation_enabled": FLAG,
    },
}  # fmt: skip


def breaches(value: object, schema: Any, path: str = "") -> list[str]:
    """Where something doesn't follow the schema; a name with a question mark may be absent."""
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            return [path]
        known = {name.rstrip("?") for name in schema}
        wrong = [f"{path}.{name}" for name in value.keys() - known]
        wrong += [f"{path}.{name}" for name in schema if not name.endswith("?") and name not in value]
        inside = {name.rstrip("?"): one for name, one in schema.items()}
        return wrong + [
            bad for name in value.keys() & known for bad in breaches(value[name], inside[name], f"{path}.{name}")
        ]
    if isinstance(schema, list):
        if not isinstance(value, list) or len(value) > 50:
            return [path]
        return [bad for number, one in enumerate(value) for bad in breaches(one, schema[0], f"{path}[{number}]")]
    return [] if schema(value) else [path]


@pytest.mark.parametrize("url", ["", URL])
def test_the_manifest_follows_slacks_schema(url: str) -> None:
    assert breaches(manifest(MENU, url=url), SCHEMA) == []


def test_a_menu_too_long_is_cut() -> None:
    menu = [Command(name=f"command-number-{number}", help="") for number in range(100)]
    assert breaches(manifest(menu), SCHEMA) == []


def test_the_schema_notices() -> None:
    wrong = manifest(MENU)
    wrong["features"]["shortcuts"][0]["name"] = "x" * 25
    wrong["settings"]["socket_mode"] = True
    del wrong["display_information"]["name"]
    assert set(breaches(wrong, SCHEMA)) == {
        ".features.shortcuts[0].name",
        ".settings.socket_mode",
        ".display_information.name",
    }


def test_the_variants_differ_in_their_addresses_alone() -> None:
    socket, http = manifest(MENU), manifest(MENU, url=URL)
    assert (socket["settings"]["socket_mode_enabled"], http["settings"]["socket_mode_enabled"]) == (True, False)
    assert URL not in json.dumps(socket)
    assert json.dumps(http).count(f"{URL}/slack/events") == 3
    assert http["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]
    assert [one["type"] for one in http["features"]["shortcuts"]] == ["message", "global"]


def test_every_command_that_people_have_is_hinted_at() -> None:
    hint = manifest(MENU)["features"]["slash_commands"][0]["usage_hint"]
    assert [one.name for one in MENU if not one.admin and one.name not in hint] == []


def test_the_link_holds_the_manifest() -> None:
    query = parse_qs(urlsplit(link(manifest(MENU))).query)
    assert json.loads(query["manifest_json"][0]) == manifest(MENU)
    assert query["new_app"] == ["1"]


async def found(slack: LocalSlack, **settings: str) -> list[tuple[bool, str]]:
    given: Json = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": slack.api, **settings}
    return [one async for one in findings(SlackSettings.model_validate(given))]


async def test_check_is_content_with_what_the_manifest_asks_for() -> None:
    async with LocalSlack() as slack:
        assert await found(slack) == [
            (True, "Slack knows SLACK_BOT_TOKEN"), (True, "Slack knows SLACK_APP_TOKEN"),
        ]  # fmt: skip


async def test_check_names_missing_scopes_and_wrong_tokens() -> None:
    async with LocalSlack() as slack:
        slack.world.tokens[BOT_TOKEN].scopes = tuple(
            one for one in slack.world.tokens[BOT_TOKEN].scopes if "files" not in one
        )
        assert (await found(slack))[0] == (
            False, "Slack knows SLACK_BOT_TOKEN; it lacks files:read, files:write: add them and install the app again",
        )  # fmt: skip
        assert await found(slack, SLACK_BOT_TOKEN="xoxb-other") == [
            (False, "Slack says no to SLACK_BOT_TOKEN: invalid_auth"),
            (True, "Slack knows SLACK_APP_TOKEN"),
        ]


async def test_check_says_so_when_slack_is_away() -> None:
    said = [
        one
        async for one in findings(
            SlackSettings.model_validate(
                {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": "http://127.0.0.1:1/api/"}
            )
        )
    ]
    assert [ok for ok, _ in said] == [False, False]
