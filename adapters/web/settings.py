"""What can be set of the chat page, declared beside it; `bot.settings` composes it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

LEAST_TOKEN = 12
"""Characters: shorter ones are guessed."""


def _long_enough(token: SecretStr) -> SecretStr:
    if 0 < len(token.get_secret_value()) < LEAST_TOKEN:
        raise ValueError(f"needs at least {LEAST_TOKEN} characters")
    return token


class WebSettings(BaseModel):
    """The chat page: whether it is served, and to whom."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    enabled: bool = Field(
        default=True,
        alias="KLINGBOT_WEB",
        description="Serve the local chat page.",
    )
    token: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        default=SecretStr(""),
        alias="KLINGBOT_WEB_TOKEN",
        description="Access token of the chat page, 12 characters or more; set one behind a reverse proxy, too. "
        "Whoever has it can be anybody on the page, the administrator included. Empty: this computer only.",
    )
