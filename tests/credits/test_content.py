"""Refused words are whole words, whatever their case, accents or disguise; the negative prompt may name them."""

import pytest

from bot.credits.content import check_content
from bot.credits.rules import Rules
from bot.errors import AgainstRules
from bot.kling.requests import Effect, TextToVideo

RULES = Rules(refused=("nude", "gore", "café noir", "裸"))


def is_refused(prompt: str, rules: Rules = RULES) -> bool:
    try:
        check_content(rules, TextToVideo(prompt=prompt, negative_prompt="nude, gore"))
    except AgainstRules as error:
        return error.rule == "word"
    return False


@pytest.mark.parametrize(
    "prompt",
    [
        "a nude", "NUDE", "a Nüde man", "nude,", "semi-nude", "the nude's back", "_nude_", "n\u00fade", "\uff4eude",
        "nu\u200dde", "nu\u00adde", "gore and nudes", "cafe noir", "a CAFÉ  noir, please", "café-noir", "美しい裸の人",
    ],
)  # fmt: skip
def test_a_refused_word_is_found(prompt: str) -> None:
    assert is_refused(prompt)


@pytest.mark.parametrize("prompt", ["denuded hills", "nudes", "Gorey", "noir café", "a red fox", "n u d e"])
def test_other_words_are_not(prompt: str) -> None:
    assert not is_refused(prompt)


def test_effects_can_be_switched_off() -> None:
    hug = Effect(scene="squish", people=(f"blob:{'a' * 64}",))
    check_content(RULES, hug)
    with pytest.raises(AgainstRules) as refused:
        check_content(Rules(effects=False), hug)
    assert refused.value.rule == "effects"
    check_content(Rules(effects=False), TextToVideo(prompt="a fox"))
