"""From a line and its pictures to a request; every rule of Kling 1.6 broken, one by one."""

import pytest

from bot.commands.build import PictureSlot, Wish, build, wish
from bot.commands.grammar import Note, Typed, parse
from bot.errors import BadValue, Conflict, Missing, Refusal
from bot.kling.requests import Effect, Elements, ImageToVideo, Request, TextToVideo

ONE, TWO, THREE, FOUR, FIVE = (PictureSlot(f"blob:{digit * 64}") for digit in "12345")
NET = PictureSlot(f"blob:{'a' * 64}", "https://x.org/a.png")

MADE: list[tuple[str, list[PictureSlot], Request]] = [
    ("a fox", [], TextToVideo(prompt="a fox")),
    (
        "video a fox --ar 9:16 --d 10 --no blur --cfg 0.7 --pro",
        [],
        TextToVideo(
            prompt="a fox", aspect_ratio="9:16", duration=10, negative_prompt="blur", cfg_scale=0.7, tier="pro"
        ),
    ),
    ("a fox --std", [], TextToVideo(prompt="a fox")),
    ("", [ONE], ImageToVideo(start=ONE.ref)),
    ("animate", [ONE], ImageToVideo(start=ONE.ref)),
    ("video she waves", [ONE], ImageToVideo(start=ONE.ref, prompt="she waves")),
    ("animate she waves --ar 1:1", [ONE], ImageToVideo(start=ONE.ref, prompt="she waves", aspect_ratio="1:1")),
    ("morph --pro", [ONE, TWO], ImageToVideo(start=ONE.ref, end=TWO.ref, prompt="morph", tier="pro")),
    ("morph --end 2 --pro", [ONE, TWO], ImageToVideo(start=ONE.ref, end=TWO.ref, prompt="morph", tier="pro")),
    ("morph --start 2 --pro", [ONE, TWO], ImageToVideo(start=TWO.ref, end=ONE.ref, prompt="morph", tier="pro")),
    ("loop --start 1 --end 1 --pro", [ONE], ImageToVideo(start=ONE.ref, end=ONE.ref, prompt="loop", tier="pro")),
    ("arrive --end 1 --pro", [ONE], ImageToVideo(end=ONE.ref, prompt="arrive", tier="pro")),
    ("they meet", [ONE, TWO, THREE], Elements(references=(ONE.ref, TWO.ref, THREE.ref), prompt="they meet")),
    (
        "they meet --ar tall",
        [ONE, TWO, THREE, FOUR],
        Elements(references=(ONE.ref, TWO.ref, THREE.ref, FOUR.ref), prompt="they meet", aspect_ratio="9:16"),
    ),
    ("they meet --ref 2,1", [ONE, TWO], Elements(references=(TWO.ref, ONE.ref), prompt="they meet")),
    (
        "a doll --ref 1 --d 10 --no blur",
        [ONE],
        Elements(references=(ONE.ref,), prompt="a doll", duration=10, negative_prompt="blur"),
    ),
    ("--fx squish --d 10 --pro", [ONE], Effect(scene="squish", people=(ONE.ref,), duration=10, tier="pro")),
    ("animate --fx hug", [ONE, TWO], Effect(scene="hug", people=(ONE.ref, TWO.ref))),
    ("animate https://x.org/a.png she waves", [NET], ImageToVideo(start=NET.ref, prompt="she waves")),
    (
        "meet --ref https://x.org/a.png,1",
        [ONE, NET],
        Elements(references=(NET.ref, ONE.ref), prompt="meet"),
    ),
]


@pytest.mark.parametrize(("line", "pictures", "request_"), MADE, ids=[line[:40] or "nothing" for line, _, _ in MADE])
def test_request_made(line: str, pictures: list[PictureSlot], request_: Request) -> None:
    assert build(parse(line), pictures).request == request_


