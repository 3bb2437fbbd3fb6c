"""The form of a setting, for what adapters declare: whatever doesn't look like it is refused with a reason."""

import re
from collections.abc import Mapping

from pydantic import AfterValidator, SecretStr


def like(pattern: str, why: str, known: Mapping[str, str] | None = None) -> AfterValidator:
    """A text or secret of that form, or nothing. `known` tells by its beginning what it seems to be instead."""

    def check(value: str | SecretStr) -> str | SecretStr:
        text = (value if isinstance(value, str) else value.get_secret_value()).strip()
        if text and not re.fullmatch(pattern, text):
            found = next((f"; this is {kind}" for start, kind in (known or {}).items() if text.startswith(start)), "")
            raise ValueError(why + found)
        return text if isinstance(value, str) else SecretStr(text)

    return AfterValidator(check)
