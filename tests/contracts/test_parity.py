"""The words of team credits are the same wherever they are said: typed, as a form, on each platform, in a shell."""

import shlex

import pytest

from adapters.discord import registry
from adapters.slack import inbound as slack
from adapters.slack.looks import modal
from adapters.web.forms import AsideForm
from adapters.web.inbound import aside_of
from bot.cli.main import TEAM_COMMANDS
from bot.cli.teams import as_typed
from bot.commands import filled, forms
from bot.commands.grammar import parse
from bot.commands.subwords.subword import SubWord
from bot.commands.subwords.table import words_of
from bot.messaging import Form
from tests.support.page import KEY

MENU = {command.name: command for command in forms.commands({})}
TEAM = ("credits", "quota", "approvals")
WORDS = [word for verb in TEAM for word in words_of(verb)]
EACH = pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word.verb} {word.name}".strip())
SLASH = {"command": "/kling", "team_id": "T1", "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2"}


@EACH
def test_typed_it_is_read_as_the_word(word: SubWord) -> None:
    typed = parse(word.example)
    assert (typed.verb, typed.words[:1]) == (word.verb, (word.name,))


@EACH
def test_a_form_has_its_fields_and_is_sent_under_its_name(word: SubWord) -> None:
    name = f"{word.verb} {word.name}".strip()
    sent = AsideForm.model_validate({"key": KEY, "person": "ana", "channel": "general", "verb": name})
    assert filled.line(aside_of(sent)).startswith(name)
    heard = slack.command({**SLASH, "text": word.example})
    assert heard is not None
    shown = modal(Form(title="Form", verb=name, fields=word.fields, submit="OK"), heard)
    inputs = [block["block_id"] for block in shown["blocks"] if "block_id" in block]
    assert inputs == [one.name for one in word.fields]
    assert name in shown["private_metadata"]


@EACH
def test_slash_commands_take_the_same_line_or_the_same_options(word: SubWord) -> None:
    heard = slack.command({**SLASH, "text": word.example})
    assert heard is not None
    assert heard.text == word.example
    options = registry.table(tuple(MENU.values()))[f"{word.verb} {word.name or registry.BARE}"]
    assert {one.name for one in options.values()} >= {one.name for one in word.fields if word.name}


def test_discord_has_no_word_that_is_not_in_the_table() -> None:
    paths = {path for path in registry.table(tuple(MENU.values())) if path.partition(" ")[0] in TEAM}
    assert paths == {f"{word.verb} {word.name or registry.BARE}" for word in WORDS} | {"approvals"}


def test_each_verb_of_a_team_is_a_command_of_the_shell() -> None:
    assert set(TEAM_COMMANDS) == {word.verb for word in WORDS} | {"approvals"}


@EACH
def test_a_shell_hands_over_what_is_read_as_the_word(word: SubWord) -> None:
    typed = parse(" ".join(map(as_typed, shlex.split(word.example))))
    assert (typed.verb, typed.words[:1]) == (word.verb, (word.name,))
    assert typed.change == parse(word.example).change


@pytest.mark.parametrize("line", ["approve k3f9q", "once k3f9q", 'deny k3f9q "too dear"'])
def test_decisions_are_typed_alike(line: str) -> None:
    typed, shell = parse(f"approvals {line}"), parse(" ".join(map(as_typed, ("approvals", *shlex.split(line)))))
    assert typed.change == shell.change
    assert typed.change is not None
