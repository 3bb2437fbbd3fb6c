"""Setting Slack up: the app's manifest, made from the menu of commands, and what `klingbot check` asks."""

import json
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.settings import SlackSettings
from adapters.slack.teams import AWAY, EVENTS, REDIRECT, SCOPES, word
from bot.messaging import Command
from bot.messaging.protocols import Json
from bot.messaging.texts import cut

TOLD = ("app_mention", "message.im", "app_home_opened", "app_uninstalled", "tokens_revoked")
_USAGE = 1_000


def manifest(commands: Sequence[Command], *, url: str = "") -> Json:
    """What the app is. Without a public address it uses Socket Mode."""
    verbs = " | ".join(one.name for one in commands if not one.admin)
    posts = {"request_url": f"{url}{EVENTS}"} if url else {}
    animate = {"type": "message", "name": "Animate with Kling", "callback_id": "animate"}
    make = {"type": "global", "name": "Make a Kling video", "callback_id": "make"}
    home = {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    slash = {
        "command": "/kling", "description": "Kling AI videos from words and pictures", "should_escape": True,
        "usage_hint": cut(f"a red fox runs through snow --ar 16:9   ({verbs})", _USAGE),
        **({"url": posts["request_url"]} if url else {}),
    }  # fmt: skip
    return {
        "display_information": {"name": "Kling", "description": "Kling AI videos, with shared credits"},
        "features": {
            "app_home": home, "bot_user": {"display_name": "Kling", "always_online": True},
            "shortcuts": [one | {"description": "Sets a picture in motion"} for one in (animate, make)],
            "slash_commands": [slash],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}} | ({"redirect_urls": [f"{url}{REDIRECT}"]} if url else {}),
        "settings": {
            "event_subscriptions": posts | {"bot_events": list(TOLD)}, "interactivity": posts | {"is_enabled": True},
            "org_deploy_enabled": True, "socket_mode_enabled": not url, "token_rotation_enabled": False,
        },
    }  # fmt: skip


def link(wanted: Json) -> str:
    """The address that opens Slack's page for a new app, filled in."""
    return "https://api.slack.com/apps?" + urlencode({"new_app": 1, "manifest_json": json.dumps(wanted)})


async def findings(settings: SlackSettings) -> AsyncIterator[tuple[bool, str]]:
    """What `klingbot check` says: whether each token works, and which scopes are missing."""
    for name, secret, method in (
        ("SLACK_BOT_TOKEN", settings.bot_token, "auth.test"),
        ("SLACK_APP_TOKEN", settings.app_token, "apps.connections.open"),
    ):
        if token := secret.get_secret_value():
            try:
                client = AsyncWebClient(token=token, base_url=settings.api_url, retry_handlers=[])
                granted = str((await client.api_call(method)).headers.get("x-oauth-scopes", "")).split(",")
                missing = [one for one in SCOPES if one not in granted and token.startswith("xoxb-")]
                lacks = f"; it lacks {', '.join(missing)}: add them and install the app again" if missing else ""
                yield not missing, f"Slack knows {name}{lacks}"
            except AWAY as error:
                yield False, f"Slack says no to {name}: {word(error)}"
