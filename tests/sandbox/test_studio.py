"""Ready clips, and clips rendered once however many ask."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from bot.sandbox.orders import Order
from bot.sandbox.studio import Studio, name_box
from tests.support.media import file_of, halves
from tests.support.sandbox import ready_clips


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncIterator[Studio]:
    (tmp_path / "tall").write_bytes(file_of(halves(300, 500)))
    studio = Studio(tmp_path, tmp_path, ready_clips(), clips="shared", threads=1)
    yield studio
    await studio.close()


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def text(**wish: object) -> Order:
    return Order.model_validate({"workflow": "text", "tier": "standard", "duration": 5, "ratio": "16:9"} | wish)


async def test_a_ready_clip_stays_a_valid_film_with_bytes_of_its_own(shared: Studio) -> None:
    first, second = await shared.clip("one", text()), await shared.clip("two", text())
    assert first != second
    assert first.endswith(name_box("one"))
    with av.open(io.BytesIO(first), "r") as film:
        assert film.duration == 5_000_000
        assert len(list(film.decode(video=0))) == 120


async def test_ready_clips_are_kept_by_length_shape_and_tier(shared: Studio) -> None:
    wide = await shared.make("a", text())
    assert await shared.make("b", text()) == wide
    assert (await shared.make("c", text(ratio="1:1"))).name == "5s-1x1-standard.mp4"
    tall = text(workflow="image", ratio=None, pictures=("tall",))
    assert (await shared.make("d", tall)).name == "5s-9x16-standard.mp4"


async def test_what_is_asked_for_twice_at_once_is_rendered_once(tmp_path: Path) -> None:
    studio = Studio(tmp_path, tmp_path, tmp_path, clips="shared", threads=2)
    paths = await asyncio.gather(*(studio.ready_clip(3, "16:9", "standard") for _ in range(4)))
    assert set(paths) == {tmp_path / "3s-16x9-standard.mp4"}
    assert names_in(tmp_path) == ["3s-16x9-standard.mp4"]
    await studio.close()


async def test_closing_stops_in_the_middle_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    studio = Studio(tmp_path, tmp_path, tmp_path, clips="rendered", threads=1)
    waiting = [asyncio.create_task(studio.make(name, text(duration=10))) for name in ("a", "b")]
    await asyncio.sleep(0)
    await studio.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, BaseException) for result in results)
    assert names_in(tmp_path) == []
