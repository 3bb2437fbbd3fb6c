"""What Kling 1.6 can be asked for, and that nothing else can be said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.kling.effects import DURATION_FIXED_5, PEOPLE, SCENES
from bot.kling.requests import PROMPT_MAX, Request, dump_request, load_request, parse_request

A, B = f"blob:{'a' * 64}", f"blob:{'b' * 64}"
JOB = "01k7shomqm65ruvjn9rd"
FRAME = f"frame:{JOB}:last"


@pytest.mark.parametrize(
    ("data", "field", "value"),
    [
        ({"workflow": "text", "prompt": "fox"}, "aspect_ratio", "16:9"),
        ({"workflow": "text", "prompt": "fox"}, "cfg_scale", 0.5),
        ({"workflow": "text", "prompt": "fox"}, "negative_prompt", ""),
        ({"workflow": "text", "prompt": "fox"}, "duration", 5),
        ({"workflow": "text", "prompt": "fox"}, "tier", "standard"),
        ({"workflow": "image", "start": A}, "prompt", ""),
        ({"workflow": "image", "start": A}, "aspect_ratio", None),
        ({"workflow": "image", "end": A, "tier": "pro"}, "start", None),
        ({"workflow": "image", "start": FRAME}, "start", FRAME),
        ({"workflow": "elements", "references": [A, B], "prompt": "tea"}, "references", (A, B)),
        ({"workflow": "effect", "scene": "squish", "people": [A]}, "duration", 5),
        ({"workflow": "effect", "scene": "hug", "people": [A, B], "duration": 10}, "duration", 10),
        ({"workflow": "extend", "job": JOB}, "prompt", ""),
    ],
)
def test_what_can_be_asked_for(data: dict[str, object], field: str, value: object) -> None:
    assert getattr(parse_request(data), field) == value


@pytest.mark.parametrize(
    "data",
    [
        {"workflow": "text", "prompt": ""},
        {"workflow": "text", "prompt": "  "},
        {"workflow": "text", "prompt": "x" * (PROMPT_MAX + 1)},
        {"workflow": "text", "prompt": "\ud800"},
        {"workflow": "text", "prompt": "x", "negative_prompt": "x" * (PROMPT_MAX + 1)},
        {"workflow": "text", "prompt": "x", "duration": 7},
        {"workflow": "text", "prompt": "x", "duration": "5"},
        {"workflow": "text", "prompt": "x", "aspect_ratio": "4:3"},
        {"workflow": "text", "prompt": "x", "cfg_scale": 1.1},
        {"workflow": "text", "prompt": "x", "cfg_scale": float("nan")},
        {"workflow": "text", "prompt": "x", "tier": "master"},
        {"workflow": "text", "prompt": "x", "seed": 1},
        {"workflow": "text", "prompt": "x", "start": A},
        {"workflow": "image"},
        {"workflow": "image", "start": A, "end": B},
        {"workflow": "image", "end": A},
        {"workflow": "image", "start": "https://example.org/a.jpg"},
        {"workflow": "image", "start": "blob:../../etc/passwd"},
        {"workflow": "elements", "references": [], "prompt": "x"},
        {"workflow": "elements", "references": [A] * 5, "prompt": "x"},
        {"workflow": "elements", "references": [A]},
        {"workflow": "elements", "references": [A], "prompt": "x", "cfg_scale": 0.5},
        {"workflow": "elements", "references": [A], "prompt": "x", "start": B},
        {"workflow": "effect", "scene": "nonsense", "people": [A]},
        {"workflow": "effect", "scene": "hug", "people": [A]},
        {"workflow": "effect", "scene": "squish", "people": [A, B]},
        {"workflow": "effect", "scene": "hug_pro", "people": [A, B], "duration": 10},
        {"workflow": "effect", "scene": "squish", "people": [A], "prompt": "x"},
        {"workflow": "extend", "job": "1"},
        {"workflow": "lipsync"},
        {},
    ],
)
def test_what_kling_can_not_do_can_not_be_said(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        parse_request(data)


def test_a_request_never_changes() -> None:
    request = parse_request({"workflow": "text", "prompt": "fox"})
    for name in type(request).model_fields:
        with pytest.raises(ValidationError):
            setattr(request, name, getattr(request, name))


def test_pictures_are_named_in_the_order_that_people_count_them() -> None:
    both = parse_request({"workflow": "image", "start": A, "end": B, "tier": "pro"})
    assert both.pictures == (A, B)
    assert parse_request({"workflow": "text", "prompt": "fox"}).pictures == ()


def test_scenes_for_two_and_of_five_seconds_are_scenes() -> None:
    assert set(PEOPLE) <= SCENES
    assert set(PEOPLE) >= DURATION_FIXED_5


_PROMPTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(lambda text: bool(text.strip()))
_REQUESTS = st.one_of(
    st.builds(
        lambda prompt, duration, ratio, cfg: parse_request(
            {"workflow": "text", "prompt": prompt, "duration": duration, "aspect_ratio": ratio, "cfg_scale": cfg}
        ),
        _PROMPTS,
        st.sampled_from([5, 10]),
        st.sampled_from(["16:9", "9:16", "1:1"]),
        st.floats(0, 1),
    ),
    st.builds(
        lambda prompt, count: parse_request({"workflow": "elements", "prompt": prompt, "references": [A] * count}),
        _PROMPTS,
        st.integers(1, 4),
    ),
    st.builds(lambda scene: parse_request({"workflow": "effect", "scene": scene, "people": [A] * PEOPLE.get(scene, 1)}),
              st.sampled_from(sorted(SCENES))),
)  # fmt: skip


@given(_REQUESTS)
def test_what_is_written_down_is_read_back(request: Request) -> None:
    assert load_request(dump_request(request)) == request
