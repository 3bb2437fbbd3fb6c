"""What can be set of Discord, declared beside it; `bot.settings` composes it."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from bot.messaging.patterns import like

DISCORD = "https://discord.com/api/v10"
"""Discord's own address, which the library knows by itself."""

REFUSED: Mapping[str, str] = {
    "token": "Discord doesn't know DISCORD_TOKEN. Make a new one on the page Bot of the developer portal.",
    "message_content": "The message content intent is off in Discord's developer portal (page Bot). Switch it on "
    "there, or leave out DISCORD_MESSAGE_CONTENT.",
}
"""What it means for the operator when Discord doesn't let the bot in."""


_Token = Annotated[SecretStr, like(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{6,}", "a bot token has three parts with dots")]
_Id = Annotated[str, like(r"\d{15,20}", "the id of a server has 15 to 20 digits")]
_List = BeforeValidator(lambda value: tuple(re.findall(r"[^,\s]+", value)) if isinstance(value, str) else value)
_Key = Annotated[str, like(r"[0-9a-fA-F]{64}", "the public key (page General Information) has 64 hexadecimal digits")]
_Api = Annotated[str, like(r"https?://[^\s?#]+[^\s?#/]", "write it as https://host/api/v10")]


class DiscordSettings(BaseModel):
    """Discord: its token switches it on."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    token: _Token = Field(SecretStr(""), alias="DISCORD_TOKEN", description=(
        "The bot's token; switches Discord on. It is on the page Bot of discord.com/developers."
    ))  # fmt: skip
    guilds: Annotated[tuple[_Id, ...], _List] = Field((), alias="DISCORD_GUILDS", description=(
        "Ids of servers that get the commands at once and alone, for trying out. Empty: everywhere."
    ))  # fmt: skip
    message_content: bool = Field(False, alias="DISCORD_MESSAGE_CONTENT", description=(
        "1 if the message content intent is on in the portal: a mention in reply to somebody else's picture works."
    ))  # fmt: skip
    threads: bool = Field(False, alias="DISCORD_THREADS", description="1 gives each video a thread of its own.")
    public_key: _Key = Field("", alias="DISCORD_PUBLIC_KEY", description=(
        "The app's public key; Discord posts commands to <your address>/discord/interactions instead of a connection."
    ))  # fmt: skip
    api_url: _Api = Field(DISCORD, alias="DISCORD_API_URL", description=(
        "The address of Discord's API, for rate-limiting proxies and tests."
    ))  # fmt: skip

    @property
    def on(self) -> bool:
        """Discord is used when its token is set."""
        return bool(self.token.get_secret_value())
