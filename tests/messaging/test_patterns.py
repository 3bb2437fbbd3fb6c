from typing import Annotated

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from bot.messaging.patterns import like

KEY = TypeAdapter[SecretStr](Annotated[SecretStr, like(r"k-\d+", "begins with k-", {"q-": "a queue's key"})])
WORD = TypeAdapter[str](Annotated[str, like(r"[a-z]+", "is a word")])


def test_blanks_around_a_setting_are_nobodys_wish() -> None:
    assert KEY.validate_python(" k-12\n").get_secret_value() == "k-12"
    assert WORD.validate_python("word ") == "word"


def test_nothing_is_fine() -> None:
    assert KEY.validate_python("").get_secret_value() == ""


@pytest.mark.parametrize(
    ("value", "why"), [("12", "begins with k-"), ("q-12", "begins with k-; this is a queue's key")]
)
def test_what_looks_wrong_is_refused_with_a_reason(value: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        KEY.validate_python(value)
    assert refused.value.errors()[0]["msg"] == f"Value error, {why}"
