"""The menu within Discord's limits: 8,000 characters a command, 25 entries a level, and every field of every verb."""

from typing import Any

import pytest

from adapters.discord.registry import payload, table
from bot.messaging import Command, FormField
from tests.support.at_discord import MENU
from tests.support.local_discord.payloads import check_commands

COMMANDS = {one["name"]: one for one in payload(MENU)}
MANAGE_SERVER = "32"


def characters(option: dict[str, Any]) -> int:
    own = len(option["name"]) + len(option.get("description", ""))
    own += sum(len(choice["name"]) + len(str(choice["value"])) for choice in option.get("choices", ()))
    return own + sum(characters(one) for one in option.get("options", ()))


def levels(option: dict[str, Any]) -> list[int]:
    inner = option.get("options", [])
    return [len(inner), len(option.get("choices", ())), *(count for one in inner for count in levels(one))]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_keeps_within_discord_s_limits(name: str) -> None:
    assert characters(COMMANDS[name]) < 8_000
    assert max(levels(COMMANDS[name])) <= 25


def test_discord_takes_them() -> None:
    check_commands(list(COMMANDS.values()))


def test_there_are_two_commands_and_one_in_the_menu_of_messages() -> None:
    assert [(one["name"], one["type"]) for one in COMMANDS.values()] == [
        ("kling", 1), ("kling-admin", 1), ("Animate with Kling", 3),
    ]  # fmt: skip


def test_what_administrators_do_is_hidden_from_members() -> None:
    assert COMMANDS["kling-admin"]["default_member_permissions"] == MANAGE_SERVER
    assert "default_member_permissions" not in COMMANDS["kling"]
    admins = {one["name"] for one in COMMANDS["kling-admin"]["options"]}
    people = {one["name"] for one in COMMANDS["kling"]["options"]}
    assert admins == {one.name for one in MENU if one.admin}
    assert people == {one.name for one in MENU if not one.admin}


def test_every_field_of_every_verb_is_an_option() -> None:
    known = table(MENU)
    for command in MENU:
        path = f"{command.name} show" if command.words else command.name
        assert {field.name for field in known[path].values()} == {field.name for field in command.fields}


def test_a_verb_with_sub_words_is_a_group_whose_bare_form_is_show() -> None:
    quota = next(one for one in COMMANDS["kling-admin"]["options"] if one["name"] == "quota")
    names = [one["name"] for one in quota["options"]]
    assert (quota["type"], names[:2]) == (2, ["show", "set"])
    assert set(names) == {"show", *(word.name for one in MENU if one.name == "quota" for word in one.words)}
    credits = next(one for one in COMMANDS["kling"]["options"] if one["name"] == "credits")
    assert credits["options"][0]["name"] == "show"


def test_somebody_is_picked_from_the_server_s_members() -> None:
    person = FormField(name="to", label="Person", kind="person", help="who gets them", required=True)
    people = payload([Command(name="gift", help="give", fields=(person,))])[0]
    option = {"type": 6, "name": "person", "description": "who gets them", "required": True}
    assert people["options"][0]["options"] == [option]


def test_bounds_choices_and_help_are_those_of_the_request() -> None:
    video = next(one for one in COMMANDS["kling"]["options"] if one["name"] == "video")
    options = {one["name"]: one for one in video["options"]}
    assert options["prompt"] | {"description": ""} == {
        "type": 3, "name": "prompt", "description": "", "required": True, "max_length": 2_500,
    }  # fmt: skip
    assert [one["value"] for one in options["shape"]["choices"]] == ["16:9", "9:16", "1:1"]
    assert (options["cfg"]["min_value"], options["cfg"]["max_value"]) == (0, 1)
    assert options["camera"]["autocomplete"] is True
    assert options["pro"]["type"] == 5


def test_a_picture_that_may_be_several_is_several_options() -> None:
    field = FormField(name="ref", label="Pictures", kind="picture", least=2, most=3)
    (command,) = (payload([Command(name="mix", help="mix", fields=(field,))])[0]["options"],)
    assert [(one["name"], one["type"], one["required"]) for one in command[0]["options"]] == [
        ("ref", 11, True), ("ref-2", 11, True), ("ref-3", 11, False),
    ]  # fmt: skip
