"""How people type, on phones and keyboards, and what each line has to mean: written by hand from the rules."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.commands.grammar import parse
from bot.commands.typed import Typed
from bot.commands.values import BrushWord, Budget, MoveWord
from bot.errors import BadValue, Conflict, Missing, Refusal, UnknownWord

JOB = "0123456789abcdefghij"
PROVIDERS = ("fal", "wavespeed")


@dataclass(frozen=True)
class Means:
    """A reading; flags by name. `pictures` and `reply` are what came with the line."""

    line: str
    prompt: str = ""
    flags: dict[str, Any] = field(default_factory=dict)
    verb: str | None = None
    job: str | None = None
    words: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: int = 0
    reply: bool = False
    fixed: bool = False


def plain(line: str, prompt: str, **flags: Any) -> Means:
    """Words and flags for a video, without a verb."""
    return Means(line, prompt, flags)


FOX = "a red fox"

FLAGS = [
    plain("a red fox", FOX),
    plain("a red fox --ar 16:9 --d 5 --no blur, text", FOX, ar="16:9", d=5, no="blur, text"),
    plain("a red fox runs through snow --ar 9:16 --d 10", "a red fox runs through snow", ar="9:16", d=10),
    plain("--ar 9:16 a red fox", FOX, ar="9:16"),
    plain("a red --pro fox", FOX, pro=True),
    plain("a red fox --AR 16:9 --Pro", FOX, ar="16:9", pro=True),
    plain("a red fox --aspect 1:1", FOX, ar="1:1"),
    plain("a red fox --aspect-ratio 1:1", FOX, ar="1:1"),
    plain("a red fox --aspect_ratio 1:1", FOX, ar="1:1"),
    plain("a red fox --ratio=1:1", FOX, ar="1:1"),
    plain("a red fox --ar 16x9", FOX, ar="16:9"),
    plain("a red fox --ar 16X9", FOX, ar="16:9"),
    plain("a red fox --ar 9×16", FOX, ar="9:16"),
    plain("a red fox --ar 16/9", FOX, ar="16:9"),
    plain("a red fox --ar 16 : 9", FOX, ar="16:9"),
    plain("a red fox --ar 16 x 9 --pro", FOX, ar="16:9", pro=True),
    plain("a red fox --ar wide", FOX, ar="16:9"),
    plain("a red fox --ar landscape", FOX, ar="16:9"),
    plain("a red fox --ar tall", FOX, ar="9:16"),
    plain("a red fox --ar portrait", FOX, ar="9:16"),
    plain("a red fox --ar Vertical", FOX, ar="9:16"),
    plain("a red fox --ar square", FOX, ar="1:1"),
    plain("a red fox --d 5s", FOX, d=5),
    plain("a red fox --d 10 s", FOX, d=10),
    plain("a red fox --d 10 sec", FOX, d=10),
    plain("a red fox --d 10 seconds", FOX, d=10),
    plain("a red fox --dur 10secs, --pro", FOX, d=10, pro=True),
    plain("a red fox --duration 10", FOX, d=10),
    plain("a red fox --seconds 5", FOX, d=5),
    plain("a red fox --length=10", FOX, d=10),
    plain("a red fox --d 10 runs home", "a red fox runs home", d=10),
    plain("a red fox --d 10 sly steps", "a red fox sly steps", d=10),
    plain("a red fox --neg blur", FOX, no="blur"),
    plain("a red fox --negative text and logos", FOX, no="text and logos"),
    plain("a red fox --negative-prompt text --pro", FOX, no="text", pro=True),
    plain("a red fox --negative_prompt text", FOX, no="text"),
    plain('a red fox --no "blur, text" in snow', "a red fox in snow", no="blur, text"),
    plain("a red fox --no=blur", FOX, no="blur"),
    plain("a red fox --no don't blur it", FOX, no="don't blur it"),
    plain("a red fox --cfg .7", FOX, cfg=0.7),
    plain("a red fox --cfg 0,7", FOX, cfg=0.7),
    plain("a red fox --cfg 1", FOX, cfg=1.0),
    plain("a red fox --guidance 0.3", FOX, cfg=0.3),
    plain("a red fox --guidance_scale 0.3", FOX, cfg=0.3),
    plain("a red fox --gs 0.3", FOX, cfg=0.3),
    plain("a red fox --std", FOX, std=True),
    plain("a red fox --standard", FOX, std=True),
    plain("a red fox --model 1.6", FOX, model="1.6"),
    plain("a red fox --m 1.6-pro", FOX, model="1.6-pro"),
    plain("a red fox --model kling-v1-6", FOX, model="1.6"),
    plain("a red fox --model v1.6", FOX, model="1.6"),
    plain("a red fox --model 1.6-std", FOX, model="1.6-std"),
    plain("a red fox --model 1.6_pro --pro", FOX, model="1.6-pro", pro=True),
    plain("a red fox --quality pro", FOX, quality="pro"),
    plain("a red fox --via fal", FOX, via=("fal",)),
    plain("a red fox --via FAL, wavespeed", FOX, via=("fal", "wavespeed")),
    plain("a red fox --provider fal,wavespeed", FOX, via=("fal", "wavespeed")),
    plain("a red fox --via cheapest", FOX, via=()),
    plain("a red fox --max 60", FOX, max=Budget(credits=60)),
    plain("a red fox --max 60 credits", FOX, max=Budget(credits=60)),
    plain("a red fox --max 1,500", FOX, max=Budget(credits=1500)),
    plain("a red fox --max $0.60", FOX, max=Budget(microusd=600_000)),
    plain("a red fox --budget $ 0.60", FOX, max=Budget(microusd=600_000)),
    plain("a red fox --max-cost 60cr", FOX, max=Budget(credits=60)),
    plain("a red fox --yes", FOX, yes=True),
    plain("a red fox --dry", FOX, dry=True),
    plain("a red fox --pro, --d 10.", FOX, pro=True, d=10),
    plain("a red fox --pro.", FOX, pro=True),
    plain("a red fox --pro! --yes", FOX, pro=True, yes=True),
    plain("a red fox --no-pro", FOX, std=True),
    plain("a red fox --yes --no-yes", FOX),
    plain("a red fox --no-dry", FOX),
    plain("she waves --start 1 --end 2 --pro", "she waves", start=1, end=2, pro=True),
    plain("she waves --first #1", "she waves", start=1),
    plain("they meet --ref 1,2,3", "they meet", ref=(1, 2, 3)),
    plain("they meet --refs 1, 2", "they meet", ref=(1, 2)),
    plain("they meet --elements 2,1", "they meet", ref=(2, 1)),
    plain("--fx hug", "", fx="hug"),
    plain("--fx jelly-press", "", fx="jelly_press"),
    plain("--effect JellyPress", "", fx="jelly_press"),
    plain('--fx "jelly press"', "", fx="jelly_press"),
    plain("a red fox --camera zoom:5", FOX, camera=MoveWord("zoom", 5)),
    plain("a red fox --camera zoom 5", FOX, camera=MoveWord("zoom", 5)),
    plain("a red fox --camera zoom=-5", FOX, camera=MoveWord("zoom", -5)),
    plain("a red fox --camera zoom:\u22125 --pro", FOX, camera=MoveWord("zoom", -5), pro=True),
    plain("a red fox --cam left-turn-forward", FOX, camera=MoveWord("left_turn_forward", None)),
    plain("a red fox --camera Forward_Up", FOX, camera=MoveWord("forward_up", None)),
    plain("she waves --still 2", "she waves", still=2),
    plain("she waves --brush 2:10,20>30,40", "she waves", brush=(BrushWord(2, ((10, 20), (30, 40))),)),
    plain("she waves --brush 2: 10,20 > 30,40", "she waves", brush=(BrushWord(2, ((10, 20), (30, 40))),)),
    plain(
        "--brush 2:1,2>3,4 she waves --brush 3:5,6>7,8>9,9",
        "she waves",
        brush=(BrushWord(2, ((1, 2), (3, 4))), BrushWord(3, ((5, 6), (7, 8), (9, 9)))),
    ),
]

PHONES = [
    plain("a red fox —ar 9:16 —d 10", FOX, ar="9:16", d=10),
    plain("a red fox –pro", FOX, pro=True),
    plain("a red fox ―d 10", FOX, d=10),
    plain("a red fox \u2212d 10", FOX, d=10),
    plain("a red fox —-d 10", FOX, d=10),
    plain("a red fox ——d 10", FOX, d=10),
    plain("a red fox \u2011\u2011d 10", FOX, d=10),
    plain("—pro a red fox", FOX, pro=True),
    plain("a red fox —no blur, text —ar 1:1", FOX, no="blur, text", ar="1:1"),
    plain("a red fox —Duration 10", FOX, d=10),
    plain("a red fox —pro.", FOX, pro=True),
    plain("a red fox —no-pro", FOX, std=True),
    plain("a knight — no helmet — walks home", "a knight — no helmet — walks home"),
    plain("well—lit room", "well—lit room"),
    plain("a cat —fluffy", "a cat —fluffy"),
    plain("a red fox --no “blur”", FOX, no="blur"),
    plain("a red fox --no \u2018blur\u2019 --pro", FOX, no="blur", pro=True),
    plain("a red fox --d “10”", FOX, d=10),
    plain("a sign that says “OPEN”", "a sign that says “OPEN”"),
    plain("a red\u00a0fox\u00a0--d\u00a010", FOX, d=10),
    plain("a red fox \u200b--d 10", FOX, d=10),
    plain("\ufeffa red fox --d\u200b 10", FOX, d=10),
    plain("a red fox --ar\u00a09:16", FOX, ar="9:16"),
    plain("`a red fox --d 10`", FOX, d=10),
    plain("```a red fox --d 10```", FOX, d=10),
    plain("```\na red fox --d 10\n```", FOX, d=10),
    plain("```text\na red fox --d 10\n```", FOX, d=10),
    plain("a red fox `--d 10`", FOX, d=10),
    plain("a red fox `--d` 10", FOX, d=10),
    plain("a `red` fox", "a `red` fox"),
    plain("a red fox\n--d 10\n--pro", FOX, d=10, pro=True),
    plain("a red fox\r\n--d 10", FOX, d=10),
    plain("A family 👨\u200d👩\u200d👧 waves --d 10", "A family 👨\u200d👩\u200d👧 waves", d=10),
]

DASHES = [
    Means("a red fox -ar 16:9", FOX, {"ar": "16:9"}, notes=("one_dash",)),
    Means("a red fox -ar 16:9 -neg blur -gs 0.5", FOX, {"ar": "16:9", "no": "blur", "cfg": 0.5}, notes=("one_dash",)),
    Means("a red fox -d 10 -via fal", FOX, {"d": 10, "via": ("fal",)}, notes=("one_dash",)),
    Means("a red fox -ar=16:9", FOX, {"ar": "16:9"}, notes=("one_dash",)),
    plain("a red fox -ar 16:10", "a red fox -ar 16:10"),
    plain("a red fox -gs 12", "a red fox -gs 12"),
    plain("a red fox -d five", "a red fox -d five"),
    plain("a red fox -via car", "a red fox -via car"),
    plain("a semi -pro player", "a semi -pro player"),
    plain("minus -5 degrees", "minus -5 degrees"),
    plain("x -d", "x -d"),
    plain("a fox -- d 10", "a fox d 10"),
    plain("a fox -- a --d 10 sign", "a fox a --d 10 sign"),
    plain("--d 10 -- --pro", "--pro", d=10),
    plain('"a fox --d 10" --pro', "a fox --d 10", pro=True),
    plain('"a fox" jumps', '"a fox" jumps'),
    plain("a fox-d 10", "a fox-d 10"),
    plain("word--d 10", "word--d 10"),
]

VERBS = [
    Means("video a red fox", FOX, verb="video"),
    Means("Video: a red fox", FOX, verb="video"),
    Means("VIDEO a red fox --d 10", FOX, {"d": 10}, verb="video"),
    Means("animate she waves", "she waves", verb="animate", pictures=1),
    Means("animate", "", verb="animate", pictures=1),
    Means("animate https://x.org/a.png she waves", "she waves", verb="animate", addresses=("https://x.org/a.png",)),
    Means("she waves https://x.org/a.png", "she waves", addresses=("https://x.org/a.png",)),
    Means("elements they meet", "they meet", verb="elements", pictures=2),
    Means("elements they meet --ref 2,1", "they meet", {"ref": (2, 1)}, verb="elements"),
    Means("elements of nature dance", "elements of nature dance", notes=("read_as_prompt",)),
    Means("elements of nature dance", "of nature dance", verb="elements", fixed=True),
    Means("effect hug", "", {"fx": "hug"}, verb="effect"),
    Means("effect jelly press", "", {"fx": "jelly_press"}, verb="effect", pictures=1),
    Means("Effect HUG --d 10", "", {"fx": "hug", "d": 10}, verb="effect"),
    Means("effect of rain on glass", "effect of rain on glass", notes=("read_as_prompt",)),
    Means("effect of rain on glass", "effect of rain on glass", notes=("read_as_prompt",), pictures=1),
    Means("extend", verb="extend"),
    Means("extend 1", verb="extend", job="1"),
    Means("extend #2 she turns", "she turns", verb="extend", job="2"),
    Means(f"extend {JOB} she turns --no blur", "she turns", {"no": "blur"}, verb="extend", job=JOB),
    Means(f'extend {JOB} "a --d 10 sign"', "a --d 10 sign", verb="extend", job=JOB),
    Means("extend she turns", "she turns", verb="extend", reply=True),
    Means("extend 3 birds fly by", "3 birds fly by", verb="extend", reply=True),
    Means("extend it", verb="extend"),
    Means("extend --pro", "", {"pro": True}, verb="extend"),
    Means("cost a red fox --pro", FOX, {"pro": True}, verb="cost"),
    Means("cost video a red fox", FOX, verb="cost"),
    Means("cost effect hug", "", {"fx": "hug"}, verb="cost"),
    Means("cost", verb="cost", reply=True),
    Means("status", verb="status"),
    Means("status 2", verb="status", job="2", words=("2",)),
    Means(f"status {JOB}", verb="status", job=JOB, words=(JOB,)),
    Means("status?", verb="status"),
    Means("cancel", verb="cancel"),
    Means("cancel it", verb="cancel"),
    Means("cancel job 2", verb="cancel", job="2", words=("2",)),
    Means("again", verb="again"),
    Means("again --max 60", "", {"max": Budget(credits=60)}, verb="again"),
    Means("credits", verb="credits", words=("",)),
    Means("help", verb="help"),
    Means("help pictures", verb="help", words=("pictures",)),
    Means("show 1", verb="show", job="1", words=("1",)),
]

PROSE = [
    Means("show me a fox", "show me a fox", notes=("read_as_prompt",)),
    Means("credits roll over a black sky", "credits roll over a black sky", notes=("read_as_prompt",)),
    Means("cancel culture as a circus", "cancel culture as a circus", notes=("read_as_prompt",)),
    Means("status symbols on a yacht", "status symbols on a yacht", notes=("read_as_prompt",)),
    Means("help me up the hill, he says", "help me up the hill, he says", notes=("read_as_prompt",)),
    Means("again and again the waves break", "again and again the waves break", notes=("read_as_prompt",)),
    Means("jobs at a fair, wide shot", "jobs at a fair, wide shot", notes=("read_as_prompt",)),
    plain("the end of the day", "the end of the day"),
    plain("no one is home", "no one is home"),
    plain("5 foxes --d 5", "5 foxes", d=5),
    plain("fox vs. cat @ 16:9", "fox vs. cat @ 16:9"),
    plain("a video of a fox", "a video of a fox"),
    Means("a red fox --no audio", FOX, {"no": "audio"}, notes=("not_a_switch",)),
    Means("a red fox --no pro", FOX, {"no": "pro"}, notes=("not_a_switch",)),
    Means("a red fox --no-audio", FOX, notes=("silent",)),
    Means("a red fox --no-sound --pro", FOX, {"pro": True}, notes=("silent",)),
    Means("a red fox --cfg 0.2 --cfg 0.7", FOX, {"cfg": 0.7}, notes=("repeated",)),
    Means("a red fox --no a --no b", FOX, {"no": "b"}, notes=("repeated",)),
    plain("a red fox --d 10 --duration 10", FOX, d=10),
    plain("+ at night, rain", "+ at night, rain"),
]

READ = [*FLAGS, *PHONES, *DASHES, *VERBS, *PROSE]


@pytest.mark.parametrize("row", READ, ids=[f"{number}: {row.line[:40]}" for number, row in enumerate(READ)])
def test_line(row: Means) -> None:
    typed = parse(row.line, providers=PROVIDERS, pictures=row.pictures, reply=row.reply, fixed=row.fixed)
    assert (typed.verb, typed.prompt, dict(typed.flags)) == (row.verb, row.prompt, row.flags)
    assert (typed.job, typed.words, typed.addresses) == (row.job, row.words, row.addresses)
    assert tuple(note.kind for note in typed.notes) == row.notes


REFUSED: list[tuple[str, Refusal]] = [
    ("a fox --durration 10", UnknownWord("flag", "durration", ("duration",))),
    ("a fox --dd 10", UnknownWord("flag", "dd", ("d",))),
    ("a fox --no-blur", UnknownWord("flag", "no-blur", ("no blur",))),
    ("a fox --d10", UnknownWord("flag", "d10", ("d 10",))),
    ("a fox --ar16:9", UnknownWord("flag", "ar16:9", ("ar 16:9",))),
    ("a fox --d:10", UnknownWord("flag", "d:10", ("d 10",))),
    ("a fox --n 5", BadValue("n", "5", ("1", "2", "3", "4"))),
    ("a fox --for acme,inc", BadValue("tag", "acme,inc", ("acme",))),
    ("a fox --n 2 --x 3", Conflict("n", "n")),
    ("a fox --preset noir", UnknownWord("flag", "preset")),
    ("a fox --at 9:00", UnknownWord("flag", "at", ("ar",))),
    ("a fox --seed 5", Conflict("seed", "1.6")),
    ("a fox -seed 5", Conflict("seed", "1.6")),
    ("a fox —seed 5", Conflict("seed", "1.6")),
    ("a fox --audio", Conflict("audio", "1.6")),
    ("a fox --music jazz", Conflict("audio", "1.6")),
    ("a fox --lip_sync", Conflict("audio", "1.6")),
    ("a fox -motion 2", Conflict("motion", "1.6")),
    ("a fox --motion-brush", Conflict("motion-brush", "1.6")),
    ("a fox --fps 24", Conflict("fps", "1.6")),
    ("a fox --4k", Conflict("resolution", "1.6")),
    ("a fox --resolution 1080p", Conflict("resolution", "1.6")),
    ("a fox --d 7", BadValue("d", "7", ("5", "10"))),
    ("a fox --d 7 s", BadValue("d", "7 s", ("5", "10"))),
    ("a fox --d ten", BadValue("d", "ten", ("5", "10"))),
    ("a fox --ar 4:3", BadValue("ar", "4:3", ("16:9", "9:16", "1:1"))),
    ("a fox --ar", Missing("value", "ar")),
    ("a fox --d --pro", Missing("value", "d")),
    ("a fox --no", Missing("value", "no")),
    ("a fox --no --pro", Missing("value", "no")),
    ("a fox --cfg 2", BadValue("cfg", "2", ("0 to 1",))),
    ("a fox --cfg high", BadValue("cfg", "high", ("0 to 1",))),
    ("a fox --model 2.1", BadValue("model", "2.1", ("1.6", "1.6-std", "1.6-pro"))),
    ("a fox --model 1.6-pro --std", Conflict("std", "model")),
    ("a fox --quality pro --std", Conflict("std", "quality")),
    ("a fox --pro --std", Conflict("pro", "std")),
    ("a fox --pro=yes", BadValue("pro", "yes")),
    ("a fox --d 5 --d 10", Conflict("d", "d")),
    ("a fox --max 5 --max 6", Conflict("max", "max")),
    ("a fox --via veo", UnknownWord("provider", "veo")),
    ("a fox --via fall", UnknownWord("provider", "fall", ("fal",))),
    ("--fx hgu", UnknownWord("scene", "hgu", ("hug",))),
    ("effect", Missing("scene", "effect")),
    ("effect squsih", UnknownWord("scene", "squsih", ("squish",))),
    ("effect glow", UnknownWord("scene", "glow", ())),
    ("a fox --camera zoom", BadValue("camera", "zoom", ("zoom:5", "zoom:-5"))),
    ("a fox --camera zom:5", BadValue("camera", "zom:5", ("zoom:5",))),
    ("a fox --camera zoom:11", BadValue("camera", "zoom:11", ("zoom:5", "zoom:-5"))),
    ("a fox --camera forward_up:3", BadValue("camera", "forward_up:3", ("forward_up",))),
    ("a fox --brush 2", BadValue("brush", "2", ("2:10,20>30,40",))),
    ("a fox --brush 2:10,20", BadValue("brush", "2:10,20", ("2:10,20>30,40",))),
    ("a fox --brush 0:1,2>3,4", BadValue("brush", "0:1,2>3,4", ("2:10,20>30,40",))),
    ("a fox --brush 2:1,2>3,10001", BadValue("brush", "2:1,2>3,10001", ("2:10,20>30,40",))),
    ("a fox --start none", BadValue("start", "none", ("1", "2", "https://…"))),
    ("extend the bridge over the river", Missing("job", "extend")),
    ("extend --ar 16:9", Conflict("ar", "extend")),
    ("again --d 10", Conflict("d", "again")),
    ("staus", UnknownWord("verb", "staus", ("status",))),
    ("agian", UnknownWord("verb", "agian", ("again",))),
    ("extned 1", UnknownWord("verb", "extned", ("extend",))),
    ("a fox --yes --dry", Conflict("yes", "dry")),
]


@pytest.mark.parametrize(("line", "refusal"), REFUSED, ids=[line for line, _ in REFUSED])
def test_refused_line(line: str, refusal: Refusal) -> None:
    with pytest.raises(type(refusal)) as caught:
        parse(line, providers=PROVIDERS)
    assert str(caught.value) == str(refusal)


FIXED: list[tuple[str, str, Refusal]] = [
    ("status", "status me a fox", BadValue("job", "me a fox")),
    ("cancel", "cancel culture as a circus", BadValue("job", "culture as a circus")),
    ("credits", "credits roll over", BadValue("credits", "roll over")),
]


@pytest.mark.parametrize(("verb", "line", "refusal"), FIXED, ids=[line for _, line, _ in FIXED])
def test_a_command_of_a_menu_is_never_read_as_a_prompt(verb: str, line: str, refusal: Refusal) -> None:
    with pytest.raises(type(refusal)) as caught:
        parse(line, fixed=True)
    assert str(caught.value) == str(refusal)


def test_there_are_enough_lines() -> None:
    assert len(READ) + len(REFUSED) >= 200
    assert len({(row.line, row.pictures, row.reply, row.fixed) for row in READ}) == len(READ)
    assert parse("a fox") == Typed(prompt="a fox")
