"""What can be set of Slack, declared beside it; `bot.settings` composes it."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.messaging.patterns import like

SLACK = "https://slack.com/api/"
REFUSED: Mapping[str, str] = {
    "token": "Slack doesn't know SLACK_APP_TOKEN. It is in the section App-Level Tokens, and needs connections:write.",
}

_KINDS = {
    "xoxb-": "a bot token (SLACK_BOT_TOKEN)", "xapp-": "an app token (SLACK_APP_TOKEN)",
    "xoxp-": "a user's token, which isn't needed", "xoxe": "a token that rotates (use SLACK_CLIENT_ID)",
}  # fmt: skip
_NONE = SecretStr("")
_Bot = Annotated[SecretStr, like(r"xoxb-\S+", "begins with xoxb- (page OAuth & Permissions)", _KINDS)]
_App = Annotated[SecretStr, like(r"xapp-\S+", "begins with xapp- (section App-Level Tokens)", _KINDS)]
_Api = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
_Hex = Annotated[
    SecretStr, like(r"[0-9a-f]{20,64}", "is a row of hexadecimal digits (section App Credentials)", _KINDS)
]


class SlackSettings(BaseModel):
    """Slack: a bot token with an app token (Socket Mode) or a signing secret (HTTP), or OAuth for many workspaces."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    bot_token: _Bot = Field(_NONE, alias="SLACK_BOT_TOKEN", description="The bot's token (xoxb-…); switches Slack on.")
    app_token: _App = Field(_NONE, alias="SLACK_APP_TOKEN", description="The app's token (xapp-…), for Socket Mode.")
    signing_secret: _Hex = Field(_NONE, alias="SLACK_SIGNING_SECRET", description="For posts to /slack/events instead.")
    client_id: str = Field("", alias="SLACK_CLIENT_ID", description="For installs in many workspaces: /slack/install.")
    client_secret: _Hex = Field(_NONE, alias="SLACK_CLIENT_SECRET", description="The client secret that goes with it.")
    api_url: _Api = Field(
        SLACK, alias="SLACK_API_URL", description="The address of Slack's API, for proxies and tests."
    )

    @property
    def on(self) -> bool:
        """Slack is used when it has a token, or can be installed."""
        return bool(self.bot_token.get_secret_value() or self.client_id)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.on and not (self.app_token.get_secret_value() or self.signing_secret.get_secret_value()):
            raise ValueError("Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) as well")
        if bool(self.client_id) != bool(self.client_secret.get_secret_value()):
            raise ValueError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together")
        return self
