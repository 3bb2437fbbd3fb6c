"""A clip that goes on begins as the one before it and moves on from its last frame."""

import threading
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from bot.sandbox.continuation import Continuation
from bot.sandbox.drawing import Label, Size
from bot.sandbox.film import FPS, write_film
from bot.sandbox.orders import Order

SIZE: Size = (192, 108)


class Rising:
    """A bar that rises once, seconds after seconds, with the mark that every clip has."""

    size = SIZE

    def frame(self, seconds: float) -> Image.Image:
        picture = Image.new("RGB", SIZE, (30, 60, 90))
        picture.paste((230, 200, 40), (0, round(SIZE[1] * (1 - seconds / 5)), SIZE[0] // 2, SIZE[1]))
        Label(SIZE).stamp(picture)
        return picture


@pytest.fixture
def before(tmp_path: Path) -> Path:
    path = tmp_path / "before.mp4"
    write_film(path, Rising(), SIZE, 5, title="before", stop=threading.Event())
    return path


def order(before: int) -> Order:
    return Order(workflow="extend", tier="standard", duration=before + 5, parent="before", before=before)


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def film(path: Path, wish: Order) -> list[np.ndarray]:
    with Continuation.of(path, wish, "seed") as scene:
        assert scene.size == SIZE
        target = path.with_name("after.mp4")
        write_film(target, scene, scene.size, wish.duration, title="after", stop=threading.Event())
    return frames(target)


def test_it_plays_what_was_before_and_goes_on_without_a_jump(before: Path) -> None:
    shown, old = film(before, order(5)), frames(before)
    assert len(shown) == 10 * FPS
    assert max(apart(old[number], shown[number]) for number in range(0, 5 * FPS, 12)) < 4
    steps = [apart(shown[number], shown[number + 1]) for number in range(4 * FPS, 6 * FPS)]
    assert steps[FPS - 1] < 3 * max(sorted(steps)[-3], 0.5), "the seam is a step like others"
    assert apart(shown[5 * FPS], shown[-1]) > 2, "and it moves on"


def test_alone_it_begins_where_the_other_one_ends(before: Path) -> None:
    shown, old = film(before, order(0)), frames(before)
    assert len(shown) == 5 * FPS
    assert apart(old[-1], shown[0]) < 6


def test_the_old_mark_is_taken_off_before_it_moves() -> None:
    plain = Image.new("RGB", SIZE, (30, 60, 90))
    marked = plain.copy()
    Label(SIZE).stamp(marked)
    assert marked.tobytes() != plain.tobytes()
    Label(SIZE).take_off(marked)
    assert marked.tobytes() == plain.tobytes()