LONG = "x" * 2_501
REFUSED: list[tuple[str, list[PictureSlot], Refusal]] = [
    ("", [], Missing("prompt")),
    ("video", [], Missing("prompt", "video")),
    ('" "', [], Missing("prompt")),
    ("--no a fox", [], Missing("prompt", "no")),
    ("animate she waves", [], Missing("picture", "animate")),
    ("cost animate she waves", [], Missing("picture", "animate")),
    ("morph", [ONE, TWO], Conflict("end", "standard")),
    ("morph --std", [ONE, TWO], Conflict("end", "standard")),
    ("morph --end 1", [ONE], Conflict("end", "standard")),
    ("they meet --cfg 0.5", [ONE, TWO, THREE], Conflict("cfg", "elements")),
    ("they meet --ref 1 --cfg 0.3", [ONE], Conflict("cfg", "elements")),
    ("they meet --ref 1 --start 2", [ONE, TWO], Conflict("ref", "start")),
    ("they meet --ref 1 --end 2", [ONE, TWO], Conflict("ref", "end")),
    ("--ref 1,2", [ONE, TWO], Missing("prompt", "ref")),
    ("", [ONE, TWO, THREE], Missing("prompt")),
    ("they meet", [ONE, TWO, THREE, FOUR, FIVE], BadValue("pictures", "5", ("4",))),
    ("morph --start 3", [ONE, TWO], Missing("picture", "start", needed=3, found=2)),
    ("morph --start https://y.org/", [ONE], Missing("picture", "start", found=1)),
    ("morph --start 1", [ONE, TWO, THREE], BadValue("unused", "2, 3")),
    ("morph --start 1 --end 2 --pro", [ONE, TWO, THREE], BadValue("unused", "3")),
    ("meet --ref 1,3", [ONE, TWO, THREE], BadValue("unused", "2")),
    ("--fx hug", [ONE], Missing("picture", "fx", needed=2, found=1)),
    ("--fx squish", [], Missing("picture", "fx", needed=1, found=0)),
    ("--fx squish", [ONE, TWO], BadValue("people", "2", ("1",))),
    ("gently --fx squish", [ONE], Conflict("fx", "prompt")),
    ("--fx squish --no blur", [ONE], Conflict("fx", "no")),
    ("--fx squish --ar 1:1", [ONE], Conflict("fx", "ar")),
    ("--fx squish --cfg 1", [ONE], Conflict("fx", "cfg")),
    ("--fx squish --start 1", [ONE], Conflict("fx", "start")),
    ("--fx hug_pro --d 10", [ONE, TWO], Conflict("d", "hug_pro")),
    (LONG, [], BadValue("prompt", "2501", ("2500",))),
    (LONG, [ONE], BadValue("prompt", "2501", ("2500",))),
    (f"a fox --no {LONG}", [], BadValue("no", "2501", ("2500",))),
]


@pytest.mark.parametrize(
    ("line", "pictures", "refusal"), REFUSED, ids=[f"{line[:40]} {len(slots)}" for line, slots, _ in REFUSED]
)
def test_rule_broken(line: str, pictures: list[PictureSlot], refusal: Refusal) -> None:
    with pytest.raises(type(refusal)) as caught:
        build(parse(line), pictures)
    assert vars(caught.value) == vars(refusal)


def test_what_a_form_gets_wrong_is_refused_as_well() -> None:
    with pytest.raises(BadValue) as caught:
        build(Typed(prompt="a fox", flags={"d": 7}))
    assert (caught.value.field, caught.value.value) == ("d", "7")
    with pytest.raises(BadValue) as caught:
        build(Typed(prompt="a fox"), [PictureSlot("/etc/passwd")])
    assert caught.value.field == "start"


def test_money_words_become_a_wish() -> None:
    made = build(parse("a fox --via fal,wavespeed --max 60 --yes --ar wide --ar tall"))
    assert made == Wish(
        request=TextToVideo(prompt="a fox", aspect_ratio="9:16"),
        via=("fal", "wavespeed"),
        max_credits=60,
        yes=True,
        notes=(Note("repeated", "ar", "tall"),),
    )
    assert build(parse("a fox --max $0.30 --dry")) == Wish(
        request=TextToVideo(prompt="a fox"), max_microusd=300_000, dry=True
    )


def test_cost_makes_nothing() -> None:
    assert build(parse("cost a fox")).dry
    assert not build(parse("a fox")).dry


def test_again_takes_a_known_request_with_new_money_words() -> None:
    request = TextToVideo(prompt="a fox")
    assert wish(parse("again --max 60 --via fal"), request) == Wish(request=request, via=("fal",), max_credits=60)
