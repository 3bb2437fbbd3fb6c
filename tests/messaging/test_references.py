import pytest

from bot.messaging.references import REFERENCE, refers, unreferred


@pytest.mark.parametrize(
    ("text", "verb", "kept"),
    [
        ("quota set <@1> 50/day", "", True),
        ("Credits: gift 50 <@1>", "", True),
        ("`approvals by <&1>`", "", True),
        ("`quota` set <@1>", "", True),
        ("<@1> 50/day", "quota set", True),
        ("quota set <@1>", "video", False),
        ("a fox for <@1>", "", False),
        ("show the credits of <@1>", "", False),
        ("creditsroll for <@1>", "", False),
        ("", "", False),
        ("", "credits", True),
    ],
)
def test_a_line_keeps_references_by_its_first_word(text: str, verb: str, kept: bool) -> None:
    assert refers(text, verb) == kept


def test_a_reference_has_a_kind_and_an_id() -> None:
    found = REFERENCE.findall("<@U0BEN> <#123|ads> <&designers> <x> <@> <@a b> @ana <!1>")
    assert found == [("@", "U0BEN", ""), ("#", "123", "ads"), ("&", "designers", "")]


def test_references_become_words() -> None:
    assert unreferred("credits roll for <@U0BEN> in <#1>, <b>") == "credits roll for @U0BEN in #1, <b>"
