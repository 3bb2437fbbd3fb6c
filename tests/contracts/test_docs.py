"""README says what the code does: every command, verb, flag, setting and price, and nothing that isn't there."""

import argparse
import re

import pytest

from bot.cli.main import _parser
from bot.commands.flags import FLAGS
from bot.commands.grammar import parse
from bot.commands.subwords.subword import SubWord
from bot.commands.subwords.table import ALL
from bot.commands.words import VERBS
from bot.credits.amounts import credits_for
from bot.credits.policy import ADMITTED
from bot.kling.requests import Duration
from bot.providers.registry import OFFERS, PROVIDERS
from bot.settings import all_parts
from bot.settings_fields import fields
from tests.support.tree import ROOT

README = (ROOT / "README.md").read_text()
SETTINGS = sorted(str(field.alias) for part in all_parts() for field in fields(part).values())


def _commands() -> dict[str, argparse.ArgumentParser]:
    actions = _parser()._actions
    return next(dict(action.choices) for action in actions if isinstance(action, argparse._SubParsersAction))


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_table(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_of_the_command_line_is_in_the_table(name: str) -> None:
    assert f"`klingbot {name}" in README


def test_every_flag_of_the_demo_is_named() -> None:
    flags = [flag for action in _commands()["demo"]._actions for flag in action.option_strings if flag.startswith("--")]
    assert [flag for flag in flags if flag != "--help" and f"`{flag}`" not in README] == []


@pytest.mark.parametrize("name", sorted(VERBS))
def test_every_verb_is_in_a_table(name: str) -> None:
    assert re.search(rf"`{name}\b", README)


@pytest.mark.parametrize("name", sorted(FLAGS))
def test_every_flag_is_in_the_table(name: str) -> None:
    assert f"`--{name}`" in README


def test_no_setting_is_named_that_does_not_exist() -> None:
    assert sorted(set(re.findall(r"\bKLINGBOT_[A-Z_]+\b", README)) - set(SETTINGS)) == []


def _cell(offer_id: str) -> str:
    """What the price table must say of an offer: what is held for 5 and for 10 seconds."""
    offer = OFFERS.get(offer_id)
    if offer is None:
        return "–"
    lengths: tuple[Duration, Duration] = (5, 10)
    five, ten = (credits_for(offer.price.ceiling(length)) for length in lengths)
    return f"**{five} / {ten}**" if offer.price.confirmed else f"at most {five} / {ten}"


@pytest.mark.parametrize(
    ("row", "offer"),
    [
        ("image-to-video, standard", "image/standard"),
        ("image-to-video, pro", "image/pro"),
        ("text-to-video, standard", "text/standard"),
        ("text-to-video, pro", "text/pro"),
    ],
)
def test_the_price_table_shows_what_is_held(row: str, offer: str) -> None:
    cells = " | ".join(_cell(f"{provider}/{offer}") for provider in PROVIDERS)
    assert f"| {row} | {cells} |" in README


GUIDE = (ROOT / "docs/team-credits.md").read_text()
TYPED = sorted({" ".join(line.split()) for line in re.findall(r"`((?:quota|credits) [^`…]+)`", README + GUIDE)})


@pytest.mark.parametrize("line", TYPED)
def test_every_line_about_credits_reads_as_it_is_meant(line: str) -> None:
    typed = parse(line)
    assert typed.verb == line.split()[0]
    assert typed.words[0] in {"", line.split()[1]}


def test_the_guide_tells_what_a_new_team_has() -> None:
    rules, (limit,) = ADMITTED.rules, ADMITTED.limits
    levels = "{}, {} and {} %".format(*rules.alert_levels)
    said = " ".join(GUIDE.split())
    for figure in (ADMITTED.refill, limit.credits, rules.job_cap, ADMITTED.confirm_over, rules.approve_over):
        assert f"{figure:,}" in said.partition("## Limits")[0]
    assert levels in said


@pytest.mark.parametrize("word", [word for word in ALL if word.name])
def test_every_word_behind_quota_and_credits_is_in_the_table(word: SubWord) -> None:
    assert re.search(rf"`{word.verb} {word.name}\b", README)
