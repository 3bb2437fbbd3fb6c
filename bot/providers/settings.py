"""What every provider's settings have in common: a key that switches it on, and addresses."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from bot.errors import AddressRefused
from bot.net.addresses import is_private_setting, parse


def _base_url(url: str) -> str:
    url = url.strip().rstrip("/")
    try:
        plain = parse(url).scheme == "http"
        private = is_private_setting(url)
    except AddressRefused as error:
        raise ValueError(f"not an address to send requests to: {error.why}") from None
    if "?" in url or "#" in url:
        raise ValueError("a base address ends with its path")
    if plain and not private:
        raise ValueError("a key needs https, except on a private address")
    return url


def _key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("a key is printable ASCII without spaces")
    return SecretStr(text)


BaseUrl = Annotated[str, AfterValidator(_base_url)]
"""An address that paths are put after: https, or http where it is private; no query, no slash at the end."""

Key = Annotated[SecretStr, AfterValidator(_key)]
"""Somebody's API key."""


class ProviderSettings(BaseModel):
    """One provider's settings.

    Each field's alias is the name of its environment variable; an empty value is no value.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: Key | None = None
    base_url: BaseUrl = ""

    @property
    def on(self) -> bool:
        """A provider is used when its key is set."""
        return self.key is not None

    @property
    def secret(self) -> str:
        """The key itself; empty where there is none."""
        return self.key.get_secret_value() if self.key else ""

    @property
    def bases(self) -> tuple[str, ...]:
        """Every address it talks to by itself."""
        return (self.base_url,)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if not isinstance(value, str) or value.strip()}
