"""Every kind of scene, drawn small: it moves, it is never black, and it begins and ends where it should."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from PIL import Image, ImageChops

from bot.kling.effects import PEOPLE, SCENES
from bot.sandbox.cards import ElementsScene
from bot.sandbox.drawing import Scene, Size, cover
from bot.sandbox.effects import MOVES, EffectScene, move_for, pulse
from bot.sandbox.landscape import Landscape
from bot.sandbox.motion import PictureScene
from bot.sandbox.palettes import LANDS, PALETTES
from bot.sandbox.scenes import TextScene
from tests.support.likeness import brightness, difference, ssim

SIZE = (320, 180)


def view(prompt: str, size: Size = (400, 300)) -> Image.Image:
    return Landscape(prompt, "view", size, 5.0).frame(1.0)


def text(prompt: str = "a boat on the sea", seed: str = "s", size: Size = SIZE, duration: float = 5.0) -> Scene:
    return TextScene(prompt, seed, size, duration)


def effect(name: str) -> Scene:
    people = [view("city"), view("sea")][: PEOPLE.get(name, 1)]
    return EffectScene(name, people, "s", SIZE, 5.0)


def elements(count: int) -> Scene:
    return ElementsScene([view("fox"), view("city"), view("sea"), view("moon")][:count], "friends", "s", SIZE, 5.0)


def picture(end: Image.Image | None = None, duration: float = 5.0) -> Scene:
    return PictureScene(view("city"), end, "s", SIZE, duration)


SHOWN: dict[str, Callable[[], Scene]] = {
    **{land: partial(text, f"one {land}") for land in LANDS},
    "tall": partial(text, size=(180, 320), duration=10.0),
    "picture": picture,
    "long picture": partial(picture, duration=10.0),
    "start and end": partial(picture, view("sea")),
    **{f"{count} references": partial(elements, count) for count in (1, 2, 3, 4)},
    **{words[0]: partial(effect, words[0]) for words, _ in MOVES},
    "other effect": partial(effect, "yearbook"),
    "confetti": partial(effect, "celebration"),
    "hug": partial(effect, "hug"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_no_second_is_like_the_one_before_and_none_is_black(name: str) -> None:
    scene = SHOWN[name]()
    frames = [scene.frame(float(second)) for second in range(5)]
    assert {frame.size for frame in frames} == {scene.size}
    assert min(brightness(frame) for frame in frames) > 12
    assert min(difference(one, next_one) for one, next_one in pairwise(frames)) > 0.4


@pytest.mark.parametrize(
    ("prompt", "light"),
    [
        ("the sea at night", "night"),
        ("camels in the desert", "desert"),
        ("A fox in a snowy forest at dawn.", "dawn"),
        ("Waves, and a boat", "lagoon"),
    ],
)
def test_a_prompt_chooses_its_light(prompt: str, light: str) -> None:
    assert Landscape(prompt, "1", SIZE, 5.0).palette == PALETTES[light]


def test_prompts_and_seeds_give_visibly_different_scenes_and_the_same_ones_the_same() -> None:
    first, other_prompt, other_seed = text("a quiet day"), text("a loud day"), text("a quiet day", "t")
    assert difference(first.frame(2.0), other_prompt.frame(2.0)) > 4
    assert difference(first.frame(2.0), other_seed.frame(2.0)) > 4
    again = TextScene("a quiet day", "s", SIZE, 5.0)
    assert difference(first.frame(2.0), again.frame(2.0)) == 0


def test_the_words_fade_in() -> None:
    said, silent = text("a boat on the sea"), text("a boat on the sea")
    assert difference(said.frame(0.2), silent.frame(0.2)) < difference(said.frame(2.0), silent.frame(0.2))


def test_a_picture_begins_as_itself() -> None:
    assert ssim(picture().frame(0.0), cover(view("city"), SIZE)) > 0.95


def test_a_picture_has_moved_at_the_end_and_still_is_the_picture() -> None:
    frame = picture().frame(5.0)
    assert 4 < difference(frame, cover(view("city"), SIZE)) < difference(frame, cover(view("sea"), SIZE))


def test_start_and_end_are_the_two_pictures() -> None:
    start, end = view("city"), view("sea")
    scene = picture(end)
    assert ssim(scene.frame(0.0), cover(start, SIZE)) > 0.95
    assert ssim(scene.frame(119 / 24), cover(end, SIZE)) > 0.8
    assert ssim(scene.frame(5.0), cover(end, SIZE)) > 0.95


def test_effects_move_in_more_than_one_way() -> None:
    assert len({move_for(scene) for scene in SCENES}) == len(MOVES) + 1
    assert move_for("yearbook") is pulse
    frames = [
        effect(name).frame(3.0) for name in ("jelly_jiggle", "squish", "pixelpixel", "day_to_night", "swing_swing")
    ]
    assert all(difference(a, b) > 2 for a, b in pairwise(frames))


def test_two_people_come_together() -> None:
    left, right = Image.new("RGB", (400, 400), (255, 0, 0)), Image.new("RGB", (400, 400), (0, 0, 255))
    scene = EffectScene("hug", [left, right], "s", SIZE, 5.0)

    def gap(seconds: float) -> int:
        """Columns of the middle row that belong to neither."""
        row = [scene.frame(seconds).getpixel((x, 90)) for x in range(SIZE[0])]
        return sum(not (pixel == (255, 0, 0) or pixel == (0, 0, 255)) for pixel in row)

    assert gap(0.0) > gap(1.5) > gap(4.0)


@pytest.mark.parametrize("prompt", ["", "漢字だけの説明", "x" * 3_000, "🦊🦊🦊", "a\nb\tc", "W" * 300])
@pytest.mark.parametrize("size", [(320, 180), (180, 320), (180, 180)])
def test_any_prompt_can_be_set(prompt: str, size: Size) -> None:
    assert text(prompt, size=size).frame(2.0).size == size


def test_the_mark_is_in_the_corner_and_nowhere_else() -> None:
    plain = Image.new("RGB", (640, 360), (90, 140, 200))
    marked = PictureScene(plain, None, "s", (640, 360), 5.0).frame(0.0)
    left, top, right, bottom = ImageChops.difference(marked, plain).getbbox() or (0, 0, 0, 0)
    assert (left > 560, top > 330, right < 640, bottom < 360) == (True, True, True, True)
