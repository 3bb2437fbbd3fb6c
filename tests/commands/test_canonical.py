"""The canonical line of a request reads back as the same request, whatever stands in its texts."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.build import PictureSlot, build
from bot.commands.canonical import command
from bot.commands.grammar import parse
from bot.commands.words import VERBS
from bot.kling.effects import DURATION_FIXED_5, PEOPLE, SCENES
from bot.kling.requests import (
    WHOLE_MOVES,
    Brush,
    Camera,
    CameraMove,
    Duration,
    Effect,
    Elements,
    Extend,
    ImageToVideo,
    Point,
    Ratio,
    Request,
    TextToVideo,
    Tier,
    parse_request,
)

A, B, C = (f"blob:{digit * 64}" for digit in "abc")

LINES: list[tuple[Request, str]] = [
    (TextToVideo(prompt="a red fox"), "video a red fox"),
    (
        TextToVideo(
            prompt="a red fox",
            aspect_ratio="9:16",
            duration=10,
            negative_prompt="blur, text",
            cfg_scale=0.7,
            tier="pro",
        ),
        "video a red fox --ar 9:16 --d 10 --cfg 0.7 --no blur, text --pro",
    ),
    (TextToVideo(prompt="video games"), "video video games"),
    (TextToVideo(prompt="a -- b"), 'video "a -- b"'),
    (TextToVideo(prompt="a --d 10"), 'video "a --d 10"'),
    (TextToVideo(prompt='"quoted"'), r'video "\"quoted\""'),
    (TextToVideo(prompt='he says "hi"'), 'video he says "hi"'),
    (TextToVideo(prompt="one\ntwo"), r'video "one\ntwo"'),
    (TextToVideo(prompt="as on https://x.org"), 'video "as on https://x.org"'),
    (TextToVideo(prompt="soft\u00adhyphen"), r'video "soft\u00adhyphen"'),
    (TextToVideo(prompt="a fox", negative_prompt='"x" y'), r'video "a fox" --no "\"x\" y"'),
    (ImageToVideo(start=A), "animate --start 1"),
    (ImageToVideo(end=A, tier="pro"), "animate --end 1 --pro"),
    (ImageToVideo(start=A, end=B, prompt="morph", tier="pro"), "animate morph --start 1 --end 2 --pro"),
    (ImageToVideo(start=A, aspect_ratio="16:9"), "animate --start 1 --ar 16:9"),
    (Elements(references=(A, B, C), prompt="they meet"), "video they meet --ref 1,2,3"),
    (Effect(scene="hug", people=(A, B), duration=10), "animate --fx hug --d 10"),
    (
        TextToVideo(prompt="a fox", camera=Camera(move="zoom", amount=-3)),
        "video a fox --camera zoom:-3",
    ),
    (
        ImageToVideo(start=A, camera=Camera(move="left_turn_forward")),
        "animate --start 1 --camera left_turn_forward",
    ),
    (
        ImageToVideo(
            start=A,
            still=B,
            prompt="she waves",
            brushes=(Brush(mask=C, path=(Point(x=10, y=20), Point(x=30, y=40))),),
        ),
        "animate she waves --start 1 --still 2 --brush 3:10,20>30,40",
    ),
    (Extend(job="0" * 20), f"extend {'0' * 20}"),
    (
        Extend(job="0" * 20, prompt="she turns", negative_prompt="blur", cfg_scale=0.7, tier="pro"),
        f"extend {'0' * 20} she turns --cfg 0.7 --no blur --pro",
    ),
    (Extend(job="0" * 20, prompt="one --d 10"), f'extend {"0" * 20} "one --d 10"'),
]


@pytest.mark.parametrize(("request_", "line"), LINES, ids=[line for _, line in LINES])
def test_line(request_: Request, line: str) -> None:
    assert command(request_) == line


def test_a_provider_is_named_only_where_asked_for() -> None:
    assert command(TextToVideo(prompt="a fox"), provider="fal") == "video a fox --via fal"


def test_what_no_line_can_say_has_none() -> None:
    assert command(TextToVideo(prompt="\x00" * 2_000)) == ""


AWKWARD = st.sampled_from(
    [
        "--",
        "--d",
        "--no ",
        "\u2014pro ",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        "\u00a0",
        "\u200b",
        "\u2028",
        "https://x.org ",
        "<",
        "=",
        ",",
        " ",
        "\x00",
    ]
)
TEXT = st.one_of(
    st.text(max_size=40),
    st.lists(AWKWARD | st.sampled_from([*VERBS, "fox", "\U0001f468\u200d\U0001f469"]), max_size=8).map("".join),
    st.lists(st.sampled_from([*VERBS, "fox", "me", "--ar", "16:9", '"a"', "--"]), max_size=6).map(" ".join),
)
PROMPTS = TEXT.map(str.strip).filter(bool)
REFS = st.sampled_from([A, B, C, f"frame:{'0' * 20}:last"])
TIERS: st.SearchStrategy[Tier] = st.sampled_from(["standard", "pro"])
RATIOS: st.SearchStrategy[Ratio] = st.sampled_from(["16:9", "9:16", "1:1"])
DURATIONS: st.SearchStrategy[Duration] = st.sampled_from([5, 10])
CFG = st.floats(0, 1) | st.sampled_from([0.5, 0.0, 1.0, -0.0, 1e-7])


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    move = draw(st.sampled_from(get_args(CameraMove)))
    return Camera(move=move, amount=None if move in WHOLE_MOVES else draw(st.integers(-10, 10)))


POINTS = st.builds(Point, x=st.integers(0, 10_000), y=st.integers(0, 10_000))
PATHS = st.lists(POINTS, min_size=2, max_size=6).map(tuple) | st.lists(POINTS, min_size=77, max_size=77).map(tuple)
BRUSHES = st.lists(st.builds(Brush, mask=st.deferred(lambda: REFS), path=PATHS), max_size=6).map(tuple)


@st.composite
def moved(draw: st.DrawFn) -> Request:
    """A start frame with a camera move, or with masks."""
    start, still = draw(REFS), draw(REFS | st.none())
    base = ImageToVideo(start=start, prompt=draw(TEXT), duration=draw(DURATIONS), tier=draw(TIERS))
    if draw(st.booleans()):
        return base.model_copy(update={"camera": draw(cameras())})
    return base.model_copy(update={"still": still, "brushes": draw(BRUSHES)})


@st.composite
def images(draw: st.DrawFn) -> Request:
    tier = draw(TIERS)
    end = draw(REFS | st.none()) if tier == "pro" else None
    start = draw(REFS if end is None else REFS | st.none())
    return parse_request(
        {
            "workflow": "image",
            "start": start,
            "end": end,
            "prompt": draw(TEXT),
            "negative_prompt": draw(TEXT),
            "tier": tier,
            "duration": draw(DURATIONS),
            "aspect_ratio": draw(RATIOS | st.none()),
            "cfg_scale": draw(CFG),
        }
    )


@st.composite
def effects(draw: st.DrawFn) -> Request:
    scene = draw(st.sampled_from(sorted(SCENES)))
    people = draw(st.lists(REFS, min_size=PEOPLE.get(scene, 1), max_size=PEOPLE.get(scene, 1)))
    duration = 5 if scene in DURATION_FIXED_5 else draw(DURATIONS)
    return Effect(scene=scene, people=tuple(people), duration=duration, tier=draw(TIERS))


REQUESTS: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        TextToVideo,
        prompt=PROMPTS,
        negative_prompt=TEXT,
        duration=DURATIONS,
        aspect_ratio=RATIOS,
        cfg_scale=CFG,
        camera=st.none() | cameras(),
        tier=TIERS,
    ),
    images(),
    moved(),
    st.builds(
        Extend,
        job=st.text("0123456789abcdefghijklmnopqrstuv", min_size=20, max_size=20),
        prompt=TEXT,
        negative_prompt=TEXT,
        cfg_scale=CFG,
        tier=TIERS,
    ),
    st.builds(
        Elements,
        references=st.lists(REFS, min_size=1, max_size=4).map(tuple),
        prompt=PROMPTS,
        negative_prompt=TEXT,
        duration=DURATIONS,
        aspect_ratio=RATIOS,
        tier=TIERS,
    ),
    effects(),
)


@given(REQUESTS)
def test_every_line_reads_back(request_: Request) -> None:
    line = command(request_)
    assert "\n" not in line
    assert build(parse(line), [PictureSlot(ref) for ref in request_.pictures]).request == request_
