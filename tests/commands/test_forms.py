"""Forms, flags and request types agree; a filled form means what the same line typed means."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import forms
from bot.commands.filled import line
from bot.commands.flags import FLAGS
from bot.commands.forms import FLAG_OF, MODELS
from bot.commands.grammar import parse
from bot.commands.words import VERBS
from bot.errors import UnknownWord
from bot.kling.requests import PROMPT_MAX, Effect, Elements, ImageToVideo, TextToVideo, load_request
from bot.messaging import Ask, Command, FormField
from tests.support.front import Front, actor, attachment, front, photo, place, shown

MENU = forms.commands({"fal": "fal.ai"})
BY_NAME = {command.name: command for command in MENU}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made


def fields(verb: str) -> dict[str, FormField]:
    return {field.name: field for field in BY_NAME[verb].fields}


@pytest.mark.parametrize("verb", sorted(MODELS))
def test_every_field_of_a_request_is_reached_by_a_flag_and_by_a_field(verb: str) -> None:
    for name in MODELS[verb].model_fields:
        if name in ("workflow", "job") or (name == "tier" and verb == "extend"):
            continue
        if name == "prompt":
            assert "prompt" in fields(verb)
            continue
        assert FLAG_OF[name] in FLAGS
        assert verb in FLAGS[FLAG_OF[name]].verbs
        assert FLAG_OF[name] in fields(verb)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_field_is_a_flag_that_its_verb_takes_or_a_word_behind_it(verb: str) -> None:
    words = {"prompt", "job", "topic", "how", "task", "scope"}
    for name in set(fields(verb)) - words:
        assert verb in FLAGS[name].verbs
    names = [field.name for field in BY_NAME[verb].fields]
    assert len(names) == len(set(names)) <= 25


def test_the_menu_is_the_table_of_verbs() -> None:
    assert [command.name for command in MENU] == list(VERBS)
    assert {word.name for word in BY_NAME["quota"].words} >= {"set", "clear", "topup", "refill", "pause", "resume"}
    assert {command.name for command in MENU if command.admin} == {verb.name for verb in VERBS.values() if verb.admin}


def test_bounds_and_choices_are_those_of_the_request_types() -> None:
    video, animate = fields("video"), fields("animate")
    assert [choice.value for choice in video["d"].choices] == ["5", "10"]
    assert [choice.value for choice in video["ar"].choices] == ["16:9", "9:16", "1:1"]
    assert (video["cfg"].minimum, video["cfg"].maximum) == (0, 1)
    assert (video["prompt"].longest, video["prompt"].required, animate["prompt"].required) == (PROMPT_MAX, True, False)
    assert (fields("elements")["ref"].least, fields("elements")["ref"].most) == (1, 4)
    assert (fields("effect")["ref"].least, fields("effect")["ref"].most) == (1, 2)
    assert fields("effect")["fx"].required
    assert [choice.value for choice in video["via"].choices] == ["cheapest", "fast", "fal"]
    assert "cfg" not in fields("elements")
    assert "start" not in fields("video")
    assert animate["start"].kind == animate["end"].kind == "picture"


@pytest.mark.parametrize("command", [*MENU, *BY_NAME["quota"].words], ids=lambda command: command.name)
def test_every_choice_of_a_field_can_be_sent(command: Command) -> None:
    verb = command.name if command.name in VERBS else f"quota {command.name}"
    for field in command.fields:
        for choice in field.choices:
            if verb in VERBS and field.name in FLAGS:
                sent = filled(verb, {field.name: choice.value, **_needed(verb)})
                assert field.name in parse(sent, providers={"fal"}, fixed=True).flags or choice.value == "cheapest"


def _needed(verb: str) -> Mapping[str, str]:
    return {"fx": "hug"} if verb == "effect" else {}


def filled(verb: str, choices: Mapping[str, str], *roles: str, text: str = "", about: str | None = None) -> str:
    files = tuple(replace(attachment(b""), role=role) for role in roles)
    ask = Ask(
        key="m", actor=actor("ben"), place=place(), text=text, attachments=files, verb=verb, choices=choices,
        about=about,
    )  # fmt: skip
    return line(ask)


@pytest.mark.parametrize(
    ("verb", "choices", "roles", "text", "typed"),
    [
        ("", {}, (), "a red fox", "a red fox"),
        ("video", {}, (), "status", "video status"),
        ("video", {"prompt": "a fox", "ar": "9:16", "d": "10"}, (), "", "video --ar 9:16 --d 10 a fox"),
        ("video", {"prompt": "a fox", "no": "blur, --text"}, (), "", 'video --no "blur, --text" a fox'),
        ("video", {"prompt": "a fox", "pro": "true", "dry": "false", "yes": ""}, (), "", "video --pro a fox"),
        ("video", {"prompt": "a fox", "max": "$0.60"}, (), "", 'video --max "$0.60" a fox'),
        ("video", {"prompt": "a fox -- d 10", "d": "5"}, (), "", "video --d 5 a fox -- d 10"),
        ("animate", {"prompt": "she waves"}, ("start", "end"), "", "animate --start 1 --end 2 she waves"),
        ("elements", {"prompt": "they meet"}, ("ref", "ref"), "", "elements --ref 1,2 they meet"),
        ("effect", {"fx": "let's_ride"}, ("ref",), "", 'effect --fx "let\'s_ride" --ref 1'),
        ("animate", {"brush": "2:1,2>3,4 3:5,6>7,8"}, (), "", 'animate --brush "2:1,2>3,4" --brush "3:5,6>7,8"'),
        ("status", {"job": "2"}, (), "", "status 2"),
        ("extend", {"prompt": "2 birds"}, (), "", "extend 1 2 birds"),
        ("extend", {"job": "3", "prompt": "on"}, (), "", "extend 3 on"),
        ("help", {"topic": "flags"}, (), "", "help flags"),
        ("quota set", {"scope": "default", "credits": "300", "period": "month"}, (), "", "quota set default 300/month"),
        ("quota topup", {"credits": "5000", "reason": "PO 881"}, (), "", 'quota topup 5000 "PO 881"'),
        ("quota refill", {"credits": "10000", "period": "week"}, (), "", "quota refill 10000/week"),
        ("resolve", {"job": "0" * 20, "how": "task", "task": "T1"}, (), "", f"resolve {'0' * 20} task T1"),
        ("", {}, ("start",), "she waves", "--start 1 she waves"),
    ],
)
def test_a_filled_form_as_a_line(
    verb: str, choices: Mapping[str, str], roles: tuple[str, ...], text: str, typed: str
) -> None:
    assert filled(verb, choices, *roles, text=text) == typed
    parse(typed, fixed=bool(verb), pictures=len(roles))


@pytest.mark.parametrize(("verb", "choices"), [("nonsense", {}), ("video", {"nonsense": "1"}), ("video", {"job": "1"})])
def test_what_no_form_has_is_refused_or_read_as_words(verb: str, choices: Mapping[str, str]) -> None:
    if "job" in choices:
        assert filled(verb, choices) == "video 1"
        return
    with pytest.raises(UnknownWord):
        filled(verb, choices)


async def test_a_form_is_the_same_as_the_line(house: Front) -> None:
    form = BY_NAME["video"]
    ask = Ask(key="a", actor=actor("ben"), place=place(), text="", verb=form.name,
              choices={"prompt": "status of a fox", "ar": "9:16", "no": "blur", "yes": "on"})  # fmt: skip
    assert (await house.commands.ask(ask)).card is None
    (row,) = await house.rows("SELECT request FROM job")
    assert load_request(row["request"]) == TextToVideo(
        prompt="status of a fox", aspect_ratio="9:16", negative_prompt="blur"
    )


async def test_pictures_have_the_roles_that_they_were_put_in_for(house: Front) -> None:
    one, two = replace(attachment(photo(1)), role="end"), replace(attachment(photo(2)), role="start")
    ask = Ask(key="a", actor=actor("ben"), place=place(), text="morph", attachments=(one, two), verb="animate",
              choices={"pro": "true", "yes": "true"})  # fmt: skip
    assert (await house.commands.ask(ask)).card is None
    (row,) = await house.rows("SELECT request, ask FROM job")
    request = load_request(row["request"])
    assert isinstance(request, ImageToVideo)
    (kept,) = await house.rows("SELECT pictures FROM ask")
    assert request.end is not None
    assert kept["pictures"].index(request.end.removeprefix("blob:")) < kept["pictures"].index(request.pictures[0][5:])


async def test_a_menu_command_without_what_it_needs_opens_a_form(house: Front) -> None:
    reply = await house.commands.ask(
        Ask(key="a", actor=actor("ben"), place=place(), text="", verb="video", choices={"d": "10"})
    )
    assert shown(reply).startswith("The words are missing")
    assert reply.form is not None
    assert (reply.form.verb, {field.name: field.value for field in reply.form.fields}["d"]) == ("video", "10")


async def test_a_menu_command_is_never_read_as_a_prompt(house: Front) -> None:
    reply = await house.commands.ask(
        Ask(key="a", actor=actor("ben"), place=place(), text="symbols on a yacht", verb="status")
    )
    assert "isn't a job's whole id" in shown(reply) or "can't be used" in shown(reply)
    assert await house.counted() == (0, 0, 0)


def test_models_of_verbs_are_the_request_types() -> None:
    assert MODELS["video"] is TextToVideo
    assert MODELS["elements"] is Elements
    assert MODELS["effect"] is Effect
