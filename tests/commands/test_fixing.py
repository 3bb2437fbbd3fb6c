"""Typos and slips lead to lines that can be carried out, and never to one that means something else by itself."""

import pytest

from bot.commands.fixing import Fix, fixes
from bot.commands.flags import FLAG_NAMES, FLAGS
from bot.commands.grammar import parse
from bot.errors import Conflict, Missing, Refusal, UnknownWord
from tests.support.slips import found, slips

PROVIDERS = ("fal", "wavespeed")


def ways(line: str, *, reply: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as caught:
        parse(line, providers=PROVIDERS, reply=reply)
    return [(fix.label, fix.line) for fix in fixes(line, caught.value)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a fox --durration 10", [("Run corrected", "a fox --duration 10")]),
        ("a fox --durration=10 --pro", [("Run corrected", "a fox --duration=10 --pro")]),
        ("video a fox --durration 10", [("Run corrected", "video a fox --duration 10")]),
        ('video "a --foo" --durration 10', [("Run corrected", 'video "a --foo" --duration 10')]),
        ("a fox --no-blur", [("Run corrected", "a fox --no blur")]),
        ("a fox --d10", [("Run corrected", "a fox --d 10")]),
        ("a fox --d 7", [("5 s", "a fox --d 5"), ("10 s", "a fox --d 10")]),
        ("a fox --d=7 in snow", [("5 s", "a fox --d=5 in snow"), ("10 s", "a fox --d=10 in snow")]),
        ("a fox --d", [("5 s", "a fox --d 5"), ("10 s", "a fox --d 10")]),
        (
            "a fox --ar 4:3 --pro",
            [(ratio, f"a fox --ar {ratio} --pro") for ratio in ("16:9", "9:16", "1:1")],
        ),
        ("a fox --model 2.1", [(name, f"a fox --model {name}") for name in ("1.6", "1.6-std", "1.6-pro")]),
        ("a fox --seed 5 --pro", [("Run without --seed", "a fox  --pro")]),
        ("a fox --audio --pro", [("Run without --audio", "a fox  --pro")]),
        ("a fox --seed=5", [("Run without --seed", "a fox")]),
        ("a fox --via fall", [("Run corrected", "a fox --via fal")]),
        ("a fox --via fall,wavespeed", [("Run corrected", "a fox --via fal,wavespeed")]),
        ("--fx sqush", [("Run corrected", "--fx squish")]),
        ("effect sqush https://x.org/a.png", []),
        ("a fox --camera zom:5", [("zoom:5", "a fox --camera zoom:5")]),
        ("a fox --d 5 --d 10", [("5 s", "a fox --d 5"), ("10 s", "a fox  --d 10")]),
        (
            "extend the bridge",
            [("Extend your newest video", "extend 1 the bridge"), ("Make a new video", "video extend the bridge")],
        ),
        ("agian", [("Run again", "again"), ("Make a video of these words", "video agian")]),
        ("staus", [("Make a video of these words", "video staus")]),
    ],
)
def test_ways_out(line: str, found: list[tuple[str, str]]) -> None:
    if not found:
        parse(line)  # reads as words
        return
    assert ways(line) == found


def test_two_pictures_without_pro_can_have_pro_or_be_one_scene() -> None:
    error = Conflict("end", "standard")
    assert fixes("morph -- or not", error) == (
        Fix("Run with --pro", "morph  --pro -- or not"),
        Fix("Both in one scene", "morph  --ref 1,2 -- or not"),
    )
    assert fixes("morph --start 2 --std", error) == (Fix("Run with --pro", "morph --start 2 --pro"),)


def test_what_cannot_be_guessed_has_no_way_out() -> None:
    assert fixes("a fox --zzzzzz 1", UnknownWord("flag", "zzzzzz")) == ()
    assert fixes("animate", Missing("picture", "animate")) == ()
    assert fixes("x" * 10_001, Missing("prompt", "")) == ()


def sample(name: str) -> list[str]:
    """Some of the words one slip away, others for each name; `make verify` takes them all."""
    return sorted(slips(name))[len(name) % 11 :: 11]


@pytest.mark.parametrize("name", sorted(name for name in FLAG_NAMES if len(name) > 1))
def test_a_slip_in_a_flag_is_found(name: str) -> None:
    assert [word for word in sample(name) if not found(word, name)] == []


def test_every_flag_is_found_by_a_prefix_that_is_its_own() -> None:
    for name, flag in FLAG_NAMES.items():
        for length in range(3, len(name)):
            begun = {FLAG_NAMES[other].name for other in FLAG_NAMES if other.startswith(name[:length])}
            if len([other for other in FLAG_NAMES if other.startswith(name[:length])]) == 1 and begun == {flag.name}:
                with pytest.raises(UnknownWord) as caught:
                    parse(f"a fox --{name[:length]} 1")
                assert FLAG_NAMES[caught.value.near[0]].name == flag.name
    assert FLAGS
