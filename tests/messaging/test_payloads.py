import re

import pytest

from bot.messaging.payloads import decoded, string


@pytest.mark.parametrize(("value", "meant"), [("a1", "a1"), ("a", ""), ("a1\n", ""), (1, ""), (None, ""), (["a1"], "")])
def test_a_text_of_another_form_is_none(value: object, meant: str) -> None:
    assert string(value, re.compile(r"[a-z]\d")) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [('{"a": 1}', {"a": 1}), ("[1]", {}), ("{", {}), ("[" * 100_000, {}), (None, {}), ({"a": 1}, {})],
)
def test_json_that_is_no_object_is_empty(value: object, meant: object) -> None:
    assert decoded(value) == meant
